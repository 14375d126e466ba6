// A loop made of closures: the seam through which tests bring a loop of their own. It has no clock and no queue itself.

/// `Loop` can only be subclassed in this module; this subclass hands every member on.
package final class LoopSeam: Loop {
    private let clock: () -> Int64
    private let timer: (Int64, @escaping () -> Void) -> LoopTimer
    private let queue: (@escaping () -> Void) -> Void

    package init(
        now: @escaping () -> Int64, after: @escaping (Int64, @escaping () -> Void) -> LoopTimer,
        post: @escaping (@escaping () -> Void) -> Void
    ) {
        clock = now
        timer = after
        queue = post
        super.init()
    }

    package override var now: Int64 { clock() }

    @discardableResult
    package override func after(_ milliseconds: Int64, _ action: @escaping () -> Void) -> LoopTimer { timer(milliseconds, action) }

    package override func post(_ job: @escaping () -> Void) { queue(job) }
}

/// A timer of a `LoopSeam`.
package final class LoopTimerSeam: LoopTimer {
    private let onCancel: () -> Void

    package init(cancel: @escaping () -> Void) {
        onCancel = cancel
        super.init()
    }

    package override func cancel() { onCancel() }
}
