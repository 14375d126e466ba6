// A bearer token that lives in a file and is renewed there (T5). Decides when to read; brings no clock of its own.
package import KubeCore

/// A token re-read from its file after a minute. A value: whoever owns it calls it from one thread at a time.
package struct TokenFile {
    /// Reads a path: the token, trimmed and fit for a header, or why not.
    package typealias Reader = (String) -> Result<String, KubeError>

    /// How long a token counts as fresh, and how long before its end it is read again.
    package static let periodMs: Int64 = 60_000
    package static let leewayMs: Int64 = 10_000
    /// The pause after a failure, while the last good token is used.
    package static let pauseMs: Int64 = 1_000

    package let path: String
    /// Why the last reading failed; nil after one that did not.
    package private(set) var lastError: KubeError?
    private let reader: Reader
    private var good: String?
    private var nextReadMs: Int64?
    private var lastReadMs: Int64 = .min

    /// `initial`: the token to use until the file could be read.
    package init(path: String, initial: String? = nil, reader: @escaping Reader = TokenFile.read) {
        self.path = path
        self.good = initial
        self.reader = reader
    }

    /// The token to send now. Reads the file when it is time to; a failure then keeps the last good token, and is thrown
    /// only if there never was one.
    package mutating func token(nowMs: Int64) throws(KubeError) -> String {
        if let good, let next = nextReadMs, nowMs < next { return good }
        switch reader(path) {
        case .success(let token):
            good = token
            lastError = nil
            lastReadMs = nowMs
            nextReadMs = nowMs &+ Self.periodMs &- Self.leewayMs
            return token
        case .failure(let error):
            lastError = error
            nextReadMs = nowMs &+ Self.pauseMs
            guard let good else { throw error }
            return good
        }
    }

    /// After a 401: the next request reads the file, unless that happened after the refused request had begun.
    package mutating func invalidate(requestStartedMs: Int64 = .max) {
        if lastReadMs <= requestStartedMs { nextReadMs = nil }
    }

    /// The token of a file. Empty, not UTF-8 or with a control character inside it is an error that names the file.
    package static func read(_ path: String) -> Result<String, KubeError> {
        do throws(KubeError) {
            let bytes = try RegularFile.read(path)
            let shown = ShownText.plain(path)
            guard let token = String(validating: TextRules.trimmed(bytes), as: UTF8.self) else {
                return .failure(KubeError(.config, "\(shown): is not UTF-8"))
            }
            guard !token.isEmpty else { return .failure(KubeError(.config, "\(shown): is empty")) }
            guard !TextRules.hasControlCharacters(token) else {
                return .failure(KubeError(.config, "\(shown): holds a line break or another control character"))
            }
            return .success(token)
        } catch {
            return .failure(error)
        }
    }
}
