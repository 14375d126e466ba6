// Field selectors: metadata.name, metadata.namespace, and what a resource lets its objects be selected by.
import KubeCore

struct FieldSelector: Equatable, Sendable {
    private struct Requirement: Equatable, Sendable {
        var path: [String]
        var value: String
        var isEqual: Bool
    }

    private var requirements: [Requirement] = []

    var isEmpty: Bool { requirements.isEmpty }

    init(_ text: String, of type: ResourceType) throws(APIFailure) {
        for part in text.split(separator: ",") {
            guard let sign = ["!=", "==", "="].first(where: { part.contains($0) }), let (path, value) = Self.cut(part, sign) else {
                throw .badRequest("invalid selector: '\(text)'; can't understand '\(part)'")
            }
            let fields = ["metadata.name"] + (type.namespaced ? ["metadata.namespace"] : []) + type.selectableFields
            guard fields.contains(path) else {
                throw .badRequest("field label not supported: \(path)")
            }
            requirements.append(Requirement(path: path.split(separator: ".").map(String.init), value: value, isEqual: sign != "!="))
        }
    }

    /// Absent fields are "".
    func matches(_ object: JSONValue) -> Bool {
        requirements.allSatisfy { requirement in
            let text: String
            switch object.at(requirement.path) {
            case .string(let value): text = value
            case .number(let value): text = value
            case .bool(let value): text = value ? "true" : "false"
            default: text = ""
            }
            return (text == requirement.value) == requirement.isEqual
        }
    }

    private static func cut(_ part: Substring, _ sign: String) -> (String, String)? {
        let pieces = part.split(separator: sign, maxSplits: 1, omittingEmptySubsequences: false)
        return pieces.count == 2 ? (String(pieces[0]), String(pieces[1])) : nil
    }
}
