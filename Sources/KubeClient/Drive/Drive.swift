// Who turns the loop: a thread of ours, the caller, or a test. Every blocking verb is a call plus `wait`.
import Glibc
package import KubeCore
package import KubeSystem

/// The one way in which a client's loop is driven. The engine behind it is confined to the loop's turns.
package class Drive {
    package let loop: Loop
    package let callbacks: CallbackRunner

    // Not `package`: Swift 6.3 then warns of an infinite recursion in the initializer that each subclass gets in its place.
    init(loop: Loop, callbacks: CallbackRunner) {
        self.loop = loop
        self.callbacks = callbacks
    }

    /// For tests: the loop is turned, and callbacks are run, by hand.
    package static func byHand(loop: Loop, callbacks: CallbackRunner) -> Drive { Drive(loop: loop, callbacks: callbacks) }

    package var isExternal: Bool { false }

    /// Begins a call on the client. Throws `.state` in external mode when another thread is inside one.
    package func enter() throws(KubeError) {}
    package func leave() {}

    /// Runs a job on the loop: at once on this thread where that can be, else in the loop's next turn. For those who wait for
    /// its outcome anyway. Between `enter` and `leave`.
    package func run(_ job: @escaping () -> Void) { loop.post(job) }

    /// On the loop: tells a thread that waits. Not before that thread can run the next job at once.
    package func tell(_ completion: Completion) { completion.finish() }

    /// Waits until it is done; false when the process is on its way out. Called between `enter` and `leave`.
    package func wait(for completion: Completion, deadlineMs: Int64? = nil) -> Bool { completion.wait(deadlineMs: deadlineMs) }

    /// Waits for the end of a consumer, as `_free` must (rule 8): not at all inside a callback of this client.
    package func waitForEnd(of mailbox: Mailbox) {
        if callbacks.isInCallback { return }
        _ = mailbox.finished.wait()
    }

    /// The last job of the loop, which ends with it. Waits for that where `_free` may wait.
    package func finish(_ job: @escaping () -> Void) { loop.post(job) }
}

extension KubeError {
    /// What the system would not give: descriptors, memory, threads, or something that should not have failed.
    fileprivate init(_ error: SystemError, _ what: StaticString) {
        let isShort = [EMFILE, ENFILE, ENOMEM, EAGAIN].contains(error.number)
        self.init(isShort ? .noMemory : .internal, "\(what): \(error.message)")
    }
}

/// Thread mode: one thread of ours drives the loop; callbacks have theirs.
final class ThreadDrive: Drive {
    private let epoll: EpollLoop
    private let threads: CallbackThreads
    private let thread: LoopThread

    init(callbackThreads: Int) throws(KubeError) {
        let threads = CallbackThreads(limit: callbackThreads)
        do {
            let epoll = try EpollLoop()
            threads.onStarved = { [weak threads, weak epoll] in
                epoll?.post { epoll?.after(CallbackThreads.retryMs) { threads?.retry() } }
            }
            epoll.onTurnEnd = { threads.turnEnds() }
            epoll.post { threads.gatherTurns() }
            thread = try LoopThread(epoll)
            self.epoll = epoll
        } catch {
            throw KubeError(error, "the event loop can't be started")
        }
        self.threads = threads
        super.init(loop: epoll, callbacks: threads)
    }

    override func run(_ job: @escaping () -> Void) { if !epoll.runNow(job) { loop.post(job) } }
    override func tell(_ completion: Completion) { epoll.whenFree { completion.finish() } }

    override func waitForEnd(of mailbox: Mailbox) {
        if callbacks.isInCallback { return }
        // In slices: when there is no thread to tell the end, this one does.
        while mailbox.isOurs, !mailbox.finished.wait(deadlineMs: MonotonicClock.nowMs + 100), !ProcessExit.isUnderWay {
            threads.standIn(for: mailbox)
        }
    }

    override func finish(_ job: @escaping () -> Void) {
        loop.post { [self] in
            job()
            thread.stop()
            threads.end()
        }
        // Clients made and freed in a row must not pile up descriptors and threads. A last word of TLS is all that it waits for.
        if !callbacks.isInCallback { _ = thread.join(untilMs: MonotonicClock.nowMs + 1000) }
    }
}

/// External mode: whoever calls drives. One call at a time; the same thread may call again from a callback.
final class ExternalDrive: Drive {
    private let epoll: EpollLoop
    private let queue: CallbackQueue
    private let lock = Lock()
    private var owner: pthread_t?
    private var depth = 0
    private var deferred: [() -> Void] = []

    init() throws(KubeError) {
        do {
            epoll = try EpollLoop()
        } catch {
            throw KubeError(error, "the event loop can't be made")
        }
        queue = CallbackQueue()
        super.init(loop: epoll, callbacks: queue)
        // The eventfd behind `post` makes the descriptor readable: the callbacks are not forgotten.
        queue.onWork = { [epoll] in epoll.keepReadable(true) }
    }

    override var isExternal: Bool { true }

    override func enter() throws(KubeError) {
        lock.lock()
        defer { lock.unlock() }
        let me = pthread_self()
        if let owner, pthread_equal(owner, me) == 0 {
            throw KubeError(.state, "another thread is inside a call on this client (external mode allows one at a time)")
        }
        owner = me
        depth += 1
    }

    override func leave() {
        // In a child that was forked in a callback nothing is left to do, and the lock may be held for ever.
        guard epoll.isOwn else { return }
        while true {
            lock.lock()
            if depth > 1 || deferred.isEmpty {
                depth -= 1
                if depth == 0 { owner = nil }
                return lock.unlock()
            }
            let jobs = deferred
            deferred = []
            lock.unlock()
            for job in jobs { job() }
        }
    }

    override func finish(_ job: @escaping () -> Void) { runWhenFree(job) }

    /// Runs now when nobody is inside a call or a callback, else when that one leaves.
    func runWhenFree(_ job: @escaping () -> Void) { runIfFree(job) { [self] in deferred.append(job) } }

    /// Runs `job` when nobody is inside a call or a callback, else `otherwise`, which stands under the lock.
    private func runIfFree(_ job: () -> Void, otherwise: () -> Void) {
        let isInCallback = callbacks.isInCallback
        lock.lock()
        if isInCallback || owner.map({ pthread_equal($0, pthread_self()) == 0 }) == true {
            otherwise()
            return lock.unlock()
        }
        owner = pthread_self()
        depth += 1
        lock.unlock()
        job()
        leave()
    }

    override func wait(for completion: Completion, deadlineMs: Int64?) -> Bool {
        while !completion.isDone {
            var waitMs: Int64 = -1
            if let deadlineMs {
                waitMs = deadlineMs - loop.now
                if waitMs <= 0 { return false }
            }
            // A callback that waits keeps the descriptor readable; it must not keep this loop spinning.
            epoll.keepReadable(false)
            epoll.turn(waitMs: waitMs)
            if ProcessExit.isUnderWay { return false }
        }
        if !queue.isEmpty { epoll.keepReadable(true) }
        return true
    }

    override func waitForEnd(of mailbox: Mailbox) {
        runIfFree {
            // The job that closes the mailbox stands in the loop's queue.
            epoll.turn(waitMs: 0)
            queue.runToEnd(mailbox)
        } otherwise: {
            // The end is told by the next `process`, as everything is: whoever is inside may be in a blocking verb.
        }
    }

    /// One pass: transfers, timers, then callbacks. Between `enter` and `leave`.
    func process() {
        epoll.keepReadable(false)
        epoll.turn(waitMs: 0)
        queue.runPending()
        if !queue.isEmpty { epoll.keepReadable(true) }
    }

    /// Runs what is posted and due, no callbacks.
    func turn(waitMs: Int64) { epoll.turn(waitMs: waitMs) }

    /// Nobody turns the loop any more, so what is posted to it would keep the client alive for ever.
    func retire() { epoll.retire() }

    /// Another thread is inside a call.
    private var isBusy: Bool {
        lock.withLock { owner.map { pthread_equal($0, pthread_self()) == 0 } ?? false }
    }

    /// -1 while another thread is inside a call, as for the timeout.
    var descriptor: Int32 { isBusy ? -1 : epoll.descriptor }
    var timeoutMs: Int64 { isBusy ? -1 : queue.isEmpty ? epoll.nextTimeoutMs : 0 }
}
