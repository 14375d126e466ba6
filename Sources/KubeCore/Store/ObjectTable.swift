// Objects by namespace and name. The keys are the objects' own bytes; nothing is copied.

/// A value type that its owner locks; a copy costs next to nothing, and objects in it are shared.
package struct ObjectTable {
    private var objects = SegmentedTable<ObjectBlob>()
    /// Sum of the objects' footprints.
    package private(set) var bytes = 0

    package init() {}

    package var count: Int { objects.count }

    @inline(__always)
    private static func isNamed(_ blob: ObjectBlob, _ namespace: UnsafeRawBufferPointer, _ name: UnsafeRawBufferPointer) -> Bool {
        ObjectKey.equal(blob.nameBytes, name) && ObjectKey.equal(blob.namespaceBytes, namespace)
    }

    package func find(_ namespace: UnsafeRawBufferPointer, _ name: UnsafeRawBufferPointer) -> ObjectBlob? {
        find(namespace, name, hash: ObjectKey.hash(namespace, name))
    }

    @inline(__always)
    private func find(_ namespace: UnsafeRawBufferPointer, _ name: UnsafeRawBufferPointer, hash: UInt32) -> ObjectBlob? {
        objects.find(hash) { Self.isNamed($0, namespace, name) }
    }

    /// For an owner that must not copy the table to look into it.
    @inline(__always)
    mutating func findInPlace(_ namespace: UnsafeRawBufferPointer, _ name: UnsafeRawBufferPointer, hash: UInt32) -> ObjectBlob? {
        objects.findInPlace(hash) { Self.isNamed($0, namespace, name) }
    }

    package func find(_ other: ObjectBlob) -> ObjectBlob? {
        let (namespace, name) = (other.namespaceBytes, other.nameBytes)
        return objects.find(other.hash) { Self.isNamed($0, namespace, name) }
    }

    /// Puts an object in; returns the one of the same key that was there.
    @discardableResult
    package mutating func insert(_ blob: ObjectBlob) -> ObjectBlob? {
        let (namespace, name) = (blob.namespaceBytes, blob.nameBytes)
        let old = objects.insert(blob, blob.hash, distance: blob.nameDistance) { Self.isNamed($0, namespace, name) }
        bytes += blob.footprint - (old?.footprint ?? 0)
        return old
    }

    /// Takes the object of that key out and returns it.
    @discardableResult
    package mutating func remove(like blob: ObjectBlob) -> ObjectBlob? {
        let (namespace, name) = (blob.namespaceBytes, blob.nameBytes)
        let old = objects.remove(blob.hash) { Self.isNamed($0, namespace, name) }
        bytes -= old?.footprint ?? 0
        return old
    }

    /// All objects, in no order.
    package func forEach(_ body: (ObjectBlob) -> Void) { objects.forEach(body) }

    /// All objects, or those that are wanted, in no order.
    package func snapshot(where isWanted: ((ObjectBlob) -> Bool)? = nil) -> [ObjectBlob] {
        var all: [ObjectBlob] = []
        if let isWanted {
            objects.forEach { if isWanted($0) { all.append($0) } }
        } else {
            all.reserveCapacity(count)
            objects.forEach { all.append($0) }
        }
        return all
    }
}
