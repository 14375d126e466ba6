// Pausing, cancelling, starting from inside receivers, shutting down: who hears what, and what is left behind.
import Glibc
import KubeCore
import KubeSystem
@testable import KubeTransport
import Testing

@Suite struct ControlTests {
    /// Answers with 1 MB in which every byte tells its place.
    static let pattern = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 9) }
    /// A comparison whose failure doesn't print a megabyte.
    static func isPattern(_ recorder: Recorder) -> Bool { recorder.bytes == pattern }
    static func patternServer() -> ByteServer {
        // Made now and not while a client waits for it.
        let pattern = pattern
        return ByteServer(each: { connection, _, _ in
            connection.say("HTTP/1.1 200 OK\r\nContent-Length: \(pattern.count)\r\n\r\n")
            return connection.say(pattern)
        })
    }

    @Test func pausedBytesComeAgainAndNothingIsLost() throws {
        let server = ControlTests.patternServer()
        let harness = try Harness(port: server.port)
        let recorder = Recorder()
        var pauses = 0
        var isPaused = false
        var refused: [UInt8] = []
        recorder.onBody = { bytes in
            #expect(!isPaused, "heard while paused")
            if !refused.isEmpty {
                let isSame = Array(bytes.prefix(refused.count)) == Array(refused.prefix(bytes.count))
                #expect(isSame)
                refused = []
                return .proceed
            }
            if recorder.bytes.count > pauses * 100_000 {
                pauses += 1
                isPaused = true
                refused = Array(bytes)
                return .pause
            }
            return .proceed
        }
        let transfer = harness.start(HTTPRequest("GET", "/"), recorder, idleMs: 1000)
        let deadline = MonotonicClock.nowMs + 20_000
        while recorder.ends.isEmpty, MonotonicClock.nowMs < deadline {
            if isPaused {
                // The clock of silence stands still meanwhile.
                let until = MonotonicClock.nowMs + (pauses == 2 ? 1400 : 5)
                while MonotonicClock.nowMs < until { harness.loop.turn(waitMs: 5) }
                let before = recorder.bytes.count
                isPaused = false
                transfer.resume()
                #expect(recorder.bytes.count == before, "heard inside resume")
            }
            harness.loop.turn(waitMs: 20)
        }
        #expect(recorder.isComplete, "\(String(describing: recorder.failure))")
        #expect(ControlTests.isPattern(recorder))
        #expect(pauses >= 10)
    }

    @Test func pausedGzipIsNotLostEither() throws {
        // 200 KB of zeros in 223 bytes: one input piece becomes many.
        let packed = Fixtures.gzip(repeating: 0, count: 200_000)
        let server = ByteServer(each: { connection, _, _ in
            connection.say("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(packed.count)\r\n\r\n")
            return connection.say(packed)
        })
        let harness = try Harness(port: server.port)
        let recorder = Recorder()
        var toggle = false
        recorder.onBody = { _ in toggle.toggle(); return toggle ? .pause : .proceed }
        let transfer = harness.start(HTTPRequest("GET", "/"), recorder)
        #expect(harness.turn { transfer.resume(); return !recorder.ends.isEmpty })
        #expect(recorder.isComplete)
        #expect(recorder.bytes.count == 200_000)
    }

    @Test func stopEndsWithStopped() throws {
        let server = ControlTests.patternServer()
        let harness = try Harness(port: server.port)
        let recorder = Recorder()
        recorder.onBody = { _ in recorder.bytes.count > 50_000 ? .stop : .proceed }
        harness.start(HTTPRequest("GET", "/"), recorder)
        #expect(harness.turn { !recorder.ends.isEmpty })
        #expect(recorder.kind == .stopped)
        #expect(recorder.bytes.count < 200_000)
    }

    @Test(arguments: ["start", "head", "body", "paused", "connecting"])
    func cancelledTransferHearsNothingMore(when: String) throws {
        let server = ControlTests.patternServer()
        let harness = try Harness(port: server.port)
        let recorder = Recorder()
        var transfer: Transfer?
        var heardAfter = 0
        var isCancelled = false
        func cancel() { transfer?.cancel(); transfer?.cancel(); isCancelled = true }
        recorder.onHead = { if isCancelled { heardAfter += 1 }; if when == "head" { cancel() } }
        recorder.onBody = { _ in
            if isCancelled { heardAfter += 1 }
            if when == "body" { cancel() }
            return when == "paused" ? .pause : .proceed
        }
        recorder.onEnd = { heardAfter += 1 }
        transfer = harness.start(HTTPRequest("GET", "/"), recorder)
        if when == "start" { cancel() }
        if when == "connecting" { harness.loop.turn(waitMs: 0); cancel() }
        if when == "paused" {
            #expect(harness.turn { recorder.head != nil })
            harness.loop.turn(waitMs: 20)
            cancel()
        }
        #expect(harness.turn { isCancelled })
        for _ in 0..<5 { harness.loop.turn(waitMs: 10) }
        #expect(heardAfter == 0)
        #expect(harness.transport.stats.active == 0)
        transfer?.resume()
        recorder.onHead = {}
        recorder.onBody = { _ in .proceed }
        #expect(ControlTests.isPattern(harness.get()))
    }

    @Test func receiverMayCancelAnotherTransfer() throws {
        let server = ControlTests.patternServer()
        let harness = try Harness(port: server.port)
        let first = Recorder(), second = Recorder()
        var other: Transfer?
        first.onBody = { _ in other?.cancel(); return .proceed }
        other = harness.start(HTTPRequest("GET", "/2"), second)
        harness.start(HTTPRequest("GET", "/1"), first)
        #expect(harness.turn { !first.ends.isEmpty })
        for _ in 0..<5 { harness.loop.turn(waitMs: 5) }
        #expect(first.isComplete)
        #expect(second.ends.isEmpty || second.isComplete)
        #expect(harness.transport.stats.active == 0)
    }

    @Test(arguments: ["head", "body", "end"])
    func receiverMayStartTransfers(inside: String) throws {
        let server = ByteServer(each: { connection, head, _ in
            connection.answer(head.contains("/next") ? "next" : "first")
            return true
        })
        let harness = try Harness(port: server.port)
        let first = Recorder()
        var next: [Recorder] = []
        var isInside = false
        func go() {
            isInside = true
            for _ in 0..<3 {
                let recorder = Recorder()
                recorder.onHead = { #expect(!isInside, "heard inside start") }
                next.append(recorder)
                harness.start(HTTPRequest("GET", "/next"), recorder)
            }
            isInside = false
        }
        first.onHead = { if inside == "head" { go() } }
        first.onBody = { _ in if inside == "body" { go() }; return .proceed }
        first.onEnd = { if inside == "end" { go() } }
        harness.start(HTTPRequest("GET", "/"), first)
        #expect(harness.turn { next.count == 3 && next.allSatisfy { !$0.ends.isEmpty } })
        #expect(first.isComplete)
        for recorder in next { #expect(recorder.isComplete && recorder.text == "next") }
    }

    @Test(arguments: ["outside", "head", "body", "end"])
    func shutDownSaysNothingMoreAndClosesEverything(from place: String) throws {
        let server = ControlTests.patternServer()
        let harness = try Harness(port: server.port)
        let first = Recorder(), second = Recorder()
        var isDown = false
        var heardAfter = 0
        func shutDown() { harness.transport.shutDown(); isDown = true }
        for recorder in [first, second] {
            recorder.onHead = { if isDown { heardAfter += 1 } else if place == "head" { shutDown() } }
            recorder.onBody = { _ in if isDown { heardAfter += 1 } else if place == "body" { shutDown() }; return .proceed }
            recorder.onEnd = { if isDown { heardAfter += 1 } else if place == "end" { shutDown() } }
        }
        harness.start(HTTPRequest("GET", "/"), first)
        harness.start(HTTPRequest("GET", "/"), second)
        if place == "outside" {
            #expect(harness.turn { first.bytes.count > 0 })
            shutDown()
        }
        #expect(harness.turn { isDown })
        for _ in 0..<3 { harness.loop.turn(waitMs: 5) }
        #expect(heardAfter == 0)
        #expect(harness.transport.sockets.isEmpty)
        #expect(harness.transport.stats.active == 0)
        harness.transport.shutDown()
        let late = Recorder()
        harness.start(HTTPRequest("GET", "/"), late)
        #expect(harness.turn { !late.ends.isEmpty })
        #expect(late.failure?.error.code == .cancelled)
    }

    @Test func transportsReceiversAndTransfersAreReleased() throws {
        let server = ControlTests.patternServer()
        weak var transport: CurlTransport?
        weak var kept: Recorder?
        weak var cancelled: Recorder?
        weak var silent: Recorder?
        do {
            let harness = try Harness(port: server.port)
            transport = harness.transport
            let recorder = harness.get()
            kept = recorder
            let other = Recorder()
            cancelled = other
            harness.start(HTTPRequest("GET", "/"), other, idleMs: 60_000).cancel()
            let third = Recorder()
            silent = third
            harness.start(HTTPRequest("GET", "/"), third, idleMs: 60_000)
            harness.loop.turn(waitMs: 10)
        }
        #expect(transport == nil)
        #expect(kept == nil)
        #expect(cancelled == nil)
        #expect(silent == nil)
    }

    @Test func transfersLeaveNoDescriptorAndSocketsAreCloseOnExec() async {
        await #expect(processExitsWith: .success) {
            func open() -> Int { (0..<256).filter { fcntl(Int32($0), F_GETFD) != -1 }.count }
            let server = ByteServer(each: { connection, head, _ in
                if head.contains("/cut") { connection.say("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"); return false }
                connection.answer(headers: "Connection: close\r\n")
                return false
            })
            let before = open()
            do {
                let harness = try Harness(port: server.port)
                for index in 0..<200 {
                    let recorder = harness.get(index % 2 == 0 ? "/" : "/cut")
                    #expect(recorder.ends.count == 1)
                }
                #expect(harness.transport.stats.connections == 200)
                #expect(eventually { harness.loop.turn(waitMs: 1); return harness.transport.sockets.isEmpty })
                let hanging = Recorder()
                harness.start(HTTPRequest("GET", "/"), hanging)
                #expect(harness.turn { !harness.transport.sockets.isEmpty })
                for socket in harness.transport.sockets { #expect(fcntl(socket, F_GETFD) & FD_CLOEXEC != 0) }
            }
            // The test runner opens one or two of its own meanwhile.
            #expect(eventually { open() < before + 10 }, "\(open()) descriptors, \(before) before")
        }
    }

    /// libcurl 7.88 opens its own without, so the transport has to find them.
    @Test func everyDescriptorOfATransportIsCloseOnExec() async {
        await #expect(processExitsWith: .success) {
            func inherited() -> Set<Int32> { Set((0..<256).filter { let flags = fcntl($0, F_GETFD); return flags != -1 && flags & FD_CLOEXEC == 0 }) }
            _ = try Harness(port: 1)
            let before = inherited()
            let harnesses = try (0..<10).map { _ in try Harness(port: 1) }
            #expect(inherited().subtracting(before).count < 4, "\(inherited().subtracting(before)) more")
            #expect(harnesses[0].get().kind == .refused)
        }
    }
}
