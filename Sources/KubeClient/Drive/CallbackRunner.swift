// Where callbacks run: on a few threads of ours (thread mode), or inside the caller's `process` (external mode).
import Glibc
import KubeSystem

/// Empties mailboxes. `schedule` may come from any thread.
package class CallbackRunner {
    // Not `package`, as with Drive.
    init() {}

    func schedule(_ mailbox: Mailbox) {}

    /// Whether the calling thread is inside a callback of this client.
    var isInCallback: Bool { false }
}

/// A thread that waits for work, alone on its lock, so that exactly this one can be woken.
private final class Sleeper {
    private let lock = Lock()
    private var isWoken = false

    func wake() {
        lock.withLock { isWoken = true }
        // Behind the lock: who is woken would have to wait for it.
        lock.signal()
    }

    /// False when nobody has woken it in time.
    func sleep(untilMs deadline: Int64) -> Bool {
        lock.withLock {
            while !isWoken {
                if !lock.wait(untilMs: deadline) { break }
            }
            defer { isWoken = false }
            return isWoken
        }
    }
}

/// Thread mode: up to `limit` threads, started on demand, ended when they have been idle for a while.
final class CallbackThreads: CallbackRunner {
    private static let idleMs: Int64 = 10_000
    /// How long after one could not be started the next is tried.
    static let retryMs: Int64 = 250

    private let lock = Lock()
    private let limit: Int
    private var waiting: [Mailbox] = []
    private var head = 0
    private var threads = 0
    /// Threads with nothing to do. The one that came last is woken first: it is the one that still has everything at hand, and the
    /// others may end.
    private var idle: [Sleeper] = []
    private var inside: [pthread_t] = []
    private var isOver = false
    /// A thread was needed and could not be started.
    private var isStarved = false
    /// The loop's thread, and how many mailboxes it has scheduled in this turn without waking anybody.
    private var loopThread: pthread_t?
    private var gathered = 0
    /// Asks for `retry` in a while. Set before the first `schedule`.
    var onStarved: (() -> Void)?

    init(limit: Int) { self.limit = limit }

    override func schedule(_ mailbox: Mailbox) {
        lock.lock()
        waiting.append(mailbox)
        if !isOver, let loopThread, pthread_equal(loopThread, pthread_self()) != 0 {
            gathered += 1
            return lock.unlock()
        }
        wakeLocked(1)
    }

    /// Called on the loop's thread, before its first turn has scheduled anything: from now on `turnEnds` follows each turn.
    /// To wake a thread for each event of a turn would cost more than the events.
    func gatherTurns() { lock.withLock { loopThread = pthread_self() } }

    /// Threads for what this turn has scheduled. On the loop's thread.
    func turnEnds() {
        // Written on this thread only.
        if gathered == 0 { return }
        lock.lock()
        let new = min(gathered, waiting.count - head)
        gathered = 0
        wakeLocked(new)
    }

    /// One idle thread for each mailbox that waits: one that sleeps in a callback must not keep the next one waiting. `new` have
    /// none yet. Leaves the lock.
    private func wakeLocked(_ new: Int) {
        if new == 1, let sleeper = idle.popLast() {
            lock.unlock()
            return sleeper.wake()
        }
        let woken = Array(idle.suffix(new).reversed())
        idle.removeLast(woken.count)
        lock.unlock()
        for sleeper in woken { sleeper.wake() }
        for _ in woken.count..<max(new, woken.count) {
            lock.lock()
            startLocked()
        }
    }

    /// What waits gets a thread, if one can be had by now.
    func retry() {
        lock.lock()
        isStarved = false
        if head < waiting.count { return startLocked() }
        lock.unlock()
    }

    /// Leaves the lock.
    private func startLocked() {
        guard threads < limit else { return lock.unlock() }
        threads += 1
        lock.unlock()
        if WorkerThread.start(name: "kubecr-callback", { self.work() }) { return }
        let isNew = lock.withLock {
            threads -= 1
            defer { isStarved = true }
            return !isStarved && !isOver
        }
        if isNew { onStarved?() }
    }

    /// Runs one mailbox on the calling thread, which waits for its end, if there is no thread for it.
    func standIn(for mailbox: Mailbox) {
        lock.lock()
        guard isStarved, let at = waiting.indices.first(where: { $0 >= head && waiting[$0] === mailbox }) else { return lock.unlock() }
        waiting.remove(at: at)
        runLocked(mailbox)
        lock.unlock()
    }

    /// Leaves the lock meanwhile.
    private func runLocked(_ mailbox: Mailbox) {
        let me = pthread_self()
        inside.append(me)
        lock.unlock()
        mailbox.run()
        guard mailbox.isOurs else { return }
        lock.lock()
        inside.removeAll { pthread_equal($0, me) != 0 }
    }

    override var isInCallback: Bool {
        let me = pthread_self()
        return lock.withLock { inside.contains { pthread_equal($0, me) != 0 } }
    }

    /// No more threads are kept waiting; what is queued is still told, here if there is no thread for it. Belongs to the loop.
    func end() {
        turnEnds()
        lock.lock()
        isOver = true
        for sleeper in idle { sleeper.wake() }
        idle = []
        while isStarved, threads == 0, head < waiting.count {
            head += 1
            runLocked(waiting[head - 1])
        }
        lock.unlock()
    }

    private func work() {
        let me = pthread_self()
        let sleeper = Sleeper()
        lock.lock()
        inside.append(me)
        while true {
            if head < waiting.count {
                let mailbox = waiting[head]
                head += 1
                if head > 256, head * 2 > waiting.count {
                    waiting.removeFirst(head)
                    head = 0
                }
                lock.unlock()
                mailbox.run()
                // In a child that was forked in the callback this is the only thread: the process ends with it.
                guard mailbox.isOurs else { return }
                lock.lock()
                continue
            }
            waiting.removeAll(keepingCapacity: true)
            head = 0
            if isOver { break }
            idle.append(sleeper)
            lock.unlock()
            let isWoken = sleeper.sleep(untilMs: MonotonicClock.nowMs + Self.idleMs)
            lock.lock()
            // Who wakes it takes it out; it is still there when time is up, or when it was woken late for what it has done already.
            if let at = idle.firstIndex(where: { $0 === sleeper }) {
                idle.remove(at: at)
                if !isWoken { break }
            }
        }
        threads -= 1
        inside.removeAll { pthread_equal($0, me) != 0 }
        lock.unlock()
    }
}

/// External mode: what is scheduled waits until the loop's owner processes it.
package final class CallbackQueue: CallbackRunner {
    private let lock = Lock()
    private var waiting: [Mailbox] = []
    private var runningOn: pthread_t?
    private var depth = 0
    /// Called, from any thread, when there is something to run.
    package var onWork: (() -> Void)?

    package override init() { super.init() }

    override func schedule(_ mailbox: Mailbox) {
        lock.withLock { waiting.append(mailbox) }
        onWork?()
    }

    package var isEmpty: Bool { lock.withLock { waiting.isEmpty } }

    override var isInCallback: Bool {
        lock.withLock {
            guard depth > 0, let runningOn else { return false }
            return pthread_equal(runningOn, pthread_self()) != 0
        }
    }

    /// Runs what waits now; what that schedules waits for the next time.
    package func runPending() {
        let batch = lock.withLock { () -> [Mailbox] in
            let batch = waiting
            waiting = []
            return batch
        }
        for mailbox in batch { run(mailbox) }
    }

    /// Runs one mailbox to its end, for `_free`.
    func runToEnd(_ mailbox: Mailbox) {
        while !mailbox.finished.isDone {
            let isQueued = lock.withLock { () -> Bool in
                guard let at = waiting.firstIndex(where: { $0 === mailbox }) else { return false }
                waiting.remove(at: at)
                return true
            }
            guard isQueued else { return }
            run(mailbox)
        }
    }

    private func run(_ mailbox: Mailbox) {
        lock.withLock {
            depth += 1
            runningOn = pthread_self()
        }
        mailbox.run()
        if mailbox.isOurs { lock.withLock { depth -= 1 } }
    }
}
