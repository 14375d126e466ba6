// A hash table of objects by namespace and name. The keys are the objects' own bytes; nothing is copied.

/// Open addressing with linear probing. A value type that its owner locks; objects in it are shared.
package struct ObjectTable {
    private var slots: [ObjectBlob?]
    /// The hash of the slot's object beside it, so that a probe touches no other object.
    private var hashes: [UInt32]
    package private(set) var count = 0
    /// Sum of the objects' footprints.
    package private(set) var bytes: Int = 0

    package init(capacity: Int = 0) {
        var size = 16
        while size * 3 / 4 < capacity { size *= 2 }
        slots = Array(repeating: nil, count: size)
        hashes = Array(repeating: 0, count: size)
    }

    private var mask: Int { slots.count - 1 }

    private func slot(_ hash: UInt32, _ namespace: UnsafeRawBufferPointer, _ name: UnsafeRawBufferPointer) -> (index: Int, isThere: Bool) {
        var index = Int(hash) & mask
        while let blob = slots[index] {
            if hashes[index] == hash, ObjectKey.equal(blob.nameBytes, name), ObjectKey.equal(blob.namespaceBytes, namespace) { return (index, true) }
            index = (index + 1) & mask
        }
        return (index, false)
    }

    package func find(_ namespace: UnsafeRawBufferPointer, _ name: UnsafeRawBufferPointer) -> ObjectBlob? {
        let (index, isThere) = slot(ObjectKey.hash(namespace, name), namespace, name)
        return isThere ? slots[index] : nil
    }

    package func find(_ other: ObjectBlob) -> ObjectBlob? {
        let (index, isThere) = slot(other.hash, other.namespaceBytes, other.nameBytes)
        return isThere ? slots[index] : nil
    }

    /// Puts an object in; returns the one of the same key that was there.
    @discardableResult
    package mutating func insert(_ blob: ObjectBlob) -> ObjectBlob? {
        let (index, isThere) = slot(blob.hash, blob.namespaceBytes, blob.nameBytes)
        bytes += blob.footprint
        if isThere {
            let old = slots[index]
            bytes -= old?.footprint ?? 0
            slots[index] = blob
            return old
        }
        slots[index] = blob
        hashes[index] = blob.hash
        count += 1
        if count * 4 > slots.count * 3 { grow() }
        return nil
    }

    /// Takes the object of that key out and returns it.
    @discardableResult
    package mutating func remove(like blob: ObjectBlob) -> ObjectBlob? {
        var (index, isThere) = slot(blob.hash, blob.namespaceBytes, blob.nameBytes)
        guard isThere, let old = slots[index] else { return nil }
        count -= 1
        bytes -= old.footprint
        // Close the gap: what was pushed behind it moves back.
        var next = (index + 1) & mask
        while let blob = slots[next] {
            let home = Int(hashes[next]) & mask
            if (next &- home) & mask >= (next &- index) & mask {
                slots[index] = blob
                hashes[index] = hashes[next]
                index = next
            }
            next = (next + 1) & mask
        }
        slots[index] = nil
        return old
    }

    private mutating func grow() {
        var bigger = ObjectTable(capacity: slots.count)
        for (index, blob) in slots.enumerated() {
            guard let blob else { continue }
            var at = Int(hashes[index]) & bigger.mask
            while bigger.slots[at] != nil { at = (at + 1) & bigger.mask }
            bigger.slots[at] = blob
            bigger.hashes[at] = hashes[index]
        }
        slots = bigger.slots
        hashes = bigger.hashes
    }

    /// All objects, in no order.
    package func forEach(_ body: (ObjectBlob) -> Void) {
        for case let blob? in slots { body(blob) }
    }

    /// All objects that are of that namespace (nil: any), in no order.
    package func snapshot(namespace: UnsafeRawBufferPointer? = nil) -> [ObjectBlob] {
        var all: [ObjectBlob] = []
        if namespace == nil { all.reserveCapacity(count) }
        for case let blob? in slots {
            if let namespace, !ObjectKey.equal(namespace, blob.namespaceBytes) { continue }
            all.append(blob)
        }
        return all
    }
}
