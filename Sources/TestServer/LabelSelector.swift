// Label selectors: "app=web,tier in (a, b),!old" (k8s.io/apimachinery pkg/labels).
import KubeCore

struct LabelSelector: Equatable, Sendable {
    private enum Test: Equatable, Sendable {
        case among(Set<String>)
        case notAmong(Set<String>)
        case exists
        case absent
        case greater(Int64)
        case less(Int64)
    }

    private var requirements: [(key: String, test: Test)] = []

    var isEmpty: Bool { requirements.isEmpty }

    static func == (left: LabelSelector, right: LabelSelector) -> Bool {
        left.requirements.elementsEqual(right.requirements) { $0.key == $1.key && $0.test == $1.test }
    }

    init(_ text: String) throws(APIFailure) {
        var reader = Reader(rest: text[...])
        while let requirement = try reader.next() { requirements.append(requirement) }
    }

    func matches(_ object: JSONValue) -> Bool {
        let labels = object["metadata"]?["labels"]
        return requirements.allSatisfy { key, test in
            let value = labels?[key]?.string
            return switch test {
            case .among(let wanted): value.map(wanted.contains) ?? false
            case .notAmong(let unwanted): value.map { !unwanted.contains($0) } ?? true
            case .exists: value != nil
            case .absent: value == nil
            case .greater(let limit): value.flatMap { Int64($0) }.map { $0 > limit } ?? false
            case .less(let limit): value.flatMap { Int64($0) }.map { $0 < limit } ?? false
            }
        }
    }

    private struct Reader {
        var rest: Substring
        var isFirst = true

        mutating func next() throws(APIFailure) -> (key: String, test: Test)? {
            skipBlanks()
            if rest.isEmpty { return nil }
            if !isFirst {
                guard rest.first == "," else { throw bad("found '\(word())', expected: ',' or 'end of string'") }
                rest = rest.dropFirst()
            }
            isFirst = false
            skipBlanks()
            if rest.first == "!" {
                rest = rest.dropFirst()
                return (try key(), .absent)
            }
            let key = try key()
            skipBlanks()
            for (sign, isEqual) in [("==", true), ("=", true), ("!=", false)] where rest.hasPrefix(sign) {
                rest = rest.dropFirst(sign.count)
                let value = try value(of: key)
                return (key, isEqual ? .among([value]) : .notAmong([value]))
            }
            if rest.first == ">" || rest.first == "<" {
                let isGreater = rest.first == ">"
                rest = rest.dropFirst()
                guard let limit = Int64(try value(of: key)) else { throw bad("for 'Gt', 'Lt' operators, the value must be an integer") }
                return (key, isGreater ? .greater(limit) : .less(limit))
            }
            if rest.isEmpty || rest.first == "," { return (key, .exists) }
            let name = word()
            switch name {
            case "in": return (key, .among(try list(of: key)))
            case "notin": return (key, .notAmong(try list(of: key)))
            default: throw bad("found '\(name)', expected: in, notin, =, ==, !=, gt, lt")
            }
        }

        private mutating func skipBlanks() { rest = rest.drop { $0 == " " || $0 == "\t" } }

        private mutating func word() -> String {
            skipBlanks()
            let word = rest.prefix { !" \t,()=!<>".contains($0) }
            rest = rest.dropFirst(word.count)
            return String(word)
        }

        private mutating func key() throws(APIFailure) -> String {
            let key = word()
            if let why = NameRules.labelKeyFault(key) { throw bad("key: Invalid value: \(JSONValue.string(key).text): \(why)") }
            return key
        }

        private mutating func value(of key: String) throws(APIFailure) -> String {
            let value = word()
            if value.isEmpty, let next = rest.first, "=!<>(".contains(next) { throw bad("found '\(next)', expected: identifier") }
            if let why = NameRules.labelValueFault(value) { throw bad("values[0][\(key)]: Invalid value: \(JSONValue.string(value).text): \(why)") }
            return value
        }

        private mutating func list(of key: String) throws(APIFailure) -> Set<String> {
            skipBlanks()
            guard rest.first == "(" else { throw bad("found '\(word())' expected: '('") }
            var values: Set<String> = []
            repeat {
                rest = rest.dropFirst()
                values.insert(try value(of: key))
                skipBlanks()
            } while rest.first == ","
            guard rest.first == ")" else { throw bad("found '\(word())', expected: ',' or ')'") }
            rest = rest.dropFirst()
            return values
        }

        private func bad(_ what: String) -> APIFailure { .badRequest("unable to parse requirement: " + what) }
    }
}
