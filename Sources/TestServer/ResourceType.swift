// What a served resource is: its names, scope, versions' schema and subresources, and where its objects are kept.
import KubeCore

/// Where objects are kept: one table for all versions of a resource.
struct GroupResource: Hashable, Sendable {
    var group: String
    var resource: String
}

struct GroupVersionResource: Hashable, Sendable {
    var group: String
    var version: String
    var resource: String
}

/// One version of a resource, as it is served.
struct ResourceType: Equatable, Sendable {
    var group: String
    var version: String
    var plural: String
    var singular: String
    var kind: String
    var listKind: String
    var shortNames: [String] = []
    var categories: [String] = []
    var namespaced: Bool
    var verbs = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"]
    var hasStatus = false
    var scale: ScalePaths?
    /// Field selectors besides metadata.name and metadata.namespace: "spec.nodeName".
    var selectableFields: [String] = []
    var schema: Schema?
    /// Fields that the schema does not name are cut out.
    var prunes = false
    /// The resource may be replaced without a resourceVersion.
    var allowsUnconditionalUpdate = false
    /// The uid of the CRD it comes from, "" for what is built in.
    var definition = ""

    struct ScalePaths: Equatable, Sendable {
        var specReplicas: [String]
        var statusReplicas: [String]
        var labelSelector: [String]
    }

    var id: GroupResource { GroupResource(group: group, resource: plural) }
    var apiVersion: String { group.isEmpty ? version : group + "/" + version }
    var qualifiedName: String { group.isEmpty ? plural : plural + "." + group }
    var isCustom: Bool { !definition.isEmpty }
    var isServed: Bool { !kind.isEmpty }
    var subresources: [String] { (hasStatus ? ["status"] : []) + (scale == nil ? [] : ["scale"]) }

    /// An object of any version as this version shows it. CRDs are shown in the v1 form always.
    func render(_ object: JSONValue) -> JSONValue {
        guard isCustom, object["apiVersion"]?.string != apiVersion else { return object }
        var shown = object
        shown.set("apiVersion", .string(apiVersion))
        return shown
    }
}

extension ResourceType {
    /// What is served without any CRD.
    static let builtIn: [ResourceType] = [
        ResourceType(group: "", version: "v1", plural: "namespaces", singular: "namespace", kind: "Namespace", listKind: "NamespaceList", shortNames: ["ns"],
                     namespaced: false, verbs: ["create", "delete", "get", "list", "patch", "update", "watch"], hasStatus: true,
                     selectableFields: ["status.phase"], allowsUnconditionalUpdate: true),
        ResourceType(group: "", version: "v1", plural: "configmaps", singular: "configmap", kind: "ConfigMap", listKind: "ConfigMapList", shortNames: ["cm"],
                     namespaced: true, schema: .configMap, prunes: true, allowsUnconditionalUpdate: true),
        ResourceType(group: "", version: "v1", plural: "secrets", singular: "secret", kind: "Secret", listKind: "SecretList",
                     namespaced: true, selectableFields: ["type"], schema: .secret, prunes: true, allowsUnconditionalUpdate: true),
        customResourceDefinitions(version: "v1", verbs: ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]),
        customResourceDefinitions(version: "v1beta1", verbs: ["create"]),
    ]

    /// What a path names that is not served; access rules are asked about it all the same.
    static func unknown(_ group: String, _ version: String, _ plural: String) -> ResourceType {
        ResourceType(group: group, version: version, plural: plural, singular: "", kind: "", listKind: "", namespaced: false, verbs: [])
    }

    static let definitionsID = GroupResource(group: "apiextensions.k8s.io", resource: "customresourcedefinitions")
    static let namespacesID = GroupResource(group: "", resource: "namespaces")

    private static func customResourceDefinitions(version: String, verbs: [String]) -> ResourceType {
        ResourceType(group: "apiextensions.k8s.io", version: version, plural: "customresourcedefinitions", singular: "customresourcedefinition",
                     kind: "CustomResourceDefinition", listKind: "CustomResourceDefinitionList", shortNames: ["crd", "crds"],
                     categories: ["api-extensions"], namespaced: false, verbs: verbs, hasStatus: version == "v1")
    }
}

extension Schema {
    static let configMap = Schema(.members(["type": "object", "properties": .members([
        "data": .members(["type": "object", "additionalProperties": .members(["type": "string"])]),
        "binaryData": .members(["type": "object", "additionalProperties": .members(["type": "string"])]),
        "immutable": .members(["type": "boolean"]),
    ])]))
    static let secret = Schema(.members(["type": "object", "properties": .members([
        "data": .members(["type": "object", "additionalProperties": .members(["type": "string"])]),
        "stringData": .members(["type": "object", "additionalProperties": .members(["type": "string"])]),
        "immutable": .members(["type": "boolean"]), "type": .members(["type": "string"]),
    ])]))
}
