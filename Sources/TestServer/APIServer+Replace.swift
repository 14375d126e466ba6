// replace, patch and apply: the object is there already, and what the server keeps of it is not for the client to change.
import KubeCore

extension APIServer {
    mutating func update(_ place: Place, _ request: APIRequest, _ form: AnswerForm) throws(APIFailure) -> APIResponse {
        let options = try WriteOptions(request, kind: "UpdateOptions")
        var duplicates: [String] = []
        if place.subresource == "scale" {
            let scale = try RequestBody.value(request, accepting: ["application/json", "application/yaml"], duplicates: &duplicates)
            return try writeScale(place, scale, options)
        }
        let object = try RequestBody.object(request, place.type, duplicates: &duplicates)
        try checkIdentity(object, place)
        guard let current = store.object(place.type.id, place.key) else { throw .notFound(place.type, place.name) }
        let version = object.at("metadata", "resourceVersion")?.string ?? ""
        if version.isEmpty, !place.type.allowsUnconditionalUpdate {
            throw .invalid(place.type.plural, group: place.type.group, place.name, [.invalid("metadata.resourceVersion", "0", "must be specified for an update")])
        }
        let replaced = try replace(place, current, with: object, options, duplicates: duplicates)
        return respond(replaced, place, form)
    }

    mutating func patch(_ place: Place, _ request: APIRequest, _ form: AnswerForm) throws(APIFailure) -> APIResponse {
        let options = try WriteOptions(request, kind: "PatchOptions")
        let types = ["application/json-patch+json", "application/merge-patch+json", "application/apply-patch+yaml"]
        guard types.contains(request.contentType) else { throw .mediaType(accepted: types) }
        var duplicates: [String] = []
        let patch = try RequestBody.patch(request, accepting: types, duplicates: &duplicates)
        let isApply = request.contentType == "application/apply-patch+yaml"
        if isApply { try checkApply(patch, place, options) }
        if !isApply, request.flag("force") != nil {
            throw .invalid("PatchOptions", group: "meta.k8s.io", "", [.forbidden("force", "may not be specified for non-apply patch")])
        }
        guard let current = store.object(place.type.id, place.key) else {
            guard isApply, place.subresource.isEmpty else { throw .notFound(place.type, place.name) }
            var object = patch
            object.set(["metadata", "name"], .string(place.name))
            return try create(place, object, options, duplicates: duplicates, form, isApply: true)
        }
        let shown = place.subresource == "scale" ? try Scale(of: place.type.render(current), place.type).object : place.type.render(current)
        var owners: FieldOwners?
        var changed: JSONValue
        if isApply, place.subresource != "scale" {
            var all = FieldOwners(of: current)
            changed = try all.apply(
                patch, over: shown, by: owner(options, place, applies: true), force: request.flag("force") == true, status: ownedStatus(place))
            owners = all
        } else {
            changed = request.contentType == types[0] ? try JSONPatch.apply(patch, to: shown) : MergePatch.merge(patch, into: shown)
        }
        guard changed.members != nil else { throw JSONPatch.doesNotFit }
        var sink: [String] = []
        changed = changed.canonical(duplicates: &sink)
        if place.subresource == "scale" { return try writeScale(place, changed, options) }
        try checkIdentity(changed, place)
        let replaced = try replace(place, current, with: changed, options, duplicates: duplicates, isPatch: true, owners: owners)
        return respond(replaced, place, form)
    }

    private func checkApply(_ patch: JSONValue, _ place: Place, _ options: WriteOptions) throws(APIFailure) {
        if options.fieldManager.isEmpty {
            throw .invalid("PatchOptions", group: "meta.k8s.io", "", [.required("fieldManager", "is required for apply patch")])
        }
        if patch.at("metadata", "managedFields") != nil { throw .badRequest("metadata.managedFields must be nil") }
        guard patch["apiVersion"]?.string == (place.subresource == "scale" ? "autoscaling/v1" : place.type.apiVersion), patch["kind"]?.string != nil else {
            throw .badRequest("invalid object type: \(patch["apiVersion"]?.string ?? "/"), Kind=\(patch["kind"]?.string ?? "")")
        }
    }

    private func checkIdentity(_ object: JSONValue, _ place: Place) throws(APIFailure) {
        let name = object.at("metadata", "name")?.string ?? ""
        let namespace = object.at("metadata", "namespace")?.string ?? ""
        guard name == place.name else {
            throw .badRequest(name.isEmpty ? "the name of the object (\(place.name) based on URL) was undeterminable: name must be provided" : "the name of the object (\(name)) does not match the name on the URL (\(place.name))")
        }
        guard namespace.isEmpty || namespace == place.namespace else {
            throw .badRequest("the namespace of the provided object does not match the namespace sent on the request")
        }
    }

    /// The object as it is stored afterwards, and the warnings. `owners` is what an apply has made of its fields' owners.
    mutating func replace(
        _ place: Place, _ current: JSONValue, with object: JSONValue, _ options: WriteOptions, duplicates: [String] = [], isPatch: Bool = false,
        owners: FieldOwners? = nil
    ) throws(APIFailure) -> (object: JSONValue, warnings: [String]) {
        let type = place.type
        let version = object.at("metadata", "resourceVersion")?.string ?? ""
        guard version.isEmpty || version == current.at("metadata", "resourceVersion")?.string else { throw .modified(type, place.name) }
        let uid = object.at("metadata", "uid")?.string ?? ""
        let currentUID = current.at("metadata", "uid")?.string ?? ""
        guard uid.isEmpty || uid == currentUID else {
            throw .conflict(type, place.name, "StorageError: invalid object, Code: 4, Key: /registry/\(type.group)/\(type.plural)/\(place.key), ResourceVersion: 0, "
                + "AdditionalErrorMsg: Precondition failed: UID in precondition: \(uid), UID in object meta: \(currentUID)")
        }
        var unknown: [String] = []
        var shaped = try ObjectRules(type: type).shaped(object, unknown: &unknown)
        var warnings: [String]
        do throws(APIFailure) {
            warnings = try options.judge(unknown: unknown, duplicates: duplicates, type)
        } catch {
            guard isPatch else { throw error }
            let why = "strict decoding error: " + (duplicates.map { "duplicate field \"\($0)\"" } + unknown.map { "unknown field \"\($0)\"" }).joined(separator: ", ")
            throw .invalid(type, place.name, [.invalid("patch", text: object.text, why)])
        }
        let before = type.render(current)
        if place.subresource == "status" {
            let status = shaped["status"]
            shaped = before
            shaped.set("status", status)
        } else if type.hasStatus {
            shaped.set("status", before["status"])
        }
        carryOver(before, into: &shaped)
        if type.id == ResourceType.definitionsID, place.subresource.isEmpty {
            var definition = CustomResourceDefinition(shaped)
            definition.fillIn()
            definition.establish(now: Timestamp.text(now))
            shaped = definition.object
        }
        completeSecret(&shaped, type)
        try refuse(faults(shaped, type) + changeFaults(from: before, to: shaped, type), type, shaped)
        warnings += ObjectRules(type: type).warnings(shaped)
        var managed = owners ?? FieldOwners(of: before)
        if owners == nil { managed.update(from: before, to: shaped, by: owner(options, place, applies: false), status: ownedStatus(place)) }
        shaped.set(["metadata", "managedFields"], managed.json)
        if shaped == before { return (current, warnings) }
        if differs(before, shaped, type), type.isCustom || type.id == ResourceType.definitionsID {
            shaped.set(["metadata", "generation"], .number(Int(before.at("metadata", "generation")?.int ?? 0) + 1))
        }
        let isReleased = shaped.at("metadata", "deletionTimestamp") != nil && shaped.at("metadata", "finalizers") == nil
        if options.dryRun { return (shaped, warnings) }
        if isReleased {
            remove(type.id, place.key)
            return (shaped, warnings)
        }
        return (commit(type.id, place.key, shaped), warnings)
    }

    private func respond(_ replaced: (object: JSONValue, warnings: [String]), _ place: Place, _ form: AnswerForm) -> APIResponse {
        var response = respond(200, form.shape(place.type.render(replaced.object)))
        response.warnings = replaced.warnings
        return response
    }

    /// What a client cannot change.
    private func carryOver(_ before: JSONValue, into object: inout JSONValue) {
        for key in ["creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "generation", "namespace", "resourceVersion", "uid"] {
            object.set(["metadata", key], before.at("metadata", key))
        }
    }

    private func changeFaults(from before: JSONValue, to after: JSONValue, _ type: ResourceType) -> [FieldFault] {
        var found: [FieldFault] = []
        if before.at("metadata", "deletionTimestamp") != nil {
            let had = before.at("metadata", "finalizers")?.strings ?? []
            let new = (after.at("metadata", "finalizers")?.strings ?? []).filter { !had.contains($0) }
            if !new.isEmpty {
                let list = new.map { JSONValue.string($0).text }.joined(separator: ", ")
                found.append(.forbidden("metadata.finalizers", "no new finalizers can be added if the object is being deleted, found new finalizers []string{\(list)}"))
            }
        }
        if type.id == ResourceType.definitionsID {
            for path in [["spec", "scope"], ["spec", "names", "kind"]] where before.at(path) != after.at(path) {
                found.append(.invalid(path.joined(separator: "."), after.at(path)?.text ?? "null", "field is immutable"))
            }
        }
        if !type.isCustom, before["immutable"]?.bool == true {
            for key in ["data", "binaryData"] where before[key] != after[key] { found.append(.forbidden(key, "field is immutable when `immutable` is set")) }
            if after["immutable"]?.bool != true { found.append(.forbidden("immutable", "field is immutable when `immutable` is set")) }
        }
        return found
    }

    /// Whether more than metadata, and a status of its own, has changed.
    private func differs(_ before: JSONValue, _ after: JSONValue, _ type: ResourceType) -> Bool {
        var (before, after) = (before, after)
        for key in ["metadata"] + (type.hasStatus ? ["status"] : []) {
            before.set(key, nil)
            after.set(key, nil)
        }
        return before != after
    }
}
