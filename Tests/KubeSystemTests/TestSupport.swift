// What the tests of this module share: waiting on a condition with a deadline, and a value several threads may touch.
import Glibc
import KubeSystem

/// Waits until `condition` holds; false when it did not within `limitMs`.
func eventually(_ limitMs: Int64 = 5000, _ condition: () -> Bool) -> Bool {
    let deadline = MonotonicClock.nowMs + limitMs
    while !condition() {
        if MonotonicClock.nowMs > deadline { return false }
        usleep(1000)
    }
    return true
}

/// Turns the loop until `condition` holds.
func turn(_ loop: EpollLoop, limitMs: Int64 = 5000, until condition: () -> Bool) -> Bool {
    let deadline = MonotonicClock.nowMs + limitMs
    while !condition() {
        if MonotonicClock.nowMs > deadline { return false }
        loop.turn(waitMs: 20)
    }
    return true
}

/// Whether an outer poll loop would wake up within `ms`.
func isReadable(_ descriptor: Int32, withinMs ms: Int32 = 0) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&entry, 1, ms) == 1
}

/// The address and thread sanitizers need address space and threads where a few tests take them away.
let isSanitized = (["__asan_init", "__tsan_init"] as [String]).contains { dlsym(nil, $0) != nil }

/// A value under a lock. Sendable because nothing reaches the value but through the lock.
final class Shared<Value>: @unchecked Sendable {
    private let lock = Lock()
    private var value: Value

    init(_ value: Value) { self.value = value }

    func get() -> Value { lock.withLock { value } }
    func change(_ body: (inout Value) -> Void) { lock.withLock { body(&value) } }
}

/// Runs `body` on a thread of its own, all signals as they are.
func startThread(_ body: @escaping () -> Void) -> pthread_t {
    final class Box {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    pthread_create(&thread, nil, { argument in
        if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
        return nil
    }, Unmanaged.passRetained(Box(body)).toOpaque())
    return thread
}

/// Runs `body` in a forked child and gives its exit status; nil when it did not end in time.
func statusOfChild(_ body: () -> Int32) -> Int32? {
    let child = forkProcess()
    if child == 0 { _exit(body()) }
    return exitStatus(of: child)
}

func exitStatus(of child: Int32, limitMs: Int64 = 10_000) -> Int32? {
    var status: Int32 = 0
    if eventually(limitMs, { waitpid(child, &status, WNOHANG) == child }) {
        // 256 and up: the signal that killed it.
        return status & 0x7f == 0 ? (status >> 8) & 0xff : 256 + (status & 0x7f)
    }
    kill(child, SIGKILL)
    waitpid(child, &status, 0)
    return nil
}

// Swift's libc module hides fork.
@_silgen_name("fork") func forkProcess() -> Int32
