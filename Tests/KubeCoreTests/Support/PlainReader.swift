// The oracle: JSON read the plain way, one byte after the other and recursively, straight from RFC 8259. Shares nothing
// with the sources but the type of the tree. No tests.
import KubeCore

/// Reads a text to a tree; nil when it is not exactly one valid JSON value. Only for texts that nest little.
struct PlainReader {
    private let bytes: [UInt8]
    private var at = 0

    static func read(_ bytes: [UInt8]) -> JSONValue? {
        // Broken UTF-8 does not survive decoding.
        guard Array(String(decoding: bytes, as: UTF8.self).utf8) == bytes else { return nil }
        var reader = PlainReader(bytes: bytes)
        reader.blanks()
        guard let value = reader.value() else { return nil }
        reader.blanks()
        return reader.at == bytes.count ? value : nil
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private var byte: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func blanks() {
        while let byte, byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d { at += 1 }
    }

    private mutating func take(_ text: String) -> Bool {
        let wanted = Array(text.utf8)
        guard bytes[at...].starts(with: wanted) else { return false }
        at += wanted.count
        return true
    }

    private mutating func value() -> JSONValue? {
        switch byte {
        case 0x7b: return object()
        case 0x5b: return array()
        case 0x22: return string().map { .string($0) }
        case 0x74: return take("true") ? .bool(true) : nil
        case 0x66: return take("false") ? .bool(false) : nil
        case 0x6e: return take("null") ? .null : nil
        default: return number()
        }
    }

    private mutating func object() -> JSONValue? {
        at += 1
        var members: [JSONValue.Member] = []
        blanks()
        if take("}") { return .object([]) }
        while true {
            blanks()
            guard byte == 0x22, let key = string() else { return nil }
            blanks()
            guard take(":") else { return nil }
            blanks()
            guard let value = value() else { return nil }
            members.append(.init(key, value))
            blanks()
            if take("}") { return .object(members) }
            guard take(",") else { return nil }
        }
    }

    private mutating func array() -> JSONValue? {
        at += 1
        var elements: [JSONValue] = []
        blanks()
        if take("]") { return .array([]) }
        while true {
            blanks()
            guard let value = value() else { return nil }
            elements.append(value)
            blanks()
            if take("]") { return .array(elements) }
            guard take(",") else { return nil }
        }
    }

    private mutating func digits() -> Bool {
        let start = at
        while let byte, byte >= 0x30, byte <= 0x39 { at += 1 }
        return at > start
    }

    private mutating func number() -> JSONValue? {
        let start = at
        _ = take("-")
        if !take("0") { guard digits() else { return nil } }
        if take(".") { guard digits() else { return nil } }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            guard digits() else { return nil }
        }
        return .number(String(decoding: bytes[start..<at], as: UTF8.self))
    }

    private mutating func string() -> String? {
        at += 1
        var units: [UInt16] = []
        var plain: [UInt8] = []
        var out = ""
        func flushed(_ plain: [UInt8], _ units: [UInt16]) -> String { String(decoding: plain, as: UTF8.self) + String(decoding: units, as: UTF16.self) }
        while let byte {
            at += 1
            if byte == 0x22 { return out + flushed(plain, units) }
            if byte < 0x20 { return nil }
            guard byte == 0x5c else {
                if !units.isEmpty {
                    out += flushed(plain, units)
                    (plain, units) = ([], [])
                }
                plain.append(byte)
                continue
            }
            guard let escape = self.byte else { return nil }
            at += 1
            let simple: [UInt8: UInt16] = [0x22: 0x22, 0x5c: 0x5c, 0x2f: 0x2f, 0x62: 8, 0x66: 12, 0x6e: 10, 0x72: 13, 0x74: 9]
            if let unit = simple[escape] {
                units.append(unit)
            } else {
                guard escape == 0x75, at + 4 <= bytes.count else { return nil }
                let hex = bytes[at..<at + 4]
                guard hex.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit && $0 < 0x80 }),
                    let unit = UInt16(String(decoding: hex, as: UTF8.self), radix: 16)
                else { return nil }
                units.append(unit)
                at += 4
            }
        }
        return nil
    }
}
