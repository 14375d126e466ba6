// A loop that a thread of ours turns, and jobs that others run in it at once: never two at a time, nothing forgotten.
import Glibc
import KubeSystem
import Testing

@Suite struct SharedLoopTests {
    let loop: EpollLoop
    let thread: LoopThread

    init() throws {
        loop = try EpollLoop()
        thread = try LoopThread(loop)
    }

    /// The loop's thread has turned once and waits.
    private func settle() {
        let hasTurned = Shared(false)
        loop.post { hasTurned.change { $0 = true } }
        #expect(eventually { hasTurned.get() })
    }

    private func end() {
        thread.stop()
        #expect(thread.join(untilMs: MonotonicClock.nowMs + 5000))
    }

    @Test func aJobRunsOnTheThreadThatAsksForItBeforeThatGoesOn() {
        settle()
        let here = pthread_self()
        var ran = 0
        #expect(eventually { loop.runNow { ran += pthread_equal(pthread_self(), here) != 0 ? 1 : 100 } })
        #expect(ran == 1)
        end()
    }

    @Test func signalsAndCancellationAreKeptAway() {
        settle()
        var (before, blocked) = (sigset_t(), sigset_t())
        pthread_sigmask(SIG_BLOCK, nil, &before)
        var cancelState: Int32 = -1
        #expect(eventually {
            loop.runNow {
                pthread_sigmask(SIG_BLOCK, nil, &blocked)
                pthread_setcancelstate(Int32(PTHREAD_CANCEL_DISABLE), &cancelState)
            }
        })
        #expect(sigismember(&blocked, SIGALRM) == 1 && sigismember(&blocked, SIGPIPE) == 1 && cancelState == Int32(PTHREAD_CANCEL_DISABLE))
        pthread_sigmask(SIG_BLOCK, nil, &blocked)
        var now: Int32 = -1
        pthread_setcancelstate(Int32(PTHREAD_CANCEL_ENABLE), &now)
        #expect(sigismember(&blocked, SIGPIPE) == sigismember(&before, SIGPIPE) && now == Int32(PTHREAD_CANCEL_ENABLE))
        end()
    }

    @Test func duringATurnAndBehindOtherJobsItHasToBePosted() {
        settle()
        let (isInside, mayLeave) = (Shared(false), Shared(false))
        loop.post {
            isInside.change { $0 = true }
            _ = eventually { mayLeave.get() }
        }
        #expect(eventually { isInside.get() })
        #expect(!loop.runNow { Issue.record("two at a time") })
        mayLeave.change { $0 = true }
        end()
    }

    @Test func notInsideItself() {
        settle()
        var inner: Bool?
        #expect(eventually { loop.runNow { inner = loop.runNow {} } })
        #expect(inner == false)
        end()
    }

    /// The loop's thread waits already, without a limit.
    @Test func aTimerThatItSetsRings() {
        settle()
        let rang = Shared(false)
        #expect(eventually { loop.runNow { loop.after(20) { rang.change { $0 = true } } } })
        #expect(eventually { rang.get() })
        end()
    }

    @Test func whatItPostsRunsToo() {
        settle()
        var order: [Int] = []
        #expect(eventually {
            loop.runNow {
                order = [1]
                loop.post { order.append(2) }
            }
        })
        #expect(order == [1, 2])
        end()
    }

    /// Whoever was told may run the next job at once.
    @Test func wordsForWaitersComeWhenTheLoopIsFree() {
        settle()
        let couldRun = Shared<Bool?>(nil)
        loop.post {
            loop.whenFree { [loop] in couldRun.change { $0 = loop.runNow {} } }
            #expect(couldRun.get() == nil)
        }
        #expect(eventually { couldRun.get() != nil })
        #expect(couldRun.get() == true)
        end()
    }

    @Test func aLoopThatNoThreadTurnsHasNone() throws {
        let own = try EpollLoop()
        #expect(!own.runNow { Issue.record("it is the caller's to turn") })
        var told = false
        own.whenFree { told = true }
        #expect(told)
        end()
    }

    /// Jobs by four threads and the loop's own: each runs once, never two at a time.
    @Test func everyJobRunsOnceAndAlone() {
        let (inside, ran) = (Shared(0), Shared(0))
        func job() {
            inside.change { $0 += 1 }
            #expect(inside.get() == 1)
            inside.change { $0 -= 1 }
            ran.change { $0 += 1 }
        }
        let threads = (0..<4).map { _ in
            startThread { [loop] in for _ in 0..<2000 where !loop.runNow(job) { loop.post(job) } }
        }
        for thread in threads { pthread_join(thread, nil) }
        #expect(eventually { ran.get() == 8000 })
        end()
    }
}
