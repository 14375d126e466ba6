// Who is asking, and may they? Bearer tokens and client certificates name a user; a user has one of three kinds of access.
import KubeCore

/// Somebody who may ask.
package struct User: Equatable, Sendable {
    package enum Access: Equatable, Sendable {
        /// Everything.
        case all
        /// get, list and watch.
        case read
        /// Discovery, /version and health only.
        case none
    }

    package var name: String
    package var access: Access

    package init(name: String, access: Access) {
        self.name = name
        self.access = access
    }

    static let anonymous = User(name: "system:anonymous", access: .none)
}

struct AccessRules: Sendable {
    var tokens: [String: User]

    /// Throws 401 for credentials that nobody has.
    func user(of request: APIRequest) throws(APIFailure) -> User {
        guard let header = request.headers["authorization"] else { return request.certificateUser ?? .anonymous }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer", let user = tokens[String(parts[1])] else { throw .unauthorized }
        return user
    }

    /// Who asks: the user, or whom he stands for by Impersonate-User; who may do everything may do that. A user whom nobody knows may
    /// do nothing, unless Impersonate-Group makes a master of him.
    func asker(of request: APIRequest) throws(APIFailure) -> User {
        let user = try user(of: request)
        guard let name = request.headers["impersonate-user"] else { return user }
        guard user.access == .all else {
            let why = "User \"\(user.name)\" cannot impersonate resource \"users\" in API group \"\" at the cluster scope"
            throw APIFailure(403, "Forbidden", "users \"\(name)\" is forbidden: \(why)", details: .members(["name": .string(name), "kind": "users"]))
        }
        let groups = (request.headers["impersonate-group"] ?? "").split(separator: ",").map { $0.filter { $0 != " " } }
        return User(name: name, access: groups.contains("system:masters") ? .all : tokens.values.first { $0.name == name }?.access ?? .none)
    }

    func check(_ user: User, _ verb: String, _ place: Place) throws(APIFailure) {
        switch user.access {
        case .all: return
        case .read where ["get", "list", "watch"].contains(verb): return
        case .read, .none: break
        }
        let type = place.type
        let resource = place.subresource.isEmpty ? type.plural : type.plural + "/" + place.subresource
        let scope = place.namespace.isEmpty ? "at the cluster scope" : "in the namespace \"\(place.namespace)\""
        throw .forbidden(type, place.name, "User \"\(user.name)\" cannot \(verb) resource \"\(resource)\" in API group \"\(type.group)\" \(scope)")
    }

    /// Paths that are no resources. Discovery is for everybody who is known, health and version for all.
    func checkPath(_ user: User, _ verb: String, _ path: String) throws(APIFailure) {
        if ["/version", "/healthz", "/livez", "/readyz"].contains(path) || user.access == .all { return }
        if verb == "get", user != .anonymous, path == "/api" || path == "/apis" || path.hasPrefix("/api/") || path.hasPrefix("/apis/") { return }
        throw APIFailure(403, "Forbidden", "forbidden: User \"\(user.name)\" cannot \(verb) path \"\(path)\"", details: .emptyObject)
    }
}

/// What a request's path names: a collection, an object, or a part of one.
struct Place {
    var type: ResourceType
    var namespace = ""
    var name = ""
    var subresource = ""

    var key: String { namespace.isEmpty ? name : namespace + "/" + name }
}
