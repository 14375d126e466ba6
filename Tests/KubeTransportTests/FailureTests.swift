// What goes wrong on the way, and as what kind of failure it is reported.
import CCurl
import Glibc
import KubeCore
import KubeSystem
@testable import KubeTransport
import Testing

@Suite struct FailureTests {
    @Test func refusedConnectionIsRefusedAndSafeToRepeat() throws {
        let port = ByteServer.freePort()
        let recorder = try Harness(port: port).get()
        #expect(recorder.kind == .refused)
        #expect(recorder.failure?.error.code == .connect)
        #expect(recorder.failure?.error.isRetryable == true)
        #expect(recorder.failure?.error.message == "http://127.0.0.1:\(port): connection refused")
    }

    @Test func unknownHostIsAConnectFailure() throws {
        let harness = try Harness(port: 80) { $0.host = "no-such-host.invalid" }
        let recorder = harness.get()
        #expect(recorder.kind == .connect)
        #expect(recorder.failure?.error.isRetryable == true)
        #expect(recorder.failure?.error.message.contains("http://no-such-host.invalid:80") == true)
    }

    @Test(arguments: [true, false])
    func connectionCutInTheBodyIsLost(byReset: Bool) throws {
        let server = ByteServer(each: { connection, _, _ in
            connection.say("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            usleep(20_000)
            if byReset { connection.reset() }
            return false
        })
        let harness = try Harness(port: server.port)
        let recorder = harness.get()
        #expect(recorder.kind == .lost)
        #expect(recorder.failure?.error.code == .connect)
        #expect(recorder.failure?.error.isRetryable == false)
        #expect(recorder.text == "half")
        #expect(recorder.head?.status == 200)
        #expect(recorder.failure?.error.message.hasPrefix("http://127.0.0.1:\(server.port): ") == true)
    }

    @Test func brokenChunkIsLost() throws {
        let server = ByteServer(each: { connection, _, _ in
            connection.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n")
            return true
        })
        let recorder = try Harness(port: server.port).get()
        #expect(recorder.kind == .lost)
        #expect(recorder.text == "hello")
    }

    @Test func connectionClosedWithoutAnAnswerIsLost() throws {
        let server = ByteServer(each: { _, _, _ in false })
        #expect(try Harness(port: server.port).get().kind == .lost)
    }

    @Test func fault62_whatIsNotHTTPIsMalformed() throws {
        let server = ByteServer(each: { connection, _, _ in connection.say("SSH-2.0-OpenSSH_9.2\r\n\r\n"); return false })
        let recorder = try Harness(port: server.port).get()
        #expect(recorder.kind == .malformed)
        #expect(recorder.bytes.isEmpty)
    }

    @Test func fault61_largeHeadersAreMalformed() throws {
        let server = ByteServer(each: { connection, head, _ in
            connection.say("HTTP/1.1 200 OK\r\n")
            if head.contains("/line") {
                connection.say("X-Large: " + String(repeating: "x", count: 4 << 20) + "\r\n")
            } else if head.contains("/sum") {
                for index in 0..<40 { connection.say("X-\(index): " + String(repeating: "y", count: 8000) + "\r\n") }
            } else {
                for index in 0..<20_000 { if !connection.say("X-\(index): 1\r\n") { break } }
            }
            connection.say("Content-Length: 0\r\n\r\n")
            return false
        })
        let harness = try Harness(port: server.port)
        for target in ["/line", "/sum", "/count"] {
            let recorder = harness.get(target)
            #expect(recorder.kind == .malformed, "\(target): \(String(describing: recorder.failure))")
            #expect(recorder.head == nil)
        }
        let small = try Harness(port: server.port) { $0.maxHeaderBytes = 64 }
        #expect(small.get("/count").kind == .malformed)
    }

    @Test(arguments: ["before the answer", "in the body"])
    func silenceOverHTTP1IsATimeoutAndShutsTheSocket(where place: String) throws {
        let sawEnd = Shared(false)
        let server = ByteServer(each: { connection, head, _ in
            if head.contains("/again") { connection.answer("new"); return true }
            if place == "in the body" { connection.say("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome") }
            let ended = connection.waitForEnd()
            sawEnd.change { $0 = ended }
            return false
        })
        let harness = try Harness(port: server.port)
        let start = MonotonicClock.nowMs
        let recorder = harness.get("/", idleMs: 300)
        let took = MonotonicClock.nowMs - start
        #expect(recorder.kind == .timeout)
        #expect(recorder.failure?.error.code == .timeout)
        #expect(took >= 300 && took < 1300)
        #expect(eventually { sawEnd.get() })
        #expect(harness.get("/again").text == "new")
        #expect(harness.transport.stats.connections == 2)
        #expect(harness.transport.sockets.count == 1)
    }

    @Test func slowButSteadyBytesAreNoSilence() throws {
        let server = ByteServer(each: { connection, _, _ in
            connection.say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
            for _ in 0..<10 { usleep(60_000); connection.say("x") }
            return true
        })
        let recorder = try Harness(port: server.port).get("/", idleMs: 300)
        #expect(recorder.isComplete)
        #expect(recorder.text == "xxxxxxxxxx")
    }

    @Test func handshakeThatNeverEndsIsAConnectTimeout() throws {
        let server = ByteServer { connection in _ = connection.waitForEnd() }
        let harness = try Harness(port: server.port) { $0.secure = true; $0.connectTimeoutMs = 300 }
        let start = MonotonicClock.nowMs
        let recorder = harness.get()
        #expect(recorder.kind == .timeout)
        #expect(recorder.failure?.error.isRetryable == true)
        #expect(MonotonicClock.nowMs - start < 2000)
    }

    @Test func plainHTTPOnATLSPortIsATLSFailure() throws {
        let server = ByteServer { connection in
            connection.say("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            _ = connection.waitForEnd()
        }
        let harness = try Harness(port: server.port) { $0.secure = true }
        let recorder = harness.get()
        #expect(recorder.kind == .tls)
        #expect(recorder.failure?.error.code == .tls)
    }

    @Test func handshakeCutOffIsAConnectFailure() throws {
        let server = ByteServer { connection in connection.reset() }
        let recorder = try Harness(port: server.port) { $0.secure = true }.get()
        #expect(recorder.kind == .connect, "\(String(describing: recorder.failure))")
    }

    /// R2: a GET may go out again when its kept-alive connection dies, anything else may have been executed.
    @Test(arguments: ["GET", "POST", "DELETE", "PATCH"])
    func fault66_R2_keptConnectionThatDiesUnderARequest(method: String) throws {
        let methods = Shared<[String]>([])
        func note(_ head: String) { methods.change { $0.append(String(head.prefix { $0 != " " })) } }
        let server = ByteServer { connection in
            guard let first = connection.request() else { return }
            note(first.head)
            connection.answer("first")
            // The second request on this connection is read, and its answer lost.
            guard let second = connection.request() else { return }
            note(second.head)
            connection.reset()
        }
        let harness = try Harness(port: server.port)
        #expect(harness.get().text == "first")
        let recorder = harness.run(HTTPRequest(method, "/", body: method == "POST" || method == "PATCH" ? Array("{}".utf8) : nil))
        if method == "GET" {
            #expect(recorder.isComplete)
            #expect(recorder.text == "first")
            #expect(methods.get() == ["GET", "GET", "GET"])
        } else {
            #expect(recorder.kind == .lost)
            #expect(recorder.failure?.error.isRetryable == false)
            // A further GET shows that everything before it has been read.
            #expect(harness.get().isComplete)
            #expect(methods.get() == ["GET", method, "GET"])
        }
    }

    /// A connection the server closed while it was idle has seen nothing of the request: then it goes out on a new one.
    @Test func connectionClosedWhileIdleIsReplacedForAnyMethod() throws {
        let closed = Shared(false)
        let server = ByteServer(each: { connection, head, _ in
            connection.answer("ok")
            if head.hasPrefix("GET") { closed.change { $0 = true }; return false }
            return true
        })
        let harness = try Harness(port: server.port)
        #expect(harness.get().isComplete)
        #expect(eventually { closed.get() })
        usleep(20_000)
        #expect(harness.run(HTTPRequest("POST", "/", body: [1])).isComplete)
        #expect(server.connections == 2)
    }

    @Test func failuresOfLibcurlKeepTheirKinds() {
        func kind(_ code: UInt32, _ change: (inout CurlOutcome) -> Void = { _ in }) -> TransferFailure.Kind {
            var outcome = CurlOutcome(code: .init(code))
            change(&outcome)
            return TransferFailure(outcome, origin: "https://h:1").kind
        }
        #expect(kind(7) { $0.systemError = ECONNREFUSED } == .refused)
        #expect(kind(7) { $0.systemError = EHOSTUNREACH } == .connect)
        #expect(kind(7) { $0.socketError = EMFILE } == .resources)
        #expect(kind(6) == .connect)
        #expect(kind(6) { $0.text = "getaddrinfo() thread failed to start" } == .resources)
        #expect(kind(27) == .resources)
        #expect(kind(27) { $0.isInHead = true } == .malformed)
        #expect(kind(56) { $0.wasSent = true } == .lost)
        #expect(kind(97) == .proxy)
        #expect(kind(92) { $0.wasSent = true } == .lost)
        let safe = TransferFailure(CurlOutcome(code: .init(28)), origin: "https://h:1")
        #expect(safe.error.isRetryable)
        let unsafe = TransferFailure(CurlOutcome(code: .init(28), wasSent: true), origin: "https://h:1")
        #expect(!unsafe.error.isRetryable)
        let odd = TransferFailure(CurlOutcome(code: .init(60), text: "line\u{1b}[31m\r\nbreak"), origin: "https://h:1")
        #expect(odd.error.message.utf8.allSatisfy { $0 >= 0x20 })
    }
}
