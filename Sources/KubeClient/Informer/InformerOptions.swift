// The options of kcr_informer_new: read once, strictly.
import KubeCore

struct InformerOptions {
    var query = Query()
    var initialList = ""
    var maxQueued = 1000
    var resyncMs: Int64 = 0
    var pageSize: Int64 = 500
    var form = ObjectForm.whole
    let retention: Retention
    var indexes: [IndexDefinition] = []

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
        let keepManagedFields = try reader.bool("keepManagedFields") ?? false
        let mask = try reader.strings("keep").map { pointers throws(KubeError) in try FieldMask(keep: pointers) }
        if try reader.bool("metadataOnly") == true { form = .metadata }
        retention = Retention(cutManagedFields: !keepManagedFields, mask: mask, isPartial: form == .metadata)
        for member in try reader.object("indexes") ?? [] {
            guard let pointer = member.value.string else { throw KubeError(.argument, "the index \"\(member.key)\" is \(member.value.typeName), not a JSON pointer") }
            guard !indexes.contains(where: { $0.name == member.key }) else { throw KubeError(.argument, "there are two indexes called \"\(member.key)\"") }
            indexes.append(IndexDefinition(name: member.key, pointer: try JSONPointer(pointer)))
        }
        try reader.finish()
    }
}

/// The options of kcr_informer_list.
struct InformerListOptions {
    var selection = ObjectSelection()

    init(_ json: JSONValue?) throws(KubeError) {
        var reader = try OptionReader(json, "informer list")
        selection.namespace = try reader.string("namespace").map { Array($0.utf8) }
        selection.labels = try reader.string("labelSelector").map { text throws(KubeError) in try LabelSelector(text) }
        let (index, value) = (try reader.string("index"), try reader.string("value"))
        try reader.finish()
        guard (index == nil) == (value == nil) else { throw KubeError(.argument, "the informer list options \"index\" and \"value\" go together") }
        if let index, let value { selection.index = (index, Array(value.utf8)) }
    }
}
