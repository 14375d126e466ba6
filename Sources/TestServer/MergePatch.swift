// JSON merge patch (RFC 7386), which is also what apply does with the fields that it states.
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
