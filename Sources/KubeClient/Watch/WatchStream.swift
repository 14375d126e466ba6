// One watch request: its bytes to events, and how it ended. When to begin the next is the reflector's matter.
import KubeCore
import KubeSystem
import KubeTransport

/// Belongs to the loop. Tells the reflector `streamEnded` exactly once, unless it is cancelled first.
final class WatchStream {
    private let client: Client
    private let request: HTTPRequest
    private let idleMs: Int64
    private let retention: Retention
    /// The events are the items of a list as yet (L10).
    private var isListing: Bool
    private var hasItems = false
    private var silence: LoopTimer?
    private var lastHeard: Int64 = 0
    /// Until it is over.
    private var reflector: Reflector?
    private var reader: EventReader
    private var transfer: Transfer?
    private var grant: Grant?
    /// A plugin has to end first.
    private var credentialWait: CredentialWait?
    private var requestStart: Int64 = 0
    private var answer: HTTPHead?
    private var errorBody: [UInt8] = []
    /// Why the stream is being given up.
    private var verdict: (end: ReflectorMachine.StreamEnd, error: KubeError)?
    private var isOver = false

    init(_ client: Client, _ request: HTTPRequest, idleMs: Int64, retention: Retention, isListing: Bool, reflector: Reflector) {
        self.client = client
        self.request = request
        self.idleMs = idleMs
        self.retention = retention
        self.isListing = isListing
        self.reflector = reflector
        reader = EventReader(maxObjectBytes: client.options.maxObjectBytes)
    }

    private var what: String { "watch " + String(request.target.prefix { $0 != "?" }) }

    func start() {
        credentialWait = client.credentials.grant { [self] result in
            credentialWait = nil
            switch result {
            case .success(let grant): send(grant)
            // In a turn of its own: the reflector is in the middle of starting this.
            case .failure(let error): client.loop.post { [self] in over(.unreachable, error) }
            }
        }
    }

    private func send(_ grant: Grant) {
        self.grant = grant
        var request = request
        request.headers.append(contentsOf: grant.fields)
        client.counters.watches += 1
        requestStart = client.loop.now
        if isListing { expectItems() }
        let receiver = ResponseReceiver(head: { [self] in head($0) }, body: { [self] in body($0) }, end: { [self] in end($0) })
        transfer = client.transport.start(request, options: TransferOptions(isStream: true, idleMs: idleMs), receiver: receiver)
    }

    func cancel() {
        isOver = true
        reflector = nil
        silence?.cancel()
        silence = nil
        transfer?.cancel()
        credentialWait?.cancel()
        (transfer, credentialWait) = (nil, nil)
    }

    func resume() { transfer?.resume() }

    private func over(_ end: ReflectorMachine.StreamEnd, _ error: KubeError?) {
        guard !isOver else { return }
        isOver = true
        transfer = nil
        silence?.cancel()
        silence = nil
        let reflector = self.reflector
        self.reflector = nil
        reflector?.streamEnded(end, error)
    }

    // MARK: The list it begins with (L10)

    /// A server that sends initial events does not rest before it has said that they are all there.
    private static let restlessMs: Int64 = 10_000

    /// As a list's, silence is bounded by `timeoutMs`, and by less once a stream has begun. The connection stays, it may have other streams.
    private func expectItems() {
        lastHeard = client.loop.now
        listenFor(client.options.timeoutMs)
    }

    private func listenFor(_ milliseconds: Int64) {
        silence = client.loop.after(milliseconds) { [self] in
            silence = nil
            guard !isOver, isListing else { return }
            let limit = answer == nil ? client.options.timeoutMs : min(client.options.timeoutMs, Self.restlessMs)
            let left = limit - (client.loop.now - lastHeard)
            if left > 0 { return listenFor(left) }
            let transfer = self.transfer
            let error = KubeError(.timeout, "\(what): nothing came for \(limit) ms before the initial events were complete")
            over(answer == nil ? .silent : .noInitialEvents, error)
            transfer?.cancel()
        }
    }

    private func initialEvent(_ type: EventType, _ text: UnsafeRawBufferPointer, _ outline: JSONOutline) throws(KubeError) {
        guard !outline.resourceVersion.isEmpty, type == .bookmark || !outline.name.isEmpty else {
            throw KubeError(.decode, "an initial event without metadata.name or resourceVersion")
        }
        guard reflector?.accepts(text, outline) == true else { throw KubeError(.decode, "an initial event with an object of another type") }
        hasItems = true
        guard type == .bookmark else {
            try reflector?.initialEvent(type, text, outline)
            return
        }
        let bookmark = try ObjectBlob.make(text, outline, cutManagedFields: false)
        guard let mark = try? bookmark.string("/metadata/annotations/k8s.io~1initial-events-end"), mark == Array("true".utf8) else {
            let error = KubeError(.unsupported, "\(what): the server knows no initial events")
            verdict = (.noInitialEvents, error)
            throw error
        }
        isListing = false
        silence?.cancel()
        silence = nil
        reflector?.initialEventsEnded(bookmark, text, outline)
    }

    // MARK: The answer

    private func head(_ head: HTTPHead) {
        answer = head
        if isListing {
            silence?.cancel()
            lastHeard = client.loop.now
            listenFor(min(client.options.timeoutMs, Self.restlessMs))
        }
        client.warnings.tell(head, of: what)
        if head.status == 200, !isListing { reflector?.streamOpened() }
    }

    private func body(_ bytes: UnsafeRawBufferPointer) -> BodyVerdict {
        guard answer?.status == 200 else {
            errorBody.append(contentsOf: bytes.prefix((1 << 18) - errorBody.count))
            return errorBody.count >= 1 << 18 ? .stop : .proceed
        }
        if reflector?.wantsPause == true { return .pause }
        if isListing { lastHeard = client.loop.now }
        defer { reflector?.streamHeard() }
        do {
            try reader.feed(bytes) { (text: UnsafeRawBufferPointer, outline: JSONOutline) throws(KubeError) in
                if !isOver { try event(text, outline) }
            }
            return isOver ? .stop : .proceed
        } catch {
            // A verdict that an event brought stands; anything else is bytes that are no events (W11).
            if verdict == nil {
                var error = error
                error.message = "\(what): \(error.message)"
                // What begins with something else is no stream of events.
                verdict = (isListing && !hasItems ? .noInitialEvents : .undecodable, error)
            }
            return .stop
        }
    }

    private func event(_ text: UnsafeRawBufferPointer, _ outline: JSONOutline) throws(KubeError) {
        let type = UnsafeRawBufferPointer(rebasing: text[outline.type.range])
        let isError = Self.isType(type, "ERROR")
        guard outline.objectIsJSONObject else {
            if isError { throw refuse(KubeError(.server, "\(what): an ERROR event without a Status")) }
            throw KubeError(.decode, "an event of type \"\(Self.shown(type))\" without an object")
        }
        if Self.isType(type, "MODIFIED") {
            try told(.modified, text, outline)
        } else if Self.isType(type, "ADDED") {
            try told(.added, text, outline)
        } else if Self.isType(type, "DELETED") {
            try told(.deleted, text, outline)
        } else if Self.isType(type, "BOOKMARK") {
            try told(.bookmark, text, outline)
        } else if isError {
            let json = Array(text[outline.object])
            let status = try JSONValue.parse(json)
            guard status["kind"]?.string == "Status" else { throw refuse(KubeError(.server, "\(what): an ERROR event without a Status")) }
            throw refuse(ServerError.make(status: status, json: json, httpStatus: nil, what: what, isRead: true))
        } else {
            throw KubeError(.decode, "an event of unknown type \"\(Self.shown(type))\"")
        }
    }

    private static func isType(_ type: UnsafeRawBufferPointer, _ name: StaticString) -> Bool {
        ObjectKey.equal(type, UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    }

    private static func shown(_ type: UnsafeRawBufferPointer) -> String { ServerError.oneLine(Array(type), limit: 40) }

    /// An ERROR event: the server gives this stream up.
    private func refuse(_ error: KubeError) -> KubeError {
        verdict = (.refused(error), error)
        return error
    }

    private func told(_ type: EventType, _ text: UnsafeRawBufferPointer, _ outline: JSONOutline) throws(KubeError) {
        if isListing { return try initialEvent(type, text, outline) }
        // W11: skipped, its revision not adopted.
        guard !outline.resourceVersion.isEmpty, type == .bookmark || !outline.name.isEmpty else {
            Log.warn("\(what): an event without metadata.name or resourceVersion was skipped")
            return
        }
        guard reflector?.accepts(text, outline) == true else {
            Log.warn("\(what): an event with an object of another type was skipped")
            return
        }
        reflector?.streamEvent(type, try retention.blob(text, outline))
    }

    private func end(_ end: TransferEnd) {
        guard !isOver else { return }
        if let verdict { return over(verdict.end, verdict.error) }
        if let head = answer, head.status != 200 {
            if head.status == 401, let grant { client.credentials.refused(grant) }
            let error = ServerError.make(head: head, body: errorBody, what: what, isRead: true)
            return over(.refused(error), error)
        }
        switch end {
        case .complete: over(.closed, nil)
        case .failed(let failure):
            if answer != nil {
                // W5: a partial event is dropped with the reader.
                over(failure.kind == .timeout ? .silent : .closed, failure.kind == .lost ? nil : failure.error)
            } else if failure.kind == .timeout, client.loop.now - requestStart >= idleMs {
                // Never answered: as silent as a stream can be.
                over(.silent, failure.error)
            } else if failure.kind == .lost || failure.kind == .unprocessed {
                over(.closed, failure.error)
            } else {
                over(.unreachable, failure.error)
            }
        }
    }
}
