// Cutting out what a schema does not name, and filling in its defaults.
import KubeCore

extension Schema {
    /// What every object has besides what its schema says.
    private static let always: Set<String> = ["apiVersion", "kind", "metadata"]

    /// `unknown` collects the paths of what is cut out: "spec.nodes[0].size".
    func prune(_ value: JSONValue, _ path: String = "", isObject: Bool = false, unknown: inout [String]) -> JSONValue {
        switch value {
        case .array(let elements):
            guard let items else { return value }
            return .array(elements.enumerated().map { items.prune($1, "\(path)[\($0)]", unknown: &unknown) })
        case .object(let members):
            var kept: [JSONValue.Member] = []
            for member in members {
                let inner = path.isEmpty ? member.key : "\(path).\(member.key)"
                if isObject || embedsResource, Self.always.contains(member.key) {
                    kept.append(member)
                } else if let schema = properties[member.key] ?? additional {
                    kept.append(JSONValue.Member(member.key, schema.prune(member.value, inner, unknown: &unknown)))
                } else if preservesUnknown {
                    kept.append(member)
                } else {
                    unknown.append(inner)
                }
            }
            return .object(kept)
        default: return value
        }
    }

    /// Defaults of absent members, and of null ones that may not be null; those without a default are taken out.
    func fill(_ value: JSONValue) -> JSONValue {
        switch value {
        case .array(let elements): return items.map { items in .array(elements.map(items.fill)) } ?? value
        case .object(let members):
            var filled = JSONValue.object(members.compactMap { member in
                guard let schema = properties[member.key] ?? additional else { return member }
                if member.value.isNull, !schema.nullable, schema.defaultValue == nil, !schema.preservesUnknown { return nil }
                return JSONValue.Member(member.key, schema.fill(member.value))
            })
            for (key, schema) in properties {
                guard let defaultValue = schema.defaultValue else { continue }
                let present = filled[key]
                if present == nil || present?.isNull == true && !schema.nullable { filled.set(key, schema.fill(defaultValue)) }
            }
            return filled
        default: return value
        }
    }
}
