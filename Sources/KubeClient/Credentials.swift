// Who we are, as header fields of a request: a token, or a token from a file (T5). Certificates are the transport's.
import KubeConfig
import KubeCore

/// Belongs to the loop.
final class Credentials {
    private let token: String?
    private var file: TokenFile?

    init(_ config: ClientConfig) {
        token = config.token
        // The inline token serves until the file was read once.
        file = config.tokenFile.map { TokenFile(path: $0, initial: config.token) }
    }

    /// The fields to send. Throws `.config` when a token file has never been readable.
    func fields(now: Int64) throws(KubeError) -> [HTTPField] {
        guard let current = file == nil ? token : try file?.token(nowMs: now) else { return [] }
        return [HTTPField("Authorization", "Bearer " + current)]
    }

    /// A 401 to a request that began then: a token that is older than it is read anew for the next one.
    func refused(requestStartedMs: Int64) { file?.invalidate(requestStartedMs: requestStartedMs) }
}
