// Discovery documents as values: what /api, /apis and the document of one version say, in the legacy and in the aggregated form.

/// A group and a version of it.
package struct GroupVersion: Hashable, Sendable {
    /// "" for the core group.
    package var group: String
    package var version: String

    package init(group: String, version: String) {
        self.group = group
        self.version = version
    }

    /// From an object's apiVersion; nil for text that is none.
    package init?(apiVersion: String) {
        let parts = apiVersion.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard (1...2).contains(parts.count), let version = parts.last, parts.allSatisfy({ (try? PathSegment.check($0, "apiVersion")) != nil }) else { return nil }
        self.init(group: parts.count == 2 ? parts[0] : "", version: version)
    }

    package var apiVersion: String { group.isEmpty ? version : group + "/" + version }
}

/// One of the documents in which a server says what it has.
package enum DiscoveryDocument: Hashable, Sendable {
    /// /api
    case core
    /// /apis
    case groups
    /// The resources of one version.
    case version(GroupVersion)

    package var path: String {
        switch self {
        case .core: "/api"
        case .groups: "/apis"
        case .version(let one):
            (one.group.isEmpty ? "/api/" : "/apis/" + PercentEncoding.encode(one.group) + "/") + PercentEncoding.encode(one.version)
        }
    }

    /// Whether there is an aggregated form of it.
    package var isRoot: Bool { self == .core || self == .groups }

    /// "example.io/v1", "/apis": for messages.
    package var shown: String {
        if case .version(let one) = self { one.apiVersion } else { path }
    }
}

/// What a document says, reduced to what is kept.
package enum DiscoveryContent: Equatable, Sendable {
    /// A legacy root: the versions there are, in the server's order, of each group the preferred one first.
    case versions([GroupVersion])
    /// An aggregated root: the same with the resources; nil for a version that the server itself could not read (freshness Stale).
    case resources([Version])
    /// The document of one version.
    case list([ResourceInfo])

    package struct Version: Equatable, Sendable {
        package var id: GroupVersion
        package var resources: [ResourceInfo]?

        package init(_ id: GroupVersion, _ resources: [ResourceInfo]?) {
            self.id = id
            self.resources = resources
        }
    }
}

// MARK: Legacy

extension DiscoveryContent {
    /// From a whole legacy document. What does not say its name, or one that can be no path segment (R7), is left out.
    package init(legacy json: JSONValue, of document: DiscoveryDocument) {
        switch document {
        case .core:
            self = .versions((json["versions"]?.array ?? []).compactMap { Self.version("", $0) })
        case .groups:
            self = .versions((json["groups"]?.array ?? []).flatMap(Self.versions))
        case .version(let one):
            let entries = json["resources"]?.array ?? []
            let subresources = Self.subresources(entries)
            self = .list(entries.compactMap { Self.resource($0, one, subresources) })
        }
    }

    private static func version(_ group: String, _ text: JSONValue?) -> GroupVersion? {
        guard let version = text?.string, isSegment(version), group.isEmpty || isSegment(group) else { return nil }
        return GroupVersion(group: group, version: version)
    }

    private static func versions(of group: JSONValue) -> [GroupVersion] {
        guard let name = group["name"]?.string, !name.isEmpty else { return [] }
        var versions = (group["versions"]?.array ?? []).compactMap { version(name, $0["version"]) }
        if let preferred = version(name, group["preferredVersion"]?["version"]), versions.contains(preferred) {
            versions.removeAll { $0 == preferred }
            versions.insert(preferred, at: 0)
        }
        return versions
    }

    /// "pods" to ["log", "status"].
    private static func subresources(_ entries: [JSONValue]) -> [String: [String]] {
        var found: [String: [String]] = [:]
        for entry in entries {
            guard let name = entry["name"]?.string else { continue }
            let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
            if parts.count == 2 { found[parts[0], default: []].append(parts[1]) }
        }
        return found
    }

    private static func resource(_ entry: JSONValue, _ version: GroupVersion, _ subresources: [String: [String]]) -> ResourceInfo? {
        guard let name = entry["name"]?.string, isSegment(name), let kind = entry["kind"]?.string else { return nil }
        return ResourceInfo(
            gvr: GVR(group: version.group, version: version.version, resource: name), kind: kind, namespaced: entry["namespaced"]?.bool ?? false,
            singular: entry["singularName"]?.string ?? "", verbs: texts(entry["verbs"]), shortNames: texts(entry["shortNames"]),
            subresources: subresources[name] ?? [])
    }

    static func texts(_ value: JSONValue?) -> [String] { (value?.array ?? []).compactMap { $0.string } }
    static func isSegment(_ text: String) -> Bool { (try? PathSegment.check(text, "name")) != nil }
}

// MARK: Aggregated

extension DiscoveryContent {
    /// One APIGroupDiscovery (client-go discovery/aggregated_discovery.go): its versions, the preferred one first.
    package static func versions(aggregated group: JSONValue) -> [Version] {
        let name = group["metadata"]?["name"]?.string ?? ""
        return (group["versions"]?.array ?? []).compactMap { entry in
            guard let id = version(name, entry["version"]) else { return nil }
            if entry["freshness"]?.string == "Stale" { return Version(id, nil) }
            return Version(id, (entry["resources"]?.array ?? []).compactMap { resource(aggregated: $0, id) })
        }
    }

    /// Nil for one without a kind of its own: only its subresources are served.
    private static func resource(aggregated entry: JSONValue, _ version: GroupVersion) -> ResourceInfo? {
        guard let name = entry["resource"]?.string, isSegment(name), let kind = entry["responseKind"]?["kind"]?.string, !kind.isEmpty else { return nil }
        return ResourceInfo(
            gvr: GVR(group: version.group, version: version.version, resource: name), kind: kind, namespaced: entry["scope"]?.string == "Namespaced",
            singular: entry["singularResource"]?.string ?? "", verbs: texts(entry["verbs"]), shortNames: texts(entry["shortNames"]),
            subresources: (entry["subresources"]?.array ?? []).compactMap { $0["subresource"]?.string })
    }
}
