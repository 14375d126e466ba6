// One thread that turns one loop until it is told to stop. Nothing else runs on it.
import Glibc

/// A running thread. It keeps itself and its loop alive while it runs; the handle may be dropped.
package final class LoopThread {
    private let run: Run

    /// Shared by the handle and the thread.
    private final class Run {
        let lock = Lock()
        let generation = ForkGeneration.current
        var loop: EpollLoop?
        var isStopping = false
        var hasEnded = false
        var thread: pthread_t?

        init(loop: EpollLoop) { self.loop = loop }

        func work() {
            lock.withLock { thread = pthread_self() }
            if let loop {
                while loop.isOwn, !lock.withLock({ isStopping }) { loop.turnShared() }
                // A child that was forked on this thread has no other: the process ends with it.
                if !loop.isOwn { return }
            }
            let last = lock.withLock {
                let last = loop
                loop = nil
                return last
            }
            finish(last)
        }

        /// The loop is released before anybody hears that the thread has ended.
        private func finish(_ last: consuming EpollLoop?) {
            _ = consume last
            ThreadEnd.leave()
            lock.withLock {
                hasEnded = true
                lock.broadcast()
            }
        }
    }

    /// Starts the thread. The loop belongs to it from now on.
    package init(_ loop: EpollLoop) throws(SystemError) {
        run = Run(loop: loop)
        ProcessExit.register()
        loop.isShared = true
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, 1 << 20)
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        // Started with all signals blocked, so that there is no moment in which it could get one.
        pthread_sigmask(SIG_SETMASK, &all, &before)
        let retained = Unmanaged.passRetained(run)
        var thread = pthread_t()
        let number = pthread_create(&thread, &attributes, { argument in
            _ = linux_pthread_setname_np(pthread_self(), "kubecr")
            guard let argument else { return nil }
            Unmanaged<Run>.fromOpaque(argument).takeRetainedValue().work()
            return nil
        }, retained.toOpaque())
        pthread_sigmask(SIG_SETMASK, &before, nil)
        if number != 0 {
            retained.release()
            loop.isShared = false
            throw SystemError("pthread_create", number)
        }
    }

    /// Asks the thread to end after its turn. Any thread, idempotent, never waits.
    package func stop() {
        guard run.generation == ForkGeneration.current else { return }
        let loop = run.lock.withLock {
            run.isStopping = true
            return run.loop
        }
        loop?.wake()
    }

    /// Whether the caller is the thread itself.
    package var isCurrent: Bool {
        guard run.generation == ForkGeneration.current else { return false }
        return run.lock.withLock {
            guard let thread = run.thread, !run.hasEnded else { return false }
            return pthread_equal(thread, pthread_self()) != 0
        }
    }

    /// Waits until the thread has let go of everything, at most until the deadline. False when it has not: deadline, called
    /// on the thread itself, in a forked child, or the process is leaving.
    package func join(untilMs deadline: Int64? = nil) -> Bool {
        guard run.generation == ForkGeneration.current, !isCurrent else { return false }
        while true {
            // In slices: a thread that the exit hook has parked never says that it ended.
            let slice = MonotonicClock.nowMs &+ 50
            let hasEnded = run.lock.withLock {
                if !run.hasEnded { _ = run.lock.wait(untilMs: min(slice, deadline ?? slice)) }
                return run.hasEnded
            }
            if hasEnded { return true }
            if let deadline, MonotonicClock.nowMs >= deadline { return false }
            if ProcessExit.isUnderWay { return false }
        }
    }
}
