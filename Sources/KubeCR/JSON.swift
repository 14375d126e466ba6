// Any JSON as a value: for patches, dynamic objects and fields without a schema. Server objects themselves stay bytes (KubeObject).
import KubeCore

/// A JSON value. Literals make one: `["spec": ["replicas": 3]]`. An integer beyond 64 bits is read as a double;
/// what is no finite number is written as null.
public enum JSON: Sendable, Hashable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string(String)
    case array([JSON])
    case object([String: JSON])

    /// Reads JSON text. Throws `.decode` for anything but one valid value.
    public init(text: String) throws {
        self.init(try KubeError.translating { () throws(Engine.Failure) in try JSONValue.parse(text) })
    }

    /// What `value` encodes to. Throws `.argument` for what can't be encoded.
    public init(encoding value: some Encodable) throws { self.init(try Coding.tree(value)) }

    /// The value as compact JSON, keys in their order.
    public var text: String { tree.text }

    /// The value of a key; nil for no object and for no such key.
    public subscript(key: String) -> JSON? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    init(_ tree: JSONValue) {
        switch tree {
        case .null: self = .null
        case .bool(let flag): self = .bool(flag)
        case .number(let text): self = Int64(text).map { .int($0) } ?? .double(Double(text) ?? .nan)
        case .string(let text): self = .string(text)
        case .array(let elements): self = .array(elements.map { JSON($0) })
        case .object(let members): self = .object(Dictionary(members.map { ($0.key, JSON($0.value)) }) { $1 })
        }
    }

    var tree: JSONValue {
        switch self {
        case .null: .null
        case .bool(let flag): .bool(flag)
        case .int(let number): .number(String(number))
        case .double(let number): number.isFinite ? .number(String(number)) : .null
        case .string(let text): .string(text)
        case .array(let elements): .array(elements.map(\.tree))
        case .object(let members): .object(members.sorted { $0.key < $1.key }.map { .init($0.key, $0.value.tree) })
        }
    }
}

extension JSON: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
    public init(dictionaryLiteral elements: (String, JSON)...) { self = .object(Dictionary(elements) { $1 }) }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .int(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(nilLiteral: ()) { self = .null }
}

extension JSON: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // What is most frequent first (managedFields are objects in objects): each that it is not costs as much as a value.
        if let members = try? container.decode([String: JSON].self) {
            self = .object(members)
        } else if let text = try? container.decode(String.self) {
            self = .string(text)
        } else if container.decodeNil() {
            self = .null
        } else if let number = try? container.decode(Int64.self) {
            self = .int(number)
        } else if let number = try? container.decode(Double.self) {
            self = .double(number)
        } else if let flag = try? container.decode(Bool.self) {
            self = .bool(flag)
        } else {
            self = .array(try container.decode([JSON].self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let flag): try container.encode(flag)
        case .int(let number): try container.encode(number)
        case .double(let number): try container.encode(number)
        case .string(let text): try container.encode(text)
        case .array(let elements): try container.encode(elements)
        case .object(let members): try container.encode(members)
        }
    }
}
