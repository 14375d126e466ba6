// A result that comes once, from any thread, and is awaited once.

final class Pending<Value: Sendable>: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<Value, any Error>)
        case done(Result<Value, any Error>)
    }

    private let state = Guarded(State.open)

    /// The first result counts.
    func finish(_ result: Result<Value, any Error>) {
        let continuation = state.withLock { state -> CheckedContinuation<Value, any Error>? in
            switch state {
            case .open:
                state = .done(result)
                return nil
            case .awaited(let continuation):
                state = .done(result)
                return continuation
            case .done: return nil
            }
        }
        continuation?.resume(with: result)
    }

    /// Runs `start`, waits for the result, and calls `cancel` when the task is cancelled meanwhile (or was before).
    func value(start: () -> Void, cancel: @escaping @Sendable () -> Void) async throws -> Value {
        try await withTaskCancellationHandler {
            start()
            return try await withCheckedThrowingContinuation { continuation in
                let result = state.withLock { state -> Result<Value, any Error>? in
                    if case .done(let result) = state { return result }
                    state = .awaited(continuation)
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            cancel()
        }
    }
}
