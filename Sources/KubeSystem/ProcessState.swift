// What a process has one of: its fork generation, the lock around its one-time steps, and how many loop turns are running.
// Not a place for anything that could live in a client.
import Glibc

/// Counts forks, so that a handle can tell the process that made it from a forked child.
package enum ForkGeneration {
    /// 0 in the first process that asks, one more in each forked child. No system call.
    package static var current: Int64 { ProcessState.shared.generation }
}

/// State of the process that survives `fork` whole: `lock` is held across the fork by the forking thread.
package final class ProcessState {
    // Written once, by the initialiser of a static; what is mutable in it stands under its lock, except `generation`, which
    // is only written in a child that has one thread.
    nonisolated(unsafe) static let shared: ProcessState = {
        let state = ProcessState()
        pthread_key_create(&state.depthKey, nil)
        ProcessState.registerForkHandlers()
        return state
    }()

    let lock = Lock()
    // Under `lock`. Locks that live as long as the process and may be held for long by threads that a child does not have.
    private var renewed: [Lock] = []
    fileprivate(set) var generation: Int64 = 0
    /// Loop turns running now, in this process.
    var running = 0
    var isExiting = false
    /// A thread is about to fork: no turn begins until it has.
    private(set) var isForking = false
    /// How long a fork waits for turns that are running.
    static let forkPatienceMs: Int64 = 100
    /// Per thread: how many turns of loops it is inside of, and whether it is a loop thread.
    private var depthKey = pthread_key_t()

    private init() {}

    private static func registerForkHandlers() {
        // The handlers run after `shared` is set: no fork can come out of its initialiser.
        _ = pthread_atfork(
            { ProcessState.shared.beforeFork() },
            {
                let state = ProcessState.shared
                state.isForking = false
                state.lock.broadcast()
                state.lock.unlockInParent()
            },
            {
                let state = ProcessState.shared
                state.generation &+= 1
                state.running = 0
                state.isExiting = false
                state.isForking = false
                state.depth = 0
                for lock in state.renewed { lock.renewInChild() }
                state.lock.unlockInChild()
            })
    }

    /// Leaves with the lock. A loop that turns holds locks of the Swift run-time, of OpenSSL and of curl now and then, which the
    /// child would find held for ever: it is waited for, as long as one can be (a turn may be in a log callback that wants a
    /// lock of the forking thread's).
    private func beforeFork() {
        let own = depth
        lock.lockBeforeFork()
        isForking = true
        let deadline = MonotonicClock.nowMs &+ ProcessState.forkPatienceMs
        while running > own {
            if !lock.wait(untilMs: deadline) { break }
        }
    }

    /// A lock that is free in every forked child, whoever held it in the parent: what it guards must make sense at any moment.
    /// (Waiting for it before the fork could wait for ever: its holder may want a lock of the forking thread's.)
    package static func renewInChild(_ lock: Lock) { shared.lock.withLock { shared.renewed.append(lock) } }

    /// Turns the calling thread is inside of.
    var depth: Int {
        get { Int(bitPattern: pthread_getspecific(depthKey)) }
        set { pthread_setspecific(depthKey, UnsafeRawPointer(bitPattern: newValue)) }
    }

    /// Runs one-time steps of the process (a C library's global initialisation) one after the other. `body` must not fork,
    /// wait for another thread, or come back here.
    package static func exclusively<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        try shared.lock.withLock(body)
    }
}
