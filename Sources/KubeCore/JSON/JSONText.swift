// The small grammar of JSON's leaves: numbers, literals, string escapes, both ways. Not containers.

package enum JSONText {
    @inline(__always)
    static func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x30...0x39: UInt32(byte - 0x30)
        case 0x41...0x46: UInt32(byte - 0x41 + 10)
        case 0x61...0x66: UInt32(byte - 0x61 + 10)
        default: nil
        }
    }

    /// Where the number or literal that begins at `index` ends; nil when it is neither, or when more follows at once.
    static func scalarEnd(_ base: UnsafePointer<UInt8>, _ index: Int, _ end: Int) -> Int? {
        var at = index
        func literal(_ text: StaticString) -> Bool {
            let count = text.utf8CodeUnitCount
            guard end - at >= count else { return false }
            for offset in 0..<count where base[at + offset] != text.utf8Start[offset] { return false }
            at += count
            return true
        }
        func digits() -> Bool {
            let start = at
            while at < end, base[at] >= 0x30, base[at] <= 0x39 { at += 1 }
            return at > start
        }
        switch base[at] {
        case UInt8(ascii: "t"): guard literal("true") else { return nil }
        case UInt8(ascii: "f"): guard literal("false") else { return nil }
        case UInt8(ascii: "n"): guard literal("null") else { return nil }
        default:
            if base[at] == UInt8(ascii: "-") { at += 1 }
            guard at < end else { return nil }
            if base[at] == UInt8(ascii: "0") { at += 1 } else if !digits() { return nil }
            if at < end, base[at] == UInt8(ascii: ".") {
                at += 1
                guard digits() else { return nil }
            }
            if at < end, base[at] | 0x20 == UInt8(ascii: "e") {
                at += 1
                if at < end, base[at] == UInt8(ascii: "+") || base[at] == UInt8(ascii: "-") { at += 1 }
                guard digits() else { return nil }
            }
        }
        guard at < end else { return at }
        switch base[at] {
        case 0x20, 0x0a, 0x0d, 0x09, UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"): return at
        default: return nil
        }
    }

    /// The text of a string's inside (without quotes, valid JSON). A lone surrogate becomes U+FFFD.
    package static func unescape(_ raw: UnsafeRawBufferPointer) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(raw.count)
        var at = 0
        func unit(_ from: Int) -> UInt32? {
            guard from + 4 <= raw.count else { return nil }
            var value: UInt32 = 0
            for offset in 0..<4 {
                guard let digit = hexDigit(raw[from + offset]) else { return nil }
                value = value << 4 | digit
            }
            return value
        }
        while at < raw.count {
            let byte = raw[at]
            guard byte == UInt8(ascii: "\\"), at + 1 < raw.count else {
                out.append(byte)
                at += 1
                continue
            }
            let escape = raw[at + 1]
            at += 2
            switch escape {
            case UInt8(ascii: "b"): out.append(0x08)
            case UInt8(ascii: "f"): out.append(0x0c)
            case UInt8(ascii: "n"): out.append(0x0a)
            case UInt8(ascii: "r"): out.append(0x0d)
            case UInt8(ascii: "t"): out.append(0x09)
            case UInt8(ascii: "u"):
                var value = unit(at) ?? 0xfffd
                at += 4
                if value & 0xfc00 == 0xd800, at + 6 <= raw.count, raw[at] == UInt8(ascii: "\\"), raw[at + 1] == UInt8(ascii: "u"),
                    let low = unit(at + 2), low & 0xfc00 == 0xdc00
                {
                    value = 0x10000 + (value & 0x3ff) << 10 + (low & 0x3ff)
                    at += 6
                }
                let scalar = UnicodeScalar(value) ?? "\u{fffd}"
                out.append(contentsOf: String(Character(scalar)).utf8)
            default: out.append(escape)
            }
        }
        return out
    }

    /// Appends `text` as a JSON string with its quotes.
    package static func quote(_ text: some Sequence<UInt8>, into out: inout [UInt8]) {
        let hex = Array("0123456789abcdef".utf8)
        out.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                out.append(UInt8(ascii: "\\"))
                out.append(byte)
            case 0x0a: out.append(contentsOf: "\\n".utf8)
            case 0x0d: out.append(contentsOf: "\\r".utf8)
            case 0x09: out.append(contentsOf: "\\t".utf8)
            case 0..<0x20:
                out.append(contentsOf: "\\u00".utf8)
                out.append(hex[Int(byte >> 4)])
                out.append(hex[Int(byte & 15)])
            default: out.append(byte)
            }
        }
        out.append(UInt8(ascii: "\""))
    }
}

/// UTF-8 validity (Unicode 15, table 3-7), with a fast way over ASCII.
package enum UTF8Check {
    /// The offset of the first byte that is not part of valid UTF-8; nil when all is.
    package static func firstInvalid(_ text: UnsafeRawBufferPointer) -> Int? {
        var at = 0
        let end = text.count
        while at < end {
            if at + 8 <= end, text.loadUnaligned(fromByteOffset: at, as: UInt64.self) & 0x8080_8080_8080_8080 == 0 {
                at += 8
                continue
            }
            let lead = text[at]
            if lead < 0x80 {
                at += 1
                continue
            }
            let length: Int
            var low: UInt8 = 0x80
            var high: UInt8 = 0xbf
            switch lead {
            case 0xc2...0xdf: length = 2
            case 0xe0: (length, low) = (3, 0xa0)
            case 0xed: (length, high) = (3, 0x9f)
            case 0xe1...0xef: length = 3
            case 0xf0: (length, low) = (4, 0x90)
            case 0xf1...0xf3: length = 4
            case 0xf4: (length, high) = (4, 0x8f)
            default: return at
            }
            guard at + length <= end, text[at + 1] >= low, text[at + 1] <= high else { return at }
            for offset in 2..<max(length, 2) where text[at + offset] & 0xc0 != 0x80 { return at }
            at += length
        }
        return nil
    }
}
