// What waits for one handler: in order, singly, and merged by key only when it has become too much (H10).

/// A queue of deliveries of an informer's handler. A value; its owner locks.
package struct HandlerQueue {
    private var entries: [Delivery?] = []
    private var head = 0
    private let maxQueued: Int
    /// Where the newest pending entry of a key stands, while the queue is too long.
    private var index = PendingIndex()
    private var isMerging = false
    package private(set) var count = 0
    /// Entries that were merged into others.
    package private(set) var coalesced: Int64 = 0

    package init(maxQueued: Int) { self.maxQueued = maxQueued }

    package var isEmpty: Bool { count == 0 }

    /// How many places the queue takes up, those of what was told or merged away included: it stays near `count`.
    package var places: Int { entries.count }

    package mutating func push(_ delivery: Delivery) {
        if Self.isChange(delivery.type), let object = delivery.object {
            if count >= maxQueued {
                if !isMerging { startMerging() }
                if let at = index.find(object, in: entries) {
                    merge(delivery, into: at)
                    compact()
                    return
                }
            }
            // Also what is told singly again: the next to be merged must find the newest, or it would overtake it.
            if isMerging {
                if !index.hasRoom(for: entries.count + 1) { startMerging() }
                index.note(object, at: entries.count, in: entries)
            }
        }
        entries.append(delivery)
        count += 1
    }

    private static func isChange(_ type: EventType) -> Bool {
        switch type {
        case .added, .modified, .deleted: true
        case .bookmark, .error, .synced, .end: false
        }
    }

    /// Adds a resync of the objects that have no other change pending (H12).
    package mutating func pushResync(_ objects: [ObjectBlob]) {
        var pending = PendingIndex()
        pending.clear(for: entries.count)
        for at in head..<entries.count {
            if let object = entries[at]?.object { pending.note(object, at: at, in: entries) }
        }
        for object in objects.filter({ pending.find($0, in: entries) == nil }) {
            push(Delivery(.modified, object, old: object, flags: .resync))
        }
    }

    package mutating func pop() -> Delivery? {
        while head < entries.count {
            let delivery = entries[head].take()
            head += 1
            guard let delivery else { continue }
            count -= 1
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
        index.clear(for: entries.count + 1)
        for at in head..<entries.count {
            // Not the whole entry: that would count all its references.
            if let type = entries[at]?.type, Self.isChange(type), let object = entries[at]?.object { index.note(object, at: at, in: entries) }
        }
    }

    /// The pending entry and a new one of the same object become one, or none.
    private mutating func merge(_ new: Delivery, into at: Int) {
        guard let pending = entries[at]?.type else { return }
        coalesced += 1
        switch (pending, new.type) {
        case (.added, .deleted):
            // Never seen, gone: nothing to tell.
            entries[at] = nil
            count -= 1
        case (.deleted, .deleted): entries[at] = new
        case (.deleted, _): entries[at] = Delivery(.modified, new.object, old: entries[at]?.object)
        case (_, .deleted): entries[at] = Delivery(.deleted, new.object, flags: new.flags)
        default:
            // As it was told first, with the newest state.
            entries[at]?.object = new.object
            if entries[at]?.flags.contains(.resync) == true { entries[at]?.flags = new.flags }
        }
    }

    /// Gives up the places of what was told or merged away, once they are the most.
    private mutating func compact() {
        if count == 0 {
            entries.removeAll(keepingCapacity: entries.capacity <= 4096)
            index.removeAll()
            (head, isMerging) = (0, false)
        } else if entries.count - count > max(1024, count) {
            let kept = entries.withUnsafeMutableBufferPointer { entries in
                var kept = 0
                for at in head..<entries.count where entries[at] != nil {
                    entries.swapAt(kept, at)
                    kept += 1
                }
                return kept
            }
            entries.removeLast(entries.count - kept)
            head = 0
            if isMerging { startMerging() }
        }
    }
}

/// Which place of the queue holds the newest entry of an object. A hash table over places: one whose entry has been told says nothing
/// any more, and is never more than a step on the way.
private struct PendingIndex {
    private struct Slot {
        var hash: UInt32
        /// -1: free.
        var at: Int32
    }

    private var slots: [Slot] = []

    /// Every place of the queue takes one slot at most, and half of them stay free.
    func hasRoom(for places: Int) -> Bool { places &* 2 <= slots.count }

    /// Forgets all, and makes room for twice as many places.
    mutating func clear(for places: Int) {
        var capacity = 1024
        while capacity < places &* 4 { capacity &*= 2 }
        let free = Slot(hash: 0, at: -1)
        if capacity == slots.count {
            slots.withUnsafeMutableBufferPointer { $0.update(repeating: free) }
        } else {
            slots = Array(repeating: free, count: capacity)
        }
    }

    mutating func removeAll() { slots = [] }

    func find(_ object: ObjectBlob, in entries: [Delivery?]) -> Int? { slot(of: object, in: entries).map { Int(slots[$0].at) } }

    mutating func note(_ object: ObjectBlob, at: Int, in entries: [Delivery?]) {
        let place = Int32(truncatingIfNeeded: at)
        if let known = slot(of: object, in: entries) {
            slots[known].at = place
        } else {
            let mask = slots.count &- 1
            var index = Int(object.hash) & mask
            while slots[index].at >= 0 { index = (index &+ 1) & mask }
            slots[index] = Slot(hash: object.hash, at: place)
        }
    }

    private func slot(of object: ObjectBlob, in entries: [Delivery?]) -> Int? {
        guard !slots.isEmpty else { return nil }
        let (hash, mask) = (object.hash, slots.count &- 1)
        var index = Int(hash) & mask
        while slots[index].at >= 0 {
            if slots[index].hash == hash, let other = entries[Int(slots[index].at)]?.object, other.isNamed(as: object) { return index }
            index = (index &+ 1) & mask
        }
        return nil
    }
}
