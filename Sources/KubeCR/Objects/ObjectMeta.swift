// metav1.ObjectMeta: what every object is known by. The one of a decoded object also knows the object it came from.
public import FoundationEssentials

/// Metadata of an object, with all of Kubernetes' fields. What the server sets is nil in an object that was made here.
public struct ObjectMeta: Codable, Sendable, Hashable {
    public var name: String?
    /// The server makes a name that begins so, if there is no `name`.
    public var generateName: String?
    public var namespace: String?
    public var labels: [String: String]?
    public var annotations: [String: String]?
    public var ownerReferences: [OwnerReference]?
    public var finalizers: [String]?
    public var uid: String?
    /// Opaque: compare only for equality. A replace with one that is not current any more is a conflict.
    public var resourceVersion: String?
    /// Raised by each change of the spec.
    public var generation: Int64?
    public var creationTimestamp: Date?
    /// Set: the object is being deleted and waits for its finalizers.
    public var deletionTimestamp: Date?
    public var deletionGracePeriodSeconds: Int64?
    public var selfLink: String?
    public var managedFields: [ManagedFieldsEntry]?

    /// Of the object this was decoded from.
    private var origin = Origin()

    public init(
        name: String? = nil, generateName: String? = nil, namespace: String? = nil, labels: [String: String]? = nil,
        annotations: [String: String]? = nil, ownerReferences: [OwnerReference]? = nil, finalizers: [String]? = nil,
        resourceVersion: String? = nil
    ) {
        self.name = name
        self.generateName = generateName
        self.namespace = namespace
        self.labels = labels
        self.annotations = annotations
        self.ownerReferences = ownerReferences
        self.finalizers = finalizers
        self.resourceVersion = resourceVersion
    }

    private enum CodingKeys: String, CodingKey {
        case name, generateName, namespace, labels, annotations, ownerReferences, finalizers, uid, resourceVersion, generation
        case creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, selfLink, managedFields
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        func field<Value: Decodable>(_ key: CodingKeys, _ type: Value.Type = Value.self) throws -> Value? {
            try fields.decodeIfPresent(type, forKey: key)
        }
        name = try field(.name)
        generateName = try field(.generateName)
        namespace = try field(.namespace)
        labels = try field(.labels)
        annotations = try field(.annotations)
        ownerReferences = try field(.ownerReferences)
        finalizers = try field(.finalizers)
        uid = try field(.uid)
        resourceVersion = try field(.resourceVersion)
        generation = try field(.generation)
        creationTimestamp = try field(.creationTimestamp)
        deletionTimestamp = try field(.deletionTimestamp)
        deletionGracePeriodSeconds = try field(.deletionGracePeriodSeconds)
        selfLink = try field(.selfLink)
        managedFields = try field(.managedFields)
        // A template inside of a spec has metadata, too: only that of the whole object stands for it.
        if decoder.codingPath.map(\.stringValue) == ["metadata"], let key = Coding.origin {
            origin.object = decoder.userInfo[key] as? KubeObject
        }
    }

    /// The object as it came from the server; nil for one that was made here.
    var decodedFrom: KubeObject? { origin.object }
}

/// Where a value comes from makes no difference to what it is.
private struct Origin: Sendable, Hashable {
    var object: KubeObject?

    static func == (a: Origin, b: Origin) -> Bool { true }
    func hash(into hasher: inout Hasher) {}
}

/// An owner, whose deletion deletes the object.
public struct OwnerReference: Codable, Sendable, Hashable {
    public var apiVersion: String
    public var kind: String
    public var name: String
    public var uid: String
    public var controller: Bool?
    public var blockOwnerDeletion: Bool?

    public init(apiVersion: String, kind: String, name: String, uid: String, controller: Bool? = nil, blockOwnerDeletion: Bool? = nil) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.name = name
        self.uid = uid
        self.controller = controller
        self.blockOwnerDeletion = blockOwnerDeletion
    }
}

/// Which fields a manager has set.
public struct ManagedFieldsEntry: Codable, Sendable, Hashable {
    public var manager: String?
    /// "Apply" or "Update".
    public var operation: String?
    public var apiVersion: String?
    public var time: Date?
    /// "FieldsV1".
    public var fieldsType: String?
    public var fieldsV1: JSON?
    public var subresource: String?
}
