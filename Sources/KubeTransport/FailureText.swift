// From libcurl's result codes to the kinds of failure the engine decides by, and to the one line a user reads.
import CCurl
import Glibc
import KubeCore
import KubeSystem

/// What is known of a transfer that failed.
struct CurlOutcome {
    var code: CURLcode
    /// The errno of the last connect attempt, 0 without one.
    var systemError: Int32 = 0
    /// The errno of `socket` when none could be made.
    var socketError: Int32 = 0
    /// libcurl's own text.
    var text = ""
    /// The request has been handed to a connection.
    var wasSent = false
    /// A status line has arrived, but not yet the end of the header.
    var isInHead = false
    /// A request that must not go out twice was about to.
    var wasRepeated = false
    /// HTTP/2: the server has said that it did not begin with it.
    var wasUnprocessed = false
    /// The status of the proxy's answer to CONNECT, 0 without one.
    var connectAnswer = 0
}

extension TransferFailure {
    /// `origin` is "https://host:port"; `isTunnel`: an HTTP proxy is asked to CONNECT.
    init(_ outcome: CurlOutcome, origin: String, proxy: Proxy? = nil, isTunnel: Bool = true) {
        let first = TransferFailure.kind(outcome)
        let isProxy = proxy.map { TransferFailure.isProxy($0, outcome, first, isTunnel: isTunnel) } ?? false
        let kind = isProxy ? .proxy : first
        var code: KubeError.Code
        switch kind {
        case .refused, .connect, .lost, .unprocessed: code = .connect
        case .timeout: code = .timeout
        case .tls: code = .tls
        case .proxy: code = .proxy
        case .stopped: code = .cancelled
        case .malformed: code = .decode
        case .resources: code = .noMemory
        }
        if outcome.code == CURLE_SSL_CERTPROBLEM || outcome.code == CURLE_SSL_CACERT_BADFILE { code = .config }
        // Nothing has reached the server, so the same request may go out again.
        let isSafe = kind == .refused || kind == .connect || kind == .unprocessed || ((kind == .timeout || kind == .proxy) && !outcome.wasSent)
        let way = isProxy ? proxy.map { "proxy \($0.shown): " } ?? "" : ""
        self.init(kind, KubeError(code, "\(origin): \(way)\(TransferFailure.reason(outcome, first))", isRetryable: isSafe))
    }

    /// Whether it was the proxy that failed, and not the server behind it.
    private static func isProxy(_ proxy: Proxy, _ outcome: CurlOutcome, _ kind: Kind, isTunnel: Bool) -> Bool {
        if kind == .proxy { return true }
        if outcome.wasSent || kind == .timeout || kind == .resources { return false }
        // Behind SOCKS, what fails later than the connection is the server's.
        if proxy.scheme == .socks5 { return outcome.code == CURLE_COULDNT_CONNECT || outcome.code == CURLE_COULDNT_RESOLVE_HOST }
        return !isTunnel || !(200..<300).contains(outcome.connectAnswer)
    }

    private static func kind(_ outcome: CurlOutcome) -> Kind {
        if outcome.wasUnprocessed { return .unprocessed }
        if isShort(outcome.socketError) { return .resources }
        switch outcome.code {
        case CURLE_COULDNT_CONNECT:
            return outcome.systemError == ECONNREFUSED ? .refused : isShort(outcome.systemError) ? .resources : .connect
        case CURLE_COULDNT_RESOLVE_HOST:
            return outcome.text.mentions("thread failed") ? .resources : .connect
        case CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY: return .proxy
        case CURLE_OPERATION_TIMEDOUT: return .timeout
        case CURLE_SSL_CONNECT_ERROR:
            // The peer hung up in the handshake: a restart, a balancer without backends, nothing wrong with a certificate.
            return outcome.text.mentions("SSL_ERROR_SYSCALL") || outcome.text.mentions("Connection reset") ? .connect : .tls
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE,
             CURLE_USE_SSL_FAILED, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED,
             CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS,
             CURLE_SSL_CLIENTCERT, CURLE_SSL_SHUTDOWN_FAILED:
            return .tls
        case CURLE_OUT_OF_MEMORY:
            // What 7.88 says of a single header line of 100 KB.
            return outcome.isInHead ? .malformed : .resources
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING, CURLE_WRITE_ERROR,
             CURLE_URL_MALFORMAT:
            return .malformed
        case CURLE_RECV_ERROR where outcome.text.mentions("header"): return .malformed
        case CURLE_FAILED_INIT: return .resources
        default: return outcome.wasSent ? .lost : .connect
        }
    }

    private static func isShort(_ number: Int32) -> Bool {
        number == EMFILE || number == ENFILE || number == ENOMEM || number == ENOBUFS
    }

    private static func reason(_ outcome: CurlOutcome, _ kind: Kind) -> String {
        if outcome.wasUnprocessed { return "the server closes the connection and did not begin with the request (GOAWAY)" }
        if outcome.wasRepeated { return "the connection was lost after the request had been sent" }
        if kind == .refused { return "connection refused" }
        if outcome.connectAnswer >= 300 { return "answered \(outcome.connectAnswer) to CONNECT" }
        if kind == .resources, outcome.socketError != 0 { return "no socket: \(SystemError.text(outcome.socketError))" }
        let text = outcome.text.isEmpty ? String(cString: curl_easy_strerror(outcome.code)) : outcome.text
        return ServerError.oneLine(Array(text.utf8), limit: 512)
    }
}

extension String {
    /// Plain substring search, byte by byte. (`contains` would link the regular-expression module, 1.4 MB.)
    fileprivate func mentions(_ words: StaticString) -> Bool {
        let (text, wanted) = (Array(utf8), UnsafeBufferPointer(start: words.utf8Start, count: words.utf8CodeUnitCount))
        guard text.count >= wanted.count else { return false }
        return (0...text.count - wanted.count).contains { text[$0..<$0 + wanted.count].elementsEqual(wanted) }
    }
}
