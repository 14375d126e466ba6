// The type of a YAML scalar by the rules of the reference's resolver (go-yaml v2, which kubectl uses). Pure.
import KubeCore

/// YAML 1.1 typing: yes and off are booleans, 0o7, 1_000, .5 and 08 are numbers; dates, 12:30:45 and 1e400 are text.
enum YAMLScalar {
    static let mergeTag = core + "merge"
    private static let core = "tag:yaml.org,2002:"

    /// nil: the text does not fit its tag, or (.inf, .nan) JSON has no such value.
    /// A tag outside the core ones makes text of anything.
    static func resolve(_ text: String, tag: String?, plain: Bool) -> JSONValue? {
        guard let tag else { return plain ? untagged(text) : .string(text) }
        guard tag.hasPrefix(core) else { return .string(text) }
        switch tag.dropFirst(core.count) {
        case "null":
            guard let value = untagged(text), value.isNull else { return nil }
            return value
        case "bool":
            guard let value = untagged(text), value.bool != nil else { return nil }
            return value
        case "int":
            guard let number = integer(text) else { return nil }
            return .number(number)
        case "float":
            guard case .number(let number)? = untagged(text) else { return nil }
            return .number(number)
        case "binary":
            guard let bytes = Base64.decode(text), let decoded = String(validating: bytes, as: UTF8.self) else { return nil }
            return .string(decoded)
        default: return .string(text)
        }
    }

    private static func untagged(_ text: String) -> JSONValue? {
        guard let first = text.utf8.first else { return .null }
        switch first {
        case UInt8(ascii: "~"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
            return word(text)
        case UInt8(ascii: "."):
            if isInfinityOrNaN(text[...]) { return nil }
            return (isFloat(text) ? finite(text) : nil).map(JSONValue.number) ?? .string(text)
        case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            if isInfinity(text.dropFirst()), first == UInt8(ascii: "+") || first == UInt8(ascii: "-") { return nil }
            return (integer(text) ?? float(text)).map(JSONValue.number) ?? .string(text)
        default: return .string(text)
        }
    }

    private static func word(_ text: String) -> JSONValue {
        switch text {
        case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON": .bool(true)
        case "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF": .bool(false)
        case "~", "null", "Null", "NULL": .null
        default: .string(text)
        }
    }

    private static func isInfinity(_ text: Substring) -> Bool { text == ".inf" || text == ".Inf" || text == ".INF" }

    private static func isInfinityOrNaN(_ text: Substring) -> Bool {
        isInfinity(text) || text == ".nan" || text == ".NaN" || text == ".NAN"
    }

    /// Decimal text of an integer: 10, -0x1F, 0b11, 0o17, 017, 1_000. Other bases must fit 64 bits, decimal ones
    /// keep all their digits.
    private static func integer(_ text: String) -> String? {
        var digits = Array(text.utf8).filter { $0 != UInt8(ascii: "_") }[...]
        var sign = ""
        if let first = digits.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
            sign = first == UInt8(ascii: "-") ? "-" : "+"
            digits = digits.dropFirst()
        }
        guard let first = digits.first else { return nil }
        guard first == UInt8(ascii: "0"), digits.count > 1 else {
            guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
            let text = String(decoding: digits, as: UTF8.self)
            return sign == "-" && text != "0" ? "-" + text : text
        }
        var radix = 8
        switch (digits.dropFirst().first ?? 0) | 0x20 {
        case UInt8(ascii: "x"): radix = 16
        case UInt8(ascii: "o"): radix = 8
        case UInt8(ascii: "b"): radix = 2
        default: digits.insert(UInt8(ascii: "o"), at: digits.startIndex + 1)
        }
        let rest = digits.dropFirst(2)
        // Swift's conversion takes a sign of its own; here it would be a second one.
        guard let lead = rest.first, lead != UInt8(ascii: "-"), lead != UInt8(ascii: "+") else { return nil }
        let number = String(decoding: rest, as: UTF8.self)
        if sign.isEmpty { return UInt64(number, radix: radix).map { String($0) } }
        return Int64(sign + number, radix: radix).map { String($0) }
    }

    private static func float(_ text: String) -> String? {
        let plain = text.filter { $0 != "_" }
        return isFloat(plain) ? finite(plain) : nil
    }

    private static func finite(_ text: String) -> String? {
        guard let value = Double(text), value.isFinite else { return nil }
        return NumberText.of(value)
    }

    /// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
    private static func isFloat(_ text: String) -> Bool {
        var rest = text.utf8[...]
        func digits() -> Int {
            let count = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
            rest = rest.dropFirst(count)
            return count
        }
        func skip(_ choices: UInt8...) -> Bool {
            guard let first = rest.first, choices.contains(first) else { return false }
            rest = rest.dropFirst()
            return true
        }
        _ = skip(UInt8(ascii: "+"), UInt8(ascii: "-"))
        let whole = digits()
        if skip(UInt8(ascii: ".")) {
            let fraction = digits()
            guard whole > 0 || fraction > 0 else { return false }
        } else if whole == 0 {
            return false
        }
        if skip(UInt8(ascii: "e"), UInt8(ascii: "E")) {
            _ = skip(UInt8(ascii: "+"), UInt8(ascii: "-"))
            guard digits() > 0 else { return false }
        }
        return rest.isEmpty
    }
}
