// What waits for one handler: in order, singly, and merged by key only when it has become too much (H10).

/// A queue of deliveries of an informer's handler. A value; its owner locks.
package struct HandlerQueue {
    private var entries: [Delivery?] = []
    private var head = 0
    private let maxQueued: Int
    /// Where the newest pending entry of a key stands, while the queue is too long.
    private var index: [PendingKey: Int] = [:]
    private var isMerging = false
    package private(set) var count = 0
    /// Entries that were merged into others.
    package private(set) var coalesced: Int64 = 0

    package init(maxQueued: Int) { self.maxQueued = maxQueued }

    package var isEmpty: Bool { count == 0 }

    package mutating func push(_ delivery: Delivery) {
        if delivery.type.rawValue <= EventType.deleted.rawValue, let object = delivery.object {
            if count >= maxQueued {
                if !isMerging { startMerging() }
                if let at = index[PendingKey(object)], let pending = entries[at] {
                    merge(pending, delivery, at)
                    return
                }
            }
            // Also below the limit: what is merged later must meet the newest entry, or an object's states change places.
            if isMerging { index[PendingKey(object)] = entries.count }
        }
        entries.append(delivery)
        count += 1
    }

    /// Adds a resync of the objects that have no other change pending (H12).
    package mutating func pushResync(_ objects: [ObjectBlob]) {
        var pending = Set<PendingKey>()
        for at in head..<entries.count {
            if let object = entries[at]?.object { pending.insert(PendingKey(object)) }
        }
        for object in objects where !pending.contains(PendingKey(object)) {
            push(Delivery(.modified, object, old: object, flags: .resync))
        }
    }

    package mutating func pop() -> Delivery? {
        while head < entries.count {
            let delivery = entries[head]
            entries[head] = nil
            head += 1
            guard let delivery else { continue }
            count -= 1
            if isMerging, let object = delivery.object, index[PendingKey(object)] == head - 1 { index[PendingKey(object)] = nil }
            compact()
            return delivery
        }
        compact()
        return nil
    }

    package mutating func removeAll() {
        entries.removeAll()
        index.removeAll()
        (head, count, isMerging) = (0, 0, false)
    }

    private mutating func startMerging() {
        isMerging = true
        for at in head..<entries.count {
            if let entry = entries[at], entry.type.rawValue <= EventType.deleted.rawValue, let object = entry.object {
                index[PendingKey(object)] = at
            }
        }
    }

    /// A pending entry and a new one of the same object become one, or none.
    private mutating func merge(_ pending: Delivery, _ new: Delivery, _ at: Int) {
        coalesced += 1
        switch (pending.type, new.type) {
        case (.added, .deleted):
            // Never seen, gone: nothing to tell.
            entries[at] = nil
            count -= 1
            if let object = new.object { index[PendingKey(object)] = nil }
        case (.added, _): entries[at] = Delivery(.added, new.object, flags: pending.flags)
        case (.deleted, .deleted): entries[at] = new
        case (.deleted, _): entries[at] = Delivery(.modified, new.object, old: pending.object)
        case (_, .deleted): entries[at] = Delivery(.deleted, new.object, flags: new.flags)
        default:
            let flags = pending.flags.contains(.resync) ? new.flags : pending.flags
            entries[at] = Delivery(.modified, new.object, old: pending.old, flags: flags)
        }
    }

    private mutating func compact() {
        if head == entries.count {
            entries.removeAll(keepingCapacity: entries.capacity <= 4096)
            index.removeAll()
            (head, isMerging) = (0, false)
        } else if head > 1024, head * 2 > entries.count {
            entries.removeFirst(head)
            // A handler that lags for days never empties its queue.
            index = index.mapValues { $0 - head }
            head = 0
        }
    }
}

/// An object's key as a dictionary key, without making strings.
private struct PendingKey: Hashable {
    private let blob: ObjectBlob

    init(_ blob: ObjectBlob) { self.blob = blob }

    static func == (a: PendingKey, b: PendingKey) -> Bool {
        a.blob === b.blob || (ObjectKey.equal(a.blob.nameBytes, b.blob.nameBytes) && ObjectKey.equal(a.blob.namespaceBytes, b.blob.namespaceBytes))
    }

    func hash(into hasher: inout Hasher) { hasher.combine(blob.hash) }
}
