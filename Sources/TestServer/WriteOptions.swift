// The parameters and the body of a write: dryRun, fieldValidation, fieldManager, media types, and the object itself.
package import KubeConfig
import KubeCore

struct WriteOptions {
    var dryRun = false
    var validation = FieldValidation.warn
    var fieldManager = ""

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
    }

    /// What `fieldValidation` makes of the fields that were cut out or came twice: warnings, or 400.
    func judge(unknown: [String], duplicates: [String], _ type: ResourceType, patch: Bool = false) throws(APIFailure) -> [String] {
        let texts = duplicates.map { "duplicate field \"\($0)\"" } + unknown.map { "unknown field \"\($0)\"" }
        switch validation {
        case .ignore: return []
        case .warn: return texts
        case .strict:
            if texts.isEmpty { return [] }
            let why = "strict decoding error: " + texts.joined(separator: ", ")
            throw patch ? .badRequest(why) : ObjectRules(type: type).cannotBeHandled(why)
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
            throw .badRequest("couldn't get version/kind; json parse error: \(error.message)")
        }
    }

    /// An object of the type, with its kind and apiVersion.
    static func object(_ request: APIRequest, _ type: ResourceType, duplicates: inout [String]) throws(APIFailure) -> JSONValue {
        var object = try value(request, accepting: ["application/json", "application/yaml"], duplicates: &duplicates)
        guard object.members != nil else { throw .badRequest("couldn't get version/kind; json parse error: json: cannot unmarshal \(object.typeName) into Go value") }
        for (key, name, own) in [("kind", "Kind", type.kind), ("apiVersion", "apiVersion", type.apiVersion)] where object[key]?.string ?? "" == "" {
            if type.isCustom { throw .badRequest("Object '\(name)' is missing in '\(String(decoding: request.body.prefix(1024), as: UTF8.self))'") }
            object.set(key, .string(own))
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
