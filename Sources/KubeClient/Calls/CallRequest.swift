// A verb with all that belongs to it, as a value; and what it gives back.
package import KubeCore

package enum PatchType: Int32, Sendable {
    case json = 1
    case merge = 2
    case strategic = 3
    case apply = 4

    package init?(name: String) {
        switch name {
        case "json": self = .json
        case "merge": self = .merge
        case "strategic": self = .strategic
        case "apply": self = .apply
        default: return nil
        }
    }

    var contentType: String {
        switch self {
        case .json: "application/json-patch+json"
        case .merge: "application/merge-patch+json"
        case .strategic: "application/strategic-merge-patch+json"
        case .apply: "application/apply-patch+yaml"
        }
    }
}

package enum Verb: Equatable, Sendable {
    case get, list, create, replace, patch(PatchType), delete, deleteCollection, discover
    /// Server-side apply of a whole manifest, which is the body; the result is a list.
    case apply
    /// Any method and path.
    case request(method: String, path: String)

    var name: String {
        switch self {
        case .get: "get"
        case .list: "list"
        case .create: "create"
        case .replace: "replace"
        case .patch: "patch"
        case .delete: "delete"
        case .deleteCollection: "deleteCollection"
        case .discover: "discover"
        case .apply: "apply"
        case .request: "request"
        }
    }

    var method: String {
        switch self {
        case .get, .list, .discover: "GET"
        case .create: "POST"
        case .replace: "PUT"
        case .patch, .apply: "PATCH"
        case .delete, .deleteCollection: "DELETE"
        case .request(let method, _): method
        }
    }

    var hasBody: Bool {
        switch self {
        case .create, .replace, .patch, .apply: true
        default: false
        }
    }
}

package struct CallRequest {
    package var verb: Verb
    package var resource = ""
    package var namespace: String?
    package var name: String?
    package var body: [UInt8]?
    package var options: JSONValue?

    package init(
        _ verb: Verb, resource: String = "", namespace: String? = nil, name: String? = nil, body: [UInt8]? = nil, options: JSONValue? = nil
    ) {
        self.verb = verb
        self.resource = resource
        self.namespace = namespace
        self.name = name
        self.body = body
        self.options = options
    }
}

package struct CallResult {
    package var object: ObjectBlob?
    package var list: ObjectList?
    /// `request` only: the body as it came.
    package var bytes: [UInt8]?
    package var httpStatus = 0
}
