// Reading metadata alone: what costs the server and the wire a part of whole objects.
import KubeClient
import KubeCore

/// metav1.PartialObjectMetadata: an object of which only the metadata was asked for. It can't be written back, by its type.
public struct PartialObjectMetadata: ResourceObject {
    public let metadata: ObjectMeta

    public init(object: KubeObject) throws {
        // It knows of no object that it came from, so that a replace can't take the part for the whole.
        metadata = try object.decode(ObjectMeta.self, at: "/metadata")
    }

    /// Throws `.argument`, always.
    public func encoded(onOriginal: Bool) throws -> [UInt8] {
        throw KubeError(.argument, "PartialObjectMetadata is not to be written back: patch or update the object")
    }
}

extension Resource {
    /// The metadata of one object. Otherwise as `get`.
    public func getMetadata(_ name: String, resourceVersion: String? = nil, timeout: Duration? = nil) async throws -> PartialObjectMetadata {
        var options = CallOptions()
        options.set("resourceVersion", resourceVersion)
        options.set("metadataOnly", true)
        options.setMilliseconds("timeoutMs", timeout)
        guard let object = try await call(.get, options, name: name, namespace: ownNamespace).object else {
            throw KubeError(.internal, "an answer without an object")
        }
        return try PartialObjectMetadata(object: object)
    }

    /// The metadata of all objects that match, or of one page of them. Otherwise as `list`.
    public func listMetadata(
        labelSelector: String? = nil, fieldSelector: String? = nil, limit: Int? = nil, `continue`: String? = nil,
        resourceVersion: String? = nil, resourceVersionMatch: ResourceVersionMatch? = nil, timeout: Duration? = nil
    ) async throws -> ResourceList<PartialObjectMetadata> {
        var options = listOptions(labelSelector, fieldSelector, limit, `continue`, resourceVersion, resourceVersionMatch, timeout)
        options.set("metadataOnly", true)
        return try ResourceList(try await list(options).value)
    }

    /// A local copy of the metadata alone, for what is many or big. Otherwise as `informer`.
    public func metadataInformer(
        labelSelector: String? = nil, fieldSelector: String? = nil, resync: Duration? = nil, initialList: InitialList = .newest,
        pageSize: Int = 500, maxQueued: Int = 1000, keepManagedFields: Bool = false
    ) throws -> Informer<PartialObjectMetadata> {
        try checkScope()
        var options = informerOptions(labelSelector, fieldSelector, resync, initialList, pageSize, maxQueued, keepManagedFields)
        options.set("metadataOnly", true)
        return try Informer(client, name, namespace ?? "", options.json)
    }
}
