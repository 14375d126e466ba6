// The server's address: from the text of a config to its parts, and back to a URL. Resolves no name.
package import KubeCore

extension ClientConfig.Server {
    /// Reads `server` as the reference does. Query and fragment are dropped, the path is normalised (R10); without a scheme
    /// it is https when `tlsConfigured`, else http, and a path is refused. The message never repeats the text: it may
    /// hold a password.
    package init(parsing text: String, tlsConfigured: Bool) throws(KubeError) {
        func refused(_ problem: String) -> KubeError { KubeError(.config, problem) }
        try URLText.requireClean(text)
        var rest = text[...]
        var scheme = tlsConfigured ? Scheme.https : Scheme.http
        let (before, hasScheme) = URLText.scheme(rest)
        if hasScheme {
            guard let known = Scheme(rawValue: before.lowercased()) else { throw refused("must begin with https:// or http://") }
            scheme = known
            rest = rest.dropFirst(before.count + 3)
        }
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        rest = rest.dropFirst(authority.count)
        guard !authority.utf8.contains(UInt8(ascii: "@")) else { throw refused("must not hold a user name or password") }
        let (host, port) = try URLText.hostAndPort(authority)
        let path = try Self.normalised(rest.prefix { $0 != "?" && $0 != "#" })
        guard hasScheme || path.isEmpty else { throw refused("must be a URL, or a host and a port") }
        self.init(scheme: scheme, host: host, port: port ?? (scheme == .https ? 443 : 80), pathPrefix: path)
    }

    /// "https://[::1]:6443/prefix", the port always written.
    package var url: String {
        "\(scheme.rawValue)://\(URLText.bracketed(host)):\(port)\(pathPrefix)"
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
                guard let high = rest.popFirst().flatMap(URLText.digit), let low = rest.popFirst().flatMap(URLText.digit) else {
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
}
