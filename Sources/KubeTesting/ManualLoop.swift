// A loop whose clock is turned by hand: jobs and timers run when a test says so, in order, on the test's thread.
package import KubeSystem

/// Any thread may post and read the clock; the rest belongs to the thread that turns it.
package final class ManualLoop {
    private final class Pending {
        let deadline: Int64
        let order: Int
        var action: (() -> Void)?

        init(deadline: Int64, order: Int, action: @escaping () -> Void) {
            self.deadline = deadline
            self.order = order
            self.action = action
        }
    }

    /// What is still at it after so many jobs in one moment never comes to rest.
    private static let runawayJobs = 1_000_000

    private let lock = Lock()
    // Under `lock`.
    private var clock: Int64
    private var jobs: [() -> Void] = []

    private var timers: [Pending] = []
    private var order = 0
    /// Called when nothing is left to do in this moment; true when that made more work.
    package var onQuiet: () -> Bool = { false }
    /// The loop did not come to rest: whoever turned it was stopped.
    package private(set) var ranAway = false

    package init(startMs: Int64 = 1_000_000) { clock = startMs }

    package var now: Int64 { lock.withLock { clock } }

    /// Timers that were set, are not cancelled, and have not run.
    package var pendingTimers: Int { timers.count { $0.action != nil } }

    /// The loop to give to what is tested.
    package func makeLoop() -> Loop {
        LoopSeam(now: { self.now }, after: { self.after($0, $1) }, post: { self.post($0) })
    }

    private func after(_ milliseconds: Int64, _ action: @escaping () -> Void) -> LoopTimer {
        let (deadline, overflow) = now.addingReportingOverflow(max(0, milliseconds))
        order += 1
        let pending = Pending(deadline: overflow ? Int64.max : deadline, order: order, action: action)
        timers.append(pending)
        return LoopTimerSeam { pending.action = nil }
    }

    package func post(_ job: @escaping () -> Void) { lock.withLock { jobs.append(job) } }

    /// Runs posted jobs and what is due now until nothing is left; the clock stands still.
    package func settle() {
        var left = Self.runawayJobs
        repeat {
            while let job = takeJob() {
                job()
                left -= 1
                if left == 0 {
                    ranAway = true
                    return
                }
            }
        } while onQuiet() || runNextTimer(until: now)
    }

    /// Turns the clock, stopping at every timer on the way.
    package func advance(_ milliseconds: Int64) {
        let target = now + milliseconds
        settle()
        while !ranAway, runNextTimer(until: target) { settle() }
        lock.withLock { clock = max(clock, target) }
        settle()
    }

    private func takeJob() -> (() -> Void)? {
        lock.withLock { jobs.isEmpty ? nil : jobs.removeFirst() }
    }

    private func runNextTimer(until limit: Int64) -> Bool {
        timers.removeAll { $0.action == nil }
        let next = timers.filter { $0.deadline <= limit }.min { ($0.deadline, $0.order) < ($1.deadline, $1.order) }
        guard let next, let action = next.action else { return false }
        next.action = nil
        lock.withLock { clock = max(clock, next.deadline) }
        action()
        return true
    }
}
