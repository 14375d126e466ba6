// One request until it has an answer: rate limit, credentials, retries, time-out. Not what the answer means.
import KubeCore
import KubeSystem
import KubeTransport

/// Takes the body of a successful answer.
class BodySink {
    /// An attempt begins: forget what an earlier one brought.
    func begin() {}
    func take(_ bytes: UnsafeRawBufferPointer) throws(KubeError) {}
    /// The body is whole.
    func finish() throws(KubeError) {}
}

/// Keeps the whole body.
final class BufferSink: BodySink {
    private(set) var bytes: [UInt8] = []
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    override func begin() { bytes.removeAll() }

    override func take(_ piece: UnsafeRawBufferPointer) throws(KubeError) {
        if bytes.count + piece.count > limit { throw KubeError(.decode, "the answer is larger than maxObjectBytes (\(limit))") }
        bytes.append(contentsOf: piece)
    }
}

/// Belongs to the loop. Ends with exactly one call of `done`, unless it is cancelled first.
final class Exchange {
    enum TimeLimit {
        /// The whole exchange, retries included, the wait for the rate limit not.
        case total(Int64)
        /// Silence only (R12: lists).
        case silence(Int64)
    }

    /// A Status is kept whole. What is longer is cut, and its connection with it: it is not read to its end (R8).
    private static let maxErrorBody = 1 << 18

    private let client: Client
    private let request: HTTPRequest
    private let sink: BodySink
    private let limit: TimeLimit
    private var done: ((Result<HTTPHead, KubeError>) -> Void)?
    private var retry: RetryMachine?
    private var began: Int64?
    private let maxRetries: Int64
    private var transfer: Transfer?
    private var deadlineTimer: LoopTimer?
    private var pauseTimer: LoopTimer?
    private var answer: HTTPHead?
    private var errorBody: [UInt8] = []
    private var sinkError: KubeError?
    private var grant: Grant?
    /// A plugin has to end first.
    private var credentialWait: CredentialWait?
    /// Called whenever the server was heard.
    var onContact: (() -> Void)?

    init(
        _ client: Client, _ request: HTTPRequest, sink: BodySink, limit: TimeLimit, maxRetries: Int64,
        done: @escaping (Result<HTTPHead, KubeError>) -> Void
    ) {
        self.client = client
        self.request = request
        self.sink = sink
        self.limit = limit
        self.maxRetries = maxRetries
        self.done = done
    }

    /// "GET /apis/...", without the query: for messages.
    private var what: String {
        let path = request.target.prefix { $0 != "?" }
        return request.method + " " + path.prefix(1000) + (path.utf8.count > 1000 ? "..." : "")
    }

    /// Repeating it changes nothing.
    private var isRead: Bool { request.method == "GET" || request.method == "HEAD" }

    /// How much of a `.total` is used up. The wait for the rate limit before the first attempt is not.
    var spentMs: Int64 { began.map { client.loop.now - $0 } ?? 0 }

    private var isSuccess: Bool { answer.map { (200..<300).contains($0.status) } ?? false }

    func start() {
        let wait = client.takeToken()
        if wait > 0 {
            Log.debug("the client-side rate limit delays \(what) by \(wait) ms")
            pauseTimer = client.loop.after(wait) { [self] in begin() }
        } else {
            begin()
        }
    }

    private func begin() {
        began = client.loop.now
        var deadline: Int64?
        if case .total(let milliseconds) = limit {
            deadline = client.loop.now + milliseconds
            deadlineTimer = client.loop.after(milliseconds) { [self] in timedOut(milliseconds) }
        }
        retry = RetryMachine(method: request.method, maxRetries: maxRetries, deadline: deadline)
        attempt()
    }

    private func attempt() {
        pauseTimer = nil
        (answer, errorBody, sinkError) = (nil, [], nil)
        sink.begin()
        credentialWait = client.credentials.grant { [self] result in
            credentialWait = nil
            switch result {
            case .success(let grant): send(grant)
            case .failure(let error): finish(.failure(error))
            }
        }
    }

    private func send(_ grant: Grant) {
        self.grant = grant
        var request = request
        request.headers.append(contentsOf: grant.fields)
        var options = TransferOptions()
        if case .silence(let milliseconds) = limit { options.idleMs = milliseconds }
        let receiver = ResponseReceiver(head: { [self] in head($0) }, body: { [self] in body($0) }, end: { [self] in end($0) })
        transfer = client.transport.start(request, options: options, receiver: receiver)
    }

    func cancel() {
        done = nil
        release()
    }

    private func release() {
        transfer?.cancel()
        credentialWait?.cancel()
        deadlineTimer?.cancel()
        pauseTimer?.cancel()
        credentialWait = nil
        (transfer, deadlineTimer, pauseTimer, onContact) = (nil, nil, nil, nil)
    }

    private func finish(_ result: Result<HTTPHead, KubeError>) {
        let done = self.done
        self.done = nil
        release()
        done?(result)
    }

    private var missing: String { credentialWait == nil ? "no answer" : "no credential, the plugin has not ended" }

    private func timedOut(_ milliseconds: Int64) {
        transfer?.giveUp()
        finish(.failure(KubeError(.timeout, "\(what): \(missing) within \(milliseconds) ms", isRetryable: isRead)))
    }

    // MARK: The answer

    private func head(_ head: HTTPHead) {
        onContact?()
        answer = head
        client.warnings.tell(head, of: what)
    }

    private func body(_ bytes: UnsafeRawBufferPointer) -> BodyVerdict {
        onContact?()
        guard isSuccess else {
            errorBody.append(contentsOf: bytes.prefix(Self.maxErrorBody - errorBody.count))
            return errorBody.count >= Self.maxErrorBody ? .stop : .proceed
        }
        do {
            try sink.take(bytes)
            return .proceed
        } catch {
            sinkError = error
            return .stop
        }
    }

    private func end(_ end: TransferEnd) {
        transfer = nil
        guard done != nil else { return }
        if let sinkError { return finish(.failure(prefixed(sinkError))) }
        if let head = answer, !isSuccess {
            if head.status == 401, let grant { client.credentials.refused(grant) }
            let error = ServerError.make(head: head, body: errorBody, what: what, isRead: isRead)
            // R1 asks for the header, not for what a Status may say.
            let after = ServerError.retryAfterMs(head.first("retry-after")) ?? -1
            return retryOrFail(.answer(status: head.status, retryAfterMs: after), error)
        }
        switch end {
        case .failed(let failure):
            var error = failure.error
            // A read may always be repeated, and the connection may be better then.
            if isRead, [.refused, .connect, .lost, .timeout].contains(failure.kind) { error.isRetryable = true }
            let outcome: RetryMachine.Outcome = switch failure.kind {
            case .lost: .lost
            case .unprocessed: .unprocessed
            default: .failed
            }
            retryOrFail(outcome, error)
        case .complete:
            guard let head = answer else { return finish(.failure(KubeError(.decode, "\(what): an answer without a head"))) }
            do {
                try sink.finish()
                finish(.success(head))
            } catch {
                finish(.failure(prefixed(error)))
            }
        }
    }

    private func prefixed(_ error: KubeError) -> KubeError {
        var error = error
        error.message = "\(what): \(error.message)"
        return error
    }

    private func retryOrFail(_ outcome: RetryMachine.Outcome, _ error: KubeError) {
        guard let pause = retry?.next(after: outcome, now: client.loop.now) else { return finish(.failure(error)) }
        client.counters.retries += 1
        Log.info("\(what) is tried again in \(pause) ms: \(error.message)")
        pauseTimer = client.loop.after(pause) { [self] in
            // Retries pass the limiter too (R6).
            let wait = client.takeToken()
            if wait > 0 { pauseTimer = client.loop.after(wait) { [self] in attempt() } } else { attempt() }
        }
    }
}
