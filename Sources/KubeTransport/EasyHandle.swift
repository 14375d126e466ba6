// One curl easy handle. What is the same for every request of a transport is set once, when the handle is made; a request
// changes only what differs from the one before. Handles are pooled by CurlTransport and know nothing of a multi handle.
import CCurl
import KubeCore

/// Belongs to the loop of its transport. Freed in deinit: it must be out of the multi handle by then.
final class EasyHandle {
    let easy: UnsafeMutableRawPointer
    /// What the handle is working for; libcurl's callbacks find it here.
    unowned(unsafe) var transfer: CurlTransfer?
    private let errorText: UnsafeMutablePointer<CChar>
    private static let errorSize = Int(CURL_ERROR_SIZE)

    // The request options as they stand.
    private var target = ""
    private var shape = Shape.get
    private var method = ""
    private var headers: [HTTPField] = []
    private var list: UnsafeMutablePointer<curl_slist>?
    private var hasList = false
    private var body: UnsafeMutableRawPointer?
    private var bodySize = 0
    /// It is kept to HTTP/1.1, for a large body.
    private var isHTTP1 = false

    /// Larger bodies go by HTTP/1.1. A server may refuse one before it has read it (413, 403) and then reset the stream; when that comes
    /// while libcurl 7.88 is still sending by HTTP/2, what the server said is lost.
    private static let largestHTTP2Body = 1 << 20

    /// What libcurl reads into. Larger ones make no list faster. A stream that brings much at once costs a fifth less with 64 KB, and one
    /// that brings little does not touch them.
    private static let callBuffer = 16 * 1024
    private static let streamBuffer = 64 * 1024

    private var isListening = false

    /// What libcurl makes of the options; the method's name is independent of it.
    private enum Shape { case get, head, upload }

    /// Whether it reads streams. For the handle's life: libcurl takes no other size once it has a buffer, and keeps that from request to
    /// request where others share the connection.
    let isForStreams: Bool

    /// nil: libcurl has no memory. The blobs of `options` must outlive the handle.
    init?(_ options: HandleOptions, transport: UnsafeMutableRawPointer, isForStreams: Bool = false) {
        guard let easy = curl_easy_init() else { return nil }
        self.easy = easy
        self.isForStreams = isForStreams
        errorText = .allocate(capacity: EasyHandle.errorSize)
        errorText.initialize(repeating: 0, count: EasyHandle.errorSize)
        let context = Unmanaged.passUnretained(self).toOpaque()
        var code = options.apply(to: easy, handle: context, transport: transport)
        if code == CURLE_OK { code = kcr_easy_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText) }
        if code == CURLE_OK { code = kcr_easy_set_long(easy, CURLOPT_BUFFERSIZE, isForStreams ? Self.streamBuffer : Self.callBuffer) }
        if code != CURLE_OK { return nil }
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_slist_free_all(list)
        body?.deallocate()
        errorText.deallocate()
    }

    /// libcurl's words for the last failure.
    var failureText: String { String(cString: errorText) }

    /// Makes the handle ready for `request`. nil: done; else why it can't be sent.
    func prepare(_ request: HTTPRequest, _ options: HandleOptions) -> KubeError? {
        if let error = EasyHandle.check(request) { return error }
        errorText.pointee = 0
        var code = CURLE_OK
        if isListening {
            code = kcr_easy_set_long(easy, CURLOPT_VERBOSE, 0)
            isListening = false
        }
        if target != request.target || target.isEmpty {
            code = kcr_easy_set_string(easy, CURLOPT_URL, options.urlBase + request.target)
            target = request.target
        }
        // A text of more than 8 MB.
        if code == CURLE_BAD_FUNCTION_ARGUMENT { return KubeError(.argument, "\(options.origin): the request's path is too long") }
        if code == CURLE_OK { code = setMethod(request) }
        if code == CURLE_OK { code = setVersion(options) }
        if code == CURLE_OK { code = setHeaders(request.headers, options.hostHeader) }
        return code == CURLE_OK ? nil : KubeError(.noMemory, "\(options.origin): \(String(cString: curl_easy_strerror(code)))")
    }

    /// From here on libcurl says what it does, for StreamNote. Not earlier: then it would also describe each record of TLS.
    func listen() {
        guard !isListening else { return }
        isListening = kcr_easy_set_long(easy, CURLOPT_VERBOSE, 1) == CURLE_OK
    }

    /// Its connection is closed when it goes, unless other requests are on it.
    func forbidReuse() { _ = kcr_easy_set_long(easy, CURLOPT_FORBID_REUSE, 1) }

    /// Gives back what the request brought along and is large.
    func dropBody() {
        guard body != nil else { return }
        _ = kcr_easy_set_pointer(easy, CURLOPT_POSTFIELDS, nil)
        body?.deallocate()
        body = nil
        bodySize = 0
    }

    private func setMethod(_ request: HTTPRequest) -> CURLcode {
        dropBody()
        let wanted: Shape = request.method == "HEAD" ? .head : request.body != nil || EasyHandle.wantsBody(request.method) ? .upload : .get
        var code = CURLE_OK
        if wanted == .upload {
            bodySize = request.body?.count ?? 0
            let memory = UnsafeMutableRawPointer.allocate(byteCount: max(1, bodySize), alignment: 1)
            request.body?.withUnsafeBytes { bytes in
                if let base = bytes.baseAddress { memory.copyMemory(from: base, byteCount: bytes.count) }
            }
            body = memory
            code = kcr_easy_set_size(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bodySize))
            if code == CURLE_OK { code = kcr_easy_set_pointer(easy, CURLOPT_POSTFIELDS, memory) }
            // POST and HTTPGET also undo NOBODY.
            if code == CURLE_OK { code = kcr_easy_set_long(easy, CURLOPT_POST, 1) }
        } else if shape != wanted {
            code = kcr_easy_set_long(easy, wanted == .head ? CURLOPT_NOBODY : CURLOPT_HTTPGET, 1)
        }
        shape = wanted
        let name = request.method == "GET" && wanted == .get || wanted == .head ? "" : request.method
        if code == CURLE_OK, name != method {
            code = name.isEmpty ? kcr_easy_set_string(easy, CURLOPT_CUSTOMREQUEST, nil) : kcr_easy_set_string(easy, CURLOPT_CUSTOMREQUEST, name)
            method = name
        }
        return code
    }

    private func setVersion(_ options: HandleOptions) -> CURLcode {
        let wanted = options.speaksHTTP2 && bodySize > EasyHandle.largestHTTP2Body
        if wanted == isHTTP1 { return CURLE_OK }
        isHTTP1 = wanted
        var code = kcr_easy_set_long(easy, CURLOPT_HTTP_VERSION, Int(wanted ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS))
        // On a connection of its own: libcurl might take one of the other version, and others might take this one.
        for option in [CURLOPT_FRESH_CONNECT, CURLOPT_FORBID_REUSE] where code == CURLE_OK { code = kcr_easy_set_long(easy, option, wanted ? 1 : 0) }
        return code
    }

    /// Methods whose empty body is announced by "Content-Length: 0".
    private static func wantsBody(_ method: String) -> Bool { method == "POST" || method == "PUT" || method == "PATCH" }

    private func setHeaders(_ wanted: [HTTPField], _ hostHeader: String?) -> CURLcode {
        if hasList, wanted == headers { return CURLE_OK }
        var new: UnsafeMutablePointer<curl_slist>?
        func add(_ line: String) -> Bool {
            guard let longer = curl_slist_append(new, line) else { return false }
            new = longer
            return true
        }
        // curl would wait for a "100 Continue", and would name a content type of its own.
        var isWhole = add("Expect:")
        if let hostHeader { isWhole = isWhole && add("Host: \(hostHeader)") }
        if !wanted.contains(where: { $0.name.lowercased() == "content-type" }) { isWhole = isWhole && add("Content-Type:") }
        for field in wanted { isWhole = isWhole && add(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)") }
        guard isWhole else {
            curl_slist_free_all(new)
            return CURLE_OUT_OF_MEMORY
        }
        let code = kcr_easy_set_pointer(easy, CURLOPT_HTTPHEADER, new)
        curl_slist_free_all(list)
        list = new
        headers = wanted
        hasList = true
        return code
    }

    /// Nothing may reach the wire that would end a line, a header or the path early (T12).
    private static func check(_ request: HTTPRequest) -> KubeError? {
        if request.method.isEmpty || !request.method.utf8.allSatisfy(isToken) {
            return KubeError(.argument, "the request method is not a token")
        }
        if request.target.utf8.first != UInt8(ascii: "/") || !request.target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "#") }) {
            return KubeError(.argument, "the request path must begin with \"/\" and be percent-encoded")
        }
        for field in request.headers {
            if field.name.isEmpty || !field.name.utf8.allSatisfy(isToken) {
                return KubeError(.argument, "a header name is not a token")
            }
            if !field.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }) {
                return KubeError(.argument, "the value of the header \"\(field.name)\" contains control characters")
            }
        }
        return nil
    }

    /// RFC 9110, section 5.6.2.
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: return true
        case 0x21, 0x23...0x27, 0x2a, 0x2b, 0x2d, 0x2e, 0x5e...0x60, 0x7c, 0x7e: return true
        default: return false
        }
    }

    // MARK: What libcurl knows

    func number(_ info: CURLINFO) -> Int {
        var value = 0
        return kcr_easy_get_long(easy, info, &value) == CURLE_OK ? value : 0
    }

    func size(_ info: CURLINFO) -> Int64 {
        var value: curl_off_t = 0
        return kcr_easy_get_size(easy, info, &value) == CURLE_OK ? Int64(value) : 0
    }
}
