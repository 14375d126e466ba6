// What the engine asks of an event loop: a monotonic clock, timers, jobs from other threads. EpollLoop is the real one;
// tests have one whose clock they turn by hand.

/// An event loop. Everything but `post` belongs to the loop: it is called only from inside a turn, or by whoever drives it.
package class Loop {
    package init() {}

    /// Monotonic milliseconds. The wall clock plays no part.
    package var now: Int64 { 0 }

    /// Runs `action` once, on the loop, when `milliseconds` have passed (at once in the next turn for 0 or less).
    /// The returned timer may be dropped: the action runs all the same.
    @discardableResult
    package func after(_ milliseconds: Int64, _ action: @escaping () -> Void) -> LoopTimer { LoopTimer() }

    /// Runs `job` on the loop, in the order of the posts. Any thread may call it, the loop's own included.
    package func post(_ job: @escaping () -> Void) {}
}

/// One pending timer.
package class LoopTimer {
    package init() {}

    /// Idempotent; belongs to the loop. The action does not run any more and is released.
    package func cancel() {}
}
