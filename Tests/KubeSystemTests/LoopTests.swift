// The loop: timers, jobs, sockets, and what an outer poll loop sees of them.
import Glibc
import KubeSystem
import Testing

@Suite struct LoopTests {
    let loop: EpollLoop
    init() throws { loop = try EpollLoop() }

    @Test func timersFireInOrderOfTheirDeadlines() {
        var fired: [Int] = []
        loop.after(30) { fired.append(3) }
        loop.after(10) { fired.append(1) }
        loop.after(20) { fired.append(2) }
        loop.after(10) { fired.append(10) }
        #expect(turn(loop) { fired.count == 4 })
        #expect(fired == [1, 10, 2, 3])
        #expect(loop.nextTimeoutMs == -1)
    }

    @Test func timerDoesNotFireEarly() {
        let start = MonotonicClock.nowMs
        var end: Int64 = 0
        loop.after(50) { end = MonotonicClock.nowMs }
        #expect(turn(loop) { end != 0 })
        #expect(end - start >= 50)
    }

    @Test func cancelledTimerReleasesItsAction() {
        final class Token {}
        var token: Token? = Token()
        weak let seen = token
        let timer = loop.after(10_000) { [token] in withExtendedLifetime(token) {} }
        token = nil
        #expect(seen != nil)
        timer.cancel()
        #expect(seen == nil)
        timer.cancel()
        #expect(loop.nextTimeoutMs == -1)
    }

    @Test func timersCancelledInAnyOrderLeaveTheRestInOrder() {
        var fired: [Int] = []
        var random = UInt64(88172645463325252)
        func next(_ limit: Int) -> Int {
            random ^= random << 13
            random ^= random >> 7
            random ^= random << 17
            return Int(random % UInt64(limit))
        }
        var timers: [(Int, LoopTimer)] = []
        for _ in 0..<500 {
            let ms = next(20)
            timers.append((ms, loop.after(Int64(ms)) { fired.append(ms) }))
        }
        var expected: [Int] = []
        for (index, entry) in timers.enumerated() {
            if index % 3 == 0 { entry.1.cancel() } else { expected.append(entry.0) }
        }
        #expect(turn(loop) { fired.count == expected.count })
        loop.turn(waitMs: 30)
        #expect(fired.count == expected.count)
        #expect(fired.sorted() == expected.sorted())
    }

    @Test func timerCancelledByAnEarlierOneOfTheSameTurnDoesNotFire() {
        var second: LoopTimer?
        var fired = 0
        loop.after(0) { second?.cancel() }
        second = loop.after(0) { fired += 1 }
        loop.turn(waitMs: 100)
        loop.turn(waitMs: 0)
        #expect(fired == 0)
    }

    @Test func timerSetInsideATimerFiresInALaterTurn() {
        var turns = 0
        var firedIn = -1
        loop.after(0) { self.loop.after(0) { firedIn = turns } }
        while firedIn < 0, turns < 10 {
            turns += 1
            loop.turn(waitMs: 100)
        }
        #expect(firedIn == 2)
    }

    @Test func jobsRunInTheOrderOfTheirPosts() {
        var order: [Int] = []
        loop.post { order.append(1); self.loop.post { order.append(3) } }
        loop.post { order.append(2) }
        #expect(turn(loop) { order.count == 3 })
        #expect(order == [1, 2, 3])
    }

    @Test func endlessJobsDoNotHoldTheTurn() {
        var runs = 0
        func again() { runs += 1; loop.post { again() } }
        loop.post { again() }
        loop.turn(waitMs: 100)
        #expect(runs > 0 && runs < 100)
        #expect(isReadable(loop.descriptor))
        loop.discardAll()
        #expect(loop.nextTimeoutMs == -1)
    }

    @Test func descriptorIsReadableForAJobATimerAndASocket() {
        #expect(!isReadable(loop.descriptor))
        loop.post {}
        #expect(isReadable(loop.descriptor))
        #expect(loop.nextTimeoutMs == 0)
        loop.turn(waitMs: 0)
        #expect(!isReadable(loop.descriptor))

        var fired = false
        loop.after(20) { fired = true }
        #expect(!isReadable(loop.descriptor))
        #expect((1...20).contains(loop.nextTimeoutMs))
        #expect(isReadable(loop.descriptor, withinMs: 2000))
        loop.turn(waitMs: 0)
        #expect(fired)
        #expect(!isReadable(loop.descriptor))
    }

    @Test func laterTimerSetWhileAnEarlierOneIsArmedStillWakesTheDescriptor() {
        var fired: [Int] = []
        let first = loop.after(5) { fired.append(1) }
        first.cancel()
        loop.after(40) { fired.append(2) }
        let deadline = MonotonicClock.nowMs + 5000
        while fired.isEmpty, MonotonicClock.nowMs < deadline, isReadable(loop.descriptor, withinMs: 5000) { loop.turn(waitMs: 0) }
        #expect(fired == [2])
        #expect(!isReadable(loop.descriptor))
    }

    @Test func keptReadableUntilSwitchedOffButTurnsStillWait() {
        loop.keepReadable(true)
        #expect(isReadable(loop.descriptor))
        loop.turn(waitMs: 0)
        #expect(isReadable(loop.descriptor))
        let start = MonotonicClock.nowMs
        loop.turn(waitMs: 60)
        #expect(MonotonicClock.nowMs - start >= 55)
        #expect(isReadable(loop.descriptor))
        #expect(loop.nextTimeoutMs == 0)
        loop.keepReadable(false)
        #expect(!isReadable(loop.descriptor))
    }

    @Test func socketHandlerHearsReadinessAndNothingAfterParkOrUnwatch() {
        var pair: [Int32] = [0, 0]
        pipe(&pair)
        defer { close(pair[0]); close(pair[1]) }
        var heard = 0
        loop.watch(pair[0], readable: true, writable: false) { _, ready in if ready.readable { heard += 1 } }
        loop.turn(waitMs: 0)
        #expect(heard == 0)
        write(pair[1], "x", 1)
        #expect(isReadable(loop.descriptor))
        loop.turn(waitMs: 100)
        #expect(heard == 1)
        loop.park(pair[0])
        loop.turn(waitMs: 0)
        #expect(heard == 1)
        // The byte is still there: the descriptor must not stay readable for what nobody watches.
        #expect(!isReadable(loop.descriptor))
        loop.watch(pair[0], readable: true, writable: false) { _, _ in heard += 1 }
        loop.turn(waitMs: 100)
        #expect(heard == 2)
        loop.unwatch(pair[0])
        loop.turn(waitMs: 0)
        #expect(heard == 2)
        #expect(!isReadable(loop.descriptor))
    }

    @Test func descriptorClosedBehindTheLoopIsTolerated() {
        var pair: [Int32] = [0, 0]
        pipe(&pair)
        loop.watch(pair[0], readable: true, writable: false) { _, _ in }
        close(pair[0])
        close(pair[1])
        loop.unwatch(pair[0])
        loop.unwatch(pair[0])
        var again: [Int32] = [0, 0]
        pipe(&again)
        defer { close(again[0]); close(again[1]) }
        var heard = 0
        loop.watch(again[0], readable: true, writable: false) { _, _ in heard += 1 }
        close(again[1])
        again[1] = -1
        loop.turn(waitMs: 100)
        #expect(heard == 1)
    }

    @Test func reusedNumberIsWatchedAgain() {
        var pair: [Int32] = [0, 0]
        pipe(&pair)
        var heard: [String] = []
        loop.watch(pair[0], readable: true, writable: false) { _, _ in heard.append("old") }
        // Closed without a word to the loop, and the number taken again.
        close(pair[0])
        var other: [Int32] = [0, 0]
        pipe(&other)
        dup2(other[0], pair[0])
        loop.watch(pair[0], readable: true, writable: false) { _, _ in heard.append("new") }
        loop.watch(pair[0], readable: true, writable: true) { _, _ in heard.append("new") }
        loop.watch(pair[0], readable: true, writable: false) { _, _ in heard.append("new") }
        write(other[1], "x", 1)
        loop.turn(waitMs: 100)
        #expect(heard == ["new"])
        for descriptor in [pair[0], pair[1], other[0], other[1]] { close(descriptor) }
    }

    @Test func turnInsideATurnDoesNothing() {
        var depth = 0
        loop.post {
            self.loop.post { depth += 1 }
            self.loop.turn(waitMs: 1000)
            #expect(depth == 0)
        }
        #expect(turn(loop) { depth == 1 })
    }

    @Test func signalsEndAWaitEarlyAndHarmNothing() {
        signal(SIGUSR1, { _ in })
        let target = pthread_self()
        let stop = Shared(false)
        let storm = startThread { while !stop.get() { pthread_kill(target, SIGUSR1); usleep(500) } }
        var fired = false
        let start = MonotonicClock.nowMs
        loop.after(60) { fired = true }
        #expect(turn(loop) { fired })
        #expect(MonotonicClock.nowMs - start >= 60)
        stop.change { $0 = true }
        pthread_join(storm, nil)
    }

    @Test func loopsLeaveNoDescriptorOpen() throws {
        func count() -> Int { (0..<512).filter { fcntl(Int32($0), F_GETFD) != -1 }.count }
        // Other tests open descriptors at the same time; a leak of three per loop stands out all the same.
        let before = count()
        for _ in 0..<60 { _ = try EpollLoop() }
        #expect(count() - before < 60)
    }
}
