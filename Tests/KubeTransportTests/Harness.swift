// What the tests of this module share: a receiver that writes down what it hears, and a transport on a loop turned by the test.
import Glibc
import KubeCore
import KubeSystem
@testable import KubeTransport
import Testing

/// Writes down everything, and lets a test interfere.
final class Recorder {
    var head: HTTPHead?
    var heads = 0
    var bytes: [UInt8] = []
    var ends: [TransferEnd] = []
    var wordsAfterEnd = 0
    var onHead: () -> Void = {}
    var onBody: (UnsafeRawBufferPointer) -> BodyVerdict = { _ in .proceed }
    var onEnd: () -> Void = {}

    var receiver: ResponseReceiver { ResponseReceiver(head: { self.head($0) }, body: { self.body($0) }, end: { self.end($0) }) }

    private func head(_ head: HTTPHead) {
        if !ends.isEmpty { wordsAfterEnd += 1 }
        heads += 1
        self.head = head
        onHead()
    }

    private func body(_ bytes: UnsafeRawBufferPointer) -> BodyVerdict {
        if !ends.isEmpty || head == nil { wordsAfterEnd += 1 }
        let verdict = onBody(bytes)
        if verdict == .proceed { self.bytes += bytes }
        return verdict
    }

    private func end(_ end: TransferEnd) {
        ends.append(end)
        onEnd()
        // Tests let these refer to the recorder itself.
        onHead = {}
        onBody = { _ in .proceed }
        onEnd = {}
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }
    var isComplete: Bool { if case .complete? = ends.first { ends.count == 1 && wordsAfterEnd == 0 } else { false } }
    var failure: TransferFailure? { if case .failed(let failure)? = ends.first { failure } else { nil } }
    var kind: TransferFailure.Kind? { failure?.kind }
}

/// A transport whose loop the test turns by hand.
final class Harness {
    let loop: EpollLoop
    let transport: CurlTransport

    init(_ settings: TransportSettings) throws {
        loop = try EpollLoop()
        transport = try CurlTransport(loop: loop, settings: settings)
    }

    convenience init(port: Int, _ change: (inout TransportSettings) -> Void = { _ in }) throws {
        var settings = TransportSettings(secure: false, host: "127.0.0.1", port: port)
        change(&settings)
        try self.init(settings)
    }

    deinit { transport.shutDown() }

    @discardableResult
    func start(_ request: HTTPRequest, _ receiver: Recorder, idleMs: Int64 = 0) -> Transfer {
        transport.start(request, options: TransferOptions(idleMs: idleMs), receiver: receiver.receiver)
    }

    func turn(limitMs: Int64 = 10_000, until condition: () -> Bool) -> Bool {
        let deadline = MonotonicClock.nowMs + limitMs
        while !condition() {
            if MonotonicClock.nowMs > deadline { return false }
            loop.turn(waitMs: 50)
        }
        return true
    }

    /// Runs one request to its end.
    func run(_ request: HTTPRequest, idleMs: Int64 = 0, limitMs: Int64 = 10_000) -> Recorder {
        let recorder = Recorder()
        start(request, recorder, idleMs: idleMs)
        #expect(turn(limitMs: limitMs) { !recorder.ends.isEmpty }, "\(request.method) \(request.target) did not end")
        return recorder
    }

    func get(_ target: String = "/", idleMs: Int64 = 0) -> Recorder { run(HTTPRequest("GET", target), idleMs: idleMs) }
}

/// The address and thread sanitizers need address space and threads where a few tests take them away.
let isSanitized = (["__asan_init", "__tsan_init"] as [String]).contains { dlsym(nil, $0) != nil }

func eventually(_ limitMs: Int64 = 5000, _ condition: () -> Bool) -> Bool {
    let deadline = MonotonicClock.nowMs + limitMs
    while !condition() {
        if MonotonicClock.nowMs > deadline { return false }
        usleep(1000)
    }
    return true
}

/// Runs `body` in a forked child and gives its exit status; nil when it did not end in time, 256 + signal when killed.
func statusOfChild(limitMs: Int64 = 15_000, _ body: () -> Int32) -> Int32? {
    let child = forkProcess()
    if child == 0 { _exit(body()) }
    var status: Int32 = 0
    if eventually(limitMs, { waitpid(child, &status, WNOHANG) == child }) {
        return status & 0x7f == 0 ? (status >> 8) & 0xff : 256 + (status & 0x7f)
    }
    kill(child, SIGKILL)
    waitpid(child, &status, 0)
    return nil
}

// Swift's libc module hides fork.
@_silgen_name("fork") func forkProcess() -> Int32
