// What concerns a whole process: forks, signals, limits, and leaving with loops running. Each test runs in a fresh process,
// because a fork of a busy test runner inherits locks of threads it doesn't have.
import Glibc
import KubeSystem
import Testing

@Suite struct ProcessTests {
    @Test(.disabled(if: isSanitized, "address space")) func threadThatCannotBeStartedIsAnError() async {
        await #expect(processExitsWith: .success) {
            let loop = try EpollLoop()
            // No room for another stack; those of ended threads may still be reused, so a few starts may succeed.
            var limit = rlimit(rlim_cur: 1 << 20, rlim_max: 1 << 20)
            #expect(setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0)
            var refusal: SystemError?
            for _ in 0..<64 where refusal == nil {
                do throws(SystemError) { _ = try LoopThread(loop) } catch { refusal = error }
            }
            _exit(refusal?.call == "pthread_create" && refusal?.number == EAGAIN ? 0 : 1)
        }
    }

    @Test func guardSwallowsASIGPIPEAndRestoresTheMask() async {
        await #expect(processExitsWith: .success) {
            signal(SIGPIPE, SIG_DFL)
            var before = sigset_t()
            pthread_sigmask(SIG_BLOCK, nil, &before)
            var pair: [Int32] = [0, 0]
            pipe(&pair)
            close(pair[0])
            #expect(SignalGuard.around { write(pair[1], "x", 1) } == -1)
            var after = sigset_t()
            pthread_sigmask(SIG_BLOCK, nil, &after)
            #expect(sigismember(&after, SIGPIPE) == sigismember(&before, SIGPIPE))
            #expect(sigismember(&after, SIGTERM) == sigismember(&before, SIGTERM))
        }
    }

    /// Proves that the test above can fail.
    @Test func withoutTheGuardASIGPIPEKills() async {
        await #expect(processExitsWith: .signal(SIGPIPE)) {
            signal(SIGPIPE, SIG_DFL)
            var pair: [Int32] = [0, 0]
            pipe(&pair)
            close(pair[0])
            write(pair[1], "x", 1)
        }
    }

    @Test func guardLeavesAPendingSIGPIPEOfTheProgramAlone() async {
        await #expect(processExitsWith: .success) {
            var pipeOnly = sigset_t()
            sigemptyset(&pipeOnly)
            sigaddset(&pipeOnly, SIGPIPE)
            pthread_sigmask(SIG_BLOCK, &pipeOnly, nil)
            pthread_kill(pthread_self(), SIGPIPE)
            SignalGuard.around {}
            var pending = sigset_t()
            sigpending(&pending)
            #expect(sigismember(&pending, SIGPIPE) == 1)
            _exit(sigismember(&pending, SIGPIPE) == 1 ? 0 : 1)
        }
    }

    @Test func childHasTheNextGenerationAndParentKeepsItsOwn() async {
        await #expect(processExitsWith: .success) {
            let here = ForkGeneration.current
            #expect(statusOfChild { ForkGeneration.current == here + 1 ? 0 : 1 } == 0)
            #expect(ForkGeneration.current == here)
        }
    }

    @Test func parentsLoopDoesNothingInAChildAndParentIsUnhurt() async {
        await #expect(processExitsWith: .success) {
            let loop = try EpollLoop()
            var pair: [Int32] = [0, 0]
            pipe(&pair)
            var heard = 0
            loop.watch(pair[0], readable: true, writable: false) { _, _ in heard += 1 }
            let status = statusOfChild {
                loop.unwatch(pair[0])
                loop.post {}
                loop.turn(waitMs: 0)
                return heard == 0 ? 0 : 1
            }
            #expect(status == 0)
            write(pair[1], "x", 1)
            loop.turn(waitMs: 1000)
            #expect(heard == 1)
        }
    }

    @Test(.disabled(if: isSanitized, "threads in a forked child")) func childCanStartALoopThreadOfItsOwn() async {
        await #expect(processExitsWith: .success) {
            let parents = try LoopThread(try EpollLoop())
            let ran = Shared(false)
            let status = statusOfChild {
                if parents.join() { return 1 }
                guard let loop = try? EpollLoop(), let thread = try? LoopThread(loop) else { return 2 }
                loop.post { ran.change { $0 = true } }
                guard eventually(3000, { ran.get() }) else { return 3 }
                thread.stop()
                return thread.join(untilMs: MonotonicClock.nowMs + 3000) ? 0 : 4
            }
            #expect(status == 0)
            parents.stop()
            #expect(parents.join(untilMs: MonotonicClock.nowMs + 5000))
        }
    }

    /// A child that leaves through `exit` inherits the parent's hook but none of its threads: it must not wait for them.
    @Test func exitOfAChildDoesNotWaitForTheParentsTurns() async {
        await #expect(processExitsWith: .success) {
            let loop = try EpollLoop()
            let thread = try LoopThread(loop)
            let entered = Shared(false)
            let release = Shared(false)
            loop.post {
                entered.change { $0 = true }
                while !release.get() { usleep(1000) }
            }
            #expect(eventually { entered.get() })
            let start = MonotonicClock.nowMs
            let child = forkProcess()
            if child == 0 { exitThroughTheHook() }
            #expect(exitStatus(of: child) == 0)
            #expect(MonotonicClock.nowMs - start < 900)
            release.change { $0 = true }
            thread.stop()
            #expect(thread.join(untilMs: MonotonicClock.nowMs + 5000))
        }
    }

    @Test func exitParksABusyLoopAndRunsNoFurtherTurn() async {
        await #expect(processExitsWith: .exitCode(7)) {
            // The handler registered first runs last: it sees what happens after the hook.
            atexit {
                let before = turns.get()
                usleep(50_000)
                _exit(ProcessExit.isUnderWay && turns.get() == before ? 7 : 8)
            }
            turns.change { $0 = 0 }
            let loop = try EpollLoop()
            let thread = try LoopThread(loop)
            loop.post { countTurns(loop) }
            #expect(eventually { turns.get() > 10 })
            withExtendedLifetime(thread) {}
            exit(0)
        }
    }

    @Test func exitGivesUpOnATurnThatDoesNotEnd() async {
        await #expect(processExitsWith: .exitCode(7)) {
            atexit {
                let took = MonotonicClock.nowMs - leftAt.get()
                _exit(took >= 950 && took < 3000 ? 7 : 8)
            }
            let loop = try EpollLoop()
            let thread = try LoopThread(loop)
            let entered = Shared(false)
            loop.post {
                entered.change { $0 = true }
                while true { usleep(1000) }
            }
            #expect(eventually { entered.get() })
            leftAt.change { $0 = MonotonicClock.nowMs }
            withExtendedLifetime(thread) {}
            exit(0)
        }
    }

    @Test func exitFromInsideATurnDoesNotWaitForItself() async {
        await #expect(processExitsWith: .exitCode(7)) {
            atexit { _exit(MonotonicClock.nowMs - leftAt.get() < 900 ? 7 : 8) }
            let loop = try EpollLoop()
            let thread = try LoopThread(loop)
            loop.post {
                leftAt.change { $0 = MonotonicClock.nowMs }
                exit(0)
            }
            _ = eventually(10_000) { false }
            withExtendedLifetime(thread) {}
        }
    }

    @Test func joinGivesUpWhileTheProcessIsLeaving() async {
        await #expect(processExitsWith: .exitCode(7)) {
            atexit {
                // Runs after the hook: the thread will never say that it has ended.
                _exit(parked.get()?.join() == false ? 7 : 8)
            }
            let thread = try LoopThread(try EpollLoop())
            parked.change { $0 = thread }
            exit(0)
        }
    }
}

// Exit handlers capture nothing, so what they look at is global.
private let turns = Shared(0)
private let leftAt = Shared<Int64>(0)
private let parked = Shared<LoopThread?>(nil)

private func countTurns(_ loop: EpollLoop) {
    turns.change { $0 += 1 }
    loop.after(0) { countTurns(loop) }
}

/// Runs the exit handlers down to one that ends the process: the hook runs first, what the test runner registered does not.
private func exitThroughTheHook() -> Never {
    atexit { _exit(0) }
    ProcessExit.registerAfterLibraryStart()
    exit(1)
}
