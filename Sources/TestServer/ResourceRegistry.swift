// All resources that are served, and the way from a path to one of them.
import KubeCore

struct ResourceRegistry {
    /// By group and version, in the order in which they are served.
    private(set) var types: [ResourceType] = ResourceType.builtIn

    /// Takes over what a CRD defines; with nil, forgets it.
    mutating func define(_ id: GroupResource, _ definition: CustomResourceDefinition?) {
        types.removeAll { $0.isCustom && $0.id == id }
        types += definition?.types ?? []
    }

    func type(_ id: GroupVersionResource) -> ResourceType? {
        types.first { $0.plural == id.resource && $0.group == id.group && $0.version == id.version }
    }

    /// Groups but the core's, in the order of their names, each with its versions, the preferred one first.
    var groups: [(name: String, versions: [String])] {
        var found: [String: [String]] = [:]
        for type in types where !type.group.isEmpty && found[type.group]?.contains(type.version) != true { found[type.group, default: []].append(type.version) }
        return found.map { ($0.key, $0.value.sorted(by: VersionOrder.isBefore)) }.sorted { $0.name < $1.name }
    }

    func types(_ group: String, _ version: String) -> [ResourceType] {
        types.filter { $0.group == group && $0.version == version }.sorted { $0.plural < $1.plural }
    }

    /// What a path names, served or not; nil: it is not the path of a resource.
    func place(_ segments: [String]) -> Place? {
        var rest = segments[...]
        var group = ""
        switch rest.popFirst() {
        case "api": break
        case "apis":
            guard let name = rest.popFirst() else { return nil }
            group = name
        default: return nil
        }
        guard let version = rest.popFirst(), !rest.isEmpty else { return nil }
        var namespace = ""
        let isNamespaceItself = group.isEmpty && (rest.count <= 2 || rest.count == 3 && ["status", "finalize"].contains(rest.last))
        if rest.first == "namespaces", rest.count >= 3, !isNamespaceItself {
            namespace = rest[rest.startIndex + 1]
            rest = rest.dropFirst(2)
        }
        guard rest.count <= 3, let plural = rest.popFirst() else { return nil }
        let type = type(GroupVersionResource(group: group, version: version, resource: plural)) ?? .unknown(group, version, plural)
        return Place(type: type, namespace: namespace, name: rest.popFirst() ?? "", subresource: rest.popFirst() ?? "")
    }
}
