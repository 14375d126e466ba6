// The process-wide log: who is told what, and when a listener is let go. One suite at a time: there is one log.
import KubeConfig
import KubeCore
import KubeSystem
import KubeTesting
@testable import KubeClient
import Testing

/// Writes down what a log tells. Other suites log at the same time, so only lines with the mark count.
private final class LogPages {
    private let lock = Lock()
    private var written: [String] = []
    private var left = 0

    var lines: [String] { lock.withLock { written } }
    var releases: Int { lock.withLock { left } }

    func listener() -> LogListener {
        LogListener(
            write: { level, message in
                guard message.contains("MARK") else { return }
                self.lock.withLock { self.written.append("\(level): \(message)") }
            },
            release: { self.lock.withLock { self.left += 1 } })
    }
}

@Suite(.serialized) struct LogTests {
    private let pages = LogPages()

    @Test func onlyTheLevelAndWhatIsGraverIsTold() {
        for level in 0...5 as ClosedRange<Int32> {
            let pages = LogPages()
            Log.set(pages.listener(), level: level)
            Log.error("MARK 1")
            Log.warn("MARK 2")
            Log.info("MARK 3")
            Log.debug("MARK 4")
            Log.set(nil, level: 0)
            #expect(pages.lines == Array(["error: MARK 1", "warn: MARK 2", "info: MARK 3", "debug: MARK 4"].prefix(Int(min(level, 4)))), "\(level)")
        }
    }

    @Test func nothingIsToldAndNoTextIsMadeWithoutAListener() {
        var made = 0
        func text() -> String {
            made += 1
            return "MARK"
        }
        Log.set(nil, level: 4)
        Log.error(text())
        #expect(made == 0)
        Log.set(pages.listener(), level: 1)
        Log.warn(text())
        #expect(made == 0)
        Log.error(text())
        #expect(made == 1)
        Log.set(nil, level: 0)
        #expect(pages.lines == ["error: MARK"])
    }

    @Test func aReplacedListenerIsReleasedOnceAndHearsNoMore() {
        let second = LogPages()
        Log.set(pages.listener(), level: 4)
        Log.info("MARK 1")
        #expect(pages.releases == 0)
        Log.set(second.listener(), level: 4)
        #expect(pages.releases == 1)
        Log.info("MARK 2")
        Log.set(nil, level: 4)
        #expect(second.releases == 1)
        Log.info("MARK 3")
        #expect(pages.lines == ["info: MARK 1"] && second.lines == ["info: MARK 2"] && pages.releases == 1)
    }

    /// The replaced one is not in use any more when `set` returns.
    @Test func replacingWaitsForACallThatIsUnderWay() {
        let (inside, goOn, replaced) = (Completion(), Completion(), Completion())
        let lock = Lock()
        var order: [String] = []
        let slow = LogListener(
            write: { _, message in
                guard message.contains("MARK") else { return }
                inside.finish()
                _ = goOn.wait(deadlineMs: MonotonicClock.nowMs + 10_000)
                lock.withLock { order.append("told") }
            },
            release: { lock.withLock { order.append("released") } })
        Log.set(slow, level: 4)
        #expect(WorkerThread.start(name: "test-log") { Log.info("MARK") })
        #expect(inside.wait(deadlineMs: MonotonicClock.nowMs + 10_000))
        #expect(WorkerThread.start(name: "test-log") {
            Log.set(nil, level: 0)
            lock.withLock { order.append("replaced") }
            replaced.finish()
        })
        #expect(lock.withLock { order } == [])
        goOn.finish()
        #expect(replaced.wait(deadlineMs: MonotonicClock.nowMs + 10_000))
        // Also while somebody still holds the listener.
        withExtendedLifetime(slow) { #expect(lock.withLock { order } == ["told", "released", "replaced"]) }
    }

    /// Row 105, T11: what goes by is logged without its secrets.
    @Test func noTokenAndNoBodyIsLoggedAtAnyLevel() throws {
        let lock = Lock()
        var told: [String] = []
        Log.set(LogListener(write: { _, message in lock.withLock { told.append(message) } }), level: 4)
        defer { Log.set(nil, level: 0) }
        let drive = ManualDrive { $0.token = "SECRETTOKEN" }
        let secret = Sample.object("logged", 1, namespace: "logged", kind: "Secret", apiVersion: "v1", spec: "\"SECRETBODY\"")
        drive.server.next(.status(429, "TooManyRequests", retryAfter: "1"))
        drive.server.next(.text(secret))
        _ = try drive.call(.create, "v1/secrets", ns: "logged", body: secret)
        drive.advance(1000)
        drive.server.next(.text(Sample.list([secret], 5, kind: "SecretList", apiVersion: "v1")))
        drive.server.next(.stream(Sample.event("ADDED", secret), "{\"type\":\"ADDED\",\"object\":{]SECRETBODY"))
        let informer = try drive.informer(resource: "v1/secrets", ns: "logged")
        try informer.start()
        drive.settle()
        drive.server.next(.status(401, "Unauthorized"))
        drive.advance(2000)
        #expect(drive.server.exchanges.allSatisfy { $0.header("authorization") == "Bearer SECRETTOKEN" })
        let lines = lock.withLock { told }
        #expect(lines.contains { $0.contains("/namespaces/logged/secrets") })
        #expect(!lines.contains { $0.contains("SECRETTOKEN") || $0.contains("SECRETBODY") || $0.contains("\n") })
    }
}
