// When a plugin runs and how long its answer counts (T8): one run at a time, a back-off after a failure. Pure: the clocks are
// passed in; ExecSession does what it says.
package import KubeCore
package import KubeTransport

/// What a plugin gave.
package struct PluginCredential: Equatable, Sendable {
    package var token: String?
    package var certificate: ClientCertificate?
    /// Milliseconds since 1970; nil: until the server refuses it.
    package var expiryMs: Int64?
    /// Counts the answers of one plugin, so that a late 401 does not drop a credential it was not about.
    package var generation: Int64 = 0

    package init(token: String? = nil, certificate: ClientCertificate? = nil, expiryMs: Int64? = nil) {
        self.token = token
        self.certificate = certificate
        self.expiryMs = expiryMs
    }
}

package struct ExecMachine {
    package enum State: Equatable {
        /// No credential: the next request runs the plugin.
        case idle
        /// Requests wait. `heardMs`: when the loop that follows the run last turned.
        case running(run: Int64, heardMs: Int64)
        /// Requests use it until then (milliseconds since 1970; nil: until a 401).
        case valid(PluginCredential, untilMs: Int64?)
        /// Requests fail at once until then, later ones run the plugin again.
        case failed(KubeError, untilMs: Int64)
    }

    package enum Answer: Equatable {
        case use(PluginCredential)
        case fail(KubeError)
        /// Ask again when the run has ended.
        case wait
        /// Run it, tell `heard` at least each second, and `ended` or `abandoned` with this number.
        case run(Int64)
    }

    /// How long before its end a credential is not used any more; a tenth of its life when that is shorter.
    package static let leewayMs: Int64 = 10_000
    /// A run whose loop was not turned for so long (a program with a loop of its own that is busy elsewhere) is taken over.
    package static let silenceMs: Int64 = 2_500

    package private(set) var state = State.idle
    private var backoff = Backoff()
    private var runs: Int64 = 0
    private var generations: Int64 = 0

    package init() {}

    package mutating func ask(nowMs: Int64, wallMs: Int64) -> Answer {
        switch state {
        case .idle: break
        case .running(_, let heard): if nowMs - heard < Self.silenceMs { return .wait }
        case .valid(let credential, let until): if until.map({ wallMs < $0 }) ?? true { return .use(credential) }
        case .failed(let error, let until): if nowMs < until { return .fail(error) }
        }
        runs += 1
        state = .running(run: runs, heardMs: nowMs)
        return .run(runs)
    }

    private func isRunning(_ run: Int64) -> Bool {
        if case .running(run, _) = state { true } else { false }
    }

    /// The run's loop turns.
    package mutating func heard(_ run: Int64, nowMs: Int64) {
        if isRunning(run) { state = .running(run: run, heardMs: nowMs) }
    }

    /// True: the waiting requests are told `result`, which has its generation now; false: the run was taken over. They use even
    /// what has expired already: the server's clock may be the right one.
    package mutating func ended(
        _ run: Int64, _ result: inout Result<PluginCredential, KubeError>, nowMs: Int64, wallMs: Int64, random: inout some RandomNumberGenerator
    ) -> Bool {
        guard isRunning(run) else { return false }
        switch result {
        case .success(var credential):
            generations += 1
            credential.generation = generations
            state = .valid(credential, untilMs: credential.expiryMs.map { $0 - min(Self.leewayMs, max(0, $0 - wallMs) / 10) })
            result = .success(credential)
        case .failure(let error):
            state = .failed(error, untilMs: nowMs + backoff.next(now: nowMs, random: &random))
        }
        return true
    }

    /// Its client ended. True: the next one who asks runs the plugin.
    package mutating func abandoned(_ run: Int64) -> Bool {
        guard isRunning(run) else { return false }
        state = .idle
        return true
    }

    /// A 401 for a request with this credential: the next request runs the plugin, once for all that were refused (T6).
    package mutating func refused(generation: Int64) {
        if case .valid(let credential, _) = state, credential.generation == generation { state = .idle }
    }
}
