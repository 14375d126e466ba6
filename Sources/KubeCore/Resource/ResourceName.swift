// How a user names a resource, read from text; and the group, version and resource that a name stands for.

/// Group, version and plural resource.
package struct GVR: Hashable, Sendable {
    /// "" for the core group.
    package var group: String
    package var version: String
    package var resource: String

    package init(group: String, version: String, resource: String) {
        self.group = group
        self.version = version
        self.resource = resource
    }

    package var apiVersion: String { group.isEmpty ? version : group + "/" + version }
}

/// A resource as text (c-api.md, rule 5).
package struct ResourceName: Hashable, Sendable {
    package enum Target: Hashable, Sendable {
        /// VERSION/RESOURCE or GROUP/VERSION/RESOURCE: nothing to look up.
        case exact(GVR)
        /// kubectl's form: plural, singular, short name or kind; group and version "" when not given.
        case lookUp(word: String, version: String, group: String)
    }

    package var target: Target
    /// "" without one.
    package var subresource: String

    /// Throws `.argument` for text that names nothing.
    package init(_ text: String) throws(KubeError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        func bad(_ why: String) -> KubeError { KubeError(.argument, "\"\(text)\" is no resource: \(why)") }
        guard !text.isEmpty else { throw KubeError(.argument, "the resource is empty") }
        for part in parts {
            if part.isEmpty { throw bad("an empty segment") }
            try PathSegment.check(part, "resource")
        }
        func split(_ lead: Int) throws(KubeError) -> (resource: String, subresource: String) {
            guard parts.count > lead else { throw bad("the resource is missing") }
            guard parts.count <= lead + 2 else { throw bad("too many segments") }
            return (parts[lead], parts.count == lead + 2 ? parts[lead + 1] : "")
        }
        if Self.isVersion(parts[0]) {
            let (resource, subresource) = try split(1)
            self.init(.exact(GVR(group: "", version: parts[0], resource: resource)), subresource)
        } else if parts.count > 1, Self.isVersion(parts[1]) {
            let (resource, subresource) = try split(2)
            self.init(.exact(GVR(group: parts[0], version: parts[1], resource: resource)), subresource)
        } else {
            let (resource, subresource) = try split(0)
            let labels = resource.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let rest = labels.count > 1 ? labels[1] : ""
            let tail = rest.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            if labels[0].isEmpty { throw bad("an empty name") }
            if let first = tail.first, Self.isVersion(first) {
                self.init(.lookUp(word: labels[0], version: first, group: tail.count > 1 ? tail[1] : ""), subresource)
            } else {
                self.init(.lookUp(word: labels[0], version: "", group: rest), subresource)
            }
        }
    }

    private init(_ target: Target, _ subresource: String) {
        self.target = target
        self.subresource = subresource
    }

    /// `v1`, `v2beta1`, `v1alpha3` (apimachinery, pkg/version/helpers.go).
    package static func isVersion(_ text: String) -> Bool {
        var rest = text.utf8[...]
        func digits() -> Bool {
            let count = rest.prefix { $0 >= 0x30 && $0 <= 0x39 }.count
            rest = rest.dropFirst(count)
            return count > 0
        }
        guard rest.popFirst() == UInt8(ascii: "v"), digits() else { return false }
        if rest.isEmpty { return true }
        guard let word = ["alpha", "beta"].first(where: { rest.starts(with: $0.utf8) }) else { return false }
        rest = rest.dropFirst(word.utf8.count)
        return digits() && rest.isEmpty
    }
}

/// What discovery says of a resource.
package struct ResourceInfo: Equatable, Sendable {
    package var gvr: GVR
    package var kind: String
    package var namespaced: Bool
    package var singular: String
    package var verbs: [String]
    package var shortNames: [String]
    package var subresources: [String]

    package init(
        gvr: GVR, kind: String, namespaced: Bool, singular: String = "", verbs: [String] = [], shortNames: [String] = [], subresources: [String] = []
    ) {
        self.gvr = gvr
        self.kind = kind
        self.namespaced = namespaced
        self.singular = singular
        self.verbs = verbs
        self.shortNames = shortNames
        self.subresources = subresources
    }

    /// What the server calls one of them, or what it would (apimachinery UnsafeGuessKindToResource).
    var singularName: String { singular.isEmpty ? kind.lowercased() : singular }

    /// The answer of `kcr_client_discover`.
    package var json: JSONValue {
        .object([
            .init("resource", .string(gvr.resource)), .init("kind", .string(kind)), .init("group", .string(gvr.group)),
            .init("version", .string(gvr.version)), .init("namespaced", .bool(namespaced)), .init("verbs", .array(verbs.map { .string($0) })),
            .init("shortNames", .array(shortNames.map { .string($0) })), .init("subresources", .array(subresources.map { .string($0) })),
        ])
    }
}
