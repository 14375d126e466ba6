// The server's address: from the text of a config to its parts, and back to a URL. Resolves no name.
package import KubeCore

extension ClientConfig.Server {
    /// Reads `server` as the reference does. Query and fragment are dropped, the path is normalised (R10); without a scheme
    /// it is https when `tlsConfigured`, else http, and a path is refused. The message never repeats the text: it may
    /// hold a password.
    package init(parsing text: String, tlsConfigured: Bool) throws(KubeError) {
        func refused(_ problem: String) -> KubeError { KubeError(.config, problem) }
        guard !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "\\") }) else {
            throw refused("holds a blank, a control character or a backslash")
        }
        var rest = text[...]
        var scheme = tlsConfigured ? Scheme.https : Scheme.http
        let (before, hasScheme) = Self.split(rest)
        if hasScheme {
            guard let known = Scheme(rawValue: before.lowercased()) else { throw refused("must begin with https:// or http://") }
            scheme = known
            rest = rest.dropFirst(before.count + 3)
        }
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        rest = rest.dropFirst(authority.count)
        guard !authority.utf8.contains(UInt8(ascii: "@")) else { throw refused("must not hold a user name or password") }
        let (host, port) = try Self.hostAndPort(authority)
        let path = try Self.normalised(rest.prefix { $0 != "?" && $0 != "#" })
        guard hasScheme || path.isEmpty else { throw refused("must be a URL, or a host and a port") }
        self.init(scheme: scheme, host: host, port: port ?? (scheme == .https ? 443 : 80), pathPrefix: path)
    }

    /// "https://[::1]:6443/prefix", the port always written.
    package var url: String {
        let shown = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
        return "\(scheme.rawValue)://\(shown):\(port)\(pathPrefix)"
    }

    /// What stands before "://", and whether that is a scheme at all.
    private static func split(_ text: Substring) -> (Substring, Bool) {
        let before = text.prefix { $0 != ":" && $0 != "/" && $0 != "?" && $0 != "#" }
        return (before, text.dropFirst(before.count).hasPrefix("://"))
    }

    private static func hostAndPort(_ text: Substring) throws(KubeError) -> (String, UInt16?) {
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

    /// "" or "/a/b": no empty segment, none of dots, everything percent-encoded that has to be.
    private static func normalised(_ path: Substring) throws(KubeError) -> String {
        var segments: [String] = []
        for part in path.utf8.split(separator: UInt8(ascii: "/")) {
            let segment = try encoded(part)
            switch segment {
            case ".", "%2E": continue
            case "..", ".%2E", "%2E.", "%2E%2E": _ = segments.popLast()
            default: segments.append(segment)
            }
        }
        return segments.map { "/" + $0 }.joined()
    }

    private static func encoded(_ segment: Substring.UTF8View.SubSequence) throws(KubeError) -> String {
        let hex = Array("0123456789ABCDEF".utf8)
        let allowed = Set("-._~!$&'()*+,;=:@".utf8)
        var out: [UInt8] = []
        var rest = segment[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                    throw KubeError(.config, "has a % without two digits behind it in its path")
                }
                guard high &* 16 &+ low >= 0x20, high &* 16 &+ low != 0x7F else {
                    throw KubeError(.config, "holds a control character in its path")
                }
                out += [byte, hex[Int(high)], hex[Int(low)]]
            } else if TextRules.isDigit(byte) || (byte < 0x80 && TextRules.isLower(byte | 0x20)) || allowed.contains(byte) {
                out.append(byte)
            } else {
                out += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte &- UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte &- UInt8(ascii: "a") &+ 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte &- UInt8(ascii: "A") &+ 10
        default: nil
        }
    }
}
