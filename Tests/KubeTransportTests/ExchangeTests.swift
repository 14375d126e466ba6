// Requests and answers over plain HTTP/1.1: what goes out, what comes in, in which order.
import Glibc
import KubeCore
import KubeSystem
@testable import KubeTransport
import Testing

@Suite struct ExchangeTests {
    @Test func getDeliversHeadBodyAndEnd() throws {
        let server = ByteServer(each: { connection, _, _ in
            connection.answer("hello", headers: "X-One: 1\r\nx-two:   spaced  \r\n")
            return true
        })
        let harness = try Harness(port: server.port) { $0.pathPrefix = "/prefix/"; $0.userAgent = "agent/1" }
        let recorder = harness.run(HTTPRequest("GET", "/api?a=b", headers: [HTTPField("Accept", "application/json"), HTTPField("X-Empty", "")]))
        #expect(recorder.isComplete)
        #expect(recorder.text == "hello")
        #expect(recorder.head?.status == 200)
        #expect(recorder.head?.first("x-one") == "1")
        #expect(recorder.head?.first("X-Two") == "spaced")
        let request = try #require(server.requests.first)
        #expect(request.hasPrefix("GET /prefix/api?a=b HTTP/1.1\r\n"))
        #expect(request.contains("\r\nHost: 127.0.0.1:\(server.port)\r\n"))
        #expect(request.contains("\r\nUser-Agent: agent/1\r\n"))
        #expect(request.contains("\r\nAccept: application/json\r\n"))
        #expect(request.contains("\r\nAccept-Encoding: gzip\r\n"))
        #expect(request.contains("\r\nX-Empty:\r\n"))
        #expect(!request.contains("Expect:") && !request.contains("Content-Type"))
        #expect(harness.transport.stats.requests == 1)
        #expect(harness.transport.stats.connections == 1)
        #expect(harness.transport.stats.active == 0)
        #expect(harness.transport.stats.bytesReceived > 5)
        #expect(harness.transport.stats.bytesSent >= Int64(request.utf8.count))
    }

    @Test func everyMethodIsSentAsAskedOnOneReusedHandle() throws {
        let server = ByteServer(each: { connection, head, body in
            let method = String(head.prefix { $0 != " " })
            let length = head.lowercased().contains("content-length: ") ? "\(body.count)" : "none"
            let text = "\(method) \(length) \(String(decoding: body, as: UTF8.self))"
            if method == "HEAD" { connection.say("HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n") } else { connection.answer(text) }
            return true
        })
        let harness = try Harness(port: server.port)
        func run(_ method: String, _ body: String?) -> String {
            let recorder = harness.run(HTTPRequest(method, "/x", body: body.map { Array($0.utf8) }))
            #expect(recorder.isComplete, "\(method): \(String(describing: recorder.failure))")
            return recorder.text
        }
        for _ in 0..<2 {
            #expect(run("GET", nil) == "GET none ")
            #expect(run("POST", "one") == "POST 3 one")
            #expect(run("GET", nil) == "GET none ")
            #expect(run("HEAD", nil) == "")
            #expect(run("GET", nil) == "GET none ")
            #expect(run("PUT", "three") == "PUT 5 three")
            #expect(run("HEAD", nil) == "")
            #expect(run("PATCH", "four") == "PATCH 4 four")
            #expect(run("DELETE", nil) == "DELETE none ")
            #expect(run("DELETE", "{}") == "DELETE 2 {}")
            #expect(run("POST", nil) == "POST 0 ")
            #expect(run("POST", "") == "POST 0 ")
            #expect(run("OPTIONS", nil) == "OPTIONS none ")
        }
        #expect(server.connections == 1)
        #expect(harness.transport.stats.connections == 1)
    }

    @Test func largeBodyArrivesWhole() throws {
        let received = Shared<[UInt8]>([])
        let server = ByteServer(each: { connection, _, body in
            received.change { $0 = body }
            connection.answer()
            return true
        })
        let harness = try Harness(port: server.port)
        let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
        let recorder = harness.run(HTTPRequest("POST", "/", headers: [HTTPField("Content-Type", "application/json")], body: body))
        #expect(recorder.isComplete)
        let isSame = received.get() == body
        #expect(isSame)
        #expect(server.requests.first?.contains("Expect:") == false)
        #expect(server.requests.first?.contains("\r\nContent-Type: application/json\r\n") == true)
    }

    @Test func chunksExtensionsAndTrailersAreRead() throws {
        let server = ByteServer(each: { connection, _, _ in
            connection.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Late\r\n\r\n5;name=value\r\nhello\r\n6\r\n world\r\n0\r\nX-Late: 1\r\n\r\n")
            return true
        })
        let recorder = try Harness(port: server.port).get()
        #expect(recorder.isComplete)
        #expect(recorder.text == "hello world")
        #expect(recorder.heads == 1)
        #expect(recorder.head?.first("X-Late") == nil)
    }

    @Test func bodyWithoutLengthEndsWithTheConnection() throws {
        let server = ByteServer(each: { connection, _, _ in
            connection.say("HTTP/1.1 200 OK\r\n\r\nto the end")
            return false
        })
        let recorder = try Harness(port: server.port).get()
        #expect(recorder.isComplete)
        #expect(recorder.text == "to the end")
    }

    @Test func fault60_gzipIsDecodedAndBrokenGzipIsMalformed() throws {
        // gzip of "hello hello hello\n".
        let packed: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x57, 0xc8, 0x40, 0x90, 0x5c, 0, 0x3b, 0x7c, 0x8a, 0xdf, 0x12, 0, 0, 0]
        let server = ByteServer(each: { connection, head, _ in
            var bytes = packed
            if head.contains("/broken") { bytes[12] = 0xff; bytes[11] = 0xff }
            connection.say("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(bytes.count)\r\n\r\n")
            connection.say(bytes)
            return true
        })
        let harness = try Harness(port: server.port)
        #expect(harness.get().text == "hello hello hello\n")
        #expect(harness.get("/broken").kind == .malformed)
        let plain = try Harness(port: server.port) { $0.acceptGzip = false }
        let raw = plain.get()
        #expect(raw.bytes == packed)
        #expect(server.requests.last?.contains("Accept-Encoding") == false)
    }

    @Test func fault63_interimAnswersAreSkipped() throws {
        let server = ByteServer(each: { connection, _, _ in
            connection.say("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")
            connection.answer("final", headers: "X-Final: 1\r\n")
            return true
        })
        let recorder = try Harness(port: server.port).get()
        #expect(recorder.isComplete)
        #expect(recorder.heads == 1)
        #expect(recorder.head?.status == 200)
        #expect(recorder.head?.first("Link") == nil)
        #expect(recorder.head?.first("X-Final") == "1")
    }

    @Test func redirectIsAnAnswerLikeAnyOther() throws {
        let server = ByteServer(each: { connection, _, _ in
            connection.answer("", status: "302 Found", headers: "Location: /other\r\n")
            return true
        })
        let recorder = try Harness(port: server.port).get()
        #expect(recorder.isComplete)
        #expect(recorder.head?.status == 302)
        #expect(server.requests.count == 1)
    }

    @Test func requestsOfOneConnectionFollowEachOther() throws {
        let server = ByteServer(each: { connection, _, _ in connection.answer(); return true })
        let harness = try Harness(port: server.port)
        for _ in 0..<20 { #expect(harness.get().isComplete) }
        #expect(server.connections == 1)
        #expect(harness.transport.stats.connections == 1)
        #expect(harness.transport.stats.requests == 20)
    }

    @Test func whatWouldBreakOutOfItsPlaceIsRefusedAndNotSent() throws {
        let server = ByteServer(each: { connection, _, _ in connection.answer(); return true })
        let harness = try Harness(port: server.port)
        let bad = [
            HTTPRequest("GET", "/", headers: [HTTPField("Authorization", "Bearer a\r\nX-Evil: 1")]),
            HTTPRequest("GET", "/", headers: [HTTPField("X-Evil\r\nX", "1")]),
            HTTPRequest("GET", "/", headers: [HTTPField("X", "nul\0nul")]),
            HTTPRequest("GET", "/a b"), HTTPRequest("GET", "/a#b"), HTTPRequest("GET", "no-slash"), HTTPRequest("GET", "/\r\n"),
            HTTPRequest("GET", ""), HTTPRequest("GE T", "/"), HTTPRequest("", "/"),
        ]
        for request in bad {
            let recorder = Recorder()
            harness.start(request, recorder)
            #expect(recorder.ends.isEmpty, "heard of inside start")
            #expect(harness.turn { !recorder.ends.isEmpty })
            #expect(recorder.failure?.error.code == .argument)
            #expect(recorder.failure?.error.message.contains("Bearer") == false)
        }
        #expect(server.requests.isEmpty)
        #expect(harness.get("/%2e%2e/./../a//b").isComplete)
        #expect(server.requests.first?.hasPrefix("GET /%2e%2e/./../a//b HTTP/1.1\r\n") == true)
    }

    @Test func descriptorAloneIsEnoughForAnOuterPollLoop() throws {
        let server = ByteServer(each: { connection, _, _ in
            usleep(30_000)
            connection.answer("late")
            return true
        })
        let harness = try Harness(port: server.port)
        let recorder = Recorder()
        harness.start(HTTPRequest("GET", "/"), recorder)
        let deadline = MonotonicClock.nowMs + 5000
        while recorder.ends.isEmpty, MonotonicClock.nowMs < deadline {
            var entry = pollfd(fd: harness.loop.descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&entry, 1, 5000) == 1 { harness.loop.turn(waitMs: 0) }
        }
        #expect(recorder.text == "late")
        #expect(recorder.isComplete)
    }

    @Test func transportWorksOnALoopThread() throws {
        let server = ByteServer(each: { connection, _, _ in connection.answer("threaded"); return true })
        let loop = try EpollLoop()
        let transport = try CurlTransport(loop: loop, settings: TransportSettings(secure: false, host: "127.0.0.1", port: server.port))
        let thread = try LoopThread(loop)
        let done = Shared(0)
        for _ in 0..<50 {
            loop.post {
                let recorder = Recorder()
                recorder.onEnd = { [unowned recorder] in if recorder.isComplete, recorder.text == "threaded" { done.change { $0 += 1 } } }
                _ = transport.start(HTTPRequest("GET", "/"), options: TransferOptions(), receiver: recorder.receiver)
            }
        }
        #expect(eventually { done.get() == 50 })
        let isDown = Shared(false)
        loop.post { transport.shutDown(); isDown.change { $0 = true } }
        #expect(eventually { isDown.get() })
        thread.stop()
        #expect(thread.join(untilMs: MonotonicClock.nowMs + 5000))
    }
}
