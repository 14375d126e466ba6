// Who we are, as header fields of a request: a token, a token from a file (T5), basic auth, what a plugin gave; and whom the
// server shall take us for. Certificates are the transport's, which is told of a plugin's.
import KubeConfig
import KubeCore
import KubeSystem
import KubeTransport

/// What one request is sent with.
struct Grant {
    var fields: [HTTPField]
    /// Of a plugin's credential.
    var generation: Int64 = 0
    var grantedMs: Int64
}

/// Belongs to the loop.
final class Credentials {
    private let fixed: [HTTPField]
    private let token: String?
    private var file: TokenFile?
    private let plugin: PluginCredentials?
    private let transport: Transport
    private let loop: Loop

    init(_ config: ClientConfig, _ host: PluginHost?, transport: Transport, loop: Loop) {
        var fixed = Impersonation.fields(config.impersonation)
        if let basic = config.basicAuth {
            fixed.append(HTTPField("Authorization", "Basic " + Base64Text.encode(Array("\(basic.username):\(basic.password)".utf8))))
        }
        self.fixed = fixed
        token = config.token
        // The inline token serves until the file was read once.
        file = config.tokenFile.map { TokenFile(path: $0, initial: config.token) }
        plugin = if let exec = config.exec, let host { PluginCredentials(exec, config, host, loop: loop) } else { nil }
        self.transport = transport
        self.loop = loop
    }

    /// What to send now: `done` is called at once, and nil given, unless a plugin has to end first. Start the request inside of
    /// it: the transport has been told of the certificate that belongs to it. `.auth`: a token file has never been readable, or
    /// the plugin failed.
    func grant(_ done: @escaping (Result<Grant, KubeError>) -> Void) -> CredentialWait? {
        guard let plugin else {
            done(grantWithoutPlugin())
            return nil
        }
        return plugin.credential { [self] result in done(grant(of: result)) }
    }

    private func grantWithoutPlugin() -> Result<Grant, KubeError> {
        do throws(KubeError) {
            return .success(grant(token: file == nil ? token : try file?.token(nowMs: loop.now)))
        } catch {
            return .failure(KubeError(.auth, error.message))
        }
    }

    private func grant(of result: Result<PluginCredential, KubeError>) -> Result<Grant, KubeError> {
        do throws(KubeError) {
            let credential = try result.get()
            try transport.use(credential.certificate)
            var grant = grant(token: credential.token)
            grant.generation = credential.generation
            return .success(grant)
        } catch {
            return .failure(error)
        }
    }

    private func grant(token: String?) -> Grant {
        Grant(fields: fixed + (token.map { [HTTPField("Authorization", "Bearer " + $0)] } ?? []), grantedMs: loop.now)
    }

    /// A 401 for a request with this grant: the next one reads the file anew, or runs the plugin (T6).
    func refused(_ grant: Grant) {
        file?.invalidate(requestStartedMs: grant.grantedMs)
        plugin?.refused(generation: grant.generation)
    }

    func end() { plugin?.end() }
}

/// Whom the server shall take us for.
enum Impersonation {
    static func fields(_ impersonation: ClientConfig.Impersonation?) -> [HTTPField] {
        guard let impersonation else { return [] }
        var fields = [HTTPField("Impersonate-User", impersonation.user)]
        if let uid = impersonation.uid { fields.append(HTTPField("Impersonate-Uid", uid)) }
        fields += impersonation.groups.map { HTTPField("Impersonate-Group", $0) }
        for extra in impersonation.extra {
            // The server lower-cases names and undoes the encoding (T12).
            let name = "Impersonate-Extra-" + PercentEncoding.encode(extra.key.lowercased())
            fields += extra.values.map { HTTPField(name, $0) }
        }
        return fields
    }
}
