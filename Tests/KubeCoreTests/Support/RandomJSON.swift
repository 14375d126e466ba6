// Random JSON: a value and one of its many spellings, made together, so that the tests know what a text means without
// reading it. And ways to break a text. No tests.
import KubeCore

/// Writes values with blanks, escapes and duplicate keys where JSON allows them.
struct RandomJSON {
    var random: SeededRandom
    /// Keys to choose from, beside random ones.
    var keys = ["a", "items", "metadata", "name", "object", "x\"items", "{", "}]", "\\", "", "é", "🙂"]

    init(_ seed: UInt64) { random = SeededRandom(seed) }

    mutating func blanks() -> [UInt8] {
        random.chance(75) ? [] : (0..<random.below(4)).map { _ in random.pick([0x20, 0x0a, 0x0d, 0x09]) }
    }

    mutating func value(depth: Int) -> (JSONValue, [UInt8]) {
        switch random.below(depth > 0 ? 9 : 5) {
        case 0: return (.null, utf8("null"))
        case 1: return random.chance(50) ? (.bool(true), utf8("true")) : (.bool(false), utf8("false"))
        case 2:
            let number = random.pick(["0", "-0", "1", "-12", "9007199254740993", "0.5", "1e9", "-1.25E-7", "123456789012345678901234567890"])
            return (.number(number), utf8(number))
        case 3, 4:
            let (string, written) = string()
            return (.string(string), written)
        case 5, 6: return array(depth: depth)
        default: return object(depth: depth)
        }
    }

    mutating func array(depth: Int) -> (JSONValue, [UInt8]) {
        var elements: [JSONValue] = []
        var out: [UInt8] = [UInt8(ascii: "[")] + blanks()
        for index in 0..<random.below(4) {
            if index > 0 { out += [UInt8(ascii: ",")] + blanks() }
            let (element, written) = value(depth: depth - 1)
            elements.append(element)
            out += written + blanks()
        }
        return (.array(elements), out + [UInt8(ascii: "]")])
    }

    mutating func object(depth: Int, _ extra: [(String, JSONValue, [UInt8])] = []) -> (JSONValue, [UInt8]) {
        var members: [(String, [UInt8], JSONValue, [UInt8])] = []
        for _ in 0..<random.below(4) {
            let (value, written) = value(depth: depth - 1)
            if random.chance(40) {
                let (key, keyText) = string()
                members.append((key, keyText, value, written))
            } else {
                let key = random.pick(keys)
                members.append((key, JSONValue.string(key).bytes(), value, written))
            }
        }
        for (key, value, written) in extra {
            members.insert((key, utf8("\"\(key)\""), value, written), at: random.below(members.count + 1))
        }
        var out: [UInt8] = [UInt8(ascii: "{")] + blanks()
        for (index, member) in members.enumerated() {
            if index > 0 { out += [UInt8(ascii: ",")] + blanks() }
            out += member.1 + blanks() + [UInt8(ascii: ":")] + blanks() + member.3 + blanks()
        }
        return (.object(members.map { .init($0.0, $0.2) }), out + [UInt8(ascii: "}")])
    }

    mutating func string() -> (String, [UInt8]) {
        var plain = ""
        var out: [UInt8] = [UInt8(ascii: "\"")]
        for _ in 0..<random.below(random.chance(10) ? 90 : 7) {
            let (scalar, written) = random.pick(Self.spellings)
            plain.unicodeScalars.append(scalar)
            out += written
        }
        return (plain, out + [UInt8(ascii: "\"")])
    }

    private static let spellings: [(UnicodeScalar, [UInt8])] = [
        ("a", utf8("a")), ("z", utf8("\\u007a")), ("\"", utf8("\\\"")), ("\\", utf8("\\\\")), ("\\", utf8("\\u005C")), ("/", utf8("\\/")),
        ("/", utf8("/")), ("\n", utf8("\\n")), ("\t", utf8("\\t")), ("\r", utf8("\\r")), ("\u{8}", utf8("\\b")), ("\u{c}", utf8("\\f")),
        ("\u{0}", utf8("\\u0000")), ("{", utf8("{")), ("}", utf8("}")), ("[", utf8("[")), ("]", utf8("]")), (",", utf8(",")), (":", utf8(":")),
        ("\u{7f}", [0x7f]), ("é", utf8("é")), ("é", utf8("\\u00e9")), ("\u{2028}", utf8("\u{2028}")), ("🙂", utf8("🙂")),
        ("🙂", utf8("\\uD83D\\ude42")), ("\u{fffd}", utf8("\\ud800")), (" ", utf8(" ")), ("\\", utf8("\\\\")), ("\"", utf8("\\\"")),
    ]

    /// The text with one to three small damages; some leave it valid.
    mutating func damaged(_ text: [UInt8]) -> [UInt8] {
        var out = text
        let bytes: [UInt8] = utf8("\"\\{}[]:,0123456789.eE+-truefalsn u/b") + [0, 0x1f, 0x0a, 0x7f, 0x80, 0xbf, 0xc0, 0xc3, 0xa9, 0xed, 0xf4, 0xff]
        for _ in 0...random.below(3) {
            guard !out.isEmpty else { return [0x7b] }
            let at = random.below(out.count)
            switch random.below(6) {
            case 0: out.remove(at: at)
            case 1: out.insert(random.pick(bytes), at: at)
            case 2: out[at] = random.pick(bytes)
            case 3: out.insert(contentsOf: out[at..<min(out.count, at + random.below(9))], at: random.below(out.count))
            case 4: out.removeSubrange(at..<min(out.count, at + random.below(5)))
            default: out.swapAt(at, random.below(out.count))
            }
        }
        return out
    }
}
