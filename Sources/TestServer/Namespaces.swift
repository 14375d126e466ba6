// Namespaces: they must be there before anything is put into them, and they go when all that is in them has gone.
import KubeCore

extension APIServer {
    /// Throws what the admission of a real server says about a namespace that is not there, or is going.
    func checkNamespace(_ place: Place) throws(APIFailure) {
        guard let namespace = store.object(ResourceType.namespacesID, place.namespace) else {
            guard let type = registry.type(GroupVersionResource(group: "", version: "v1", resource: "namespaces")) else { return }
            throw .notFound(type, place.namespace)
        }
        guard namespace.at("metadata", "deletionTimestamp") != nil else { return }
        let why = "unable to create new content in namespace \(place.namespace) because it is being terminated"
        var failure = APIFailure.forbidden(place.type, place.name, why)
        failure.details?.set("causes", .array([
            .members(["reason": "NamespaceTerminating", "message": .string("namespace \(place.namespace) is being terminated"), "field": "metadata.namespace"]),
        ]))
        throw failure
    }

    mutating func storeNamespace(_ name: String) {
        commit(ResourceType.namespacesID, name, .members([
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": .members([
                "creationTimestamp": .string(Timestamp.text(now)), "labels": .members(["kubernetes.io/metadata.name": .string(name)]),
                "name": .string(name), "uid": .string(newUID()),
            ]),
            "spec": .members(["finalizers": .strings(["kubernetes"])]), "status": .members(["phase": "Active"]),
        ]))
    }

    /// What a namespace controller would do: everything in it is deleted, then it goes itself.
    mutating func empty(_ namespace: String) {
        for table in store.tables(in: namespace) {
            for entry in store.objects(table) where entry.key.hasPrefix(namespace + "/") {
                guard entry.object.at("metadata", "finalizers") != nil else {
                    store.commit(table, entry.key, nil)
                    continue
                }
                guard entry.object.at("metadata", "deletionTimestamp") == nil else { continue }
                var marked = entry.object
                marked.set(["metadata", "deletionGracePeriodSeconds"], 0)
                marked.set(["metadata", "deletionTimestamp"], .string(Timestamp.text(now)))
                store.commit(table, entry.key, marked)
            }
        }
        finish(namespace)
    }

    /// A namespace that is going, and holds nothing more, is gone.
    mutating func finish(_ namespace: String) {
        guard store.object(ResourceType.namespacesID, namespace)?.at("metadata", "deletionTimestamp") != nil, store.tables(in: namespace).isEmpty else { return }
        store.commit(ResourceType.namespacesID, namespace, nil)
    }
}
