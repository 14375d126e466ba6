// A mutex with a condition attached, on the heap as pthread wants it. Not recursive, not fair, not for sharing by processes.
package import Glibc

/// Mutual exclusion, and waiting for what another thread does. Any thread may use it.
package final class Lock {
    @usableFromInline let mutex: UnsafeMutablePointer<pthread_mutex_t>
    @usableFromInline let condition: UnsafeMutablePointer<pthread_cond_t>

    package init() {
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        condition = .allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        initialiseCondition()
    }

    deinit {
        pthread_cond_destroy(condition)
        condition.deallocate()
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    private func initialiseCondition() {
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    /// Runs `body` while no other thread is inside.
    @inlinable @inline(__always)
    package func withLock<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body()
    }

    /// For sections that end in another place than they begin; `withLock` is the rule.
    @inlinable @inline(__always)
    package func lock() { pthread_mutex_lock(mutex) }

    /// False: another thread is inside, or this one.
    package func tryLock() -> Bool { pthread_mutex_trylock(mutex) == 0 }

    @inlinable @inline(__always)
    package func unlock() { pthread_mutex_unlock(mutex) }

    /// Inside `withLock` only: lets others in until `signal` or `broadcast`, or until `MonotonicClock.nowMs` reaches the
    /// deadline (nil: no limit). False when the deadline has passed. It may return true for no reason: check again.
    package func wait(untilMs deadline: Int64?) -> Bool {
        guard let deadline else {
            pthread_cond_wait(condition, mutex)
            return true
        }
        var time = MonotonicClock.time(deadline)
        return pthread_cond_timedwait(condition, mutex, &time) != ETIMEDOUT
    }

    /// Wakes one waiter, if there is one.
    package func signal() { pthread_cond_signal(condition) }

    /// Wakes every waiter.
    package func broadcast() { pthread_cond_broadcast(condition) }

    // Around fork: the forking thread holds the lock, so that the child finds what it guards whole.
    func lockBeforeFork() { pthread_mutex_lock(mutex) }
    func unlockInParent() { pthread_mutex_unlock(mutex) }
    func unlockInChild() {
        pthread_mutex_unlock(mutex)
        // The child has none of the threads that may have been waiting.
        initialiseCondition()
    }
    func renewInChild() {
        pthread_mutex_init(mutex, nil)
        initialiseCondition()
    }
}
