// A secondary index: objects by what stands at a JSON pointer in them.

/// What an index is made of: its name, and where in an object the values stand.
package struct IndexDefinition {
    package let name: String
    package let pointer: JSONPointer

    package init(name: String, pointer: JSONPointer) {
        self.name = name
        self.pointer = pointer
    }
}

/// An object is found under the string at the pointer, a number or boolean as it is written, and each such element of an array;
/// under nothing where null, an object or no value stands. Belongs to whoever locks the store.
final class ObjectIndex {
    let definition: IndexDefinition
    private var buckets = SegmentedTable<Bucket>()

    init(_ definition: IndexDefinition) { self.definition = definition }

    /// The objects of one value. Most indexes have either many values with one object or few with many.
    private final class Bucket {
        let value: [UInt8]
        var only: ObjectBlob?
        var table: ObjectTable?

        init(_ value: [UInt8]) { self.value = value }

        func insert(_ blob: ObjectBlob) {
            if table != nil {
                table?.insert(blob)
            } else if let first = only, !first.isNamed(as: blob) {
                var both = ObjectTable()
                both.insert(first)
                both.insert(blob)
                (only, table) = (nil, both)
            } else {
                only = blob
            }
        }

        func remove(like blob: ObjectBlob) {
            if table != nil {
                table?.remove(like: blob)
            } else if let first = only, first.isNamed(as: blob) {
                only = nil
            }
        }

        var isEmpty: Bool { only == nil && (table?.count ?? 0) == 0 }
    }

    /// The objects of a value, as a state that does not change.
    func objects(_ value: [UInt8]) -> ObjectTable {
        guard let bucket = bucket(value) else { return ObjectTable() }
        if let table = bucket.table { return table }
        var table = ObjectTable()
        if let only = bucket.only { table.insert(only) }
        return table
    }

    /// `new` takes the place of `old`; either may be nil.
    func replace(_ old: ObjectBlob?, by new: ObjectBlob?) {
        let values = new.map(values) ?? []
        if let old {
            for value in self.values(of: old) where !values.contains(value) { remove(old, from: value) }
        }
        guard let new else { return }
        for value in values { insert(new, at: value) }
    }

    private func insert(_ blob: ObjectBlob, at value: [UInt8]) {
        if let bucket = bucket(value) { return bucket.insert(blob) }
        let bucket = Bucket(value)
        bucket.insert(blob)
        _ = buckets.insert(bucket, Self.hash(value)) { $0.value == value }
    }

    private func remove(_ blob: ObjectBlob, from value: [UInt8]) {
        guard let bucket = bucket(value) else { return }
        bucket.remove(like: blob)
        if bucket.isEmpty { _ = buckets.remove(Self.hash(value)) { $0.value == value } }
    }

    private func bucket(_ value: [UInt8]) -> Bucket? { buckets.find(Self.hash(value)) { $0.value == value } }

    private static func hash(_ value: [UInt8]) -> UInt32 {
        value.withUnsafeBytes { ObjectKey.hash(UnsafeRawBufferPointer(start: nil, count: 0), $0) }
    }

    private func values(of blob: ObjectBlob) -> [[UInt8]] {
        guard let found = blob.slice(definition.pointer) else { return [] }
        guard found.first == UInt8(ascii: "[") else { return Self.scalar(found).map { [$0] } ?? [] }
        var values: [[UInt8]] = []
        var cursor = JSONCursor(found)
        cursor.eachElement { if let value = Self.scalar($0), !values.contains(value) { values.append(value) } }
        return values
    }

    /// Nil for what is null, an object or an array.
    private static func scalar(_ json: UnsafeRawBufferPointer) -> [UInt8]? {
        switch json.first {
        case UInt8(ascii: "\""): JSONText.unescape(UnsafeRawBufferPointer(rebasing: json.dropFirst().dropLast()))
        case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "n"), nil: nil
        default: Array(json)
        }
    }
}
