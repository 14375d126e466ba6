// The content of a store: the objects by key, and the indexes that are kept exact with them.

/// Belongs to whoever locks the store; `table` may be copied out of it.
package final class IndexedObjects {
    package private(set) var table = ObjectTable()
    private let indexes: [ObjectIndex]

    package init(indexes: [IndexDefinition] = []) { self.indexes = indexes.map { ObjectIndex($0) } }

    /// The object of a key, whose hash the caller knows.
    package func find(_ namespace: UnsafeRawBufferPointer, _ name: UnsafeRawBufferPointer, hash: UInt32) -> ObjectBlob? {
        table.findInPlace(namespace, name, hash: hash)
    }

    /// Puts an object in; returns the one of the same key that was there.
    @discardableResult
    package func insert(_ blob: ObjectBlob) -> ObjectBlob? {
        let old = table.insert(blob)
        for index in indexes { index.replace(old, by: blob) }
        return old
    }

    /// Takes the object of that key out and returns it.
    @discardableResult
    package func remove(like blob: ObjectBlob) -> ObjectBlob? {
        guard let old = table.remove(like: blob) else { return nil }
        for index in indexes { index.replace(old, by: nil) }
        return old
    }

    /// The objects with that value, as a state that does not change; nil when there is no such index.
    package func objects(index name: String, value: [UInt8]) -> ObjectTable? {
        indexes.first { $0.definition.name == name }?.objects(value)
    }
}
