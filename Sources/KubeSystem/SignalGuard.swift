// Keeps signals away from a stretch of C code on the calling thread: no handler runs in the middle of curl, threads curl
// starts inherit the blocked mask, and a SIGPIPE raised meanwhile is swallowed. It installs no handler.
import Glibc

package enum SignalGuard {
    /// Runs `body` with all signals blocked on this thread. Four system calls; loop threads block everything anyway and do
    /// without.
    package static func around<Result>(_ body: () -> Result) -> Result {
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        guard pthread_sigmask(SIG_SETMASK, &all, &before) == 0 else { return body() }
        let wasPending = isPipePending
        let result = body()
        if !wasPending, isPipePending { swallowPipe() }
        pthread_sigmask(SIG_SETMASK, &before, nil)
        return result
    }

    private static var isPipePending: Bool {
        var pending = sigset_t()
        return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1
    }

    private static func swallowPipe() {
        var pipe = sigset_t()
        sigemptyset(&pipe)
        sigaddset(&pipe, SIGPIPE)
        var none = timespec()
        while sigtimedwait(&pipe, nil, &none) == -1, errno == EINTR {}
    }
}
