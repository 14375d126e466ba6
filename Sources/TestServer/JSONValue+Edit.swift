// Changing a JSON tree: members by key and by path, and the one order of keys that the server stores and answers with.
package import KubeCore

extension JSONValue {
    package static let emptyObject = JSONValue.object([])

    /// Members with a nil value are left out.
    static func members(_ pairs: KeyValuePairs<String, JSONValue?>) -> JSONValue {
        .object(pairs.compactMap { key, value in value.map { Member(key, $0) } })
    }

    /// The value at a path of keys.
    package func at(_ path: some Sequence<String>) -> JSONValue? {
        var value: JSONValue? = self
        for key in path { value = value?[key] }
        return value
    }

    package func at(_ path: String...) -> JSONValue? { at(path) }

    /// Puts a member into an object, or takes it out with nil. What is not an object becomes one.
    package mutating func set(_ key: String, _ value: JSONValue?) {
        var all = members ?? []
        let index = all.firstIndex { $0.key == key }
        switch (index, value) {
        case (let index?, let value?): all[index].value = value
        case (let index?, nil): all.remove(at: index)
        case (nil, let value?):
            let place = all.firstIndex { $0.key > key } ?? all.count
            all.insert(Member(key, value), at: place)
        case (nil, nil): break
        }
        self = .object(all)
    }

    /// The same at a path; objects on the way are made.
    package mutating func set(_ path: some Collection<String>, _ value: JSONValue?) {
        guard let key = path.first else { return }
        guard path.count > 1 else { return set(key, value) }
        var inner = self[key] ?? .emptyObject
        inner.set(path.dropFirst(), value)
        set(key, inner)
    }

    /// Keys in order, the last of equal keys; `duplicates` collects the paths of the others.
    func canonical(_ path: String = "", duplicates: inout [String]) -> JSONValue {
        switch self {
        case .array(let elements):
            return .array(elements.enumerated().map { $1.canonical("\(path)[\($0)]", duplicates: &duplicates) })
        case .object(let members):
            var all: [Member] = []
            for (_, member) in members.enumerated().sorted(by: { ($0.element.key, $0.offset) < ($1.element.key, $1.offset) }) {
                let inner = path.isEmpty ? member.key : "\(path).\(member.key)"
                if all.last?.key == member.key {
                    all.removeLast()
                    duplicates.append(inner)
                }
                all.append(Member(member.key, member.value.canonical(inner, duplicates: &duplicates)))
            }
            return .object(all)
        default: return self
        }
    }

    /// The strings of an array of strings; others are passed over.
    var strings: [String] { (array ?? []).compactMap(\.string) }
}

extension JSONValue {
    static func strings(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
    static func number(_ value: Int) -> JSONValue { .number(String(value)) }
    static func number(_ value: UInt64) -> JSONValue { .number(String(value)) }
}
