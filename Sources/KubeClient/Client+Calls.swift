// Blocking verbs: a call plus a wait. And the counters, asked for the same way.
package import KubeCore
import KubeSystem
import KubeTransport

/// Holds what the loop leaves for a waiting thread.
private final class Slot<Value> {
    var value: Value?
}

extension Client {
    /// Performs a call and waits for its result. External mode: drives the loop meanwhile; callbacks wait for `process`.
    package func perform(_ request: CallRequest) throws(KubeError) -> CallResult {
        try drive.enter()
        defer { drive.leave() }
        let (answer, failure) = (Slot<CallResult>(), Slot<KubeError>())
        let completion = Completion()
        let call = try Call(self, request) { result in
            switch result {
            case .success(let value): answer.value = value
            case .failure(let error): failure.value = error
            }
            self.drive.tell(completion)
        }
        drive.run { call.startNow() }
        guard drive.wait(for: completion) else { throw KubeError(.cancelled, "the process is on its way out") }
        if let error = failure.value { throw error }
        guard let value = answer.value else { throw KubeError(.internal, "a call without a result") }
        return value
    }

    /// Runs `body` on the loop and gives back what it returns.
    private func onLoop<Value>(_ body: @escaping () -> Value) throws(KubeError) -> Value {
        try drive.enter()
        defer { drive.leave() }
        let slot = Slot<Value>()
        let completion = Completion()
        loop.post {
            slot.value = body()
            completion.finish()
        }
        guard drive.wait(for: completion), let value = slot.value else {
            throw KubeError(.cancelled, "the process is on its way out")
        }
        return value
    }

    /// Counters since the client was made.
    package func stats() throws(KubeError) -> JSONValue { try onLoop { [self] in currentStats } }

    /// The same without waiting: `done` follows on the loop.
    package func stats(_ done: @escaping (JSONValue) -> Void) { loop.post { [self] in done(currentStats) } }

    private var currentStats: JSONValue {
        let transport = transport.stats
        func number(_ value: Int64) -> JSONValue { .number(String(value)) }
        return .object([
            .init("calls", number(counters.calls)), .init("requests", number(transport.requests)), .init("retries", number(counters.retries)),
            .init("watches", number(counters.watches)), .init("running", number(Int64(childCount))),
            .init("transfers", number(transport.active)), .init("connections", number(transport.connections)),
            .init("bytesReceived", number(transport.bytesReceived)), .init("bytesSent", number(transport.bytesSent)),
        ])
    }
}
