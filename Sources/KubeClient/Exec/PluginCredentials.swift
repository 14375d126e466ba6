// A client's plugin: asks the session that it shares with others, and runs the plugin on the client's loop when it is its turn.
import Glibc
import KubeConfig
import KubeCore
package import KubeSystem

/// What running a plugin needs of the world; tests bring their own.
package struct PluginHost {
    /// Starts a program; gives what kills it.
    package typealias Start = (ChildCommand, ChildLimits, @escaping (ChildEnd) -> Void) throws(SystemError) -> (() -> Void)

    /// Of the process: "NAME=value".
    package var environment: [String]
    /// Milliseconds since 1970.
    package var wallMs: () -> Int64
    package var start: Start

    package init(environment: [String], wallMs: @escaping () -> Int64, start: @escaping Start) {
        self.environment = environment
        self.wallMs = wallMs
        self.start = start
    }

    /// Copies the environment now: on a loop thread it might change under our hands.
    init(_ loop: EpollLoop) {
        self.init(environment: ProcessEnvironment.copy(), wallMs: PluginHost.wallClock) {
            (command: ChildCommand, limits: ChildLimits, done: @escaping (ChildEnd) -> Void) throws(SystemError) -> (() -> Void) in
            let child = try ChildProcess(command, limits: limits, on: loop, done: done)
            return { child.cancel() }
        }
    }

    private static func wallClock() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}

/// Belongs to the loop.
final class PluginCredentials {
    /// How often a waiting request looks whether the run is still followed, and how often a run says so.
    private static let lookMs: Int64 = 1000

    private let plugin: ClientConfig.ExecPlugin
    private let config: ClientConfig
    private let host: PluginHost
    private let loop: Loop
    private let session: ExecSession
    private let generation = ForkGeneration.current
    private let mask: SecretMask
    private var run: (number: Int64, kill: () -> Void)?
    private var beat: LoopTimer?

    init(_ plugin: ClientConfig.ExecPlugin, _ config: ClientConfig, _ host: PluginHost, loop: Loop) {
        self.plugin = plugin
        self.config = config
        self.host = host
        self.loop = loop
        session = ExecSession.shared(PluginKey(plugin, config))
        mask = SecretMask(config)
    }

    /// Calls `done` with the credential to use: at once (and gives nil) when there is one, else when the plugin has ended.
    func credential(_ done: @escaping (Result<PluginCredential, KubeError>) -> Void) -> CredentialWait? {
        var wait: CredentialWait?
        let new = CredentialWait(loop, again: { [weak self] in self?.ask($0) }, onCancel: { [session] in
            if let wait { session.forget(wait) }
            wait = nil
        }, done: done)
        wait = new
        ask(new)
        return new.isOver ? nil : new
    }

    func refused(generation: Int64) { session.refused(generation: generation) }

    /// The client ends: its run is killed, and others who wait for it run the plugin themselves. In a forked child the run is
    /// the parent's.
    func end() {
        beat?.cancel()
        guard let run, generation == ForkGeneration.current else { return }
        self.run = nil
        run.kill()
        session.abandoned(run.number)
    }

    private func ask(_ wait: CredentialWait) {
        switch session.ask(wait, nowMs: loop.now, wallMs: host.wallMs()) {
        case .use(let credential): wait.settle(.success(credential))
        case .fail(let error): wait.settle(.failure(error))
        case .wait: break
        case .run(let number): start(number)
        }
        if !wait.isOver { wait.ask(in: Self.lookMs) }
    }

    // MARK: A run

    private func start(_ number: Int64) {
        // A run of ours that was taken for dead meanwhile.
        run?.kill()
        run = nil
        do throws(KubeError) {
            let path = try plugin.program(searchPath: searchPath)
            let command = ChildCommand(
                path: path, arguments: plugin.arguments,
                environment: PluginInfo.environment(plugin, config, process: host.environment))
            Log.debug("\(plugin.title) is run")
            run = (number, try start(command, number))
            keepBeating(number)
        } catch {
            if error.code == .auth { hint() }
            session.ended(number, .failure(error), nowMs: loop.now, wallMs: host.wallMs())
        }
    }

    private func start(_ command: ChildCommand, _ number: Int64) throws(KubeError) -> () -> Void {
        do {
            return try host.start(command, ChildLimits(timeMs: plugin.timeoutMs, outputBytes: PluginAnswer.maxBytes)) { [weak self] in
                self?.ended(number, $0)
            }
        } catch {
            throw KubeError(.auth, "\(plugin.title) can't be started: \(SystemError.text(error.number))", isRetryable: true)
        }
    }

    /// The process's own, as in the reference, not one among the plugin's variables.
    private var searchPath: String? { host.environment.last { $0.hasPrefix("PATH=") }.map { String($0.dropFirst(5)) } }

    private func keepBeating(_ number: Int64) {
        beat = loop.after(Self.lookMs) { [weak self] in
            guard let self, run?.number == number else { return }
            session.heard(number, nowMs: loop.now)
            keepBeating(number)
        }
    }

    private func ended(_ number: Int64, _ end: ChildEnd) {
        if run?.number == number {
            run = nil
            beat?.cancel()
        }
        let result = PluginAnswer.judge(end, plugin)
        // It may show what it gives now, in an answer that does not count included, or what it gave before.
        let given = try? PluginAnswer.read(end.output, plugin)
        let before = session.gave(given)
        let level: LogLevel = (try? result.get()) == nil ? .warn : .info
        for line in mask.and(before).and(given).lines(end.errors) { Log.write(level, "\(plugin.title): \(line)") }
        session.ended(number, result, nowMs: loop.now, wallMs: host.wallMs())
    }

    private func hint() {
        guard !plugin.installHint.isEmpty, session.mayHint(nowMs: loop.now) else { return }
        Log.warn("\(plugin.title): \(ServerError.oneLine(Array(plugin.installHint.utf8), limit: 4096))")
    }
}
