// One request that a scripted server got: what was asked, and by hand or by script what is answered. Knows no sockets.
package import KubeCore
import KubeSystem
package import KubeTransport

/// Belongs to the loop it was made with.
package final class ScriptedExchange {
    package let request: HTTPRequest
    package let options: TransferOptions
    package let startedMs: Int64
    package private(set) var isCancelled = false
    /// The receiver has heard the end.
    package private(set) var isOver = false
    package private(set) var isPaused = false
    /// How often the receiver said `.pause`.
    package private(set) var pauses = 0
    /// Pieces of the body that were taken.
    package private(set) var taken = 0

    private let loop: Loop
    private var receiver: ResponseReceiver?
    private var steps: [Answer.Step] = []
    private var isPumping = false
    private var heard: Int64
    private var idleTimer: LoopTimer?

    init(_ request: HTTPRequest, _ options: TransferOptions, _ receiver: ResponseReceiver, loop: Loop) {
        self.request = request
        self.options = options
        self.receiver = receiver
        self.loop = loop
        startedMs = loop.now
        heard = loop.now
        armIdle(options.idleMs)
    }

    /// Neither ended nor cancelled.
    package var isOpen: Bool { receiver != nil }

    /// "GET /apis/...": without the timeoutSeconds of a watch, which is drawn at random.
    package var line: String {
        let target = request.target
        guard let question = target.firstIndex(of: "?") else { return request.method + " " + target }
        let items = target[target.index(after: question)...].split(separator: "&").filter { !options.isStream || !$0.hasPrefix("timeoutSeconds=") }
        return request.method + " " + target[..<question] + (items.isEmpty ? "" : "?" + items.joined(separator: "&"))
    }

    package var body: String { String(decoding: request.body ?? [], as: UTF8.self) }

    /// The first header field of that name.
    package func header(_ name: String) -> String? { request.headers.first { $0.name.lowercased() == name.lowercased() }?.value }

    // MARK: Answering

    package func answer(_ answer: Answer) {
        steps += answer.steps
        schedule()
    }

    /// One more piece of the body.
    package func send(_ text: String) { answer(Answer([.body(Array(text.utf8))])) }
    package func complete() { answer(Answer([.complete])) }
    package func fail(_ kind: TransferFailure.Kind) { answer(Answer([.fail(kind)])) }

    private func schedule() {
        guard !isPumping, !isPaused, isOpen, !steps.isEmpty else { return }
        isPumping = true
        loop.post { [self] in pump() }
    }

    private func pump() {
        isPumping = false
        guard let receiver, !isPaused, let step = steps.first else { return }
        switch step {
        case .head(let head):
            steps.removeFirst()
            heard = loop.now
            receiver.head(head)
        case .body(let bytes):
            heard = loop.now
            switch bytes.withUnsafeBytes({ receiver.body($0) }) {
            case .proceed:
                steps.removeFirst()
                taken += 1
            case .pause:
                isPaused = true
                pauses += 1
            case .stop: finish(.failed(Self.failure(.stopped)))
            }
        case .silence(let milliseconds):
            steps.removeFirst()
            isPumping = true
            loop.after(milliseconds) { [self] in pump() }
            return
        case .complete: finish(.complete)
        case .fail(let kind): finish(.failed(Self.failure(kind)))
        }
        schedule()
    }

    private func finish(_ end: TransferEnd) {
        guard let receiver else { return }
        self.receiver = nil
        idleTimer?.cancel()
        isOver = true
        receiver.end(end)
    }

    private func armIdle(_ milliseconds: Int64) {
        guard options.idleMs > 0 else { return }
        idleTimer = loop.after(milliseconds) { [self] in
            guard isOpen else { return }
            if isPaused { return armIdle(options.idleMs) }
            let left = heard + options.idleMs - loop.now
            if left > 0 { armIdle(left) } else { finish(.failed(Self.failure(.timeout))) }
        }
    }

    // MARK: The client's side

    func makeTransfer() -> Transfer {
        TransferSeam(cancel: { self.cancel() }, resume: { self.resume() }, lastHeard: { self.heard })
    }

    func cancel() {
        guard isOpen else { return }
        receiver = nil
        isCancelled = true
        idleTimer?.cancel()
    }

    private func resume() {
        guard isPaused else { return }
        isPaused = false
        heard = loop.now
        schedule()
    }

    /// As the real transport words it.
    private static func failure(_ kind: TransferFailure.Kind) -> TransferFailure {
        let code: KubeError.Code = switch kind {
        case .refused, .connect, .lost, .unprocessed: .connect
        case .timeout: .timeout
        case .tls: .tls
        case .proxy: .proxy
        case .stopped: .cancelled
        case .malformed: .decode
        case .resources: .noMemory
        }
        let isSafe = kind == .refused || kind == .connect || kind == .unprocessed
        return TransferFailure(kind, KubeError(code, "http://scripted:80: \(kind)", isRetryable: isSafe))
    }
}
