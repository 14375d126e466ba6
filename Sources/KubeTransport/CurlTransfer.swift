// One request on its way: what libcurl delivers becomes calls of the receiver, and the clock of silence. It calls no curl_*.
import CCurl
import KubeCore
import KubeSystem

/// Belongs to the loop.
package final class CurlTransfer: Transfer {
    /// nil once it is over: then nothing is heard or done any more.
    private(set) var transport: CurlTransport?
    private var receiver: ResponseReceiver?
    /// Set while libcurl works on it.
    var handle: EasyHandle?
    var isAdded = false
    private(set) var isPaused = false
    let options: TransferOptions
    private let method: String

    private var head: HeadReader
    private var hasHead = false
    private var heard: Int64
    private var idleTimer: LoopTimer?
    private var countedConnections = false

    // Why it ended, when it is not libcurl that says so.
    private var wasStopped = false
    private var wasSilent = false
    private var refusal: String?

    private var attempts = 0
    private var wasRepeated = false
    /// HTTP/2: the request's stream, 0 without one; and whether the server has said that it did not begin with it.
    private(set) var stream: UInt32 = 0
    private(set) var wasUnprocessed = false
    /// The local end of the connection, once the request has one.
    private(set) var localAddress = ""
    private(set) var localPort: Int32 = 0

    init(_ transport: CurlTransport, _ method: String, _ options: TransferOptions, _ receiver: ResponseReceiver) {
        self.transport = transport
        self.method = method
        self.options = options
        self.receiver = receiver
        head = HeadReader(maxBytes: transport.settings.maxHeaderBytes)
        heard = transport.loop.now
    }

    package override func cancel() { transport?.cancel(self) }

    package override func giveUp() { transport?.cancel(self, giveUp: true) }

    package override func resume() {
        guard isPaused, let transport else { return }
        isPaused = false
        heard = transport.loop.now
        transport.resume(self)
    }

    package override var lastHeard: Int64 { heard }

    // MARK: Called from inside curl

    /// False: this request must not go out a second time. libcurl repeats any request whose kept-alive connection died
    /// before the first byte of an answer, also one that may have been executed (R2).
    func willSend(from address: String, port: Int32) -> Bool {
        localAddress = address
        localPort = port
        attempts &+= 1
        if transport?.speaksHTTP2 == true { handle?.listen() }
        let isSafe = method == "GET" || method == "HEAD" || wasUnprocessed
        (stream, wasUnprocessed) = (0, false)
        if isSafe || attempts == 1 || handle?.number(CURLINFO_REQUEST_SIZE) == 0 { return true }
        wasRepeated = true
        return false
    }

    func noted(_ note: StreamNote) {
        if case .stream(let number) = note { stream = number }
        transport?.noted(note, by: self)
    }

    /// The last stream that the server answers on this transfer's connection.
    func lastStream(is last: UInt32) { if stream > last, !hasHead { wasUnprocessed = true } }

    func received(header line: UnsafeRawBufferPointer) -> Int {
        guard let receiver, let transport else { return CurlCallbacks.failed }
        heard = transport.loop.now
        transport.count(received: line.count)
        switch head.read(line) {
        case .more: return line.count
        case .refused(let reason):
            refusal = reason
            return CurlCallbacks.failed
        case .done(let complete):
            hasHead = true
            countConnections()
            receiver.head(complete)
            return self.receiver == nil ? CurlCallbacks.failed : line.count
        }
    }

    func received(body bytes: UnsafeRawBufferPointer) -> Int {
        guard let receiver, let transport else { return CurlCallbacks.failed }
        heard = transport.loop.now
        let verdict = receiver.body(bytes)
        // Cancelled by its own receiver.
        if self.receiver == nil { return CurlCallbacks.failed }
        switch verdict {
        case .proceed:
            transport.count(received: bytes.count)
            return bytes.count
        case .pause:
            isPaused = true
            return CurlCallbacks.paused
        case .stop:
            wasStopped = true
            return CurlCallbacks.failed
        }
    }

    // MARK: The clock of silence

    /// Begins to watch for silence. One timer, set anew for what remains when it fires.
    func startClock() {
        guard options.idleMs > 0 else { return }
        setClock(options.idleMs)
    }

    private func setClock(_ milliseconds: Int64) {
        idleTimer = transport?.loop.after(milliseconds) { [weak self] in self?.clockRang() }
    }

    private func clockRang() {
        guard let transport else { return }
        // Paused: what comes may lie unread in the kernel. `resume` starts the time anew.
        if isPaused { return setClock(options.idleMs) }
        let left = heard &+ options.idleMs &- transport.loop.now
        if left > 0 { return setClock(left) }
        wasSilent = true
        transport.isSilent(self)
    }

    // MARK: The end

    /// Cuts it off from its transport; nothing is heard or done from here on. The receiver, for a last word.
    func detach() -> ResponseReceiver? {
        let last = receiver
        receiver = nil
        transport = nil
        idleTimer?.cancel()
        idleTimer = nil
        handle?.transfer = nil
        return last
    }

    /// What to tell the receiver when libcurl is done with `code`. Before `detach`.
    func end(_ code: CURLcode, socketError: Int32) -> TransferEnd {
        guard let transport else { return .failed(TransferFailure(.lost, KubeError(.internal, "no transport"))) }
        countConnections()
        let origin = transport.origin
        if wasSilent {
            return .failed(TransferFailure(.timeout, KubeError(.timeout, "\(origin): no byte for \(options.idleMs) ms")))
        }
        if wasStopped { return .failed(TransferFailure(.stopped, KubeError(.cancelled, "\(origin): stopped by the receiver"))) }
        if let refusal { return .failed(TransferFailure(.malformed, KubeError(.decode, "\(origin): \(refusal)"))) }
        if code == CURLE_OK {
            if hasHead { return .complete }
            return .failed(TransferFailure(.malformed, KubeError(.decode, "\(origin): the answer has no header")))
        }
        var outcome = CurlOutcome(code: code)
        outcome.socketError = code == CURLE_COULDNT_CONNECT ? socketError : 0
        outcome.wasSent = attempts > 0
        outcome.isInHead = head.hasBegun && !hasHead
        outcome.wasRepeated = wasRepeated
        outcome.wasUnprocessed = wasUnprocessed && !hasHead
        if let handle {
            outcome.systemError = Int32(truncatingIfNeeded: handle.number(CURLINFO_OS_ERRNO))
            outcome.text = handle.failureText
            outcome.connectAnswer = handle.number(CURLINFO_HTTP_CONNECTCODE)
        }
        return .failed(TransferFailure(outcome, origin: origin, proxy: transport.settings.proxy, isTunnel: transport.settings.secure))
    }

    /// Once per transfer: as soon as the answer begins, since a stream may live for hours.
    private func countConnections() {
        guard !countedConnections, let handle, let transport else { return }
        countedConnections = true
        transport.count(connections: handle.number(CURLINFO_NUM_CONNECTS), isHTTP2: handle.number(CURLINFO_HTTP_VERSION) == CURL_HTTP_VERSION_2_0)
    }
}
