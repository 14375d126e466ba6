// The proxy of a cluster: from the text of proxy-url to its parts. What the environment says of proxies is not read here.
package import KubeCore

extension ClientConfig {
    package struct Proxy: Equatable, Sendable {
        package enum Scheme: String, Sendable {
            case http, https, socks5

            /// What Go takes, and with it kubectl.
            var port: UInt16 {
                switch self {
                case .http: 80
                case .https: 443
                case .socks5: 1080
                }
            }
        }

        package var scheme: Scheme
        /// A name or an address; IPv6 without brackets.
        package var host: String
        package var port: UInt16
        /// Percent-decoded and free of control characters; nil without user info.
        package var username: String?
        package var password: String?
        /// As it was configured, for what a plugin is told. A secret when there is user info.
        package var text: String

        /// The path is ignored, as in the reference. The message never repeats the text: it may hold a password.
        package init(parsing text: String) throws(KubeError) {
            try URLText.requireClean(text)
            let (before, hasScheme) = URLText.scheme(text[...])
            guard hasScheme, let scheme = Scheme(rawValue: before.lowercased()) else {
                throw KubeError(.config, "must begin with http://, https:// or socks5://")
            }
            var authority = text.dropFirst(before.count + 3).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
            // The last one counts: passwords with a bare "@" are common.
            if let at = authority.lastIndex(of: "@") {
                let parts = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                let decoded = parts.map(URLText.decoded)
                guard decoded.allSatisfy({ $0.map { !TextRules.hasControlCharacters($0) } ?? false }) else {
                    throw KubeError(.config, "has user info that is not percent-encoded UTF-8 or holds a control character")
                }
                username = decoded.first ?? nil
                password = decoded.count > 1 ? decoded.last ?? nil : nil
                authority = authority[authority.index(after: at)...]
            }
            let (host, port) = try URLText.hostAndPort(authority)
            self.scheme = scheme
            self.host = host
            self.port = port ?? scheme.port
            self.text = text
        }

        /// For people to read: the user info masked, the port always written.
        package var shown: String {
            "\(scheme.rawValue)://\(username == nil ? "" : "REDACTED@")\(URLText.bracketed(host)):\(port)"
        }
    }
}
