// Whether one call is tried again, and when (R1, R2, R4): pure.

/// The retries of one call.
package struct RetryMachine {
    package enum Outcome {
        /// An HTTP answer that is no success.
        case answer(status: Int, retryAfterMs: Int64)
        /// The connection stood and was lost (R2).
        case lost
        /// The server has said that it did not begin with it (HTTP/2: a stream behind the last one of its GOAWAY).
        case unprocessed
        /// Anything else that sent no answer.
        case failed
    }

    /// Before a request that was not processed goes out again, on a new connection.
    package static let unprocessedMs: Int64 = 50

    private let isRead: Bool
    private let maxRetries: Int64
    /// Monotonic; nil: no limit.
    private let deadline: Int64?
    package private(set) var retries: Int64 = 0

    package init(method: String, maxRetries: Int64, deadline: Int64?) {
        isRead = method == "GET" || method == "HEAD"
        self.maxRetries = maxRetries
        self.deadline = deadline
    }

    /// The pause before the next try, or nil when what happened is the result.
    package mutating func next(after outcome: Outcome, now: Int64) -> Int64? {
        guard retries < maxRetries else { return nil }
        let pause: Int64
        switch outcome {
        case .answer(let status, let retryAfterMs):
            // client-go rest/with_retry.go: 429 or 5xx, and only with a Retry-After in seconds.
            guard status == 429 || (500..<600).contains(status), retryAfterMs >= 0 else { return nil }
            pause = min(retryAfterMs, Backoff.maxRetryAfterMs)
        case .lost:
            // Never a POST, PUT, PATCH or DELETE: it may have been executed.
            guard isRead else { return nil }
            pause = 1000
        case .unprocessed: pause = Self.unprocessedMs
        case .failed: return nil
        }
        if let deadline, now + pause >= deadline { return nil }
        retries += 1
        return pause
    }
}
