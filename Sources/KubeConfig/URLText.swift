// The parts of a URL that servers and proxies have in common. Messages never repeat the text: it may hold a password.
import KubeCore

enum URLText {
    static func requireClean(_ text: String) throws(KubeError) {
        guard !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "\\") }) else {
            throw KubeError(.config, "holds a blank, a control character or a backslash")
        }
    }

    /// What stands before "://", and whether that is a scheme at all.
    static func scheme(_ text: Substring) -> (Substring, Bool) {
        let before = text.prefix { $0 != ":" && $0 != "/" && $0 != "?" && $0 != "#" }
        return (before, text.dropFirst(before.count).hasPrefix("://"))
    }

    static func hostAndPort(_ text: Substring) throws(KubeError) -> (String, UInt16?) {
        var rest = text
        let host: String
        if rest.first == "[" {
            host = String(rest.dropFirst().prefix { $0 != "]" })
            rest = rest.dropFirst(host.count + 1)
            guard rest.first == "]" else { throw KubeError(.config, "has a bracket without its partner") }
            rest = rest.dropFirst()
            guard !host.utf8.contains(UInt8(ascii: "%")) else { throw KubeError(.unsupported, "IPv6 zones are not supported by this version") }
            guard TextRules.isIPv6(host) else { throw KubeError(.config, "holds no IPv6 address in its brackets") }
        } else {
            host = String(rest.prefix { $0 != ":" })
            rest = rest.dropFirst(host.count)
            guard !host.isEmpty else { throw KubeError(.config, "has no host") }
            guard TextRules.isHostName(host) else { throw KubeError(.config, "has a host that is not a name or an address") }
        }
        guard let colon = rest.first else { return (host, nil) }
        guard colon == ":" else { throw KubeError(.config, "has text between host and port") }
        let digits = rest.dropFirst()
        if digits.isEmpty { return (host, nil) }
        guard digits.utf8.allSatisfy(TextRules.isDigit), let port = UInt16(digits), port > 0 else {
            throw KubeError(.config, "has a port that is not a number from 1 to 65535")
        }
        return (host, port)
    }

    static func bracketed(_ host: String) -> String { host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host }

    /// nil: a "%" without two digits behind it, or no UTF-8.
    static func decoded(_ text: Substring) -> String? {
        var out: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                out.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else { return nil }
            out.append(high &* 16 &+ low)
        }
        return String(validating: out, as: UTF8.self)
    }

    static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte &- UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte &- UInt8(ascii: "a") &+ 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte &- UInt8(ascii: "A") &+ 10
        default: nil
        }
    }
}
