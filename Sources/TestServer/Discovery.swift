// Discovery documents: /api, /apis and below, one by one or aggregated (apidiscovery.k8s.io v2 and v2beta1).
import KubeCore

struct Discovery {
    var registry: ResourceRegistry

    /// nil: there is no such document.
    func document(_ segments: [String], _ form: AnswerForm) -> JSONValue? {
        if case .aggregated(let version) = form, segments.count == 1 { return aggregated(core: segments[0] == "api", version) }
        switch (segments.first, segments.count) {
        case ("api", 1):
            return .members(["kind": "APIVersions", "versions": ["v1"].asJSON, "serverAddressByClientCIDRs": .array([])])
        case ("apis", 1):
            return .members(["kind": "APIGroupList", "apiVersion": "v1", "groups": .array(registry.groups.map { group($0.name, $0.versions) })])
        case ("apis", 2):
            guard let found = registry.groups.first(where: { $0.name == segments[1] }) else { return nil }
            var document = group(found.name, found.versions)
            document.set("kind", "APIGroup")
            document.set("apiVersion", "v1")
            return document
        case ("api", 2): return resources("", segments[1])
        case ("apis", 3): return resources(segments[1], segments[2])
        default: return nil
        }
    }

    private func group(_ name: String, _ versions: [String]) -> JSONValue {
        func entry(_ version: String) -> JSONValue {
            .members(["groupVersion": .string(name + "/" + version), "version": .string(version)])
        }
        return .members(["name": .string(name), "versions": .array(versions.map(entry)), "preferredVersion": versions.first.map(entry)])
    }

    private func resources(_ group: String, _ version: String) -> JSONValue? {
        let types = registry.types(group, version)
        guard !types.isEmpty else { return nil }
        return .members([
            "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": .string(group.isEmpty ? version : group + "/" + version),
            "resources": .array(types.flatMap(resources)),
        ])
    }

    private func resources(_ type: ResourceType) -> [JSONValue] {
        func texts(_ texts: [String]) -> JSONValue? { texts.isEmpty ? nil : texts.asJSON }
        let main = JSONValue.members([
            "name": .string(type.plural), "singularName": .string(type.singular), "namespaced": .bool(type.namespaced), "kind": .string(type.kind),
            "verbs": type.verbs.asJSON, "shortNames": texts(type.shortNames), "categories": texts(type.categories),
        ])
        return [main] + type.subresources.map { subresource in
            .members([
                "name": .string(type.plural + "/" + subresource), "singularName": "", "namespaced": .bool(type.namespaced),
                "group": subresource == "scale" ? "autoscaling" : nil, "version": subresource == "scale" ? "v1" : nil,
                "kind": .string(subresource == "scale" ? "Scale" : type.kind), "verbs": ["get", "patch", "update"].asJSON,
            ])
        }
    }

    private func aggregated(core: Bool, _ version: String) -> JSONValue {
        let groups = core ? [(name: "", versions: ["v1"])] : registry.groups
        return .members([
            "kind": "APIGroupDiscoveryList", "apiVersion": .string("apidiscovery.k8s.io/" + version), "metadata": .emptyObject,
            "items": .array(groups.map { group in
                .members([
                    "metadata": .members(["name": group.name.isEmpty ? nil : .string(group.name), "creationTimestamp": .null]),
                    "versions": .array(group.versions.map { version in
                        .members(["version": .string(version), "resources": .array(registry.types(group.name, version).map(aggregated)), "freshness": "Current"])
                    }),
                ])
            }),
        ])
    }

    private func aggregated(_ type: ResourceType) -> JSONValue {
        func kind(_ group: String, _ version: String, _ kind: String) -> JSONValue {
            .members(["group": .string(group), "version": .string(version), "kind": .string(kind)])
        }
        return .members([
            "resource": .string(type.plural), "responseKind": kind(type.group, type.version, type.kind),
            "scope": type.namespaced ? "Namespaced" : "Cluster", "singularResource": .string(type.singular), "verbs": type.verbs.asJSON,
            "shortNames": type.shortNames.isEmpty ? nil : type.shortNames.asJSON, "categories": type.categories.isEmpty ? nil : type.categories.asJSON,
            "subresources": type.subresources.isEmpty ? nil : .array(type.subresources.map { subresource in
                .members([
                    "subresource": .string(subresource),
                    "responseKind": subresource == "scale" ? kind("autoscaling", "v1", "Scale") : kind(type.group, type.version, type.kind),
                    "verbs": ["get", "patch", "update"].asJSON,
                ])
            }),
        ])
    }
}

extension [String] {
    fileprivate var asJSON: JSONValue { .strings(self) }
}
