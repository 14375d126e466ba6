// Who we are and where the server is: found in files and environment, with what the program says over it.
import KubeConfig
import KubeCore

/// A resolved configuration. Its printed form has names and paths, never a secret.
public struct ClientConfig: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Where a configuration is looked for.
    public enum Source: String, Sendable {
        /// `kubeconfig` if given, else $KUBECONFIG, else in-cluster, else ~/.kube/config.
        case auto
        case kubeconfig
        case inCluster
        /// Nowhere: only what the other parameters say.
        case none
    }

    let engine: Engine.Config

    /// Loads the configuration; what is given here goes over what the files say, as kubectl's flags do. Reads files on the
    /// calling thread, opens no connection.
    ///
    /// `kubeconfig` is a path or a list separated by ":", every file of which must exist; `kubeconfigYAML` is the text itself.
    /// Certificates and keys are files, or PEM as `...Data` in base64.
    /// Throws `.config` (names file, entry and field), `.argument`, `.unsupported`.
    public static func load(
        kubeconfig: String? = nil, kubeconfigYAML: String? = nil, source: Source = .auto, context: String? = nil, cluster: String? = nil,
        user: String? = nil, namespace: String? = nil, server: String? = nil, tlsServerName: String? = nil, certificateAuthority: String? = nil,
        certificateAuthorityData: String? = nil, clientCertificate: String? = nil, clientCertificateData: String? = nil,
        clientKey: String? = nil, clientKeyData: String? = nil, insecureSkipTLSVerify: Bool? = nil, token: String? = nil, tokenFile: String? = nil
    ) throws -> ClientConfig {
        var options = CallOptions()
        options.set("kubeconfig", kubeconfig)
        options.set("kubeconfigYAML", kubeconfigYAML)
        options.set("source", source.rawValue)
        options.set("context", context)
        options.set("cluster", cluster)
        options.set("user", user)
        options.set("namespace", namespace)
        options.set("server", server)
        options.set("tlsServerName", tlsServerName)
        options.set("certificateAuthority", certificateAuthority)
        options.set("certificateAuthorityData", certificateAuthorityData)
        options.set("clientCertificate", clientCertificate)
        options.set("clientCertificateData", clientCertificateData)
        options.set("clientKey", clientKey)
        options.set("clientKeyData", clientKeyData)
        options.set("insecureSkipTLSVerify", insecureSkipTLSVerify)
        options.set("token", token)
        options.set("tokenFile", tokenFile)
        let json = options.json
        return ClientConfig(engine: try KubeError.translating { () throws(Engine.Failure) in try Engine.Config.load(options: json) })
    }

    /// The namespace for single objects where none is given; never empty.
    public var namespace: String { engine.namespace }
    /// "https://host:port".
    public var server: String { engine.server.url }
    /// Names of the chosen entries; "" without.
    public var context: String { engine.context }
    public var cluster: String { engine.cluster }
    public var user: String { engine.user }

    /// The effective values as JSON, secrets as "REDACTED".
    public var description: String { engine.redacted().text }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}
