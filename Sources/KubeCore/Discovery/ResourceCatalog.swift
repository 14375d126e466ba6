// What is known of a server's resources, and what a name means by it: kubectl's way of naming, pure. It fetches nothing.

/// What is looked for.
package enum ResourceQuery: Hashable, Sendable {
    /// A resource whose name is said in full.
    case exact(GVR)
    /// kubectl's form; group and version "" when not given.
    case word(String, version: String, group: String)
    /// The resource of objects of this kind.
    case kind(String, GroupVersion)

    package init(_ target: ResourceName.Target) {
        switch target {
        case .exact(let gvr): self = .exact(gvr)
        case .lookUp(let word, let version, let group): self = .word(word, version: version, group: group)
        }
    }
}

/// Every document carries the number of the request that brought it, so that a searcher can say how new it must be. Times are
/// monotonic milliseconds.
package struct ResourceCatalog {
    /// How long a document counts, and one that could not be read.
    package static let lifetimeMs: Int64 = 600_000
    package static let failureLifetimeMs: Int64 = 10_000

    /// How new the documents of a search must be.
    package struct Demand {
        package var now: Int64
        /// Documents of older requests do not count.
        package var atLeast: UInt64
        /// Those of later requests count however long the search takes.
        package var began: UInt64

        package init(now: Int64, atLeast: UInt64, began: UInt64) {
            self.now = now
            self.atLeast = atLeast
            self.began = began
        }
    }

    package enum Search: Equatable {
        case found(ResourceInfo)
        /// These have to be read first.
        case read([DiscoveryDocument])
        case missing(Missing)
    }

    package struct Missing: Equatable {
        /// The number of the oldest request that this rests on.
        package var oldest: UInt64 = .max
        /// Where it may be, had it been readable.
        package var unread: [Unread] = []

        package init(oldest: UInt64 = .max) { self.oldest = oldest }

        package struct Unread: Equatable {
            package var what: String
            package var error: KubeError
        }

        /// `what` is what is missing ("the server has no resource ..."). It may be where nobody could look, and then "not found"
        /// would be a guess: the error is the first reason why nobody could.
        package func error(_ what: String) -> KubeError {
            guard let first = unread.first else {
                var error = KubeError(.notFound, what)
                error.httpStatus = 404
                return error
            }
            var error = first.error
            let others = unread.dropFirst().prefix(5).map(\.what).joined(separator: ", ")
            error.message = "\(what) in what could be read; not read: \(first.what) (\(error.message))" + (others.isEmpty ? "" : ", \(others)")
                + (unread.count > 6 ? " and \(unread.count - 6) more" : "")
            return error
        }
    }

    private struct State {
        var request: UInt64
        var expires: Int64
        var failure: KubeError?
    }

    private var states: [DiscoveryDocument: State] = [:]
    /// What a root lists, in its order.
    private var listed: [DiscoveryDocument: [GroupVersion]] = [:]
    private var resources: [GroupVersion: [ResourceInfo]] = [:]
    /// The aggregated root that brought the resources of a version.
    private var origin: [GroupVersion: DiscoveryDocument] = [:]
    private var stale: Set<GroupVersion> = []

    package init() {}

    // MARK: What was read

    package mutating func take(_ content: DiscoveryContent, of document: DiscoveryDocument, request: UInt64, now: Int64) {
        states[document] = State(request: request, expires: now &+ Self.lifetimeMs)
        switch content {
        case .list(let all):
            if case .version(let id) = document { resources[id] = all }
        case .versions(let ids):
            dropAggregated(document)
            listed[document] = ids
        case .resources(let versions):
            dropAggregated(document)
            listed[document] = Self.order(versions)
            for version in versions {
                origin[version.id] = document
                resources[version.id] = version.resources ?? []
                if version.resources == nil { stale.insert(version.id) }
            }
        }
    }

    /// As the server has it, but a version that is stale is never the preferred one (client-go discovery/aggregated_discovery.go).
    private static func order(_ versions: [DiscoveryContent.Version]) -> [GroupVersion] {
        var groups: [String: Int] = [:]
        for (place, version) in versions.enumerated() where groups[version.id.group] == nil { groups[version.id.group] = place }
        func rank(_ version: DiscoveryContent.Version, _ place: Int) -> (Int, Int, Int) { (groups[version.id.group] ?? 0, version.resources == nil ? 1 : 0, place) }
        return versions.enumerated().sorted { rank($0.element, $0.offset) < rank($1.element, $1.offset) }.map(\.element.id)
    }

    private mutating func dropAggregated(_ document: DiscoveryDocument) {
        for id in origin.filter({ $0.value == document }).map(\.key) {
            (origin[id], resources[id]) = (nil, nil)
            stale.remove(id)
        }
    }

    /// It could not be read: what it said before stays in use. One that is not there says nothing.
    package mutating func fail(_ document: DiscoveryDocument, _ error: KubeError, request: UInt64, now: Int64) {
        if error.code == .notFound { return take(document.isRoot ? .versions([]) : .list([]), of: document, request: request, now: now) }
        states[document] = State(request: request, expires: now &+ Self.failureLifetimeMs, failure: error)
    }

    /// Something of it is not there any more: all is read again when it is needed.
    package mutating func expire() { states = [:] }

    // MARK: Searching

    package func find(_ query: ResourceQuery, _ demand: Demand) -> Search {
        switch query {
        case .exact(let gvr):
            one(GroupVersion(group: gvr.group, version: gvr.version), demand) { $0.gvr.resource == gvr.resource }
        case .kind(let kind, let id): one(id, demand) { $0.kind == kind }
        case .word(let word, let version, let group): search(word, version: version, group: group, demand)
        }
    }

    /// One version's resources cost one document of its own, if no aggregated one has said it already.
    private func one(_ id: GroupVersion, _ demand: Demand, _ matches: (ResourceInfo) -> Bool) -> Search {
        let document = DiscoveryDocument.version(id)
        if origin[id].map({ isFresh($0, demand) }) ?? false || isFresh(document, demand), let hit = resources[id]?.first(where: matches) { return .found(hit) }
        guard isFresh(document, demand) else { return .read([document]) }
        var missing = Missing()
        note(document, &missing)
        return .missing(missing)
    }

    private func search(_ word: String, version: String, group: String, _ demand: Demand) -> Search {
        var missing = Missing()
        for scope in SearchScope.scopes(version: version, group: group) {
            let unlisted = scope.roots.filter { !isFresh($0, demand) }
            if !unlisted.isEmpty { return .read(unlisted) }
            let versions = scope.roots.flatMap { listed[$0] ?? [] }.filter(scope.accepts)
            let unread = versions.filter { origin[$0] == nil }.map(DiscoveryDocument.version).filter { !isFresh($0, demand) }
            if !unread.isEmpty { return .read(unread) }
            if let hit = best(versions, word) { return .found(hit) }
            for root in scope.roots { note(root, &missing) }
            for id in versions {
                if origin[id] == nil { note(.version(id), &missing) }
                if stale.contains(id) { note(id.apiVersion, KubeError(.unavailable, "its server is down (freshness Stale)", isRetryable: true), &missing) }
            }
        }
        return .missing(missing)
    }

    /// Plural or singular in any group come before short names, and those before kinds (cli-runtime resource/builder.go mappingFor,
    /// client-go restmapper/shortcut.go); the first group of the server's list wins, in it the preferred version. Beyond: what kubectl
    /// finds nowhere is compared without regard to case.
    private func best(_ versions: [GroupVersion], _ word: String) -> ResourceInfo? {
        let lower = word.lowercased()
        let ranks: [(ResourceInfo) -> Bool] = [
            { $0.shortNames.contains(word) }, { $0.kind == word || $0.kind.lowercased() == word },
            { $0.shortNames.contains(lower) || $0.kind.lowercased() == lower },
        ]
        for id in versions {
            let all = resources[id] ?? []
            if let hit = all.first(where: { $0.gvr.resource == lower }) ?? all.first(where: { $0.singularName == lower }) { return hit }
        }
        for matches in ranks {
            for id in versions {
                if let hit = (resources[id] ?? []).first(where: matches) { return hit }
            }
        }
        return nil
    }

    private func isFresh(_ document: DiscoveryDocument, _ demand: Demand) -> Bool {
        guard let state = states[document], state.request >= demand.atLeast else { return false }
        return demand.now < state.expires || state.request > demand.began
    }

    private func note(_ document: DiscoveryDocument, _ missing: inout Missing) {
        guard let state = states[document] else { return }
        missing.oldest = min(missing.oldest, state.request)
        if let failure = state.failure { note(document.shown, failure, &missing) }
    }

    private func note(_ what: String, _ error: KubeError, _ missing: inout Missing) {
        if !missing.unread.contains(where: { $0.what == what }) { missing.unread.append(.init(what: what, error: error)) }
    }
}

/// Where a word is looked for, one place after the other.
private struct SearchScope {
    var roots: [DiscoveryDocument]
    var accepts: (GroupVersion) -> Bool

    /// A group that is not there by its whole name may be the beginning of one: "storageclass.storage" (apimachinery
    /// pkg/api/meta/restmapper.go). What looks like a version may also be the first label of a group.
    static func scopes(version: String, group: String) -> [SearchScope] {
        if version.isEmpty {
            if group.isEmpty { return [SearchScope(roots: [.core, .groups]) { _ in true }] }
            return [
                SearchScope(roots: [.groups]) { $0.group == group },
                SearchScope(roots: [.groups]) { $0.group.hasPrefix(group) },
            ]
        }
        if group.isEmpty {
            return [
                SearchScope(roots: [.core]) { $0.version == version },
                SearchScope(roots: [.groups]) { $0.version == version },
            ]
        }
        return [
            SearchScope(roots: [.groups]) { $0.group == group && $0.version == version },
            SearchScope(roots: [.groups]) { $0.group == version + "." + group },
        ]
    }
}
