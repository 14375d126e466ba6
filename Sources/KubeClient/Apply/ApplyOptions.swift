// The options of an apply: which there are, and where each goes.
import KubeCore

struct ApplyOptions {
    static let defaultManager = "kubecr"

    var query = Query()
    var isDryRun = false
    /// For namespaced objects that name none.
    var namespace: String?
    /// The whole apply; nil: each request and each wait has the client's `timeoutMs`.
    var timeoutMs: Int64?

    /// Throws `.argument` for an unknown key, a wrong type or an empty name.
    init(_ json: JSONValue?) throws(KubeError) {
        var reader = try OptionReader(json, "apply")
        timeoutMs = try reader.int("timeoutMs", in: 1...86_400_000)
        let manager = try reader.string("fieldManager") ?? Self.defaultManager
        if manager.isEmpty { throw KubeError(.argument, "the apply option \"fieldManager\" is empty") }
        query.set("fieldManager", manager)
        query.set("force", try reader.bool("force"))
        for value in try reader.strings("dryRun") ?? [] {
            query.set("dryRun", value)
            isDryRun = true
        }
        query.set("fieldValidation", try reader.string("fieldValidation"))
        namespace = try reader.string("namespace")
        if let namespace { try PathSegment.check(namespace, "namespace") }
        try reader.finish()
    }
}
