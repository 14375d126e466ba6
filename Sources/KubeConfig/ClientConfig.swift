// The resolved configuration: who we are and where the server is. Made by the loader, read by the client.

/// Everything a client needs to know of a cluster and a user. A value; holds secrets, so it is never printed whole.
package struct ClientConfig: Sendable {
    package struct Server: Equatable, Sendable {
        package enum Scheme: String, Sendable { case http, https }

        package var scheme: Scheme
        /// A name or an address; IPv6 without brackets.
        package var host: String
        package var port: UInt16
        /// "" or "/prefix", percent-encoded, no slash at the end (R10).
        package var pathPrefix: String

        package init(scheme: Scheme, host: String, port: UInt16, pathPrefix: String = "") {
            self.scheme = scheme
            self.host = host
            self.port = port
            self.pathPrefix = pathPrefix
        }
    }

    package var server: Server
    /// SNI and the name that is verified, when it is not the server's host (T1).
    package var tlsServerName: String?
    package var insecureSkipTLSVerify = false
    /// PEM. Replaces the system roots; nil: the system roots (T2).
    package var certificateAuthority: [UInt8]?
    /// PEM, both or neither.
    package var clientCertificate: [UInt8]?
    package var clientKey: [UInt8]?
    /// The absolute paths the PEM texts were read from; nil for inline data. For messages and later re-reading.
    package var certificateAuthorityFile: String?
    package var clientCertificateFile: String?
    package var clientKeyFile: String?
    /// The bearer token, until `tokenFile` was read.
    package var token: String?
    /// An absolute path; re-read as T5 says.
    package var tokenFile: String?
    /// Never empty.
    package var namespace = "default"
    /// "kubeconfig", "inCluster" or "none".
    package var source = "none"
    /// Names of the chosen entries, "" without.
    package var context = ""
    package var cluster = ""
    package var user = ""

    package init(server: Server) { self.server = server }
}
