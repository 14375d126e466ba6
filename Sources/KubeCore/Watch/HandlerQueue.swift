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

    /// How many places the queue takes up, those of what was told or merged away included: it stays near `count`.
    package var places: Int { entries.count }

    package mutating func push(_ delivery: Delivery) {
        if Self.isChange(delivery), let object = delivery.object {
            if count >= maxQueued {
                if !isMerging { startMerging() }
                if let at = index[PendingKey(object)], let pending = entries[at] {
                    merge(pending, delivery, at)
                    compact()
                    return
                }
            }
            // Also what is told singly again: the next to be merged must find the newest, or it would overtake it.
            if isMerging { index[PendingKey(object)] = entries.count }
        }
        entries.append(delivery)
        count += 1
    }

    private static func isChange(_ delivery: Delivery) -> Bool {
        switch delivery.type {
        case .added, .modified, .deleted: true
        case .bookmark, .error, .synced, .end: false
        }
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
        index.removeAll(keepingCapacity: true)
        for at in head..<entries.count {
            if let entry = entries[at], Self.isChange(entry), let object = entry.object { index[PendingKey(object)] = at }
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

    /// Gives up the places of what was told or merged away, once they are the most.
    private mutating func compact() {
        if count == 0 {
            entries.removeAll(keepingCapacity: entries.capacity <= 4096)
            index.removeAll()
            (head, isMerging) = (0, false)
        } else if entries.count - count > max(1024, count) {
            entries.removeAll { $0 == nil }
            head = 0
            if isMerging { startMerging() }
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
