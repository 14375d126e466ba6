// The simulation's informer: the store and its handlers, told as the real one tells them. No tests.
import KubeCore

/// A handler with a queue of its own, read at its own pace.
struct SimulatedHandler {
    let maxQueued: Int
    var queue: HandlerQueue
    var listener = Listener()
    /// Deliveries that were put into the queue.
    var posted = 0

    init(maxQueued: Int) {
        self.maxQueued = maxQueued
        queue = HandlerQueue(maxQueued: maxQueued)
    }

    mutating func post(_ deliveries: [Delivery]) {
        for delivery in deliveries { queue.push(delivery) }
        posted += deliveries.count
    }

    /// Takes up to `count` deliveries; the first that is not legal.
    mutating func read(_ count: Int) -> String? {
        for _ in 0..<count {
            guard let delivery = queue.pop() else { return nil }
            if let wrong = listener.hear(delivery) { return wrong }
        }
        return nil
    }
}

struct SimulatedInformer {
    private var content = IndexedObjects(indexes: Self.indexes)
    private(set) var isSynced = false
    private(set) var handlers: [SimulatedHandler] = []
    private var replacement: Replacement?
    private let retention = Retention(cutManagedFields: true)
    private static let indexes = (try? JSONPointer("/spec/node")).map { [IndexDefinition(name: "node", pointer: $0)] } ?? []

    private var table: ObjectTable { content.table }

    /// Keys by the node that the index has them under.
    func keys(ofNode node: String) -> [String] { (content.objects(index: "node", value: utf8(node))?.snapshot() ?? []).map(\.key).sorted() }

    var store: [String: String] { Dictionary(table.snapshot().map { ($0.key, $0.resourceVersion) }) { _, last in last + " twice" } }

    /// H8: a handler that comes late first gets all that is there.
    mutating func addHandler(maxQueued: Int) {
        var handler = SimulatedHandler(maxQueued: maxQueued)
        if isSynced { handler.post(initial) }
        handlers.append(handler)
    }

    private var initial: [Delivery] { table.snapshot().map { Delivery(.added, $0, flags: .initial) } + [Delivery(.synced)] }

    mutating func resync() {
        for index in handlers.indices where isSynced {
            let before = handlers[index].queue.count
            handlers[index].queue.pushResync(table.snapshot())
            handlers[index].posted += handlers[index].queue.count - before
        }
    }

    mutating func read(_ handler: Int, _ count: Int) -> String? { handlers[handler].read(count) }

    // MARK: From the reflector

    mutating func listBegins() { replacement = Replacement(of: table, indexes: Self.indexes) }

    mutating func item(_ object: SimulatedObject) throws {
        try object.bytes.withUnsafeBytes { try replacement?.add($0, object.outline, retention) }
    }

    mutating func itemGone(_ object: SimulatedObject) throws {
        try object.bytes.withUnsafeBytes { try replacement?.remove($0, object.outline) }
    }

    mutating func listCompleted() {
        guard let replacement else { return }
        self.replacement = nil
        let changes = isSynced ? replacement.difference() : []
        content = replacement.content
        tell(isSynced ? changes : initial)
        isSynced = true
    }

    mutating func changed(_ event: SimulatedEvent) {
        let blob = event.object.blob
        if event.type == .deleted {
            if content.remove(like: blob) != nil { tell([Delivery(.deleted, blob)]) }
        } else if let old = content.insert(blob) {
            if !old.isSameState(as: blob) { tell([Delivery(.modified, blob, old: old)]) }
        } else {
            tell([Delivery(.added, blob)])
        }
    }

    private mutating func tell(_ deliveries: [Delivery]) {
        for index in handlers.indices { handlers[index].post(deliveries) }
    }
}
