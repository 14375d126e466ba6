// JSON merge patch (RFC 7386). Apply is the same merge on this server, for it keeps no field owners.
import KubeCore

enum MergePatch {
    /// null takes a member out.
    static func merge(_ patch: JSONValue, into target: JSONValue) -> JSONValue {
        guard let members = patch.members else { return patch }
        var merged = target.members == nil ? .emptyObject : target
        for member in members {
            merged.set(member.key, member.value.isNull ? nil : merge(member.value, into: merged[member.key] ?? .null))
        }
        return merged
    }
}
