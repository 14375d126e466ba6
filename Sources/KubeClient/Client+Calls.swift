// Blocking verbs: a call plus a wait. And the counters, asked for the same way.
import KubeConfig
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
        let call = try ClientCall.make(self, request) { result in
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
        let failures = counters.failures.sorted { $0.key.rawValue > $1.key.rawValue }
        var members: [JSONValue.Member] = [
            .init("calls", number(counters.calls)), .init("failed", number(failures.reduce(0) { $0 + $1.value })),
            .init("failures", .object(failures.map { .init("\($0.key.name)", number($0.value)) })),
            .init("requests", number(transport.requests)), .init("http2Requests", number(transport.http2Requests)),
            .init("retries", number(counters.retries)), .init("throttled", number(counters.throttled)),
            .init("throttledMs", number(counters.throttledMs)), .init("warnings", number(warnings.count)),
            .init("watches", number(counters.watches)), .init("running", number(Int64(childCount))),
            .init("transfers", number(transport.active)), .init("connections", number(transport.connections)),
            .init("openConnections", number(transport.openConnections)), .init("bytesReceived", number(transport.bytesReceived)),
            .init("bytesSent", number(transport.bytesSent)),
        ]
        if let expiry { members.append(.init("certificateExpiry", .string(expiry))) }
        return .object(members)
    }

    /// Of the client certificate that new connections show.
    private var expiry: String? {
        transport.identity.certificate.flatMap { CertificateExpiry.text(ofPEM: $0.certificatePEM) }
    }
}
