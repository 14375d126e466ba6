// One detached thread for one piece of work. All signals are blocked on it.
import Glibc

package enum WorkerThread {
    private final class Work {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }

    /// Runs `body` on a new thread of that name (at most 15 bytes count). False when no thread can be had.
    package static func start(name: StaticString, _ body: @escaping () -> Void) -> Bool {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        // Started with all signals blocked, so that there is no moment in which it could get one.
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        let work = Unmanaged.passRetained(Work(body))
        var thread = pthread_t()
        let number = pthread_create(&thread, &attributes, { argument in
            guard let argument else { return nil }
            let generation = ForkGeneration.current
            Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
            // A child that was forked on this thread has no other: the process ends with it.
            if generation == ForkGeneration.current { ThreadEnd.leave() }
            return nil
        }, work.toOpaque())
        if number != 0 {
            work.release()
            return false
        }
        name.utf8Start.withMemoryRebound(to: CChar.self, capacity: name.utf8CodeUnitCount + 1) { _ = linux_pthread_setname_np(thread, $0) }
        return true
    }
}
