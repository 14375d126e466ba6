// What the files of the C face name: the header, the version script, the exported functions. It reads; CFaceTests compares.

enum CFace {
    /// C text without comments.
    static func code(_ text: String) -> String {
        var out = ""
        var rest = text[...]
        while let character = rest.first {
            if rest.hasPrefix("/*") {
                var body = rest.dropFirst(2)
                while !body.isEmpty, !body.hasPrefix("*/") { body = body.dropFirst() }
                out += " "
                rest = body.dropFirst(2)
            } else if rest.hasPrefix("//") {
                rest = rest.drop { $0 != "\n" }
            } else {
                out.append(character)
                rest = rest.dropFirst()
            }
        }
        return out
    }

    /// The functions that a header declares: not its types, and not what a macro names.
    static func declared(_ header: String) -> [String] {
        let lines = code(header).split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.drop { $0 == " " }.hasPrefix("#") }
        let statements = lines.joined(separator: " ").split(separator: ";").filter { !$0.contains("typedef") }
        return statements.compactMap { statement -> String? in
            SwiftCode.words(String(statement)).first { $0.word.hasPrefix("kcr_") && $0.next == "(" }.map { String($0.word) }
        }
    }

    /// The names between `global:` and `local:`.
    static func exported(_ map: String) -> [String] {
        let code = code(map)
        guard let global = code.firstRange(of: "global:"), let local = code.firstRange(of: "local:") else { return [] }
        return code[global.upperBound..<local.lowerBound].split { $0.isWhitespace || $0 == ";" }.map(String.init)
    }

    /// The names in `@c(...)`.
    static func implemented(_ swift: String) -> [String] {
        SwiftCode.of(swift).split(separator: "\n").compactMap { line in
            guard let open = line.firstRange(of: "@c("), let close = line[open.upperBound...].firstIndex(of: ")") else { return nil }
            return String(line[open.upperBound..<close])
        }
    }

    /// What one list names and the other does not, and what a list names twice.
    static func differences(_ a: (String, [String]), _ b: (String, [String])) -> [String] {
        let (first, second) = (Set(a.1), Set(b.1))
        func twice(_ list: (String, [String])) -> [String] {
            Dictionary(grouping: list.1) { $0 }.filter { $0.value.count > 1 }.map { "\($0.key) stands twice in \(list.0)" }
        }
        return (first.subtracting(second).map { "\($0) is in \(a.0), not in \(b.0)" } + second.subtracting(first).map { "\($0) is in \(b.0), not in \(a.0)" }
            + twice(a) + twice(b)).sorted()
    }

    /// The numbers of a header, by name: `#define KCR_A (-1)`, or `KCR_A = -1` of an enum.
    static func constants(_ header: String) -> [String: Int] {
        var found: [String: Int] = [:]
        for line in code(header).split(separator: "\n") {
            let words = line.split { $0.isWhitespace }
            if words.first == "#define" {
                guard words.count >= 3 else { continue }
                if let number = number(words.dropFirst(2).joined()) { found[String(words[1])] = number }
                continue
            }
            for part in line.split(whereSeparator: { ",{}".contains($0) }) {
                let sides = part.split(separator: "=")
                guard sides.count == 2, let name = sides[0].split(whereSeparator: { $0.isWhitespace }).last, name.hasPrefix("KCR_") else { continue }
                if let number = number(String(sides[1])) { found[String(name)] = number }
            }
        }
        return found
    }

    /// `-1`, `(-1)`, `((kcr_status)-1)`, `(1 << 2)`.
    private static func number(_ text: String) -> Int? {
        var text = text.filter { !$0.isWhitespace }
        for cast in ["(kcr_status)", "(int32_t)"] { text = text.replacing(cast, with: "") }
        while text.hasPrefix("("), text.hasSuffix(")") { text = String(text.dropFirst().dropLast()) }
        let sides = text.split(separator: "<")
        if sides.count == 2, text.contains("<<"), let value = Int(sides[0]), let shift = Int(sides[1]) { return value << shift }
        return text.hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text)
    }
}
