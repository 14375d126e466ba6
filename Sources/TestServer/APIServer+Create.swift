// create, and what every new object gets from the server.
import KubeCore

extension APIServer {
    mutating func create(_ place: Place, _ request: APIRequest, _ form: AnswerForm) throws(APIFailure) -> APIResponse {
        let options = try WriteOptions(request, kind: "CreateOptions")
        var duplicates: [String] = []
        let object = try RequestBody.object(request, place.type, duplicates: &duplicates)
        return try create(place, object, options, duplicates: duplicates, form)
    }

    mutating func create(_ place: Place, _ object: JSONValue, _ options: WriteOptions, duplicates: [String], _ form: AnswerForm, isApply: Bool = false) throws(APIFailure) -> APIResponse {
        let type = place.type
        var unknown: [String] = []
        var made = try ObjectRules(type: type).shaped(object, unknown: &unknown)
        let warnings = try options.judge(unknown: unknown, duplicates: duplicates, type)
        let metadata = made["metadata"]
        if metadata?["resourceVersion"]?.string ?? "" != "" { throw APIFailure(500, "", "resourceVersion should not be set on objects to be created") }
        let wanted = metadata?["namespace"]?.string ?? ""
        guard wanted.isEmpty || wanted == place.namespace else {
            throw .badRequest("the namespace of the provided object does not match the namespace sent on the request")
        }
        made.set(["metadata", "namespace"], type.namespaced ? .string(place.namespace) : nil)
        if metadata?["name"]?.string ?? "" == "", let prefix = metadata?["generateName"]?.string, !prefix.isEmpty {
            made.set(["metadata", "name"], .string(generatedName(prefix)))
        }
        stamp(&made)
        try complete(&made, type)
        var owners = FieldOwners()
        let writer = owner(options, place, applies: isApply)
        if isApply {
            _ = try owners.apply(object, over: .emptyObject, by: writer, force: false, status: ownedStatus(place))
        } else {
            owners.update(from: .emptyObject, to: made, by: writer, status: ownedStatus(place))
        }
        made.set(["metadata", "managedFields"], owners.json)
        let name = made.at("metadata", "name")?.string ?? ""
        try refuse(faults(made, type), type, made)
        if type.namespaced { try checkNamespace(place) }
        let key = Place(type: type, namespace: place.namespace, name: name).key
        guard store.object(type.id, key) == nil else { throw .alreadyExists(type, name) }
        let stored = options.dryRun ? made : commit(type.id, key, made)
        var response = respond(201, form.shape(type.render(stored)))
        response.warnings = warnings + ObjectRules(type: type).warnings(made)
        if type.id == ResourceType.definitionsID, CustomResourceDefinition(made).hasRules {
            response.warnings.append("kubecr-testserver does not evaluate x-kubernetes-validations")
        }
        return response
    }

    private mutating func stamp(_ object: inout JSONValue) {
        for key in ["deletionGracePeriodSeconds", "deletionTimestamp", "resourceVersion"] { object.set(["metadata", key], nil) }
        object.set(["metadata", "creationTimestamp"], .string(Timestamp.text(now)))
        object.set(["metadata", "generation"], 1)
        object.set(["metadata", "uid"], .string(newUID()))
    }

    /// What only some types get.
    private func complete(_ object: inout JSONValue, _ type: ResourceType) throws(APIFailure) {
        if type.isCustom {
            if type.hasStatus { object.set("status", nil) }
            return
        }
        switch type.plural {
        case "customresourcedefinitions":
            var definition = CustomResourceDefinition(object)
            definition.fillIn()
            definition.establish(now: Timestamp.text(now))
            object = definition.object
        case "namespaces":
            object.set(["spec", "finalizers"], .strings(["kubernetes"]))
            object.set("status", .members(["phase": "Active"]))
            object.set(["metadata", "labels", "kubernetes.io/metadata.name"], object.at("metadata", "name"))
        default: break
        }
        if type.plural != "customresourcedefinitions" { object.set(["metadata", "generation"], nil) }
        completeSecret(&object, type)
    }

    /// `stringData` is written into `data`, in base64.
    func completeSecret(_ object: inout JSONValue, _ type: ResourceType) {
        guard type.plural == "secrets", !type.isCustom else { return }
        for member in object["stringData"]?.members ?? [] {
            object.set(["data", member.key], .string(Base64.encode((member.value.string ?? "").utf8)))
        }
        object.set("stringData", nil)
        if object["type"]?.string ?? "" == "" { object.set("type", "Opaque") }
    }

    func faults(_ object: JSONValue, _ type: ResourceType) -> [FieldFault] {
        ObjectRules(type: type).faults(object) + (type.id == ResourceType.definitionsID ? CustomResourceDefinition(object).faults() : [])
    }

    /// The refusal names the kind that the object has, be it the wrong one.
    func refuse(_ faults: [FieldFault], _ type: ResourceType, _ object: JSONValue) throws(APIFailure) {
        if !faults.isEmpty { throw .invalid(object["kind"]?.string ?? type.kind, group: type.group, object.at("metadata", "name")?.string ?? "", faults) }
    }

    func owner(_ options: WriteOptions, _ place: Place, applies: Bool) -> FieldOwner {
        FieldOwner(
            manager: options.writer, applies: applies, subresource: place.subresource, apiVersion: place.type.apiVersion, time: Timestamp.text(now))
    }

    func ownedStatus(_ place: Place) -> FieldPaths.Status {
        place.subresource == "status" ? .only : place.type.hasStatus ? .excluded : .included
    }

    private mutating func generatedName(_ prefix: String) -> String {
        let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")
        return prefix.prefix(58) + (0..<5).map { _ in String(alphabet[Int(randomNumber() % UInt64(alphabet.count))]) }.joined()
    }
}
