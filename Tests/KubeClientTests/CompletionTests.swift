// Something that happens once: waiting for it, acting on it, from one thread and from several.
import KubeSystem
@testable import KubeClient
import Testing

struct CompletionTests {
    let completion = Completion()

    @Test func itHappensOnce() {
        var actions: [Int] = []
        completion.whenDone { actions.append(1) }
        completion.whenDone { actions.append(2) }
        #expect(!completion.isDone && actions.isEmpty)
        completion.finish()
        completion.finish()
        #expect(completion.isDone && actions == [1, 2])
        completion.whenDone { actions.append(3) }
        #expect(actions == [1, 2, 3])
    }

    @Test func anActionMayAskAndAddMore() {
        var seen: [Bool] = []
        completion.whenDone { [completion] in
            seen.append(completion.isDone)
            completion.finish()
            completion.whenDone { seen.append(completion.wait()) }
        }
        completion.finish()
        #expect(seen == [true, true])
    }

    @Test func waitingEndsWhenItIsDoneOrWhenTimeIsUp() {
        let start = MonotonicClock.nowMs
        #expect(!completion.wait(deadlineMs: start + 20))
        #expect(MonotonicClock.nowMs >= start + 20)
        #expect(!completion.wait(deadlineMs: start - 1000))
        completion.finish()
        #expect(completion.wait() && completion.wait(deadlineMs: start - 1000))
    }

    @Test func everyWaitingThreadIsWoken() {
        let (completion, woken, lock) = (completion, (0..<8).map { _ in Completion() }, Lock())
        var results = 0
        for one in woken {
            #expect(WorkerThread.start(name: "test-waiter") {
                if completion.wait() { lock.withLock { results += 1 } }
                one.finish()
            })
        }
        completion.finish()
        for one in woken { #expect(one.wait(deadlineMs: MonotonicClock.nowMs + 10_000)) }
        #expect(lock.withLock { results } == 8)
    }
}
