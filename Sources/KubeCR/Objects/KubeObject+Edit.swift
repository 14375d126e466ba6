// Changes to an object without a Swift type, by JSON pointer. Everything else of the object stays as it is.
import KubeCore

extension KubeObject {
    /// Puts `value` at `pointer`; objects on the way are made where they are missing. In arrays an index replaces, "-" appends.
    /// Throws `.argument` for no pointer, `.type` where the way leads through another type, `.notFound` past an array's end.
    public mutating func set(_ value: JSON, at pointer: String) throws { try edit(pointer, value.tree) }

    /// Takes out what stands at `pointer`; nothing there is no error.
    public mutating func remove(at pointer: String) throws { try edit(pointer, nil) }

    private mutating func edit(_ pointer: String, _ value: JSONValue?) throws {
        let blob = blob.value
        let (segments, tree) = try KubeError.translating { () throws(Engine.Failure) in
            (try JSONPointer(pointer).texts, try JSONValue.parse(blob.json))
        }
        guard let changed = try Self.put(value, segments[...], in: tree, pointer) else {
            throw KubeError(.argument, "the whole object can't be removed")
        }
        self = try KubeObject(json: changed.bytes())
    }

    private static func put(_ value: JSONValue?, _ path: ArraySlice<String>, in tree: JSONValue?, _ pointer: String) throws -> JSONValue? {
        guard let first = path.first else { return value }
        let rest = path.dropFirst()
        switch tree {
        case nil where value == nil: return nil
        case nil, .null: return .object([.init(first, try put(value, rest, in: nil, pointer) ?? .null)])
        case .object(var members):
            let at = members.lastIndex { $0.key == first }
            let new = try put(value, rest, in: at.map { members[$0].value }, pointer)
            switch (at, new) {
            case (let at?, let new?): members[at].value = new
            case (let at?, nil): members.remove(at: at)
            case (nil, let new?): members.append(.init(first, new))
            case (nil, nil): break
            }
            return .object(members)
        case .array(var elements):
            if first == "-", let value { return .array(elements + [try put(value, rest, in: nil, pointer) ?? .null]) }
            guard let at = Int(first), elements.indices.contains(at) else {
                if value == nil { return tree }
                throw KubeError(.notFound, "nothing at \"\(pointer)\": the array has \(elements.count) elements")
            }
            if let new = try put(value, rest, in: elements[at], pointer) { elements[at] = new } else { elements.remove(at: at) }
            return .array(elements)
        case let other?:
            if value == nil { return tree }
            throw KubeError(.type, "\"\(pointer)\" leads through \(other.typeName)")
        }
    }
}
