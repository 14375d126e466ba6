// delete and deletecollection: preconditions, finalizers, and what goes with a namespace or a CRD.
import KubeCore

struct DeleteOptions {
    var uid: String?
    var resourceVersion: String?
    var dryRun: Bool

    init(_ request: APIRequest) throws(APIFailure) {
        let write = try WriteOptions(request, kind: "DeleteOptions")
        var body = JSONValue.emptyObject
        if !request.body.isEmpty {
            var duplicates: [String] = []
            body = try RequestBody.value(request, accepting: ["application/json", "application/yaml"], duplicates: &duplicates)
        }
        let policy = body["propagationPolicy"]?.string ?? request.parameter("propagationPolicy")
        guard ["", "Background", "Foreground", "Orphan"].contains(policy) else {
            throw .invalid("DeleteOptions", group: "meta.k8s.io", "", [.unsupported("propagationPolicy", JSONValue.string(policy).text, ["Foreground", "Background", "Orphan", "nil"])])
        }
        uid = body.at("preconditions", "uid")?.string
        resourceVersion = body.at("preconditions", "resourceVersion")?.string
        dryRun = write.dryRun || body["dryRun"]?.strings.contains("All") == true
    }
}

extension APIServer {
    mutating func delete(_ place: Place, _ request: APIRequest, _ form: AnswerForm) throws(APIFailure) -> APIResponse {
        let options = try DeleteOptions(request)
        guard let current = store.object(place.type.id, place.key) else { throw .notFound(place.type, place.name) }
        try check(options, current, place)
        guard let left = delete(place, current, dryRun: options.dryRun) else {
            return respond(200, .members([
                "kind": "Status", "apiVersion": "v1", "metadata": .emptyObject, "status": "Success",
                "details": .members([
                    "name": .string(place.name), "group": place.type.group.isEmpty ? nil : .string(place.type.group), "kind": .string(place.type.plural),
                    "uid": current.at("metadata", "uid"),
                ]),
            ]))
        }
        return respond(200, form.shape(place.type.render(left)))
    }

    mutating func deleteCollection(_ place: Place, _ request: APIRequest, _ form: AnswerForm) throws(APIFailure) -> APIResponse {
        let options = try DeleteOptions(request)
        let query = try ListQuery(request, of: place.type)
        let prefix = place.namespace.isEmpty ? "" : place.namespace + "/"
        let chosen = store.objects(place.type.id).filter { (prefix.isEmpty || $0.key.hasPrefix(prefix)) && query.selects($0.object) }.map(\.object)
        for object in chosen {
            let one = Place(type: place.type, namespace: object.at("metadata", "namespace")?.string ?? "", name: object.at("metadata", "name")?.string ?? "")
            try check(options, object, one)
            _ = delete(one, object, dryRun: options.dryRun)
        }
        return respond(200, form.list(place.type, chosen, metadata: .members(["resourceVersion": .string(String(store.revision))])))
    }

    private func check(_ options: DeleteOptions, _ current: JSONValue, _ place: Place) throws(APIFailure) {
        for (name, key, wanted, why) in [("UID", "uid", options.uid, "deleted and then recreated"), ("ResourceVersion", "resourceVersion", options.resourceVersion, "modified")] {
            let actual = current.at("metadata", key)?.string ?? ""
            guard let wanted, wanted != actual else { continue }
            // Here, and only here, the real server names the kind where it names the resource otherwise.
            var named = place.type
            named.plural = place.type.kind
            throw .conflict(named, place.name, "the \(name) in the precondition (\(wanted)) does not match the \(name) in record (\(actual)). The object might have been \(why)")
        }
    }

    /// Deletes the object, or marks it when something holds it. nil: it is gone.
    private mutating func delete(_ place: Place, _ current: JSONValue, dryRun: Bool) -> JSONValue? {
        let isHeld = current.at("metadata", "finalizers") != nil || place.type.id == ResourceType.namespacesID
        if dryRun { return isHeld ? current : nil }
        guard isHeld else {
            remove(place.type.id, place.key)
            return nil
        }
        if current.at("metadata", "deletionTimestamp") != nil { return current }
        var marked = current
        marked.set(["metadata", "deletionGracePeriodSeconds"], 0)
        marked.set(["metadata", "deletionTimestamp"], .string(Timestamp.text(now)))
        if let generation = current.at("metadata", "generation")?.int { marked.set(["metadata", "generation"], .number(Int(generation) + 1)) }
        if place.type.id == ResourceType.namespacesID { marked.set(["status", "phase"], "Terminating") }
        let left = commit(place.type.id, place.key, marked)
        if place.type.id == ResourceType.namespacesID { empty(place.name) }
        return left
    }

    /// Puts an object; a CRD's resources are served at once.
    @discardableResult
    mutating func commit(_ table: GroupResource, _ key: String, _ object: JSONValue) -> JSONValue {
        let stored = store.commit(table, key, object)
        if table == ResourceType.definitionsID {
            let definition = CustomResourceDefinition(stored)
            registry.define(Self.defined(key), definition)
        }
        return stored
    }

    /// Takes an object away; a CRD's objects go with it, and a namespace that waited for its last object goes after it.
    mutating func remove(_ table: GroupResource, _ key: String) {
        if table == ResourceType.definitionsID {
            let id = Self.defined(key)
            for entry in store.objects(id) { store.commit(id, entry.key, nil) }
            registry.define(id, nil)
        }
        store.commit(table, key, nil)
        if let slash = key.firstIndex(of: "/") { finish(String(key[..<slash])) }
    }

    /// "projects.example.sealyun.com" is the name of the CRD of projects in example.sealyun.com.
    private static func defined(_ name: String) -> GroupResource {
        let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
        return GroupResource(group: parts.last ?? "", resource: parts.first ?? "")
    }
}
