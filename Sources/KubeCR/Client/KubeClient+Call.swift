// Calls: a verb of the engine, awaited. And what needs no resource: any path, discovery, the counters.
import KubeClient
import KubeCore

/// What a call gave back.
struct CallAnswer: Sendable {
    var object: KubeObject?
    var list: AnyThread<Engine.List>?
    var bytes: [UInt8] = []
    var httpStatus = 0

    init(_ answer: Engine.Answer) {
        object = answer.object.map { KubeObject($0) }
        list = answer.list.map { AnyThread($0) }
        bytes = answer.bytes ?? []
        httpStatus = answer.httpStatus
    }
}

extension KubeClient {
    /// Cancelling the task cancels the call at once.
    func call(_ request: Engine.Request) async throws -> CallAnswer {
        try checkOpen()
        let pending = Pending<CallAnswer>()
        let call = AnyThread(try KubeError.translating { () throws(Engine.Failure) in
            try Engine.Call.make(engine.value, request) { result in
                pending.finish(result.map { CallAnswer($0) }.mapError { KubeError($0) })
            }
        })
        return try await pending.value(start: { call.value.start() }, cancel: { call.value.cancel() })
    }

    /// A raw answer: any content, held whole.
    public struct Response: Sendable {
        public let httpStatus: Int
        public let body: [UInt8]
        public var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// Any endpoint of the server: logs, /version, /metrics. `path` begins with "/" and is percent-encoded; a query may follow.
    /// A 4xx or 5xx is an error.
    @discardableResult
    public func request(
        _ method: String, _ path: String, body: [UInt8]? = nil, contentType: String? = nil, accept: String? = nil,
        query: [String: [String]] = [:], headers: [String: String] = [:], timeout: Duration? = nil
    ) async throws -> Response {
        var options = CallOptions()
        options.set("contentType", contentType)
        options.set("accept", accept)
        options.set("query", .object(query.sorted { $0.key < $1.key }.map { .init($0.key, .array($0.value.map { .string($0) })) }))
        options.set("headers", .object(headers.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) }))
        options.setMilliseconds("timeoutMs", timeout)
        let answer = try await call(Engine.Request(.request(method: method, path: path), body: body, options: options.json))
        return Response(httpStatus: answer.httpStatus, body: answer.bytes)
    }

    /// What the server says of a resource.
    public struct ResourceInfo: Decodable, Sendable, Hashable {
        /// The plural name.
        public let resource: String
        public let kind: String
        public let group: String
        public let version: String
        public let namespaced: Bool
        public let verbs: [String]
        public let shortNames: [String]
        /// "status", "scale", ...
        public let subresources: [String]
    }

    /// Looks a resource up, by any name that `resource(_:)` takes. Remembered; that it is missing is not.
    public func discover(_ resource: String, timeout: Duration? = nil) async throws -> ResourceInfo {
        var options = CallOptions()
        options.setMilliseconds("timeoutMs", timeout)
        let answer = try await call(Engine.Request(.discover, resource: resource, options: options.json))
        guard let object = answer.object else { throw KubeError(.internal, "a discovery without an answer") }
        return try object.decode(ResourceInfo.self)
    }

    /// Counters since the client was made.
    public struct Stats: Decodable, Sendable {
        public let calls: Int
        /// Calls that ended with an error, and how many by its name ("NOT_FOUND").
        public let failed: Int
        public let failures: [String: Int]
        /// Pages, discovery, watches and repetitions included.
        public let requests: Int
        /// Answered over HTTP/2.
        public let http2Requests: Int
        public let retries: Int
        /// Requests that waited for the rate limit, and how long together.
        public let throttled: Int
        public let throttledMs: Int
        /// Different texts of the server's warnings.
        public let warnings: Int
        /// Watch requests.
        public let watches: Int
        /// Calls, watches and informers that run now.
        public let running: Int
        public let transfers: Int
        /// Made, and open now.
        public let connections: Int
        public let openConnections: Int
        public let bytesReceived: Int
        public let bytesSent: Int
        /// When the client certificate ends, as RFC 3339; nil without one.
        public let certificateExpiry: String?
    }

    public func stats() async throws -> Stats {
        try checkOpen()
        let engine = engine.value
        let json = await withCheckedContinuation { continuation in engine.stats { continuation.resume(returning: $0) } }
        return try KubeObject(json: json.bytes()).decode(Stats.self)
    }
}
