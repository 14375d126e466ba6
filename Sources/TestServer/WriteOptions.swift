// The parameters and the body of a write: dryRun, fieldValidation, fieldManager, media types, and the object itself.
import KubeConfig
import KubeCore

struct WriteOptions {
    var dryRun = false
    var validation = FieldValidation.warn
    var fieldManager = ""
    /// The field manager, or the program that the User-Agent begins with (apiserver pkg/endpoints/handlers/create.go managerOrUserAgent).
    private(set) var writer = ""

    /// `kind`: CreateOptions, UpdateOptions, PatchOptions or DeleteOptions.
    init(_ request: APIRequest, kind: String) throws(APIFailure) {
        var faults: [FieldFault] = []
        for item in request.query where item.name == "dryRun" {
            if item.value == "All" { dryRun = true } else { faults.append(.unsupported("dryRun", "[\(JSONValue.string(item.value).text)]", ["All"])) }
        }
        let text = request.parameter("fieldValidation")
        if let known = FieldValidation(rawValue: text) { validation = known } else if !text.isEmpty {
            faults.append(.unsupported("fieldValidation", JSONValue.string(text).text, ["", "Ignore", "Strict", "Warn"]))
        }
        fieldManager = request.parameter("fieldManager")
        if fieldManager.utf8.count > 128 { faults.append(FieldFault(reason: "FieldValueTooLong", field: "fieldManager", message: "Too long: may not be more than 128 bytes")) }
        if !faults.isEmpty { throw .invalid(kind, group: "meta.k8s.io", "", faults) }
        let program = (request.headers["user-agent"] ?? "").prefix { $0 != "/" }
        writer = fieldManager.isEmpty ? (program.isEmpty ? "unknown" : String(program)) : fieldManager
    }

    /// What `fieldValidation` makes of the fields that were cut out or came twice: warnings, or 400.
    func judge(unknown: [String], duplicates: [String], _ type: ResourceType) throws(APIFailure) -> [String] {
        let texts = duplicates.map { "duplicate field \"\($0)\"" } + unknown.map { "unknown field \"\($0)\"" }
        switch validation {
        case .ignore: return []
        case .warn: return texts
        case .strict:
            if texts.isEmpty { return [] }
            throw ObjectRules(type: type).cannotBeHandled("strict decoding error: " + texts.joined(separator: ", "))
        }
    }
}

enum RequestBody {
    /// One JSON or YAML value, its keys in order. Throws 415 for another media type, 400 for what cannot be read.
    static func value(_ request: APIRequest, accepting types: [String], duplicates: inout [String]) throws(APIFailure) -> JSONValue {
        let type = request.contentType.isEmpty ? types.first ?? "" : request.contentType
        guard types.contains(type) else { throw .mediaType(accepted: types) }
        do throws(KubeError) {
            let value = type.hasSuffix("yaml") ? try YAMLReader.document(request.body) : try JSONValue.parse(request.body)
            return value.canonical(duplicates: &duplicates)
        } catch {
            throw .badRequest(error.message.contains("ends early") || request.body.isEmpty ? "unexpected end of JSON input" : error.message)
        }
    }

    /// A patch; what is wrong with it is worded as for patches.
    static func patch(_ request: APIRequest, accepting types: [String], duplicates: inout [String]) throws(APIFailure) -> JSONValue {
        var patch: JSONValue
        do throws(APIFailure) {
            patch = try value(request, accepting: types, duplicates: &duplicates)
        } catch {
            throw error.code == 400 ? .badRequest("error decoding patch: " + error.message) : error
        }
        let isList = request.contentType == "application/json-patch+json"
        guard isList ? patch.array != nil : patch.members != nil else {
            let (found, wanted) = (patch.typeName.split(separator: " ").last ?? "", isList ? "[]handlers.jsonPatchOp" : "map[string]interface {}")
            throw .badRequest("error decoding patch: json: cannot unmarshal \(found) into Go value of type \(wanted)")
        }
        return patch
    }

    /// The beginning of a body, as Go's apimachinery shows it.
    private static func summary(_ body: [UInt8]) -> String {
        if body.isEmpty { return "<empty>" }
        let start = body.prefix(30)
        let text = body.first == UInt8(ascii: "{") ? String(decoding: start, as: UTF8.self)
            : start.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return body.count > 30 ? text + " ..." : text
    }

    /// An object of the type, with its kind and apiVersion.
    static func object(_ request: APIRequest, _ type: ResourceType, duplicates: inout [String]) throws(APIFailure) -> JSONValue {
        func unrecognized(_ why: String) -> APIFailure {
            .badRequest("the object provided is unrecognized (must be of type \(type.kind)): \(why) (\(summary(request.body)))")
        }
        var object: JSONValue
        do throws(APIFailure) {
            object = try value(request, accepting: ["application/json", "application/yaml"], duplicates: &duplicates)
        } catch {
            throw error.code == 400 ? unrecognized("couldn't get version/kind; json parse error: " + error.message) : error
        }
        guard object.members != nil else {
            let found = object.typeName.split(separator: " ").last ?? ""
            throw unrecognized("couldn't get version/kind; json parse error: json: cannot unmarshal \(found) into Go value of type struct "
                + "{ APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }")
        }
        for (key, own) in [("kind", type.kind), ("apiVersion", type.apiVersion)] where object[key]?.string ?? "" == "" {
            if type.isCustom, key == "kind" { throw unrecognized("Object 'Kind' is missing in '\(String(decoding: request.body.prefix(1024), as: UTF8.self))'") }
            if !type.isCustom { object.set(key, .string(own)) }
        }
        let version = object["apiVersion"]?.string ?? ""
        if version != type.apiVersion {
            throw .badRequest("the API version in the data (\(version)) does not match the expected API version (\(type.apiVersion))")
        }
        if !type.isCustom, object["kind"]?.string != type.kind {
            throw .badRequest("the kind in the data (\(object["kind"]?.string ?? "")) does not match the expected kind (\(type.kind))")
        }
        return object
    }
}
