// What the server refuses, worded as kube-apiserver words it (k8s.io/apimachinery pkg/api/errors), and the Status object of it.
import KubeCore

struct APIFailure: Error, Equatable {
    var code: Int
    var reason: String
    var message: String
    /// `.emptyObject` is sent as such; nil is not sent.
    var details: JSONValue?
    /// A token with which an expired list can go on.
    var continueToken = ""
    /// Seconds, for the Retry-After header.
    var retryAfter: Int?

    init(_ code: Int, _ reason: String, _ message: String, details: JSONValue? = nil) {
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
    }

    var status: JSONValue {
        .members([
            "kind": "Status", "apiVersion": "v1",
            "metadata": continueToken.isEmpty ? .emptyObject : .members(["continue": .string(continueToken)]),
            "status": "Failure", "message": .string(message), "reason": reason.isEmpty ? nil : .string(reason), "details": details, "code": .number(code),
        ])
    }

    var response: APIResponse {
        var response = APIResponse(code, "application/json", status.bytes() + [0x0A])
        if let retryAfter { response.headers["retry-after"] = String(retryAfter) }
        return response
    }
}

/// One thing that is wrong with an object.
struct FieldFault: Equatable {
    var reason: String
    var field: String
    var message: String

    static func invalid(_ field: String, _ value: String, _ what: String) -> FieldFault {
        FieldFault(reason: "FieldValueInvalid", field: field, message: "Invalid value: \(value): \(what)")
    }
    static func invalid(_ field: String, text: String, _ what: String) -> FieldFault { invalid(field, JSONValue.string(text).text, what) }
    static func required(_ field: String, _ what: String = "") -> FieldFault {
        FieldFault(reason: "FieldValueRequired", field: field, message: "Required value" + (what.isEmpty ? "" : ": " + what))
    }
    static func forbidden(_ field: String, _ what: String) -> FieldFault {
        FieldFault(reason: "FieldValueForbidden", field: field, message: "Forbidden: " + what)
    }
    static func unsupported(_ field: String, _ value: String, _ supported: [String]) -> FieldFault {
        FieldFault(reason: "FieldValueNotSupported", field: field,
                   message: "Unsupported value: \(value): supported values: " + supported.map { JSONValue.string($0).text }.joined(separator: ", "))
    }

    var text: String { "\(field): \(message)" }
}

extension APIFailure {
    /// `name` in `details` stands only when there is one.
    private static func about(_ type: ResourceType, _ name: String) -> JSONValue {
        .members(["name": name.isEmpty ? nil : .string(name), "group": type.group.isEmpty ? nil : .string(type.group), "kind": .string(type.plural)])
    }

    static func notFound(_ type: ResourceType, _ name: String) -> APIFailure {
        APIFailure(404, "NotFound", "\(type.qualifiedName) \"\(name)\" not found", details: about(type, name))
    }
    static func alreadyExists(_ type: ResourceType, _ name: String) -> APIFailure {
        APIFailure(409, "AlreadyExists", "\(type.qualifiedName) \"\(name)\" already exists", details: about(type, name))
    }
    static func conflict(_ type: ResourceType, _ name: String, _ why: String) -> APIFailure {
        APIFailure(409, "Conflict", "Operation cannot be fulfilled on \(type.qualifiedName) \"\(name)\": \(why)", details: about(type, name))
    }
    static func modified(_ type: ResourceType, _ name: String) -> APIFailure {
        conflict(type, name, "the object has been modified; please apply your changes to the latest version and try again")
    }
    static func forbidden(_ type: ResourceType, _ name: String, _ why: String) -> APIFailure {
        APIFailure(403, "Forbidden", "\(type.qualifiedName)\(name.isEmpty ? "" : " \"\(name)\"") is forbidden: \(why)", details: about(type, name))
    }
    static func invalid(_ kind: String, group: String, _ name: String, _ faults: [FieldFault]) -> APIFailure {
        let texts = faults.map(\.text)
        let list = texts.count == 1 ? texts[0] : "[" + texts.joined(separator: ", ") + "]"
        return APIFailure(
            422, "Invalid", "\(group.isEmpty ? kind : kind + "." + group) \"\(name)\" is invalid: \(list)",
            details: .members([
                "name": name.isEmpty ? nil : .string(name), "group": group.isEmpty ? nil : .string(group), "kind": .string(kind),
                "causes": .array(faults.map { .members(["reason": .string($0.reason), "message": .string($0.message), "field": .string($0.field)]) }),
            ]))
    }
    static func invalid(_ type: ResourceType, _ name: String, _ faults: [FieldFault]) -> APIFailure {
        invalid(type.kind, group: type.group, name, faults)
    }
    static func badRequest(_ message: String) -> APIFailure { APIFailure(400, "BadRequest", message) }
    static func expired(_ message: String) -> APIFailure { APIFailure(410, "Expired", message) }
    static let unauthorized = APIFailure(401, "Unauthorized", "Unauthorized")
    static let noSuchResource = APIFailure(404, "NotFound", "the server could not find the requested resource", details: .emptyObject)
    static let methodNotAllowed = APIFailure(
        405, "MethodNotAllowed", "the server does not allow this method on the requested resource", details: .emptyObject)
    static func tooLarge(limit: Int) -> APIFailure {
        APIFailure(413, "RequestEntityTooLarge", "Request entity too large: limit is \(limit)")
    }
    static func mediaType(accepted: [String]) -> APIFailure {
        APIFailure(415, "UnsupportedMediaType",
                   "the body of the request was in an unknown format - accepted media types include: " + accepted.joined(separator: ", "))
    }
    static func notAcceptable(_ types: [String]) -> APIFailure {
        APIFailure(406, "NotAcceptable", "only the following media types are accepted: " + types.joined(separator: ", "))
    }
    static func tooLargeVersion(_ asked: UInt64, current: UInt64) -> APIFailure {
        var failure = APIFailure(
            504, "Timeout", "Timeout: Too large resource version: \(asked), current: \(current)",
            details: .members([
                "causes": .array([.members(["reason": "ResourceVersionTooLarge", "message": "Too large resource version"])]), "retryAfterSeconds": 1,
            ]))
        failure.retryAfter = 1
        return failure
    }
}
