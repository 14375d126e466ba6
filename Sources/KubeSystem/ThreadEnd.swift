// What a thread of ours does last. Libraries keep memory for each thread and free it when the thread ends, outside of any turn:
// OpenSSL's destructor and its exit handler then free the same twice, if the process leaves in that moment.
import Glibc

package enum ThreadEnd {
    // Under the lock of the process.
    nonisolated(unsafe) private static var releases: [@convention(c) () -> Void] = []

    /// What frees what a library keeps for the calling thread. Inside of `ProcessState.exclusively`.
    package static func register(_ release: @escaping @convention(c) () -> Void) { releases.append(release) }

    /// The last act of a thread of ours. Does not return once the process is leaving. (Threads that are not ours are joined before main
    /// returns, or else take their chances with OpenSSL as in any program; to do this behind each of their turns costs a get 5 %.)
    static func leave() {
        let generation = ForkGeneration.current
        guard ProcessExit.enterTurn() else { while true { pause() } }
        for release in ProcessState.exclusively({ releases }) { release() }
        ProcessExit.leaveTurn(generation)
    }
}
