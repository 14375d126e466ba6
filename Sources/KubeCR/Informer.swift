// A local, always converging copy of a resource: read without asking the server, followed as a sequence of changes.
import KubeClient
import KubeCore
import KubeSystem

/// A live copy of a resource, made by `Resource.informer`. It converges to the server's state over disconnects, restarts,
/// compactions and a CRD that comes and goes; it runs until `stop`, or until nobody holds it or its events.
///
/// Reads see one consistent state each and never wait for the network. Objects are decoded when they are read.
public final class Informer<Object: ResourceObject>: Sendable {
    let engine: AnyThread<Engine.Informer>

    init(_ client: KubeClient, _ resource: String, _ namespace: String, _ options: JSONValue) throws {
        try client.checkOpen()
        let made = try KubeError.translating { () throws(Engine.Failure) in
            let made = try Engine.Informer(client.engine.value, resource: resource, namespace: namespace, options: options)
            try made.start()
            return made
        }
        engine = AnyThread(made)
    }

    deinit { engine.value.stop() }

    /// The object of a key: "namespace/name", or "name" without a namespace. nil: not in the cache. Throws `.decode`.
    public subscript(key: String) -> Object? {
        get throws {
            var key = key
            let found = key.withUTF8 { bytes in
                let (namespace, name) = ObjectKey.split(UnsafeRawBufferPointer(bytes))
                return engine.value.store.find(namespace, name)
            }
            return try found.map { try Object(object: KubeObject($0)) }
        }
    }

    /// How many objects are in the cache.
    public var count: Int { engine.value.store.count }

    /// A snapshot, in no order, of what is in the namespace and has the labels (nil: all). Its resourceVersion is that of the
    /// cache. Throws `.decode`, and `.argument` for what is no selector.
    public func list(namespace: String? = nil, labelSelector: String? = nil) throws -> ResourceList<Object> {
        try list(namespace, labelSelector, nil)
    }

    /// The same of the objects that stand in an index under a value: it costs what is found, not what is stored.
    /// Throws `.argument` when the informer was made without that index.
    public func list(index: String, value: String, namespace: String? = nil, labelSelector: String? = nil) throws -> ResourceList<Object> {
        try list(namespace, labelSelector, (index, value))
    }

    private func list(_ namespace: String?, _ labelSelector: String?, _ indexed: (name: String, value: String)?) throws -> ResourceList<Object> {
        var options = CallOptions()
        options.set("namespace", namespace)
        options.set("labelSelector", labelSelector)
        options.set("index", indexed?.name)
        options.set("value", indexed?.value)
        let json = options.json
        return try ResourceList(try KubeError.translating { () throws(Engine.Failure) in try engine.value.list(json) })
    }

    /// The keys of the cache, in no order.
    public var keys: [String] { (try? engine.value.list(nil).objects.map(\.key)) ?? [] }

    /// Whether the cache is complete; once it is, it stays so.
    public var isSynced: Bool { engine.value.isSynced }

    /// Time since the server was last heard, bookmarks included (about one a minute); nil: never yet.
    public var staleness: Duration? {
        let milliseconds = engine.value.stalenessMs
        return milliseconds < 0 ? nil : .milliseconds(milliseconds)
    }

    /// The last failure since the last success; what fails is tried again with back-off.
    public var lastError: KubeError? { engine.value.lastFailure.map { KubeError($0.error) } }

    /// Counters of an informer.
    public struct Stats: Decodable, Sendable {
        public let objects: Int
        /// What the objects take in memory.
        public let bytes: Int
        public let resourceVersion: String
        public let synced: Bool
        public let lists: Int
        public let watches: Int
        public let events: Int
        public let errors: Int
        /// Watches that were given up because nothing was heard.
        public let silences: Int
        /// Consumers of events.
        public let handlers: Int
        /// Events that wait for consumers.
        public let queued: Int
        /// Events that were merged into others because they waited.
        public let coalesced: Int
    }

    public func stats() throws -> Stats { try KubeObject(json: engine.value.stats.bytes()).decode(Stats.self) }

    /// A subscription, which begins now: `.added` for everything in the cache, `.synced`, then each change; no gap, no
    /// duplicate. Each read is a subscription of its own.
    public var events: InformerEvents<Object> { InformerEvents(subscription: Subscription(self)) }

    /// Waits until the cache is complete. On time-out the last failure (`.forbidden`, `.tls`, ...) if there was one, else
    /// `.timeout`. `.cancelled`: stopped, or the task is cancelled.
    public func waitUntilSynced(timeout: Duration? = nil) async throws {
        let informer = engine.value
        let pending = Pending<Void>()
        let timer = timeout.map { timeout in
            Task {
                try await Task.sleep(for: timeout)
                pending.finish(.success(()))
            }
        }
        defer { timer?.cancel() }
        try await pending.value {
            informer.whenSyncedOrOver { pending.finish(.success(())) }
        } cancel: {
            pending.finish(.failure(KubeError.taskCancelled))
        }
        try KubeError.translating { () throws(Engine.Failure) in try informer.checkSynced(after: timeout?.wholeMilliseconds ?? -1) }
    }

    /// Ends it and all its sequences of events; the cache stays readable. Returns when nothing of it runs any more. Idempotent.
    public func stop() async {
        let informer = engine.value
        informer.stop()
        await withCheckedContinuation { continuation in informer.client.drive.loop.post { continuation.resume() } }
    }
}
