// The proxy between a transport and its server, as plain values.

package struct Proxy: Equatable, Sendable {
    package enum Scheme: String, Sendable {
        case http, https
        /// The proxy resolves names, as in the reference.
        case socks5
    }

    package var scheme: Scheme
    /// A name or an address; IPv6 without brackets.
    package var host: String
    package var port: Int
    package var user: String?
    package var password: String?

    package init(_ scheme: Scheme, host: String, port: Int, user: String? = nil, password: String? = nil) {
        self.scheme = scheme
        self.host = host
        self.port = port
        self.user = user
        self.password = password
    }

    /// Without user and password: for messages.
    var shown: String { "\(scheme.rawValue)://\(place)" }

    /// What libcurl calls it.
    var url: String { "\(scheme == .socks5 ? "socks5h" : scheme.rawValue)://\(place)" }

    private var place: String { "\(TransportSettings.bracketed(host)):\(port)" }
}
