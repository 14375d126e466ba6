// From a draft to a ClientConfig: every rule about what may stand beside what, and the files it names.
import KubeCore

extension ConfigDraft {
    /// Opens what has to be opened and checks the rest. `.config` names the place, never a value that could be secret.
    func resolve() throws(KubeError) -> ClientConfig {
        guard let server else { throw KubeError(.config, "\(origin): there is no server") }
        let authority = try pem(caFile, caData, mayBeMissing: caMayBeMissing)
        if let insecure, let ca = caFile ?? caData {
            throw insecure.error("excludes a certificate authority, which \(ca.place) gives")
        }
        if let authority { try Self.requireCertificate(authority.bytes, caData ?? caFile) }
        let identity = try clientIdentity()
        let tlsConfigured = caFile != nil || caData != nil || identity != nil || insecure != nil
        var config: ClientConfig
        do throws(KubeError) {
            config = ClientConfig(server: try ClientConfig.Server(parsing: server.value, tlsConfigured: tlsConfigured))
        } catch {
            throw server.error(error.message, error.code)
        }
        // T4: never sent in the clear, and never dropped without a word.
        let credential = token ?? tokenFile ?? username ?? password ?? certificateFile ?? certificateData
        if config.server.scheme == .http, let place = credential?.place ?? exec?.place {
            throw server.error("is an http address, over which \(place) is not sent")
        }
        config.serverText = String(server.value.prefix { $0 != "?" && $0 != "#" })
        config.certificateAuthority = authority?.bytes
        config.certificateAuthorityFile = authority?.path
        config.clientCertificate = identity?.certificate.bytes
        config.clientCertificateFile = identity?.certificate.path
        config.clientKey = identity?.key.bytes
        config.clientKeyFile = identity?.key.path
        config.certificateAuthorityPlace = (caFile ?? caData)?.place ?? ""
        config.clientCertificatePlace = (certificateFile ?? certificateData)?.place ?? ""
        config.clientKeyPlace = (keyFile ?? keyData)?.place ?? ""
        config.insecureSkipTLSVerify = insecure != nil
        config.disableCompression = disableCompression
        config.source = source
        config.context = context
        config.cluster = cluster
        config.user = user
        try resolveNames(&config)
        try resolveProxy(&config)
        try resolveBasicAuth(&config)
        try resolveToken(&config)
        try resolveImpersonation(&config)
        try resolveExec(&config)
        return config
    }

    private func resolveNames(_ config: inout ClientConfig) throws(KubeError) {
        if let tlsServerName {
            guard TextRules.isHostName(tlsServerName.value) || TextRules.isIPv6(tlsServerName.value) else {
                throw tlsServerName.error("is not a host name or an address")
            }
            config.tlsServerName = tlsServerName.value
        }
        if let namespace {
            guard TextRules.isDNSLabel(namespace.value) else {
                throw namespace.error("\(ShownText.quote(namespace.value)) is not a DNS label")
            }
            config.namespace = namespace.value
        }
    }

    private func resolveProxy(_ config: inout ClientConfig) throws(KubeError) {
        guard let proxy else { return }
        do throws(KubeError) {
            config.proxy = try ClientConfig.Proxy(parsing: proxy.value)
        } catch {
            throw proxy.error(error.message, error.code)
        }
    }

    /// An inline token is used until the file was read; a file alone must be readable now.
    private func resolveToken(_ config: inout ClientConfig) throws(KubeError) {
        if let token {
            try token.requireHeaderText()
            config.token = token.value
        }
        guard let tokenFile else { return }
        config.tokenFile = tokenFile.path
        guard token == nil else { return }
        do throws(KubeError) {
            config.token = try TokenFile.read(tokenFile.path).get()
        } catch {
            throw tokenFile.error(error.message, error.code)
        }
    }

    private struct PEM {
        var bytes: [UInt8]
        var path: String?
    }

    private func clientIdentity() throws(KubeError) -> (certificate: PEM, key: PEM)? {
        let certificate = try pem(certificateFile, certificateData)
        let key = try pem(keyFile, keyData)
        guard let certificate else {
            if let setting = keyFile ?? keyData { throw setting.error("has no client certificate beside it") }
            return nil
        }
        try Self.requireCertificate(certificate.bytes, certificateFile ?? certificateData)
        guard let key else { throw (certificateFile ?? certificateData).error("has no client key beside it") }
        let setting = keyFile ?? keyData
        guard PEMText.hasKey(key.bytes) else { throw setting.error("holds no PEM private key") }
        // OpenSSL would ask the terminal for the password.
        guard !PEMText.hasEncryptedKey(key.bytes) else {
            throw setting.error("is an encrypted private key, which is not supported", .unsupported)
        }
        try KeyPair.check(
            certificate: certificate.bytes, key: key.bytes, (certificateFile ?? certificateData)?.place ?? "", setting?.place ?? "")
        return (certificate, key)
    }

    private static func requireCertificate(_ bytes: [UInt8], _ setting: Setting?) throws(KubeError) {
        guard PEMText.hasCertificate(bytes) else { throw setting.error("holds no PEM certificate") }
    }

    /// What a file or inline data gives; both together are refused.
    private func pem(_ file: Setting?, _ data: Setting?, mayBeMissing: Bool = false) throws(KubeError) -> PEM? {
        if let file, let data { throw file.error("excludes \(data.place)") }
        if let data {
            guard let bytes = Base64.decode(data.value) else { throw data.error("is not base64") }
            return PEM(bytes: bytes)
        }
        guard let file else { return nil }
        do throws(KubeError) {
            guard let bytes = try RegularFile.readIfPresent(file.path) else {
                if mayBeMissing { return nil }
                throw KubeError(.config, "\(ShownText.plain(file.path)): no such file")
            }
            return PEM(bytes: bytes, path: file.path)
        } catch {
            throw file.error(error.message)
        }
    }
}

extension Setting? {
    /// For settings that are there whenever there is something wrong with what they say.
    fileprivate func error(_ problem: String, _ code: KubeError.Code = .config) -> KubeError {
        self?.error(problem, code) ?? KubeError(code, problem)
    }
}
