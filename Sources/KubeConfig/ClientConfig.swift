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
    /// The address as it was configured, without query and fragment: what a plugin is told.
    package var serverText = ""
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
    /// `FILE: user "NAME": client-key` and the like, for messages about what the files hold; "" where there is none.
    package var certificateAuthorityPlace = ""
    package var clientCertificatePlace = ""
    package var clientKeyPlace = ""
    /// The bearer token, until `tokenFile` was read.
    package var token: String?
    /// An absolute path; re-read as T5 says.
    package var tokenFile: String?
    /// Basic authentication; never beside a token.
    package var basicAuth: BasicAuth?
    /// The program that gives the credentials. nil when there is another credential: it would never run (T7).
    package var exec: ExecPlugin?
    /// Whom the server shall take us for.
    package var impersonation: Impersonation?
    /// nil: what the environment says of proxies.
    package var proxy: Proxy?
    /// Answers are asked for without compression.
    package var disableCompression = false
    /// Never empty.
    package var namespace = "default"
    /// "kubeconfig", "inCluster" or "none".
    package var source = "none"
    /// Names of the chosen entries, "" without.
    package var context = ""
    package var cluster = ""
    package var user = ""

    package init(server: Server) { self.server = server }

    /// Fit for a header: no control characters, no ":" in the name.
    package struct BasicAuth: Equatable, Sendable {
        package var username: String
        package var password: String

        package init(username: String, password: String) {
            self.username = username
            self.password = password
        }
    }

    /// Every text is fit for a header; keys of `extra` are not encoded yet.
    package struct Impersonation: Equatable, Sendable {
        /// Never empty.
        package var user: String
        package var uid: String?
        package var groups: [String] = []
        package var extra: [Extra] = []

        package init(user: String, uid: String? = nil, groups: [String] = [], extra: [Extra] = []) {
            self.user = user
            self.uid = uid
            self.groups = groups
            self.extra = extra
        }

        package struct Extra: Equatable, Sendable {
            package var key: String
            package var values: [String]

            package init(key: String, values: [String]) {
                self.key = key
                self.values = values
            }
        }
    }
}
