// Swift text without its comments and literals, so that a rule about code is not broken by prose. No parser: it knows quotes only.

/// What is left stands where it stood: everything taken out is a space, and lines stay lines.
enum SwiftCode {
    static func of(_ text: String) -> String {
        var reader = Reader(Array(text.utf8))
        reader.code(until: nil)
        return String(decoding: reader.out, as: UTF8.self)
    }

    /// Identifiers of `code`, each with its line and what follows it at once.
    static func words(_ code: String) -> [(word: Substring, line: Int, next: Character?)] {
        var found: [(Substring, Int, Character?)] = []
        var line = 1
        var at = code.startIndex
        while at < code.endIndex {
            if isWord(code[at]) {
                let end = code[at...].firstIndex { !isWord($0) } ?? code.endIndex
                found.append((code[at..<end], line, end < code.endIndex ? code[end] : nil))
                at = end
            } else {
                if code[at] == "\n" { line += 1 }
                at = code.index(after: at)
            }
        }
        return found
    }

    static func isWord(_ character: Character) -> Bool { character.isLetter || character.isNumber || character == "_" }

    private struct Reader {
        let bytes: [UInt8]
        var out: [UInt8] = []
        var at = 0

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        func starts(_ text: String) -> Bool { bytes[at...].starts(with: text.utf8) }

        mutating func blank(_ count: Int) {
            for byte in bytes[at..<min(at + count, bytes.count)] { out.append(byte == 0x0a ? byte : 0x20) }
            at = min(at + count, bytes.count)
        }

        mutating func keep() {
            out.append(bytes[at])
            at += 1
        }

        /// Code up to the end, or up to the `)` that closes an interpolation.
        mutating func code(until close: UInt8?) {
            var depth = 0
            while at < bytes.count {
                if starts("//") {
                    while at < bytes.count, bytes[at] != 0x0a { blank(1) }
                } else if starts("/*") {
                    comment()
                } else if bytes[at] == UInt8(ascii: "\"") || bytes[at] == UInt8(ascii: "#") {
                    literal()
                } else {
                    if close != nil {
                        if bytes[at] == UInt8(ascii: "(") { depth += 1 }
                        if bytes[at] == UInt8(ascii: ")") {
                            if depth == 0 { return }
                            depth -= 1
                        }
                    }
                    keep()
                }
            }
        }

        /// Block comments nest.
        mutating func comment() {
            var depth = 0
            repeat {
                if starts("/*") { (depth, _) = (depth + 1, blank(2)) }
                else if starts("*/") { (depth, _) = (depth - 1, blank(2)) }
                else { blank(1) }
            } while depth > 0 && at < bytes.count
        }

        mutating func literal() {
            let hashes = bytes[at...].prefix { $0 == UInt8(ascii: "#") }.count
            guard at + hashes < bytes.count, bytes[at + hashes] == UInt8(ascii: "\"") else { return keep() }
            let fence = String(repeating: "#", count: hashes)
            let quotes = bytes[(at + hashes)...].starts(with: "\"\"\"".utf8) ? "\"\"\"" : "\""
            // Something visible stays, so that what stands around a literal is not moved together.
            blank(hashes)
            keep()
            blank(quotes.utf8.count - 1)
            while at < bytes.count {
                if starts(quotes + fence) {
                    blank(quotes.utf8.count - 1)
                    keep()
                    blank(hashes)
                    return
                }
                if starts("\\" + fence + "(") {
                    blank(hashes + 2)
                    code(until: UInt8(ascii: ")"))
                    blank(1)
                } else if starts("\\" + fence) {
                    blank(hashes + 2)
                } else {
                    if quotes.utf8.count == 1, bytes[at] == 0x0a { return }
                    blank(1)
                }
            }
        }
    }
}
