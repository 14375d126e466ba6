// What a resource's objects can be in Swift: a type of the program's own, or a KubeObject.
import KubeCore

/// An object of a resource. Adopt `CustomResource`; this is what it has in common with `KubeObject`.
public protocol ResourceObject: Sendable {
    /// Throws `.decode` for an object that does not fit.
    init(object: KubeObject) throws

    /// The JSON to create it with; `onOriginal`: to replace the object that this was decoded from, with all that it does not know;
    /// throws `.argument` for one of which only a part was stored.
    func encoded(onOriginal: Bool) throws -> [UInt8]
}

extension KubeObject: ResourceObject {
    public init(object: KubeObject) { self = object }
    public func encoded(onOriginal: Bool) throws -> [UInt8] {
        if onOriginal { try blob.value.checkWhole() }
        return json
    }
}

extension ObjectBlob {
    /// What is not stored would be lost with a replace.
    fileprivate func checkWhole() throws {
        if isPartial { throw KubeError(.argument, "\(key) is a part of its object (keep, metadata alone): patch or update the object") }
    }
}

/// A Swift type for the objects of a resource:
///
///     struct Project: CustomResource {
///         static let resource = ResourceName(group: "example.sealyun.com", version: "v1alpha1", plural: "projects", kind: "Project")
///         struct Spec: Codable, Sendable { var replicas: Int }
///         var metadata: ObjectMeta
///         var spec: Spec
///     }
///
/// It need not have every field: what it does not know survives a `replace` of a value that came from the server.
public protocol CustomResource: ResourceObject, Codable {
    static var resource: ResourceName { get }
    var metadata: ObjectMeta { get set }
}

extension CustomResource {
    public init(object: KubeObject) throws { self = try object.decode(Self.self) }

    public func encoded(onOriginal: Bool) throws -> [UInt8] {
        var tree = try Coding.tree(self)
        if onOriginal, let original = metadata.decodedFrom {
            try original.blob.value.checkWhole()
            let (blob, before) = (original.blob.value, try Coding.tree(Self(object: original)))
            let raw = try KubeError.translating { () throws(Engine.Failure) in try JSONValue.parse(blob.json) }
            tree = KnownFields.merge(raw: raw, before: before, after: tree)
        }
        guard case .object(var members) = tree else { throw KubeError(.argument, "\(Self.self) is no JSON object") }
        let type = [("apiVersion", Self.resource.apiVersion), ("kind", Self.resource.kind)]
        members.insert(contentsOf: type.filter { tree[$0.0] == nil }.map { .init($0.0, .string($0.1)) }, at: 0)
        return JSONValue.object(members).bytes()
    }
}
