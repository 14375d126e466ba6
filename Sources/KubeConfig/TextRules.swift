// Small rules about text from outside: what may be shown in a message, what may stand in a name or a header.
import Glibc

/// Text from a file or an option, made fit for one line of a message. Never used for values, only for names.
enum ShownText {
    static func quote(_ text: String) -> String { "\"" + plain(text) + "\"" }

    /// Control characters and line separators become "?", long text is cut.
    static func plain(_ text: String) -> String {
        var out = ""
        var count = 0
        for scalar in text.unicodeScalars {
            count &+= 1
            if count > 200 { return out + "..." }
            switch scalar.value {
            case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: out += "?"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}

enum TextRules {
    /// RFC 1123: 1 to 63 of a-z, 0-9 and "-", beginning and ending without "-".
    static func isDNSLabel(_ text: String) -> Bool {
        let bytes = text.utf8
        guard (1...63).contains(bytes.count), let first = bytes.first, let last = bytes.last else { return false }
        return first != UInt8(ascii: "-") && last != UInt8(ascii: "-")
            && bytes.allSatisfy { isDigit($0) || isLower($0) || $0 == UInt8(ascii: "-") }
    }

    /// A host name as URLs and certificates carry it: letters, digits, "-", "." and "_".
    static func isHostName(_ text: String) -> Bool {
        let bytes = text.utf8
        guard (1...253).contains(bytes.count), let first = bytes.first else { return false }
        return first != UInt8(ascii: ".") && first != UInt8(ascii: "-")
            && bytes.allSatisfy {
                isDigit($0) || isLower($0 | 0x20) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_")
            }
    }

    static func isIPv6(_ text: String) -> Bool {
        var address = in6_addr()
        return !text.utf8.contains(0) && inet_pton(AF_INET6, text, &address) == 1
    }

    /// Control characters never go into a header (T12).
    static func hasControlCharacters(_ text: String) -> Bool { text.utf8.contains { $0 < 0x20 || $0 == 0x7F } }

    /// Without blanks and line breaks at both ends.
    static func trimmed(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
        var rest = bytes.drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest = rest.dropLast() }
        return rest
    }

    static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    static func isLower(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }

    /// Byte for byte; Swift's own comparison takes two spellings of an accent as equal.
    static func same(_ one: String, _ other: String) -> Bool { one.utf8.elementsEqual(other.utf8) }
}
