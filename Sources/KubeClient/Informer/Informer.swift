// A local, always converging copy of a resource: a reflector that writes the store, and handlers that are told of it.
package import KubeCore
import KubeSystem

/// Any thread may call what is `package`; the rest belongs to the loop.
package final class Informer: ReflectorObserver {
    private enum Phase { case new, started, stopped }

    package let client: Client
    package let store: InformerStore
    private let resource: ResourceName
    private let namespace: String
    private let options: InformerOptions
    /// Done when the store is complete, or when it never will be.
    private let syncedOrOver = Completion()

    /// Order: what is told to handlers follows what the store holds, and handlers join between two changes.
    private let order = Lock()
    // Under `order`.
    private var handlers: [InformerHandler] = []
    /// Of every handler that may not have ended yet, removed ones too.
    private var mailboxes: [Mailbox] = []
    private var phase = Phase.new

    private let status = Lock()
    // Under `status`.
    private var lastHeard: Int64?
    private var lastError: ErrorObject?
    private var counters = ReflectorCounters()
    private var endError: KubeError?

    // On the loop.
    private var reflector: Reflector?
    private var replacement: Replacement?
    private var resyncTimer: LoopTimer?

    /// Throws `.argument` and `.unsupported`.
    package init(_ client: Client, resource: String, namespace: String?, options: JSONValue?) throws(KubeError) {
        self.client = client
        self.resource = try ResourceName(resource)
        self.namespace = namespace ?? ""
        if !self.namespace.isEmpty { try PathSegment.check(self.namespace, "namespace") }
        self.options = try InformerOptions(options)
        store = InformerStore(indexes: self.options.indexes)
        super.init()
        // Freeing an external client ends everything of it, also what was never started.
        if client.drive.isExternal { client.loop.post { [self] in client.adopt(self) } }
    }

    // MARK: Handlers

    /// Throws `.state` when the informer is stopped; the consumer's `release` is then the caller's to call. `added` gets the
    /// handler before it is told anything. `runner` nil: where the client's callbacks run.
    package func addHandler(
        _ consumer: Consumer, runner: CallbackRunner? = nil, added: (InformerHandler) -> Void = { _ in }
    ) throws(KubeError) -> InformerHandler {
        let handler = InformerHandler(self, consumer: consumer, runner: runner ?? client.drive.callbacks, maxQueued: options.maxQueued)
        order.lock()
        defer { order.unlock() }
        if phase == .stopped { throw KubeError(.state, "the informer is stopped") }
        handlers.append(handler)
        mailboxes.removeAll { $0.finished.isDone }
        mailboxes.append(handler.mailbox)
        added(handler)
        if store.isSynced { handler.tellInitial(store.snapshot()) }
        return handler
    }

    func remove(_ handler: InformerHandler) {
        order.withLock { handlers.removeAll { $0 === handler } }
        handler.mailbox.close(Delivery(.end))
    }

    // MARK: Life

    /// Throws `.state` when it was started or stopped before.
    package func start() throws(KubeError) {
        order.lock()
        let before = phase
        if before == .new { phase = .started }
        order.unlock()
        switch before {
        case .started: throw KubeError(.state, "the informer is started already")
        case .stopped: throw KubeError(.state, "the informer was stopped; it can't be started again")
        case .new: break
        }
        client.loop.post { [self] in
            // A stop on another thread may have come to the loop first: then nobody would drop what is adopted now.
            guard order.withLock({ phase == .started }) else { return }
            client.adopt(self)
            // Of a client that has ended.
            guard order.withLock({ phase == .started }) else { return }
            let reflector = Reflector(
                client, resource: resource, namespace: namespace, query: options.query,
                machine: ReflectorMachine(informerFrom: options.initialList, streamsLists: client.options.streamsLists), pageSize: options.pageSize,
                retention: options.retention, form: options.form, observer: self)
            self.reflector = reflector
            armResync()
            reflector.start()
        }
    }

    /// Any thread, idempotent, never waits. Handlers get END; the store stays readable.
    package func stop() {
        endHandlers()
        client.loop.post { [self] in endNow() }
    }

    private func endHandlers() {
        let told = order.withLock { () -> [InformerHandler] in
            phase = .stopped
            let all = handlers
            handlers = []
            return all
        }
        for handler in told { handler.mailbox.close(Delivery(.end)) }
        syncedOrOver.finish()
    }

    /// After `stop`: waits for the end of every handler, as `_free` must (rule 8).
    package func waitForEnd() {
        for mailbox in order.withLock({ mailboxes }) { client.drive.waitForEnd(of: mailbox) }
    }

    override func endNow() {
        endHandlers()
        resyncTimer?.cancel()
        resyncTimer = nil
        replacement = nil
        reflector?.stop()
        client.drop(self)
    }

    // MARK: Reading

    package var isSynced: Bool { store.isSynced }

    /// Blocks until the store is complete. Throws the last failure, or `.timeout`, when time is up (-1: no limit), and
    /// `.cancelled` when the informer is stopped. Another thread may start it meanwhile, except in external mode: `.state`.
    package func waitSynced(timeoutMs: Int64) throws(KubeError) {
        if store.isSynced { return }
        let deadline = timeoutMs < 0 ? nil : MonotonicClock.nowMs.addingReportingOverflow(timeoutMs)
        try client.drive.enter()
        if client.drive.isExternal, order.withLock({ phase == .new }) {
            client.drive.leave()
            throw KubeError(.state, "the informer is not started, and while this thread waits no other can do it (external mode)")
        }
        _ = client.drive.wait(for: syncedOrOver, deadlineMs: deadline.map { $0.overflow ? Int64.max : $0.partialValue })
        client.drive.leave()
        try checkSynced(after: timeoutMs)
    }

    /// Runs `action` once the store is complete or never will be: at once, or on the thread that brings it about.
    package func whenSyncedOrOver(_ action: @escaping () -> Void) { syncedOrOver.whenDone(action) }

    /// Throws why the store is not complete after waiting so long for it.
    package func checkSynced(after timeoutMs: Int64) throws(KubeError) {
        if store.isSynced { return }
        if order.withLock({ phase == .stopped }) {
            throw status.withLock { endError } ?? KubeError(.cancelled, "the informer was stopped before it was synced")
        }
        if let failure = status.withLock({ lastError }) { throw failure.error }
        throw KubeError(.timeout, "the informer was not synced within \(timeoutMs) ms")
    }

    package func list(_ json: JSONValue?) throws(KubeError) -> ObjectList {
        let options = try InformerListOptions(json)
        return try store.list(options.selection)
    }

    /// Milliseconds since the server was last heard; -1 before the first time.
    package var stalenessMs: Int64 {
        guard let heard = status.withLock({ lastHeard }) else { return -1 }
        return max(0, client.loop.now - heard)
    }

    /// The last failure since the last success.
    package var lastFailure: ErrorObject? { status.withLock { lastError } }

    package var stats: JSONValue {
        let counters = status.withLock { self.counters }
        let (coalesced, queued, count) = order.withLock {
            (handlers.reduce(0) { $0 + $1.mailbox.coalesced }, handlers.reduce(0) { $0 + $1.mailbox.queued }, handlers.count)
        }
        func number(_ value: Int64) -> JSONValue { .number(String(value)) }
        return .object([
            .init("objects", number(Int64(store.count))), .init("bytes", number(Int64(store.bytes))), .init("resourceVersion", .string(store.resourceVersion)),
            .init("synced", .bool(store.isSynced)), .init("lists", number(counters.lists)), .init("watches", number(counters.watches)),
            .init("events", number(counters.events)), .init("errors", number(counters.errors)), .init("silences", number(counters.silences)),
            .init("handlers", number(Int64(count))), .init("queued", number(Int64(queued))), .init("coalesced", number(coalesced)),
            .init("stalenessMs", number(stalenessMs)),
        ])
    }

    // MARK: From the reflector

    override func listBegins() { replacement = store.replacement() }

    override func item(_ text: UnsafeRawBufferPointer, _ outline: JSONOutline) throws(KubeError) {
        try replacement?.add(text, outline, options.retention)
    }

    override func itemGone(_ text: UnsafeRawBufferPointer, _ outline: JSONOutline) throws(KubeError) {
        try replacement?.remove(text, outline)
    }

    override func listCompleted(_ resourceVersion: String) {
        guard let replacement else { return }
        self.replacement = nil
        order.lock()
        let isFirst = !store.isSynced
        let changes = isFirst || handlers.isEmpty ? [] : replacement.difference()
        store.swap(replacement, resourceVersion: resourceVersion)
        if isFirst, !handlers.isEmpty {
            let all = store.snapshot()
            for handler in handlers { handler.tellInitial(all) }
        }
        for handler in handlers { handler.mailbox.post(changes) }
        order.unlock()
        contact()
        recovered()
        if isFirst { syncedOrOver.finish() }
    }

    override func changed(_ type: EventType, _ object: ObjectBlob) {
        let revision = reflector?.resourceVersion ?? object.resourceVersion
        order.lock()
        let delivery: Delivery?
        if type == .deleted {
            // H6: the last known state, with the revision at which it is gone.
            delivery = store.remove(like: object, resourceVersion: revision) == nil ? nil : Delivery(.deleted, object)
        } else if let old = store.insert(object, resourceVersion: revision) {
            // A replayed event of a state that is known is no change.
            delivery = old.isSameState(as: object) ? nil : Delivery(.modified, object, old: old)
        } else {
            delivery = Delivery(.added, object)
        }
        if let delivery { for handler in handlers { handler.mailbox.post(delivery) } }
        order.unlock()
    }

    override func bookmark(_ object: ObjectBlob) { store.advance(to: reflector?.resourceVersion ?? object.resourceVersion) }

    override func failed(_ error: KubeError) {
        let counters = reflector?.counters ?? ReflectorCounters()
        let object = ErrorObject(error)
        status.withLock {
            self.counters = counters
            lastError = object
        }
    }

    override func recovered() { status.withLock { lastError = nil } }

    override func contact() {
        let counters = reflector?.counters ?? ReflectorCounters()
        let now = client.loop.now
        status.withLock { (self.counters, lastHeard) = (counters, now) }
    }

    override func reflectorEnded(_ error: KubeError?) {
        guard let error else { return }
        let object = ErrorObject(error)
        status.withLock { (endError, lastError) = (error, object) }
        endNow()
    }

    // MARK: Resync

    private func armResync() {
        guard options.resyncMs > 0 else { return }
        resyncTimer = client.loop.after(options.resyncMs) { [weak self] in
            guard let self else { return }
            self.order.withLock {
                if !self.handlers.isEmpty, self.store.isSynced {
                    let all = self.store.snapshot()
                    for handler in self.handlers { handler.mailbox.postResync(all) }
                }
            }
            self.armResync()
        }
    }
}
