// The scale subresource: an autoscaling/v1 Scale read from an object's fields, and written back into them.
import KubeCore

struct Scale {
    var object: JSONValue

    init(of object: JSONValue, _ type: ResourceType) throws(APIFailure) {
        guard let paths = type.scale else { throw .noSuchResource }
        let metadata = object["metadata"]
        guard let replicas = object.at(paths.specReplicas)?.int else {
            throw APIFailure(500, "InternalError", "Internal error occurred: the spec replicas field \"\(paths.specReplicas.map { "." + $0 }.joined())\" does not exist")
        }
        var status = JSONValue.members(["replicas": .number(Int(object.at(paths.statusReplicas)?.int ?? 0))])
        if let selector = object.at(paths.labelSelector)?.string, !paths.labelSelector.isEmpty { status.set("selector", .string(selector)) }
        self.object = .members([
            "kind": "Scale", "apiVersion": "autoscaling/v1",
            "metadata": .members([
                "name": metadata?["name"], "namespace": metadata?["namespace"], "uid": metadata?["uid"], "resourceVersion": metadata?["resourceVersion"],
                "creationTimestamp": metadata?["creationTimestamp"],
            ]),
            "spec": .members(["replicas": .number(Int(replicas))]), "status": status,
        ])
    }
}

extension APIServer {
    mutating func writeScale(_ place: Place, _ scale: JSONValue, _ options: WriteOptions) throws(APIFailure) -> APIResponse {
        guard let paths = place.type.scale, let current = store.object(place.type.id, place.key) else { throw .notFound(place.type, place.name) }
        let replicas = scale.at("spec", "replicas") ?? 0
        guard replicas.int != nil else { throw .badRequest("Scale in version \"v1\" cannot be handled as a Scale: spec.replicas is no integer") }
        var changed = place.type.render(current)
        changed.set(["metadata", "resourceVersion"], scale.at("metadata", "resourceVersion"))
        changed.set(paths.specReplicas, replicas)
        let replaced = try replace(Place(type: place.type, namespace: place.namespace, name: place.name), current, with: changed, options)
        return respond(200, try Scale(of: place.type.render(replaced.object), place.type).object)
    }
}
