// Something that happens once and can be waited for from any thread.
import KubeSystem

package final class Completion {
    private let lock = Lock()
    private var done = false
    private var actions: [() -> Void] = []

    package init() {}

    package var isDone: Bool { lock.withLock { done } }

    package func finish() {
        lock.lock()
        guard !done else { return lock.unlock() }
        done = true
        let waiting = actions
        actions = []
        lock.broadcast()
        lock.unlock()
        for action in waiting { action() }
    }

    /// Runs when it is done, on the thread that finished it; at once when it is already.
    func whenDone(_ action: @escaping () -> Void) {
        lock.lock()
        if done {
            lock.unlock()
            action()
        } else {
            actions.append(action)
            lock.unlock()
        }
    }

    /// Blocks. `deadlineMs` is monotonic, nil waits for ever; false: the deadline passed or the process is on its way out.
    package func wait(deadlineMs: Int64? = nil) -> Bool {
        lock.lock()
        defer { lock.unlock() }
        while !done {
            if ProcessExit.isUnderWay { return false }
            // A slice at a time, so that an exit on another thread is noticed.
            let slice = MonotonicClock.nowMs + 500
            let until = deadlineMs.map { min($0, slice) } ?? slice
            _ = lock.wait(untilMs: until)
            if let deadlineMs, !done, MonotonicClock.nowMs >= deadlineMs { return false }
        }
        return true
    }
}
