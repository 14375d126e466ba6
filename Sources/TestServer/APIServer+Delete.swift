// delete and deletecollection: preconditions, finalizers, and what goes with a namespace or a CRD.
import KubeCore

struct DeleteOptions {
    /// What becomes of the objects that refer to the deleted one as their owner: the garbage collector's task, which finalizers tell it.
    enum Propagation: String {
        case background = "Background"
        case foreground = "Foreground"
        case orphan = "Orphan"
    }

    var uid: String?
    var resourceVersion: String?
    var dryRun = false
    /// nil: as the object's finalizers say.
    var propagation: Propagation?

    init(_ request: APIRequest) throws(APIFailure) {
        if request.body.isEmpty {
            // The query is the options, and a resourceVersion that was meant for a list is a precondition (apiserver handlers/delete.go).
            func text(_ name: String) -> String? { request.parameter(name).isEmpty ? nil : request.parameter(name) }
            dryRun = try WriteOptions(request, kind: "DeleteOptions").dryRun
            (uid, resourceVersion) = (text("uid"), text("resourceVersion"))
            propagation = try Self.propagation(request.parameter("propagationPolicy"), orphans: request.flag("orphanDependents"))
        } else {
            var duplicates: [String] = []
            let body = try RequestBody.value(request, accepting: ["application/json", "application/yaml"], duplicates: &duplicates)
            for value in body["dryRun"]?.strings ?? [] {
                guard value == "All" else { throw Self.invalid(.unsupported("dryRun", "[\(JSONValue.string(value).text)]", ["All"])) }
                dryRun = true
            }
            (uid, resourceVersion) = (body.at("preconditions", "uid")?.string, body.at("preconditions", "resourceVersion")?.string)
            propagation = try Self.propagation(body["propagationPolicy"]?.string ?? "", orphans: body["orphanDependents"]?.bool)
        }
    }

    private static func propagation(_ policy: String, orphans: Bool?) throws(APIFailure) -> Propagation? {
        let quoted = JSONValue.string(policy).text
        let known = Propagation(rawValue: policy)
        if known == nil, !policy.isEmpty { throw invalid(.unsupported("propagationPolicy", quoted, ["Foreground", "Background", "Orphan", "nil"])) }
        guard let orphans else { return known }
        if known != nil { throw invalid(.invalid("propagationPolicy", quoted, "orphanDependents and deletionPropagation cannot be both set")) }
        return orphans ? .orphan : .background
    }

    private static func invalid(_ fault: FieldFault) -> APIFailure { .invalid("DeleteOptions", group: "meta.k8s.io", "", [fault]) }

    /// The finalizers that the object has from its deletion on (apiserver registry/generic/registry/store.go).
    func finalizers(of object: JSONValue) -> [String] {
        let (orphan, foreground) = ("orphan", "foregroundDeletion")
        let before = object.at("metadata", "finalizers")?.strings ?? []
        let others = before.filter { $0 != orphan && $0 != foreground }
        switch propagation ?? (before.contains(orphan) ? .orphan : before.contains(foreground) ? .foreground : .background) {
        case .background: return others
        case .foreground: return others + [foreground]
        case .orphan: return others + [orphan]
        }
    }
}

extension APIServer {
    mutating func delete(_ place: Place, _ request: APIRequest, _ form: AnswerForm) throws(APIFailure) -> APIResponse {
        let options = try DeleteOptions(request)
        guard let current = store.object(place.type.id, place.key) else { throw .notFound(place.type, place.name) }
        try check(options, current, place)
        guard let left = delete(place, current, options) else {
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
        let (chosen, metadata) = try page(place, query)
        for object in chosen {
            let one = Place(type: place.type, namespace: object.at("metadata", "namespace")?.string ?? "", name: object.at("metadata", "name")?.string ?? "")
            try check(options, object, one)
            _ = delete(one, object, options)
        }
        return respond(200, form.list(place.type, chosen, metadata: metadata))
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
    private mutating func delete(_ place: Place, _ current: JSONValue, _ options: DeleteOptions) -> JSONValue? {
        let finalizers = options.finalizers(of: current)
        let isNamespace = place.type.id == ResourceType.namespacesID
        guard !finalizers.isEmpty || isNamespace else {
            if !options.dryRun { remove(place.type.id, place.key) }
            return nil
        }
        let isMarked = current.at("metadata", "deletionTimestamp") != nil
        if isMarked, finalizers == current.at("metadata", "finalizers")?.strings ?? [] { return current }
        var marked = current
        marked.set(["metadata", "finalizers"], finalizers.isEmpty ? nil : .strings(finalizers))
        if !isMarked {
            marked.set(["metadata", "deletionGracePeriodSeconds"], 0)
            marked.set(["metadata", "deletionTimestamp"], .string(Timestamp.text(now)))
            if let generation = current.at("metadata", "generation")?.int { marked.set(["metadata", "generation"], .number(Int(generation) + 1)) }
            if isNamespace { marked.set(["status", "phase"], "Terminating") }
        }
        if options.dryRun { return marked }
        let left = commit(place.type.id, place.key, marked)
        if isNamespace { empty(place.name) }
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
