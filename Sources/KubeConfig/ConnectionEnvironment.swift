// The variables of a process that say how connections are made, copied into a value, so that tests can bring their own.
import CYaml
import Glibc
package import KubeCore

package struct ConnectionEnvironment {
    private let variables: [String: String]

    /// Empty ones count as not set.
    package init(_ variables: [String: String] = [:]) { self.variables = variables.filter { !$0.value.isEmpty } }

    /// This process, now. Not while another thread changes the environment, as with any getenv. A setuid program does not
    /// believe the variables of its caller.
    package static var process: ConnectionEnvironment {
        let names = [
            "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy", "REQUEST_METHOD", "SSL_CERT_FILE",
            "SSL_CERT_DIR", "DISABLE_HTTP2",
        ]
        var variables: [String: String] = [:]
        if kcr_process_is_secure() == 0 {
            for name in names { variables[name] = getenv(name).map { String(cString: $0) } }
        }
        return ConnectionEnvironment(variables)
    }

    /// Any value switches HTTP/2 off, as in the reference.
    package var disablesHTTP2: Bool { variables["DISABLE_HTTP2"] != nil }
    package var rootsFile: String? { variables["SSL_CERT_FILE"] }
    /// Folders separated by ":".
    package var rootsFolders: String? { variables["SSL_CERT_DIR"] }

    /// The proxy for a server, by the rules of the reference (Go's httpproxy): HTTPS_PROXY or HTTP_PROXY by the server's scheme,
    /// never ALL_PROXY, unless NO_PROXY matches or the server is this machine. Throws `.config` for a variable that holds no
    /// proxy URL, and for HTTP_PROXY in a CGI program, where a header of the request may have set it.
    package func proxy(for server: ClientConfig.Server) throws(KubeError) -> ClientConfig.Proxy? {
        let name = server.scheme == .https ? "HTTPS_PROXY" : "HTTP_PROXY"
        guard let text = either(name) else { return nil }
        if server.scheme == .http, variables["REQUEST_METHOD"] != nil {
            throw KubeError(.config, "HTTP_PROXY: is refused in a CGI program (REQUEST_METHOD is set)")
        }
        if NoProxy.isLocal(server.host) || NoProxy(either("NO_PROXY") ?? "").matches(server.host, server.port) { return nil }
        do throws(KubeError) {
            let (scheme, hasScheme) = URLText.scheme(text[...])
            if !hasScheme { return try ClientConfig.Proxy(parsing: "http://" + text) }
            // Two names for one thing here, not in a kubeconfig.
            return try ClientConfig.Proxy(parsing: scheme.lowercased() == "socks5h" ? "socks5" + text.dropFirst(7) : text)
        } catch {
            throw KubeError(error.code, "\(name): \(error.message)")
        }
    }

    /// Upper case first.
    private func either(_ name: String) -> String? { variables[name] ?? variables[name.lowercased()] }
}
