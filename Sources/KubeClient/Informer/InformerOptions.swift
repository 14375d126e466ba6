// The options of kcr_informer_new: read once, strictly.
import KubeCore

struct InformerOptions {
    var query = Query()
    var initialList = ""
    var maxQueued = 1000
    var resyncMs: Int64 = 0
    var pageSize: Int64 = 500
    var keepManagedFields = false
    var form = ObjectForm.whole

    init(_ json: JSONValue?) throws(KubeError) {
        var reader = try OptionReader(json, "informer")
        query.set("labelSelector", try reader.string("labelSelector"))
        query.set("fieldSelector", try reader.string("fieldSelector"))
        query.set("shardSelector", try reader.string("shardSelector"))
        initialList = try reader.choice("initialList", ["newest", "any"]) == "any" ? "0" : ""
        maxQueued = Int(truncatingIfNeeded: try reader.int("maxQueued", in: 1...1_000_000_000) ?? 1000)
        if let resync = try reader.int("resyncMs"), resync != 0 {
            guard resync >= 1000 else { throw KubeError(.argument, "the informer option \"resyncMs\" is \(resync): it must be 0 or at least 1000") }
            resyncMs = resync
        }
        pageSize = try reader.int("pageSize", in: 1...1_000_000) ?? pageSize
        keepManagedFields = try reader.bool("keepManagedFields") ?? false
        if try reader.bool("metadataOnly") == true { form = .metadata }
        try reader.refuse("keep")
        try reader.refuse("indexes")
        try reader.finish()
    }
}

/// The options of kcr_informer_list.
struct InformerListOptions {
    /// nil: all namespaces.
    var namespace: String?

    init(_ json: JSONValue?) throws(KubeError) {
        var reader = try OptionReader(json, "informer list")
        namespace = try reader.string("namespace")
        try reader.refuse("labelSelector")
        try reader.refuse("index")
        try reader.refuse("value")
        try reader.finish()
    }
}
