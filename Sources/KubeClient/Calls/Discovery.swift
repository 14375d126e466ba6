// Which resources the server has: looked up in its discovery documents, one group at a time, and remembered.
// (The aggregated form is not used yet.)
import KubeCore

/// Fetches one JSON document of the server.
typealias DiscoveryFetch = (_ path: String, _ done: @escaping (Result<JSONValue, KubeError>) -> Void) -> Void

/// Belongs to the loop. Only what was found is remembered, so a CRD made a second ago is found.
final class Discovery {
    private var found: [ResourceName.Target: ResourceInfo] = [:]

    /// Resolves a name. `done` is called exactly once unless the fetch is given up; at once when the answer is known.
    func resolve(_ name: ResourceName, fetch: @escaping DiscoveryFetch, done: @escaping (Result<ResourceInfo, KubeError>) -> Void) {
        if let known = found[name.target] { return done(.success(known)) }
        let remember: (Result<ResourceInfo, KubeError>) -> Void = { [self] result in
            if case .success(let info) = result {
                found[name.target] = info
                found[.exact(info.gvr)] = info
            }
            done(result)
        }
        switch name.target {
        case .exact(let gvr):
            search([GVR(group: gvr.group, version: gvr.version, resource: "")], fetch, missing: "the server has no resource \"\(gvr.resource)\" in \(gvr.apiVersion)",
                   { $0.gvr.resource == gvr.resource }, remember)
        case .lookUp(let word, let version, let group):
            let missing = "the server has no resource \"\(word)\"" + (group.isEmpty ? "" : " in group \(group)") + (version.isEmpty ? "" : " of version \(version)")
            candidates(version, group, fetch) { [self] result in
                switch result {
                case .failure(let error): remember(.failure(error))
                case .success(let versions): search(versions, fetch, missing: missing, { $0.isCalled(word) }, remember)
                }
            }
        }
    }

    /// What was found under the name is not there any more; under which names it is known does not matter.
    func forget(_ name: ResourceName) {
        guard let gone = found[name.target] else { return }
        found = found.filter { $0.value.gvr != gone.gvr }
    }

    /// The group-versions to search, the preferred ones first.
    private func candidates(
        _ version: String, _ group: String, _ fetch: @escaping DiscoveryFetch, _ done: @escaping (Result<[GVR], KubeError>) -> Void
    ) {
        if !version.isEmpty { return done(.success([GVR(group: group, version: version, resource: "")])) }
        if !group.isEmpty {
            return fetch("/apis/" + PercentEncoding.encode(group)) { result in
                switch result {
                case .failure(let error) where error.code == .notFound: done(.success([]))
                case .failure(let error): done(.failure(error))
                case .success(let json): done(.success(Self.versions(of: json)))
                }
            }
        }
        fetch("/api") { result in
            var core: [GVR] = []
            switch result {
            case .failure(let error) where error.code == .notFound: break
            case .failure(let error): return done(.failure(error))
            case .success(let json): core = (json["versions"]?.array ?? []).compactMap { $0.string }.map { GVR(group: "", version: $0, resource: "") }
            }
            fetch("/apis") { result in
                switch result {
                case .failure(let error): done(.failure(error))
                case .success(let json): done(.success(core + (json["groups"]?.array ?? []).flatMap { Self.versions(of: $0) }))
                }
            }
        }
    }

    private static func versions(of group: JSONValue) -> [GVR] {
        guard let name = group["name"]?.string else { return [] }
        var versions = (group["versions"]?.array ?? []).compactMap { $0["version"]?.string }
        if let preferred = group["preferredVersion"]?["version"]?.string {
            versions.removeAll { $0 == preferred }
            versions.insert(preferred, at: 0)
        }
        return versions.map { GVR(group: name, version: $0, resource: "") }
    }

    /// Reads one group-version after the other until a resource matches. `failure` is the first that could not be read.
    private func search(
        _ versions: [GVR], _ fetch: @escaping DiscoveryFetch, missing: String, failure: KubeError? = nil,
        _ matches: @escaping (ResourceInfo) -> Bool, _ done: @escaping (Result<ResourceInfo, KubeError>) -> Void
    ) {
        guard let first = versions.first else {
            // It may be where nobody could look, so "not found" would be a guess.
            if let failure { return done(.failure(failure)) }
            var error = KubeError(.notFound, missing)
            error.httpStatus = 404
            return done(.failure(error))
        }
        fetch(first.root) { [self] result in
            var failure = failure
            switch result {
            case .success(let json):
                if let info = Self.resources(json, of: first).first(where: matches) { return done(.success(info)) }
            case .failure(let error):
                // No answer, or none to us, is the same for every group.
                if error.httpStatus == 0 && error.code != .decode || error.code == .unauthorized { return done(.failure(error)) }
                // A group whose server is down must not hide the others.
                if error.code != .notFound { failure = failure ?? error }
            }
            search(Array(versions.dropFirst()), fetch, missing: missing, failure: failure, matches, done)
        }
    }

    /// The resources of an APIResourceList, each with its subresources.
    static func resources(_ json: JSONValue, of gvr: GVR) -> [ResourceInfo] {
        func texts(_ value: JSONValue?) -> [String] { (value?.array ?? []).compactMap { $0.string } }
        var all: [ResourceInfo] = []
        let entries = json["resources"]?.array ?? []
        for entry in entries {
            guard let name = entry["name"]?.string, (try? PathSegment.check(name, "resource")) != nil, let kind = entry["kind"]?.string else { continue }
            all.append(ResourceInfo(
                gvr: GVR(group: gvr.group, version: gvr.version, resource: name), kind: kind, namespaced: entry["namespaced"]?.bool ?? false,
                singular: entry["singularName"]?.string ?? "", verbs: texts(entry["verbs"]), shortNames: texts(entry["shortNames"]),
                subresources: entries.compactMap { $0["name"]?.string }.filter { $0.hasPrefix(name + "/") }.map { String($0.dropFirst(name.utf8.count + 1)) }))
        }
        return all
    }
}
