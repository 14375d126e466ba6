// Leaving main with loops running: one atexit hook that keeps loops out of curl and OpenSSL from then on. It runs no callback
// and frees nothing. Without it 29 of 40 programs crashed in OpenSSL's own atexit handler.
import Glibc

package enum ProcessExit {
    /// The hook has begun: loops do not turn any more, so waits for them must give up.
    package static var isUnderWay: Bool {
        let state = ProcessState.shared
        return state.lock.withLock { state.isExiting }
    }

    /// How long the hook waits for turns that are running.
    static let patienceMs: Int64 = 1000

    // The generation that registered the hooks; a forked child inherits its parent's registrations.
    private static let firstRegistration: Bool = atexit(runHook) == 0

    /// Registers the hook, once. Hooks run last in, first out: what the loops must outlive has to be registered before.
    package static func register() { _ = firstRegistration }

    /// Registers the hook again if this is the first call for `library`, a C library that has just registered exit handlers
    /// of its own: the hook must run before them. Call it once per library.
    package static func registerAfterLibraryStart() { _ = atexit(runHook) }

    private static let runHook: @convention(c) () -> Void = {
        let state = ProcessState.shared
        let own = state.depth
        state.lock.withLock {
            if state.isExiting { return }
            state.isExiting = true
            // In a forked child nothing of the parent is counted here: the count was reset by the fork.
            let deadline = MonotonicClock.nowMs &+ patienceMs
            while state.running > own {
                if !state.lock.wait(untilMs: deadline) { break }
            }
        }
    }

    /// Called before a turn touches anything. False: the process is leaving, nothing may be touched.
    static func enterTurn() -> Bool {
        let state = ProcessState.shared
        let isOutermost = state.depth == 0
        let mayEnter = state.lock.withLock {
            while state.isForking, isOutermost { _ = state.lock.wait(untilMs: nil) }
            if state.isExiting { return false }
            state.running &+= 1
            return true
        }
        if mayEnter { state.depth &+= 1 }
        return mayEnter
    }

    /// `generation` is the one the turn was entered in: a child forked inside a turn has nothing to leave.
    static func leaveTurn(_ generation: Int64) {
        let state = ProcessState.shared
        guard state.generation == generation else { return }
        state.depth &-= 1
        state.lock.withLock {
            state.running &-= 1
            if state.isExiting || state.isForking { state.lock.broadcast() }
        }
    }
}
