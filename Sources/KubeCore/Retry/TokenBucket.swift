// The client-side rate limit (R6): a token bucket, pure, in milliseconds.

package struct TokenBucket {
    private let perMs: Double
    private let burst: Double
    private var tokens: Double
    private var last: Int64?

    /// `qps` 0: no limit.
    package init(qps: Double, burst: Double) {
        perMs = qps / 1000
        self.burst = max(burst, 1)
        tokens = self.burst
    }

    /// Takes a token, in advance if need be. Returns how long the taker must wait for it.
    package mutating func take(now: Int64) -> Int64 {
        guard perMs > 0 else { return 0 }
        if let last, now > last { tokens = min(burst, tokens + Double(now - last) * perMs) }
        last = now
        tokens -= 1
        guard tokens < 0 else { return 0 }
        let wait = (-tokens / perMs).rounded(.up)
        return wait < 1e12 ? Int64(wait) : 1_000_000_000_000
    }
}
