// The options of each verb: which there are, and where each goes (query, DeleteOptions, or this library itself).
import KubeCore

/// The options of one call, read strictly.
struct VerbOptions {
    var query = Query()
    /// delete and deleteCollection: the DeleteOptions to send; nil without any, for delete.
    var deleteOptions: [UInt8]?
    var timeoutMs: Int64?
    // get and list
    var form = ObjectForm.whole
    // list
    var limit: Int64?
    var continueToken = ""
    var resourceVersion = ""
    var resourceVersionMatch = ""
    // request
    var contentType: String?
    var accept: String?
    var headers: [HTTPField] = []

    init(_ verb: Verb, _ json: JSONValue?) throws(KubeError) {
        var reader = try OptionReader(json, verb.name)
        timeoutMs = try reader.int("timeoutMs", in: 1...86_400_000)
        try Self.refuse(verb, &reader)
        switch verb {
        case .get:
            query.set("resourceVersion", try reader.string("resourceVersion"))
            try readForm(&reader)
        case .list:
            try readSelectors(&reader)
            limit = try reader.int("limit")
            continueToken = try reader.string("continue") ?? ""
            resourceVersion = try reader.string("resourceVersion") ?? ""
            resourceVersionMatch = try reader.string("resourceVersionMatch") ?? ""
            query.set("timeoutSeconds", try reader.int("timeoutSeconds"))
            try readForm(&reader)
        case .create, .replace, .patch:
            try readDryRun(&reader)
            query.set("fieldManager", try reader.string("fieldManager"))
            query.set("fieldValidation", try reader.string("fieldValidation"))
            if case .patch = verb { query.set("force", try reader.bool("force")) }
        case .delete:
            deleteOptions = try Self.readDeleteOptions(&reader)
        case .deleteCollection:
            try readSelectors(&reader)
            query.set("limit", try reader.int("limit"))
            query.set("continue", try reader.string("continue"))
            query.set("resourceVersion", try reader.string("resourceVersion"))
            query.set("resourceVersionMatch", try reader.string("resourceVersionMatch"))
            query.set("timeoutSeconds", try reader.int("timeoutSeconds"))
            // Always a body: without one the server reads the query's resourceVersion as a precondition (apiserver handlers/delete.go).
            deleteOptions = try Self.readDeleteOptions(&reader) ?? Self.deleteOptions([])
        // An apply reads its own (ApplyOptions).
        case .discover, .apply: break
        case .request: try readRequest(&reader)
        }
        try reader.finish()
    }

    /// Options that Kubernetes has and that have another place here, by name and with the reason.
    private static func refuse(_ verb: Verb, _ reader: inout OptionReader) throws(KubeError) {
        if case .request = verb { return }
        if reader.take("pretty") != nil {
            throw KubeError(.argument, "the \(verb.name) option \"pretty\" is for people; for text as the server prints it, use a request of a path")
        }
        guard verb == .list || verb == .deleteCollection else { return }
        for key in ["watch", "allowWatchBookmarks", "sendInitialEvents"] where reader.take(key) != nil {
            throw KubeError(.argument, "the \(verb.name) option \"\(key)\" is for watches, which are verbs of their own here")
        }
    }

    private mutating func readForm(_ reader: inout OptionReader) throws(KubeError) {
        if try reader.bool("metadataOnly") == true { form = .metadata }
    }

    private mutating func readSelectors(_ reader: inout OptionReader) throws(KubeError) {
        query.set("labelSelector", try reader.string("labelSelector"))
        query.set("fieldSelector", try reader.string("fieldSelector"))
        query.set("shardSelector", try reader.string("shardSelector"))
    }

    private mutating func readDryRun(_ reader: inout OptionReader) throws(KubeError) {
        for value in try reader.strings("dryRun") ?? [] { query.set("dryRun", value) }
    }

    private static func readDeleteOptions(_ reader: inout OptionReader) throws(KubeError) -> [UInt8]? {
        var members: [JSONValue.Member] = []
        if let values = try reader.strings("dryRun") { members.append(.init("dryRun", .array(values.map { .string($0) }))) }
        if let seconds = try reader.int("gracePeriodSeconds") { members.append(.init("gracePeriodSeconds", .number(String(seconds)))) }
        if let policy = try reader.string("propagationPolicy") { members.append(.init("propagationPolicy", .string(policy))) }
        if let flag = try reader.bool("orphanDependents") { members.append(.init("orphanDependents", .bool(flag))) }
        if let flag = try reader.bool("ignoreStoreReadErrorWithClusterBreakingPotential") {
            members.append(.init("ignoreStoreReadErrorWithClusterBreakingPotential", .bool(flag)))
        }
        if let wanted = try reader.object("preconditions") {
            var inner = try OptionReader(.object(wanted), "preconditions")
            var conditions: [JSONValue.Member] = []
            if let uid = try inner.string("uid") { conditions.append(.init("uid", .string(uid))) }
            if let version = try inner.string("resourceVersion") { conditions.append(.init("resourceVersion", .string(version))) }
            try inner.finish()
            members.append(.init("preconditions", .object(conditions)))
        }
        return members.isEmpty ? nil : deleteOptions(members)
    }

    private static func deleteOptions(_ members: [JSONValue.Member]) -> [UInt8] {
        JSONValue.object([.init("apiVersion", "v1"), .init("kind", "DeleteOptions")] + members).bytes()
    }

    private mutating func readRequest(_ reader: inout OptionReader) throws(KubeError) {
        contentType = try reader.string("contentType")
        accept = try reader.string("accept")
        for member in try reader.object("query") ?? [] {
            var one = try OptionReader(.object([member]), "query")
            for value in try one.strings(member.key) ?? [] { query.set(member.key, value) }
        }
        for member in try reader.object("headers") ?? [] {
            guard let value = member.value.string else { throw KubeError(.argument, "the header \"\(member.key)\" is \(member.value.typeName), not a string") }
            try Self.checkHeader(member.key)
            headers.append(HTTPField(member.key, value))
        }
        // T12: no way to smuggle a header in.
        for value in headers.map(\.value) + [contentType, accept].compactMap({ $0 }) {
            for byte in value.utf8 where (byte < 0x20 && byte != 0x09) || byte == 0x7f {
                throw KubeError(.argument, "a header value contains a control character")
            }
        }
    }

    private static let ownHeaders = [
        "authorization", "host", "content-length", "transfer-encoding", "connection", "accept-encoding", "expect", "te", "trailer", "keep-alive",
        "proxy-authorization", "proxy-connection",
    ]

    private static func checkHeader(_ name: String) throws(KubeError) {
        let isToken = !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !"()<>@,;:\\\"/[]?={}".utf8.contains($0) }
        guard isToken else { throw KubeError(.argument, "\"\(ServerError.oneLine(Array(name.utf8), limit: 100))\" is no header name") }
        let lower = name.lowercased()
        if ownHeaders.contains(lower) { throw KubeError(.argument, "the header \"\(name)\" is the library's own") }
        if lower == "upgrade" { throw KubeError(.unsupported, "the header \"\(name)\": connections can't become another protocol (exec, attach, port-forward)") }
        if lower == "accept" { throw KubeError(.argument, "the header \"\(name)\" is set by the option \"accept\"") }
        if lower == "content-type" { throw KubeError(.argument, "the header \"\(name)\" is set by the option \"contentType\"") }
    }
}
