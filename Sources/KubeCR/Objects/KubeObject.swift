// One object as the server sent it: bytes, and what it is known by. Needs no Swift type.
import KubeCore

/// An immutable JSON document, usually a Kubernetes object; its bytes are as the server sent them, so nothing in it is lost.
/// `set` and `remove` make a changed copy of it in place. Equal are objects of equal bytes.
public struct KubeObject: Sendable {
    let blob: AnyThread<ObjectBlob>

    init(_ blob: ObjectBlob) { self.blob = AnyThread(blob) }

    /// Throws `.decode` for anything but one valid JSON value of at most 512 levels.
    public init(json: [UInt8]) throws {
        self.init(try KubeError.translating { () throws(Engine.Failure) in try ObjectBlob.parse(json) })
    }

    /// Throws `.decode`.
    public init(json text: String) throws { try self.init(json: Array(text.utf8)) }

    /// `try KubeObject(["metadata": ["name": "demo"], "spec": ["replicas": 1]])`.
    public init(_ value: JSON) throws { try self.init(json: value.tree.bytes()) }

    /// The document's bytes.
    public var json: [UInt8] { Array(blob.value.json) }
    /// The document as text. May hold secrets, which `description` never does.
    public var text: String { String(decoding: blob.value.json, as: UTF8.self) }

    /// "" where the object has none, as with the four below.
    public var name: String { blob.value.name }
    public var namespace: String { blob.value.namespace }
    public var uid: String { blob.value.uid }
    /// Opaque: compare only for equality.
    public var resourceVersion: String { blob.value.resourceVersion }
    public var kind: String { (try? string(at: "/kind")) ?? "" }
    public var apiVersion: String { (try? string(at: "/apiVersion")) ?? "" }
    /// "namespace/name", or "name" without a namespace: its key in an informer.
    public var key: String { blob.value.key }
    /// Empty where there are none.
    public var labels: [String: String] { (try? decode([String: String].self, at: "/metadata/labels")) ?? [:] }
    public var annotations: [String: String] { (try? decode([String: String].self, at: "/metadata/annotations")) ?? [:] }

    // MARK: By RFC 6901 pointer. `.notFound`: nothing there. `.type`: another type is there. `.argument`: no pointer.

    /// "/metadata/labels/app.kubernetes.io~1name".
    public func string(at pointer: String) throws -> String {
        try read { (blob) throws(Engine.Failure) in String(decoding: try blob.string(pointer), as: UTF8.self) }
    }

    /// `.type` for what does not fit in 64 bits, too.
    public func int(at pointer: String) throws -> Int64 { try read { (blob) throws(Engine.Failure) in try blob.int(pointer) } }
    public func double(at pointer: String) throws -> Double { try read { (blob) throws(Engine.Failure) in try blob.double(pointer) } }
    public func bool(at pointer: String) throws -> Bool { try read { (blob) throws(Engine.Failure) in try blob.bool(pointer) } }

    public func value(at pointer: String) throws -> JSON {
        try read { (blob) throws(Engine.Failure) in JSON(try JSONValue.parse(try blob.value(pointer))) }
    }

    /// What stands there, as a Swift value. `.decode`: it does not fit the type.
    public func decode<Value: Decodable>(_ type: Value.Type, at pointer: String = "") throws -> Value {
        let json = try read { (blob) throws(Engine.Failure) in try blob.value(pointer) }
        defer { withExtendedLifetime(blob) {} }
        return try Coding.decode(type, json, of: self)
    }

    private func read<Value>(_ body: (ObjectBlob) throws(Engine.Failure) -> Value) throws(KubeError) -> Value {
        try KubeError.translating { () throws(Engine.Failure) in try body(blob.value) }
    }
}

extension KubeObject: Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public static func == (a: KubeObject, b: KubeObject) -> Bool {
        a.blob.value === b.blob.value || ObjectKey.equal(a.blob.value.json, b.blob.value.json)
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(bytes: blob.value.json) }

    /// "Project default/demo": what it is, never what it holds.
    public var description: String { kind.isEmpty ? (key.isEmpty ? "object" : key) : "\(kind) \(key)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}
