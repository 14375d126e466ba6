// The client of one server: made from a configuration, it makes resources. One thread of the engine does its network work.
import KubeClient
import KubeConfig
import KubeCore

/// A client of one Kubernetes API server. Any task may use it; no function of it blocks a thread.
///
/// What runs (calls, watches, informers) keeps the connection alive; with the last of it, and the client, that ends.
public final class KubeClient: Sendable, CustomStringConvertible, CustomReflectable {
    let engine: AnyThread<Engine.Client>
    /// The namespace for single objects where none is given.
    public let namespace: String
    private let server: String
    private let isClosed = Guarded(false)

    /// Opens no connection.
    ///
    /// - Parameters:
    ///   - userAgent: put in front of "kubecr/VERSION (OS/ARCH)".
    ///   - timeout: of a whole call, retries included; for lists it bounds silence. A call's own `timeout` goes over it.
    ///   - connectTimeout: name lookup, TCP and TLS together.
    ///   - idle: a watch silent for so long is dead, and resumes on a new connection; at least a second.
    ///   - qps: the client-side limit of requests a second, watches exempt; 0: none.
    ///   - burst: how many requests may exceed it at once.
    ///   - maxRetries: of 429 and 5xx with Retry-After, and of reads whose connection was lost.
    ///   - maxObjectBytes: a larger object or event is refused (`.decode`).
    ///   - http2: over TLS, if the server wants it.
    /// Throws `.argument` (out of range), `.config`, `.tls`, `.noMemory`, `.internal`.
    public convenience init(
        config: ClientConfig, userAgent: String = "", timeout: Duration = .seconds(60), connectTimeout: Duration = .seconds(10),
        idle: Duration = .seconds(150), qps: Double = 50, burst: Double = 100, maxRetries: Int = 10, maxObjectBytes: Int = 33_554_432,
        http2: Bool = true
    ) throws {
        var options = CallOptions()
        options.set("userAgent", userAgent)
        options.setMilliseconds("timeoutMs", timeout)
        options.setMilliseconds("connectTimeoutMs", connectTimeout)
        options.setMilliseconds("idleMs", idle)
        options.set("qps", qps)
        options.set("burst", burst)
        options.set("maxRetries", maxRetries)
        options.set("maxObjectBytes", maxObjectBytes)
        options.set("http2", http2)
        let json = options.json
        let engine = try KubeError.translating { () throws(Engine.Failure) in
            try Engine.Client.make(config.engine, try Engine.Options(json))
        }
        self.init(engine: engine, config: config.engine)
    }

    package init(engine: Engine.Client, config: Engine.Config) {
        self.engine = AnyThread(engine)
        namespace = config.namespace
        server = config.server.url
    }

    /// The objects of a type. `namespace` nil: all of them for list, watch and informer; for a single object `self.namespace`,
    /// or the one that the object itself says.
    public func resource<Object: CustomResource>(_ type: Object.Type, namespace: String? = nil) -> Resource<Object> {
        Resource(self, Object.resource.description, scope: Object.resource.scope, namespace: namespace)
    }

    /// The objects of a resource without a Swift type: "GROUP/VERSION/PLURAL", "v1/pods", or as kubectl has it
    /// ("projects", "proj", "Project.example.sealyun.com"), looked up once in the server's discovery.
    public func resource(_ name: String, namespace: String? = nil) -> Resource<KubeObject> {
        Resource(self, name, scope: nil, namespace: namespace)
    }

    /// Ends everything of this client: calls fail with `.cancelled`, watches and informers end. Whatever is begun later is
    /// `.state`. Without it all that ends when nobody holds it any more.
    public func close() async {
        isClosed.withLock { $0 = true }
        let engine = engine.value
        await withCheckedContinuation { continuation in engine.endAll { continuation.resume() } }
    }

    var isOpen: Bool { !isClosed.withLock { $0 } }

    func checkOpen() throws {
        if !isOpen { throw KubeError(.state, "the client is closed") }
    }

    public var description: String { "KubeClient(\(server))" }
    public var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}
