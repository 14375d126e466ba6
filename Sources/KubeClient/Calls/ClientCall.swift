// What every call of a client is, whatever it takes: it is started once, it can be cancelled, and it ends with one result.
package import KubeCore

/// Made on any thread, runs on the loop. Ends with exactly one call of `done`, on the loop.
package class ClientCall: ClientChild {
    /// The call that performs a request. Throws at once what needs no server: `.argument` and `.unsupported`.
    package static func make(
        _ client: Client, _ request: CallRequest, done: @escaping (Result<CallResult, KubeError>) -> Void
    ) throws(KubeError) -> ClientCall {
        if case .apply = request.verb { return try ManifestApply(client, request, done: done) }
        return try Call(client, request, done: done)
    }

    /// Any thread.
    package func start() {}

    /// The same on the loop.
    func startNow() {}

    /// Any thread, idempotent, never waits. `done` follows with `.cancelled` unless it was called before.
    package func cancel() {}
}
