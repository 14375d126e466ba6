// Whom a transport talks to and how, as plain values. It knows no kubeconfig: the client fills it in.

package struct TransportSettings: Sendable {
    /// https, else http.
    package var secure = true
    /// A name or an address; IPv6 with or without brackets.
    package var host: String
    package var port: Int
    /// Stands in front of every request's target: "" or "/k8s/clusters/c-1".
    package var pathPrefix = ""
    /// The name asked for by SNI and checked in the server's certificate, when it is not `host`.
    package var tlsServerName: String?
    package var identity = TLSIdentity()
    package var skipVerification = false
    /// Where the system's certificate authorities are, when there is no CA in `identity`.
    package var systemRoots = SystemRoots.standard
    /// nil: directly.
    package var proxy: Proxy?
    /// Name lookup, TCP and TLS together.
    package var connectTimeoutMs: Int64 = 10_000
    /// HTTP/2 over TLS if the server wants it.
    package var http2 = true
    package var acceptGzip = true
    /// All header lines of one answer together.
    package var maxHeaderBytes = 256 * 1024
    package var userAgent = "kubecr"

    package init(secure: Bool, host: String, port: Int) {
        self.secure = secure
        self.host = host
        self.port = port
    }

    /// "https://host:port", for messages. No credentials, no path.
    package var origin: String { "\(scheme)://\(TransportSettings.bracketed(host)):\(port)" }

    var scheme: String { secure ? "https" : "http" }

    /// What goes in front of a request's target. With `tlsServerName` that name stands in the URL, and `connectTo` leads to
    /// the real address: libcurl checks certificates against the URL only.
    var urlBase: String { "\(scheme)://\(TransportSettings.bracketed(urlHost)):\(port)\(prefix)" }

    /// "NAME:PORT:HOST:PORT" for CURLOPT_CONNECT_TO; nil: not needed.
    var connectTo: String? {
        guard isRenamed else { return nil }
        return "\(TransportSettings.bracketed(urlHost)):\(port):\(TransportSettings.bracketed(host)):\(port)"
    }

    /// The Host header when the URL doesn't have the right one.
    var hostHeader: String? {
        guard isRenamed else { return nil }
        let name = TransportSettings.bracketed(host)
        return port == (secure ? 443 : 80) ? name : "\(name):\(port)"
    }

    private var isRenamed: Bool { urlHost != host }

    private var urlHost: String {
        guard secure, let tlsServerName, !tlsServerName.isEmpty else { return host }
        return tlsServerName
    }

    private var prefix: String {
        var text = Substring(pathPrefix)
        while text.hasSuffix("/") { text.removeLast() }
        return text.isEmpty || text.hasPrefix("/") ? String(text) : "/" + text
    }

    static func bracketed(_ host: String) -> String {
        host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
    }
}
