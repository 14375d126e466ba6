// Does what a ReflectorMachine decides: lists, streams, pauses. What arrives goes to its observer.
import KubeCore
import KubeSystem
import KubeTransport

/// Whom a reflector tells. Everything happens on the loop.
package class ReflectorObserver: ClientChild {
    /// A list begins, or begins anew: what was taken so far is void.
    func listBegins() {}
    /// One item of the list; the bytes are valid during the call.
    func item(_ text: UnsafeRawBufferPointer, _ outline: JSONOutline) throws(KubeError) {}
    /// An item is gone again; so streaming lists say it.
    func itemGone(_ text: UnsafeRawBufferPointer, _ outline: JSONOutline) throws(KubeError) {}
    /// The list is complete: now it may be seen (L8).
    func listCompleted(_ resourceVersion: String) {}
    /// An event of the stream. `contact` follows when all that came with it has been told.
    func changed(_ type: EventType, _ object: ObjectBlob) {}
    func bookmark(_ object: ObjectBlob) {}
    /// Something failed and will be tried again.
    func failed(_ error: KubeError) {}
    /// The server was heard.
    func contact() {}
    /// It works again after a failure.
    func recovered() {}
    /// It is over; nil after a wanted stop. Exactly once.
    func reflectorEnded(_ error: KubeError?) {}
    /// Whether a stream should not be read for now; `Reflector.roomAgain` must follow.
    var wantsPause: Bool { false }
}

/// Counters of one reflector.
struct ReflectorCounters {
    var lists: Int64 = 0
    var watches: Int64 = 0
    var events: Int64 = 0
    var errors: Int64 = 0
    var silences: Int64 = 0
}

/// Belongs to the loop.
final class Reflector {
    private let client: Client
    private let resource: ResourceName
    private let namespace: String
    private let query: Query
    private let pageSize: Int64
    private let idleMs: Int64
    private let retention: Retention
    private let form: ObjectForm
    /// Let go of at the end. (Not weak, as in the stream and the sink: a weak reference costs each event more than its counting.)
    private var observer: ReflectorObserver?
    private var machine: ReflectorMachine
    private var path: ResourcePath?
    /// Of the objects' apiVersion.
    private var group: [UInt8] = []
    private var followed = FollowedType()
    private var lookUp: ResourceLookup?
    private var listing: Listing?
    private var stream: WatchStream?
    private var timer: LoopTimer?
    /// The server paged a list at "0": it has no cache, so that paging at a concrete revision costs it less (L5).
    private var hasNoCache = false
    private var hasEnded = false
    private var hasFailed = false
    private var lastFailure: KubeError?
    private(set) var counters = ReflectorCounters()

    init(
        _ client: Client, resource: ResourceName, namespace: String, query: Query, machine: ReflectorMachine, pageSize: Int64 = 500,
        retention: Retention, form: ObjectForm = .whole, observer: ReflectorObserver
    ) {
        self.client = client
        self.resource = resource
        self.namespace = namespace
        self.query = query
        self.machine = machine
        self.pageSize = pageSize
        self.retention = retention
        self.form = form
        self.observer = observer
        idleMs = client.options.idleMs
    }

    var resourceVersion: String { machine.resourceVersion }
    private var label: String { path?.target() ?? "\(resource.target)" }

    func start() { perform(machine.start(now: client.loop.now, random: &client.random)) }

    /// Idempotent. The observer hears `reflectorEnded(nil)`.
    func stop() {
        guard !hasEnded else { return }
        machine.stop()
        end(nil)
    }

    func roomAgain() { stream?.resume() }

    private func end(_ error: KubeError?) {
        guard !hasEnded else { return }
        hasEnded = true
        giveUpWork()
        timer?.cancel()
        timer = nil
        let observer = self.observer
        self.observer = nil
        observer?.reflectorEnded(error)
    }

    private func giveUpWork() {
        lookUp?.cancel()
        listing?.cancel()
        stream?.cancel()
        (lookUp, listing, stream) = (nil, nil, nil)
    }

    private func perform(_ action: ReflectorMachine.Action) {
        guard !hasEnded else { return }
        switch action {
        case .list(let resourceVersion):
            Log.debug("\(label): list at \"\(resourceVersion)\"")
            resolve { [self] path in list(path, resourceVersion) }
        case .watchList(let resourceVersion, let timeoutSeconds):
            Log.debug("\(label): streaming list at \"\(resourceVersion)\"")
            resolve { [self] path in watchList(path, resourceVersion, timeoutSeconds) }
        case .watch(let resourceVersion, let timeoutSeconds):
            Log.debug("\(label): watch from \(resourceVersion)")
            resolve { [self] path in watch(path, resourceVersion, timeoutSeconds) }
        case .pause(let milliseconds):
            Log.info("\(label): next attempt in \(milliseconds) ms")
            timer = client.loop.after(milliseconds) { [self] in
                timer = nil
                perform(machine.pauseOver(now: client.loop.now, random: &client.random))
            }
        case .end(let error):
            end(error)
        }
    }

    private func report(_ error: KubeError) {
        counters.errors += 1
        hasFailed = true
        Log.warn("\(label): \(error.message)")
        observer?.failed(error)
    }

    private func works() {
        guard hasFailed else { return }
        hasFailed = false
        Log.info("\(label): works again")
        observer?.recovered()
    }

    // MARK: Which resource

    private func resolve(_ next: @escaping (ResourcePath) -> Void) {
        if let path { return next(path) }
        if case .exact(let gvr) = resource.target { return resolved(gvr, next) }
        let lookUp = ResourceLookup(client, ResourceQuery(resource.target), timeoutMs: client.options.timeoutMs) { [self] result in
            self.lookUp = nil
            switch result {
            case .success(let info): resolved(info.gvr, next)
            case .failure(let error): failed(error)
            }
        }
        self.lookUp = lookUp
        lookUp.start()
    }

    private func resolved(_ gvr: GVR, _ next: (ResourcePath) -> Void) {
        do {
            let path = try ResourcePath(gvr, namespace: namespace, subresource: resource.subresource)
            self.path = path
            group = Array((form.group ?? gvr.group).utf8)
            next(path)
        } catch {
            end(error)
        }
    }

    /// The resource is gone. What comes back under its name may be of another kind, and at another place.
    private func forget() {
        followed.forget()
        guard case .lookUp = resource.target, path != nil else { return }
        client.discovery.forget()
        path = nil
    }

    /// The attempt failed before it was a list or a stream, or as one.
    private func failed(_ error: KubeError) {
        report(error)
        guard !hasEnded else { return }
        if error.code == .notFound { forget() }
        let now = client.loop.now
        if machine.state == .listing {
            perform(machine.listFailed(error, now: now, random: &client.random))
        } else {
            perform(machine.streamEnded(error.httpStatus > 0 ? .refused(error) : .unreachable, now: now, random: &client.random))
        }
    }

    // MARK: List

    private func list(_ path: ResourcePath, _ resourceVersion: String) {
        counters.lists += 1
        listBegins()
        let sink = ReflectorSink(self, client.options.maxObjectBytes)
        let listing = Listing(
            client, path, query: query, pager: Pager(limit: pageSize, resourceVersion: resourceVersion, pagesAtRevisions: hasNoCache), sink: sink,
            silenceMs: client.options.timeoutMs, maxRetries: 0, form: form
        ) { [self] result in
            if resourceVersion == "0", self.listing?.wasPaged == true { hasNoCache = true }
            self.listing = nil
            switch result {
            case .success(let envelope):
                followed.listed(sink.kind, isEmpty: sink.isEmpty)
                works()
                self.observer?.listCompleted(envelope.resourceVersion)
                guard !hasEnded else { return }
                perform(machine.listSucceeded(resourceVersion: envelope.resourceVersion, now: client.loop.now, random: &client.random))
            case .failure(let error): failed(error)
            }
        }
        listing.onStartOver = { [self] in listBegins() }
        listing.onContact = { [self] in observer?.contact() }
        self.listing = listing
        listing.start()
    }

    private func listBegins() {
        followed.listBegins()
        observer?.listBegins()
    }

    fileprivate func listItem(_ text: UnsafeRawBufferPointer, _ outline: JSONOutline) throws(KubeError) {
        try form.check(item: text, outline)
        followed.item(text, outline)
        try observer?.item(text, outline)
    }

    fileprivate func check(listKind: String) throws(KubeError) {
        try form.check(listKind: listKind)
        try followed.check(listKind: listKind)
    }

    // MARK: Streaming list (L10)

    private func watchList(_ path: ResourcePath, _ resourceVersion: String, _ timeoutSeconds: Int64) {
        counters.lists += 1
        listBegins()
        var query = query
        query.set("sendInitialEvents", "true")
        query.set("resourceVersionMatch", "NotOlderThan")
        open(path, query, resourceVersion, timeoutSeconds, isListing: true)
    }

    func initialEvent(_ type: EventType, _ text: UnsafeRawBufferPointer, _ outline: JSONOutline) throws(KubeError) {
        followed.item(text, outline)
        if type == .deleted { try observer?.itemGone(text, outline) } else { try observer?.item(text, outline) }
    }

    func initialEventsEnded(_ bookmark: ObjectBlob, _ text: UnsafeRawBufferPointer, _ outline: JSONOutline) {
        guard !hasEnded else { return }
        followed.item(text, outline)
        followed.streamed()
        works()
        machine.initialEventsEnded(resourceVersion: bookmark.resourceVersion, now: client.loop.now)
        observer?.listCompleted(bookmark.resourceVersion)
    }

    /// Nothing of it was seen; what is tried next says whether that is a failure.
    private func listStreamEnded(_ end: ReflectorMachine.StreamEnd, _ error: KubeError?) {
        let action = machine.streamEnded(end, now: client.loop.now, random: &client.random)
        if let error {
            if case .list = action { Log.info("\(label): a list instead of a streaming list: \(error.message)") } else { report(error) }
        }
        perform(action)
    }

    // MARK: Watch

    private func watch(_ path: ResourcePath, _ resourceVersion: String, _ timeoutSeconds: Int64) {
        open(path, query, resourceVersion, timeoutSeconds, isListing: false)
    }

    private func open(_ path: ResourcePath, _ query: Query, _ resourceVersion: String, _ timeoutSeconds: Int64, isListing: Bool) {
        counters.watches += 1
        var query = query
        query.set("watch", "true")
        query.set("allowWatchBookmarks", "true")
        if !isListing || !resourceVersion.isEmpty { query.set("resourceVersion", resourceVersion) }
        query.set("timeoutSeconds", timeoutSeconds)
        let request = HTTPRequest("GET", path.target(query), headers: [form.accept(isList: false)])
        let stream = WatchStream(client, request, idleMs: idleMs, retention: retention, isListing: isListing, reflector: self)
        self.stream = stream
        stream.start()
    }

    func streamOpened() {
        machine.streamOpened()
        works()
        observer?.contact()
    }

    /// Whether an event's object is of the type that is followed.
    func accepts(_ text: UnsafeRawBufferPointer, _ outline: JSONOutline) -> Bool {
        followed.accepts(text, outline, group: group)
    }

    func streamHeard() { observer?.contact() }
    var wantsPause: Bool { observer?.wantsPause ?? false }

    func streamEvent(_ type: EventType, _ object: ObjectBlob) {
        guard !hasEnded else { return }
        counters.events += 1
        machine.event(type, resourceVersion: object.resourceVersion)
        if type == .bookmark { observer?.bookmark(object) } else { observer?.changed(type, object) }
    }

    func streamEnded(_ end: ReflectorMachine.StreamEnd, _ error: KubeError?) {
        stream = nil
        guard !hasEnded else { return }
        if case .silent = end { counters.silences += 1 }
        if machine.state == .listing { return listStreamEnded(end, error) }
        if let error {
            // A revision that is too old is how a raw watch ends, and how an informer learns to relist.
            if error.code == .notFound { forget() }
            if error.code == .gone { Log.info("\(label): \(error.message)") } else { report(error) }
        }
        guard !hasEnded else { return }
        perform(machine.streamEnded(end, now: client.loop.now, random: &client.random))
    }
}

/// A list's items, handed to the reflector.
private final class ReflectorSink: ListSink {
    private let reflector: Reflector
    private(set) var isEmpty = true

    init(_ reflector: Reflector, _ maxObjectBytes: Int) {
        self.reflector = reflector
        super.init(maxObjectBytes: maxObjectBytes)
    }

    override func item(_ text: UnsafeRawBufferPointer, _ outline: JSONOutline) throws(KubeError) {
        isEmpty = false
        try reflector.listItem(text, outline)
    }

    override func finish() throws(KubeError) {
        try super.finish()
        try reflector.check(listKind: kind)
    }
}
