// From a configuration, a client's options and the environment to how connections are made.
import KubeConfig
import KubeCore
import KubeTransport

extension TransportSettings {
    /// Throws `.config` for variables of the environment that hold no proxy URL. A proxy of the config outranks them.
    init(_ config: ClientConfig, _ options: ClientOptions, environment: ConnectionEnvironment = .process) throws(KubeError) {
        self.init(secure: config.server.scheme == .https, host: config.server.host, port: Int(config.server.port))
        pathPrefix = config.server.pathPrefix
        tlsServerName = config.tlsServerName
        identity.caPEM = config.certificateAuthority
        if let certificate = config.clientCertificate, let key = config.clientKey {
            identity.certificate = ClientCertificate(certificatePEM: certificate, keyPEM: key)
        }
        skipVerification = config.insecureSkipTLSVerify
        systemRoots = SystemRoots(file: environment.rootsFile, folders: environment.rootsFolders)
        if let chosen = config.proxy {
            proxy = Proxy(chosen)
        } else if let chosen = try environment.proxy(for: config.server) {
            proxy = Proxy(chosen)
        }
        acceptGzip = !config.disableCompression
        connectTimeoutMs = options.connectTimeoutMs
        http2 = options.http2 && !environment.disablesHTTP2
        userAgent = (options.userAgent.isEmpty ? "" : options.userAgent + " ") + Version.userAgent
    }
}

extension Proxy {
    init(_ config: ClientConfig.Proxy) {
        let scheme: Scheme = switch config.scheme { case .http: .http; case .https: .https; case .socks5: .socks5 }
        self.init(scheme, host: config.host, port: Int(config.port), user: config.username, password: config.password)
    }
}
