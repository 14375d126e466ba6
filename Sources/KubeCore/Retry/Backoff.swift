// Pauses after failures (B1 to B4): pure, the clock and the random source are passed in.

/// 800 ms, doubled up to 30 s, each with up to +100 % of jitter; back to the start after two minutes in which no pause
/// was asked for. A success alone does not reset it (B3; kube-rs backoff_reset_timer.rs).
package struct Backoff {
    package static let firstMs: Int64 = 800
    package static let capMs: Int64 = 30_000
    package static let resetMs: Int64 = 120_000
    /// The longest pause a server can ask for (B2).
    package static let maxRetryAfterMs: Int64 = 60_000

    private var baseMs = Backoff.firstMs
    private var lastAsked: Int64?

    package init() {}

    /// The next pause. `retryAfterMs` is a lower bound that the server set, -1 for none.
    package mutating func next(now: Int64, retryAfterMs: Int64 = -1, random: inout some RandomNumberGenerator) -> Int64 {
        if let lastAsked, now - lastAsked > Self.resetMs { baseMs = Self.firstMs }
        let jittered = baseMs + Int64.random(in: 0...baseMs, using: &random)
        baseMs = min(baseMs * 2, Self.capMs)
        let pause = max(jittered, min(retryAfterMs, Self.maxRetryAfterMs))
        // The pause itself is no quiet time.
        lastAsked = now + pause
        return pause
    }
}
