// The clock that never jumps. Nothing in the engine measures a time-out by the wall clock.
import Glibc

package enum MonotonicClock {
    /// Milliseconds since some moment in the past; they go on while the wall clock is set.
    package static var nowMs: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) &* 1000 &+ Int64(time.tv_nsec) / 1_000_000
    }

    /// `milliseconds` on this clock as the kernel wants it.
    static func time(_ milliseconds: Int64) -> timespec {
        let positive = max(milliseconds, 0)
        return timespec(tv_sec: Int(positive / 1000), tv_nsec: Int(positive % 1000) &* 1_000_000)
    }
}
