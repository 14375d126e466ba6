// The options every handle of one transport shares, and the memory libcurl reads certificates and keys from.
import CCurl
import Glibc
import KubeCore

/// Immutable. Must outlive every handle it was applied to.
final class HandleOptions {
    let settings: TransportSettings
    let urlBase: String
    let origin: String
    let hostHeader: String?
    private let ca: Blob?
    private let certificate: Blob?
    private let key: Blob?
    private var connectTo: UnsafeMutablePointer<curl_slist>?

    /// Bytes libcurl reads in place; wiped before they are freed.
    private final class Blob {
        let bytes: UnsafeMutableRawPointer
        let count: Int

        init(_ content: [UInt8]) {
            count = content.count
            bytes = UnsafeMutableRawPointer.allocate(byteCount: max(1, count), alignment: 1)
            content.withUnsafeBytes { if let base = $0.baseAddress { bytes.copyMemory(from: base, byteCount: $0.count) } }
        }

        deinit {
            explicit_bzero(bytes, count)
            bytes.deallocate()
        }
    }

    /// Throws `.config` for what can't be right.
    init(_ settings: TransportSettings) throws(KubeError) {
        self.settings = settings
        urlBase = settings.urlBase
        origin = settings.origin
        hostHeader = settings.hostHeader
        let isText = (settings.urlBase + settings.userAgent + (settings.connectTo ?? "")).utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
        guard isText, !settings.host.isEmpty, (1...65535).contains(settings.port) else {
            throw KubeError(.config, "the server's address or the user agent is not usable")
        }
        if settings.skipVerification, settings.identity.caPEM != nil {
            throw KubeError(.config, "verification is switched off and a certificate authority is given")
        }
        ca = settings.identity.caPEM.map { Blob($0) }
        certificate = settings.identity.certificate.map { Blob($0.certificatePEM) }
        key = settings.identity.certificate.map { Blob($0.keyPEM) }
        if let target = settings.connectTo {
            connectTo = curl_slist_append(nil, target)
            if connectTo == nil { throw KubeError(.noMemory, "out of memory") }
        }
    }

    deinit { curl_slist_free_all(connectTo) }

    var speaksHTTP2: Bool { settings.secure && settings.http2 }

    /// Sets everything that no request changes. `handle` and `transport` are what the callbacks are given.
    func apply(to easy: UnsafeMutableRawPointer, handle: UnsafeMutableRawPointer, transport: UnsafeMutableRawPointer) -> CURLcode {
        var result = CURLE_OK
        func long(_ option: CURLoption, _ value: Int) { if result == CURLE_OK { result = kcr_easy_set_long(easy, option, value) } }
        func text(_ option: CURLoption, _ value: String?) {
            guard result == CURLE_OK else { return }
            if let value { result = kcr_easy_set_string(easy, option, value) } else { result = kcr_easy_set_string(easy, option, nil) }
        }
        func pointer(_ option: CURLoption, _ value: UnsafeMutableRawPointer?) { if result == CURLE_OK { result = kcr_easy_set_pointer(easy, option, value) } }
        func data(_ option: CURLoption, _ function: kcr_data_fn) { if result == CURLE_OK { result = kcr_easy_set_data_fn(easy, option, function) } }

        long(CURLOPT_NOSIGNAL, 1)
        // A name lookup that is under way is left to its thread when the handle goes.
        long(CURLOPT_QUICK_EXIT, 1)
        text(CURLOPT_PROTOCOLS_STR, settings.secure ? "https" : "http")
        text(CURLOPT_REDIR_PROTOCOLS_STR, settings.secure ? "https" : "http")
        long(CURLOPT_FOLLOWLOCATION, 0)
        long(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        long(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
        long(CURLOPT_PATH_AS_IS, 1)
        long(CURLOPT_HTTP09_ALLOWED, 0)
        if result == CURLE_OK { result = applyProxy(to: easy) }
        long(CURLOPT_CONNECTTIMEOUT_MS, Int(clamping: max(1, settings.connectTimeoutMs)))
        // An address may change while we live: every new connection asks anew.
        long(CURLOPT_DNS_CACHE_TIMEOUT, 0)
        text(CURLOPT_USERAGENT, settings.userAgent)
        if settings.acceptGzip { text(CURLOPT_ACCEPT_ENCODING, "gzip") }
        long(CURLOPT_HTTP_VERSION, settings.secure && settings.http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1)
        if speaksHTTP2 {
            long(CURLOPT_PIPEWAIT, 1)
            if result == CURLE_OK { result = kcr_easy_set_debug_fn(easy, CurlCallbacks.debug) }
            pointer(CURLOPT_DEBUGDATA, handle)
        }
        pointer(CURLOPT_CONNECT_TO, connectTo.map { UnsafeMutableRawPointer($0) })
        if settings.secure, result == CURLE_OK { result = applyTLS(to: easy) }

        data(CURLOPT_WRITEFUNCTION, CurlCallbacks.body)
        pointer(CURLOPT_WRITEDATA, handle)
        data(CURLOPT_HEADERFUNCTION, CurlCallbacks.header)
        pointer(CURLOPT_HEADERDATA, handle)
        pointer(CURLOPT_PRIVATE, handle)
        if result == CURLE_OK { result = kcr_easy_set_prereq_fn(easy, CurlCallbacks.beforeRequest) }
        pointer(CURLOPT_PREREQDATA, handle)
        if result == CURLE_OK { result = kcr_easy_set_open_fn(easy, CurlCallbacks.openSocket) }
        pointer(CURLOPT_OPENSOCKETDATA, transport)
        if result == CURLE_OK { result = kcr_easy_set_close_fn(easy, CurlCallbacks.closeSocket) }
        pointer(CURLOPT_CLOSESOCKETDATA, transport)
        return result
    }

    private func applyProxy(to easy: UnsafeMutableRawPointer) -> CURLcode {
        // "" keeps libcurl away from the variables of the environment.
        var result = kcr_easy_set_string(easy, CURLOPT_PROXY, settings.proxy?.url ?? "")
        func then(_ next: () -> CURLcode) { if result == CURLE_OK { result = next() } }
        then { kcr_easy_set_string(easy, CURLOPT_NOPROXY, "") }
        guard let proxy = settings.proxy else { return result }
        // Our header fields, the token among them, are for the server only; the proxy's answer to CONNECT is no answer.
        then { kcr_easy_set_long(easy, CURLOPT_HEADEROPT, Int(CURLHEADER_SEPARATE)) }
        then { kcr_easy_set_long(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1) }
        if proxy.user != nil || proxy.password != nil {
            then { kcr_easy_set_auth(easy, CURLOPT_PROXYAUTH) }
            then { kcr_easy_set_auth(easy, CURLOPT_SOCKS5_AUTH) }
            then { kcr_easy_set_string(easy, CURLOPT_PROXYUSERNAME, proxy.user ?? "") }
            then { kcr_easy_set_string(easy, CURLOPT_PROXYPASSWORD, proxy.password ?? "") }
        }
        guard proxy.scheme == .https else { return result }
        // The system's authorities and those of the cluster; our certificate is not for the proxy.
        let verify = settings.skipVerification ? 0 : 1
        then { kcr_easy_set_long(easy, CURLOPT_PROXY_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)) }
        then { kcr_easy_set_long(easy, CURLOPT_PROXY_SSL_VERIFYPEER, verify) }
        then { kcr_easy_set_long(easy, CURLOPT_PROXY_SSL_VERIFYHOST, verify * 2) }
        then { setRoots(easy, file: CURLOPT_PROXY_CAINFO, folder: CURLOPT_PROXY_CAPATH) }
        if let ca { then { kcr_easy_set_blob(easy, CURLOPT_PROXY_CAINFO_BLOB, ca.bytes, ca.count) } }
        return result
    }

    private func setRoots(_ easy: UnsafeMutableRawPointer, file: CURLoption, folder: CURLoption) -> CURLcode {
        var builtIn: UnsafePointer<CChar>?
        _ = kcr_easy_get_string(easy, CURLINFO_CAINFO, &builtIn)
        var result = CURLE_OK
        if let bundle = settings.systemRoots.bundle(builtIn: builtIn.map { String(cString: $0) }) { result = kcr_easy_set_string(easy, file, bundle) }
        if result == CURLE_OK, let folders = settings.systemRoots.folders { result = kcr_easy_set_string(easy, folder, folders) }
        return result
    }

    private func applyTLS(to easy: UnsafeMutableRawPointer) -> CURLcode {
        var result = kcr_easy_set_long(easy, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        func then(_ next: () -> CURLcode) { if result == CURLE_OK { result = next() } }
        let verify = settings.skipVerification ? 0 : 1
        then { kcr_easy_set_long(easy, CURLOPT_SSL_VERIFYPEER, verify) }
        then { kcr_easy_set_long(easy, CURLOPT_SSL_VERIFYHOST, verify * 2) }
        if let ca {
            // Without these two the built-in bundle and directory would be trusted as well (T2).
            then { kcr_easy_set_string(easy, CURLOPT_CAINFO, nil) }
            then { kcr_easy_set_string(easy, CURLOPT_CAPATH, nil) }
            then { kcr_easy_set_blob(easy, CURLOPT_CAINFO_BLOB, ca.bytes, ca.count) }
        } else {
            then { setRoots(easy, file: CURLOPT_CAINFO, folder: CURLOPT_CAPATH) }
            // libcurl keeps what it has read; a changed bundle counts after as long as a changed file of ours does.
            then { kcr_easy_set_long(easy, CURLOPT_CA_CACHE_TIMEOUT, 300) }
        }
        if let certificate, let key {
            then { kcr_easy_set_string(easy, CURLOPT_SSLCERTTYPE, "PEM") }
            then { kcr_easy_set_blob(easy, CURLOPT_SSLCERT_BLOB, certificate.bytes, certificate.count) }
            then { kcr_easy_set_string(easy, CURLOPT_SSLKEYTYPE, "PEM") }
            then { kcr_easy_set_blob(easy, CURLOPT_SSLKEY_BLOB, key.bytes, key.count) }
            // Otherwise OpenSSL would ask for the password of an encrypted key on the terminal.
            then { kcr_easy_set_string(easy, CURLOPT_KEYPASSWD, "") }
        }
        return result
    }
}
