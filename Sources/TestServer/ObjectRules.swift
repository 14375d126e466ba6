// What a written object must look like and what the server puts into it, whichever verb brings it
// (k8s.io/apiserver pkg/registry/rest, apiextensions-apiserver pkg/registry/customresource).
import KubeCore

/// How fields that the schema does not know are met: the parameter `fieldValidation`.
enum FieldValidation: String {
    case ignore = "Ignore"
    case warn = "Warn"
    case strict = "Strict"
}

struct ObjectRules {
    var type: ResourceType

    /// What an object may have in its metadata when a client writes it; managedFields are not kept.
    private static let metadataFields: Set<String> = [
        "annotations", "creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "finalizers", "generateName", "generation",
        "labels", "name", "namespace", "ownerReferences", "resourceVersion", "uid",
    ]
    private static let droppedMetadata: Set<String> = ["managedFields", "selfLink"]

    /// Cuts out unknown fields and fills in defaults. `unknown` collects what was cut out.
    func shaped(_ object: JSONValue, unknown: inout [String]) throws(APIFailure) -> JSONValue {
        var shaped = object
        guard let metadata = (object["metadata"] ?? .emptyObject).members else { throw cannotBeHandled("json: cannot unmarshal \(goType(object["metadata"])) into Go struct field .metadata of type v1.ObjectMeta") }
        try checkMetadataTypes(object["metadata"] ?? .emptyObject)
        for member in metadata where !Self.metadataFields.contains(member.key) {
            shaped.set(["metadata", member.key], nil)
            if !Self.droppedMetadata.contains(member.key) { unknown.append("metadata." + member.key) }
        }
        for key in ["annotations", "labels", "finalizers", "ownerReferences"] {
            let value = shaped["metadata"]?[key]
            if value?.isNull == true || value?.members?.isEmpty == true || value?.array?.isEmpty == true { shaped.set(["metadata", key], nil) }
        }
        guard let schema = type.schema else { return shaped }
        if type.prunes { shaped = schema.prune(shaped, isObject: true, unknown: &unknown) }
        return schema.fill(shaped)
    }

    /// What is wrong with an object that is otherwise ready to be stored.
    func faults(_ object: JSONValue) -> [FieldFault] {
        var found: [FieldFault] = []
        let metadata = object["metadata"]
        let name = metadata?["name"]?.string ?? ""
        if name.isEmpty {
            found.append(.required("metadata.name", "name or generateName is required"))
        } else if let why = type.id == ResourceType.namespacesID ? NameRules.labelFault(name) : NameRules.subdomainFault(name) {
            found.append(.invalid("metadata.name", text: name, why))
        }
        for member in metadata?["labels"]?.members ?? [] {
            if let why = NameRules.labelKeyFault(member.key) { found.append(.invalid("metadata.labels", text: member.key, why)) }
            if let why = NameRules.labelValueFault(member.value.string ?? "") {
                found.append(.invalid("metadata.labels", text: member.value.string ?? "", why))
            }
        }
        for member in metadata?["annotations"]?.members ?? [] {
            if let why = NameRules.labelKeyFault(member.key.lowercased()) { found.append(.invalid("metadata.annotations", text: member.key, why)) }
        }
        for finalizer in metadata?["finalizers"]?.strings ?? [] {
            if let why = NameRules.labelKeyFault(finalizer) {
                found.append(.invalid("metadata.finalizers", text: finalizer, why))
            } else if !finalizer.contains("/"), type.isCustom == false, !["foregroundDeletion", "orphan", "kubernetes"].contains(finalizer) {
                found.append(.invalid("metadata.finalizers", text: finalizer, "name is neither a standard finalizer name nor is it fully qualified"))
            }
        }
        if type.isCustom {
            if object["kind"]?.string != type.kind { found.append(.invalid("kind", text: object["kind"]?.string ?? "", "must be \(type.kind)")) }
            if object["apiVersion"]?.string != type.apiVersion {
                found.append(.invalid("apiVersion", text: object["apiVersion"]?.string ?? "", "must be \(type.apiVersion)"))
            }
        }
        found += type.schema?.faults(object) ?? []
        for path in [type.scale?.specReplicas, type.scale?.statusReplicas].compactMap({ $0 }) {
            guard let replicas = object.at(path)?.int, replicas < 0 || replicas > Int32.max else { continue }
            let why = replicas < 0 ? "should be a non-negative integer" : "should be less than or equal to \(Int32.max)"
            found.append(.invalid(path.map { "." + $0 }.joined(), String(replicas), why))
        }
        return found
    }

    /// What is allowed, but not wise.
    func warnings(_ object: JSONValue) -> [String] {
        (object.at("metadata", "finalizers")?.strings ?? []).filter { type.isCustom && !$0.contains("/") && $0 != "foregroundDeletion" && $0 != "orphan" }.map {
            "metadata.finalizers: \(JSONValue.string($0).text): prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers"
        }
    }

    private func checkMetadataTypes(_ metadata: JSONValue) throws(APIFailure) {
        func refuse(_ field: String, _ value: JSONValue, _ wanted: String) -> APIFailure {
            cannotBeHandled("json: cannot unmarshal \(goType(value)) into Go struct field ObjectMeta.\(field) of type \(wanted)")
        }
        for key in ["name", "generateName", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
            if let value = metadata[key], value.string == nil, !value.isNull { throw refuse(key, value, "string") }
        }
        for key in ["labels", "annotations"] {
            guard let value = metadata[key], !value.isNull else { continue }
            guard let members = value.members else { throw refuse(key, value, "map[string]string") }
            if let member = members.first(where: { $0.value.string == nil }) { throw refuse(key, member.value, "string") }
        }
        if let value = metadata["finalizers"], !value.isNull {
            guard let elements = value.array else { throw refuse("finalizers", value, "[]string") }
            if let element = elements.first(where: { $0.string == nil }) { throw refuse("finalizers", element, "string") }
        }
    }

    private func goType(_ value: JSONValue?) -> String {
        switch value {
        case .bool: "bool"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        case .null, nil: "null"
        }
    }

    func cannotBeHandled(_ why: String) -> APIFailure {
        .badRequest("\(type.kind) in version \"\(type.version)\" cannot be handled as a \(type.kind): \(why)")
    }
}
