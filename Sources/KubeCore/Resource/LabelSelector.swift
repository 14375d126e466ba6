// Label selectors, held against the labels of an object in place: "app=web,tier in (a, b),!old" (apimachinery pkg/labels).

package struct LabelSelector: Equatable, Sendable {
    private enum Test: Equatable, Sendable {
        case among([[UInt8]])
        /// An object without the label passes too.
        case notAmong([[UInt8]])
        case exists, absent
        /// Of labels that are integers.
        case greater(Int64), less(Int64)
    }

    private struct Requirement: Equatable, Sendable {
        let key: [UInt8]
        let test: Test
    }

    private var requirements: [Requirement] = []

    /// "" selects everything. Throws `.argument` for what is no selector.
    package init(_ text: String) throws(KubeError) {
        var reader = Reader(text)
        guard !reader.isAtEnd else { return }
        repeat { requirements.append(try reader.requirement()) } while reader.takes(",")
        guard reader.isAtEnd else { throw reader.bad("a comma or the end is expected") }
    }

    package var isEmpty: Bool { requirements.isEmpty }

    package func matches(_ blob: ObjectBlob) -> Bool {
        let labels = blob.labelsJSON
        return requirements.allSatisfy { requirement in
            let value = Self.value(of: requirement.key, in: labels)
            switch requirement.test {
            case .among(let wanted): return value.map(wanted.contains) ?? false
            case .notAmong(let unwanted): return value.map { !unwanted.contains($0) } ?? true
            case .exists: return value != nil
            case .absent: return value == nil
            case .greater(let limit): return Self.number(value).map { $0 > limit } ?? false
            case .less(let limit): return Self.number(value).map { $0 < limit } ?? false
            }
        }
    }

    private static func number(_ value: [UInt8]?) -> Int64? { value.flatMap { Int64(String(decoding: $0, as: UTF8.self)) } }

    private static func value(of key: [UInt8], in labels: UnsafeRawBufferPointer) -> [UInt8]? {
        guard !labels.isEmpty else { return nil }
        var cursor = JSONCursor(labels)
        guard cursor.descend(to: key), cursor.byte == UInt8(ascii: "\"") else { return nil }
        return JSONText.unescape(UnsafeRawBufferPointer(rebasing: cursor.value().dropFirst().dropLast()))
    }

    // MARK: Reading

    private struct Reader {
        private let text: String
        private var rest: Substring.UTF8View

        init(_ text: String) {
            self.text = text
            rest = Substring(text).utf8
            skipBlanks()
        }

        var isAtEnd: Bool { rest.isEmpty }

        func bad(_ why: String) -> KubeError {
            let at = text.utf8.count - rest.count
            return KubeError(.argument, "the label selector \"\(ServerError.oneLine(Array(text.utf8), limit: 300))\": \(why) at byte \(at)")
        }

        private mutating func skipBlanks() { rest = rest.drop { $0 == 0x20 || $0 == 0x09 } }

        /// Takes the sign if it comes next.
        mutating func takes(_ sign: StaticString) -> Bool {
            let bytes = UnsafeBufferPointer(start: sign.utf8Start, count: sign.utf8CodeUnitCount)
            guard rest.starts(with: bytes) else { return false }
            rest = rest.dropFirst(bytes.count)
            skipBlanks()
            return true
        }

        mutating func requirement() throws(KubeError) -> Requirement {
            if takes("!") { return Requirement(key: try key(), test: .absent) }
            let key = try key()
            if takes("==") || takes("=") { return Requirement(key: key, test: .among([try value()])) }
            if takes("!=") { return Requirement(key: key, test: .notAmong([try value()])) }
            if takes(">") { return Requirement(key: key, test: .greater(try number())) }
            if takes("<") { return Requirement(key: key, test: .less(try number())) }
            if isAtEnd || rest.first == UInt8(ascii: ",") { return Requirement(key: key, test: .exists) }
            switch String(decoding: word(), as: UTF8.self) {
            case "in": return Requirement(key: key, test: .among(try values()))
            case "notin": return Requirement(key: key, test: .notAmong(try values()))
            default: throw bad("one of = == != > < in notin is expected before it")
            }
        }

        private mutating func word() -> [UInt8] {
            let word = Array(rest.prefix { !" \t,()=!<>".utf8.contains($0) })
            rest = rest.dropFirst(word.count)
            skipBlanks()
            return word
        }

        /// PREFIX/NAME or NAME: what apimachinery calls a qualified name, but for the length of its parts.
        private mutating func key() throws(KubeError) -> [UInt8] {
            let fault = bad("a label key is expected")
            let key = word()
            let parts = key.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty && Self.isName($0) }) else { throw fault }
            return key
        }

        private mutating func value() throws(KubeError) -> [UInt8] {
            let fault = bad("a label value is expected")
            let value = word()
            guard value.isEmpty || Self.isName(value[...]), value.count <= 63 else { throw fault }
            if value.isEmpty, let next = rest.first, "=!<>(".utf8.contains(next) { throw fault }
            return value
        }

        private mutating func number() throws(KubeError) -> Int64 {
            let fault = bad("an integer is expected")
            guard let number = Int64(String(decoding: try value(), as: UTF8.self)) else { throw fault }
            return number
        }

        private mutating func values() throws(KubeError) -> [[UInt8]] {
            guard takes("(") else { throw bad("\"(\" is expected") }
            var values: [[UInt8]] = []
            repeat { values.append(try value()) } while takes(",")
            guard takes(")") else { throw bad("\",\" or \")\" is expected") }
            return values
        }

        /// Letters, digits, "-", "_", ".", with a letter or digit at both ends.
        private static func isName(_ bytes: ArraySlice<UInt8>) -> Bool {
            func isPlain(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20) }
            guard let first = bytes.first, let last = bytes.last, isPlain(first), isPlain(last) else { return false }
            return bytes.allSatisfy { isPlain($0) || "-_.".utf8.contains($0) }
        }
    }
}
