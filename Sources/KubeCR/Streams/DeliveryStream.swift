// What the engine has for one consumer, told one by one to whoever awaits it. The engine's mailbox is the only queue.
import KubeClient
import KubeCore

/// Nothing is taken out of the mailbox before somebody asks, so that a slow consumer is the engine's matter: an informer
/// merges what waits, a watch is not read.
final class DeliveryStream: Sendable {
    private struct Waiter {
        let ticket: Int
        let continuation: CheckedContinuation<AnyThread<Delivery>, any Error>
    }

    private struct State {
        var tickets = 0
        var waiters: [Waiter] = []
        /// Asked of the mailbox and not told yet.
        var wanted = 0
        /// Told when nobody waited any more.
        var left: [AnyThread<Delivery>] = []
        var end: AnyThread<Delivery>?
    }

    private let state = Guarded(State())
    let runner = AnyThread(DeliveryPull())

    /// The consumer to give to the engine, together with `runner`.
    func makeConsumer() -> Consumer {
        Consumer(deliver: { [self] in
            told(AnyThread($0))
            return true
        })
    }

    private func told(_ delivery: AnyThread<Delivery>) {
        let waiters = state.withLock { state -> [Waiter] in
            if delivery.value.type == .end {
                state.end = delivery
                defer { state.waiters = [] }
                return state.waiters
            }
            state.wanted -= 1
            if !state.waiters.isEmpty { return [state.waiters.removeFirst()] }
            state.left.append(delivery)
            return []
        }
        for waiter in waiters { waiter.continuation.resume(returning: delivery) }
    }

    /// The next delivery; again and again the END, once it has come. Throws `.cancelled` when the task is cancelled: what was
    /// not told then is told next time.
    func next() async throws -> Delivery {
        let ticket = state.withLock { state in
            state.tickets += 1
            return state.tickets
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { wait(Waiter(ticket: ticket, continuation: $0)) }
        } onCancel: {
            giveUp(ticket)
        }.value
    }

    private func wait(_ waiter: Waiter) {
        var asks = false
        let ready = state.withLock { state -> Result<AnyThread<Delivery>, any Error>? in
            // The flag is up before `giveUp` can look for the waiter.
            if Task.isCancelled { return .failure(KubeError.taskCancelled) }
            if !state.left.isEmpty { return .success(state.left.removeFirst()) }
            if let end = state.end { return .success(end) }
            state.waiters.append(waiter)
            if state.wanted < state.waiters.count {
                state.wanted += 1
                asks = true
            }
            return nil
        }
        if let ready { waiter.continuation.resume(with: ready) }
        if asks { runner.value.pull() }
    }

    private func giveUp(_ ticket: Int) {
        let waiter = state.withLock { state -> Waiter? in
            guard let at = state.waiters.firstIndex(where: { $0.ticket == ticket }) else { return nil }
            return state.waiters.remove(at: at)
        }
        waiter?.continuation.resume(throwing: KubeError.taskCancelled)
    }

    /// Nobody will ask any more, and the mailbox is being closed: lets its last word be told.
    func abandon() { runner.value.pull() }
}
