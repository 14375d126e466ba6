// Objects that are there from the start: CRDs and samples out of files.
package import KubeCore

extension APIServer {
    /// Why an object of a file could not be taken over.
    package struct LoadFailure: Error {
        package var message: String
    }

    /// Creates an object as an administrator would, with its status; a namespace that is not there is made.
    /// A `List` is taken item by item.
    package mutating func load(_ object: JSONValue, now: Int64) throws(LoadFailure) {
        self.now = now
        if object["kind"]?.string == "List", let items = object["items"]?.array {
            for item in items { try load(item, now: now) }
            return
        }
        do throws(APIFailure) {
            try loadOne(object)
        } catch {
            throw LoadFailure(message: error.message)
        }
    }

    private mutating func loadOne(_ object: JSONValue) throws(APIFailure) {
        let (apiVersion, kind) = (object["apiVersion"]?.string ?? "", object["kind"]?.string ?? "")
        guard let type = registry.types.first(where: { $0.apiVersion == apiVersion && $0.kind == kind }) else {
            throw .badRequest("no matches for kind \"\(kind)\" in version \"\(apiVersion)\"")
        }
        var place = Place(type: type)
        if type.namespaced {
            let namespace = object.at("metadata", "namespace")?.string ?? ""
            place.namespace = namespace.isEmpty ? "default" : namespace
            if store.object(ResourceType.namespacesID, place.namespace) == nil { storeNamespace(place.namespace) }
        }
        // As a request, so that a file meets the same rules.
        let request = APIRequest("POST", "", headers: ["content-type": "application/json"], body: object.bytes())
        _ = try create(place, request, .plain)
        place.name = object.at("metadata", "name")?.string ?? ""
        guard type.isCustom, type.hasStatus, let status = object["status"], let current = store.object(type.id, place.key) else { return }
        var whole = type.render(current)
        whole.set("status", status)
        place.subresource = "status"
        _ = try replace(place, current, with: whole, WriteOptions(request, kind: "UpdateOptions"))
    }
}
