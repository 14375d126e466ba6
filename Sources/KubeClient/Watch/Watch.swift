// A raw watch: every event of a resource, resumed over disconnects, ended by one END.
package import KubeCore
import KubeSystem

/// Any thread may start and stop it; the rest belongs to the loop.
package final class Watch: ReflectorObserver {
    package static let maxQueuedBytes = 32 << 20

    private let client: Client
    private let resource: ResourceName
    private let namespace: String
    private let query: Query
    private let explicitVersion: String?
    private let timeoutSeconds: Int64?
    private let timeoutMs: Int64?
    private let maxQueued: Int
    package let mailbox: Mailbox
    private var reflector: Reflector?
    private var collected: [ObjectBlob] = []
    private var timer: LoopTimer?
    private var isOver = false

    /// Throws `.argument`; the consumer's `release` is then the caller's to call. `runner` nil: where the client's callbacks run.
    package init(
        _ client: Client, resource: String, namespace: String?, options: JSONValue?, consumer: Consumer, runner: CallbackRunner? = nil
    ) throws(KubeError) {
        self.client = client
        self.resource = try ResourceName(resource)
        self.namespace = namespace ?? ""
        if !self.namespace.isEmpty { try PathSegment.check(self.namespace, "namespace") }
        var reader = try OptionReader(options, "watch")
        var query = Query()
        query.set("labelSelector", try reader.string("labelSelector"))
        query.set("fieldSelector", try reader.string("fieldSelector"))
        query.set("shardSelector", try reader.string("shardSelector"))
        self.query = query
        explicitVersion = try reader.string("resourceVersion")
        timeoutSeconds = try reader.int("timeoutSeconds", in: 1...86_400)
        timeoutMs = try reader.int("timeoutMs", in: 1...Int64.max / 4)
        maxQueued = Int(truncatingIfNeeded: try reader.int("maxQueued", in: 1...1_000_000_000) ?? 1000)
        // Bookmarks are always asked for; only that may be said again.
        if try reader.bool("allowWatchBookmarks") == false {
            throw KubeError(.unsupported, "the watch option \"allowWatchBookmarks\" can't be false: a watch resumes at bookmarks")
        }
        try reader.refuse("sendInitialEvents")
        try reader.refuse("resourceVersionMatch")
        try reader.finish()
        mailbox = Mailbox(consumer, runner: runner ?? client.drive.callbacks, maxQueued: Int.max)
        super.init()
        mailbox.onStop = { [weak self] in self?.stop() }
        mailbox.onRoom = { [weak self] in
            guard let self else { return }
            self.client.loop.post { self.reflector?.roomAgain() }
        }
    }

    package func start() {
        client.loop.post { [self] in
            guard !isOver else { return }
            client.adopt(self)
            guard !isOver else { return }
            let machine = ReflectorMachine(watchFrom: explicitVersion, timeoutSeconds: timeoutSeconds)
            let reflector = Reflector(
                client, resource: resource, namespace: namespace, query: query, machine: machine, retention: .everything, observer: self)
            self.reflector = reflector
            if let timeoutMs { timer = client.loop.after(timeoutMs) { [self] in finish(nil) } }
            reflector.start()
        }
    }

    /// Any thread, idempotent, never waits. What is queued is dropped.
    package func stop() { client.loop.post { [self] in endNow() } }

    override func endNow() {
        isOver = true
        // What is queued is not wanted any more.
        mailbox.close(Delivery(.end))
        reflector?.stop()
        client.drop(self)
    }

    /// The wanted end by time: what is queued is told first.
    private func finish(_ error: KubeError?) {
        timer = nil
        guard !isOver else { return }
        isOver = true
        mailbox.closeAfterRest(Delivery(.end, error: error.map { ErrorObject($0) }))
        reflector?.stop()
        client.drop(self)
    }

    // MARK: From the reflector

    override func listBegins() { collected.removeAll() }

    override func item(_ text: UnsafeRawBufferPointer, _ outline: JSONOutline) throws(KubeError) {
        collected.append(try ObjectBlob.make(text, outline, cutManagedFields: false))
    }

    override func listCompleted(_ resourceVersion: String) {
        let objects = collected
        collected = []
        mailbox.post(objects.map { Delivery(.added, $0) })
        if let bookmark = Self.bookmark(resourceVersion, like: objects.first) { mailbox.post(Delivery(.bookmark, bookmark)) }
    }

    /// What a server's BOOKMARK looks like: the type, and the revision.
    private static func bookmark(_ resourceVersion: String, like object: ObjectBlob?) -> ObjectBlob? {
        var members: [JSONValue.Member] = []
        for field in ["kind", "apiVersion"] {
            if let object, let text = try? object.string("/" + field) {
                members.append(.init(field, .string(String(decoding: text, as: UTF8.self))))
            }
        }
        members.append(.init("metadata", .object([.init("resourceVersion", .string(resourceVersion))])))
        return try? ObjectBlob.parse(JSONValue.object(members).bytes())
    }

    override func changed(_ type: EventType, _ object: ObjectBlob) { mailbox.post(Delivery(type, object)) }
    override func bookmark(_ object: ObjectBlob) { mailbox.post(Delivery(.bookmark, object)) }
    override func failed(_ error: KubeError) { mailbox.post(Delivery(.error, error: ErrorObject(error))) }
    override var wantsPause: Bool { mailbox.isFull(maxQueued: maxQueued, maxBytes: Self.maxQueuedBytes) }

    override func reflectorEnded(_ error: KubeError?) {
        timer?.cancel()
        timer = nil
        guard !isOver else { return }
        isOver = true
        mailbox.closeAfterRest(Delivery(.end, error: error.map { ErrorObject($0) }))
        client.drop(self)
    }
}
