// Locks and loop threads.
import Glibc
import KubeSystem
import Testing

@Suite struct ThreadTests {
    @Test func lockExcludesAndWaitsEndAtTheirDeadline() {
        let lock = Lock()
        let start = MonotonicClock.nowMs
        let woken = lock.withLock { lock.wait(untilMs: start + 40) }
        #expect(!woken)
        #expect(MonotonicClock.nowMs - start >= 40)

        let count = Shared(0)
        let threads = (0..<4).map { _ in startThread { for _ in 0..<1000 { count.change { $0 += 1 } } } }
        for thread in threads { pthread_join(thread, nil) }
        #expect(count.get() == 4000)
    }

    @Test func signalWakesAWaiter() {
        let lock = Lock()
        let open = Shared(false)
        let thread = startThread {
            open.change { $0 = true }
            lock.withLock { lock.broadcast() }
        }
        let deadline = MonotonicClock.nowMs + 5000
        lock.withLock { while !open.get(), lock.wait(untilMs: deadline) {} }
        #expect(open.get())
        pthread_join(thread, nil)
    }

    @Test func threadRunsJobsFromOtherThreadsAndTimers() throws {
        let loop = try EpollLoop()
        let thread = try LoopThread(loop)
        let seen = Shared<[String]>([])
        loop.post {
            seen.change { $0.append(thread.isCurrent ? "own" : "other") }
            loop.after(5) { seen.change { $0.append("timer") } }
        }
        #expect(eventually { seen.get() == ["own", "timer"] })
        #expect(!thread.isCurrent)
        thread.stop()
        #expect(thread.join(untilMs: MonotonicClock.nowMs + 5000))
    }

    @Test func threadBlocksAllSignalsAndHasAName() throws {
        let loop = try EpollLoop()
        let thread = try LoopThread(loop)
        let blocked = Shared<Bool?>(nil)
        let name = Shared("")
        loop.post {
            var mask = sigset_t()
            pthread_sigmask(SIG_BLOCK, nil, &mask)
            var text = [CChar](repeating: 0, count: 32)
            let file = open("/proc/thread-self/comm", O_RDONLY)
            let count = read(file, &text, 31)
            close(file)
            name.change { $0 = String(decoding: text.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self) }
            blocked.change { $0 = [SIGINT, SIGTERM, SIGPIPE, SIGALRM].allSatisfy { sigismember(&mask, $0) == 1 } }
        }
        #expect(eventually { blocked.get() != nil })
        #expect(blocked.get() == true)
        #expect(name.get() == "kubecr\n")
        thread.stop()
        #expect(thread.join(untilMs: MonotonicClock.nowMs + 5000))
    }

    @Test func endedThreadKeepsNothingAlive() throws {
        var loop: EpollLoop? = try EpollLoop()
        weak let seen = loop
        let thread = try LoopThread(try #require(loop))
        loop = nil
        #expect(seen != nil)
        thread.stop()
        thread.stop()
        #expect(thread.join(untilMs: MonotonicClock.nowMs + 5000))
        #expect(seen == nil)
    }

    @Test func stopFromInsideTheThreadEndsIt() throws {
        let loop = try EpollLoop()
        let thread = try LoopThread(loop)
        let joined = Shared<Bool?>(nil)
        loop.post {
            thread.stop()
            let result = thread.join(untilMs: MonotonicClock.nowMs + 5000)
            joined.change { $0 = result }
        }
        #expect(thread.join(untilMs: MonotonicClock.nowMs + 5000))
        #expect(joined.get() == false)
    }
}
