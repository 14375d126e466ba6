// Threads for tests: one with a small stack, or several at once. No tests.
import Glibc

private final class Work {
    let body: () -> Void
    init(_ body: @escaping () -> Void) { self.body = body }
}

/// Starts a thread that has to be joined; nil when there is none to be had.
private func start(_ work: Work, stackBytes: Int) -> pthread_t? {
    let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
    defer { attributes.deallocate() }
    guard pthread_attr_init(attributes) == 0 else { return nil }
    defer { pthread_attr_destroy(attributes) }
    pthread_attr_setstacksize(attributes, stackBytes)
    var thread: pthread_t = 0
    let failed = pthread_create(&thread, attributes, { argument in
        if let argument { Unmanaged<Work>.fromOpaque(argument).takeUnretainedValue().body() }
        return nil
    }, Unmanaged.passUnretained(work).toOpaque())
    return failed == 0 ? thread : nil
}

/// Runs `body` on a thread with a stack of 256 KiB; false when it did not run.
func onSmallStack(_ body: @escaping () -> Bool) -> Bool {
    var result = false
    let work = Work { result = body() }
    guard let thread = start(work, stackBytes: 256 << 10) else { return false }
    pthread_join(thread, nil)
    return withExtendedLifetime(work) { result }
}

/// Runs `body` on several threads at once, with the thread's number, and waits for all. Returns how many ran.
func onThreads(_ count: Int, _ body: @escaping (Int) -> Void) -> Int {
    let work = (0..<count).map { number in Work { body(number) } }
    let threads = work.compactMap { start($0, stackBytes: 1 << 20) }
    for thread in threads { pthread_join(thread, nil) }
    return withExtendedLifetime(work) { threads.count }
}
