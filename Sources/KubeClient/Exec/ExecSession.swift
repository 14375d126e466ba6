// The plugins of the process: what clients of one plugin and one cluster share, and the requests that wait for it. Which client
// runs the plugin, and how, is PluginCredentials' matter.
import KubeCore
import KubeSystem

/// A request that waits for a plugin. Belongs to its loop, `wake` excepted.
final class CredentialWait {
    private let loop: Loop
    private let onAgain: (CredentialWait) -> Void
    private(set) var isOver = false
    private var timer: LoopTimer?
    private var done: ((Result<PluginCredential, KubeError>) -> Void)?
    private var onCancel: (() -> Void)?

    init(
        _ loop: Loop, again: @escaping (CredentialWait) -> Void, onCancel: @escaping () -> Void,
        done: @escaping (Result<PluginCredential, KubeError>) -> Void
    ) {
        self.loop = loop
        onAgain = again
        self.onCancel = onCancel
        self.done = done
    }

    /// Any thread.
    func wake(_ news: @escaping (CredentialWait) -> Void) { loop.post { [self] in if !isOver { news(self) } } }

    /// Whoever ran the plugin is gone, or was not heard of for a while.
    func askAgain() { onAgain(self) }

    /// Should nobody tell: the one who runs the plugin may not come to it.
    func ask(in milliseconds: Int64) {
        timer?.cancel()
        timer = loop.after(milliseconds) { [self] in if !isOver { askAgain() } }
    }

    func settle(_ result: Result<PluginCredential, KubeError>) {
        let done = self.done
        end()
        done?(result)
    }

    func cancel() { end() }

    private func end() {
        guard !isOver else { return }
        isOver = true
        timer?.cancel()
        let onCancel = self.onCancel
        (done, self.onCancel, timer) = (nil, nil, nil)
        onCancel?()
    }
}

/// Any thread.
final class ExecSession {
    private let lock = Lock()
    private var machine = ExecMachine()
    private var waiting: [CredentialWait] = []
    private var hints = HintLimit()
    private var random = SystemRandomNumberGenerator()
    private var given: PluginCredential?

    func ask(_ wait: CredentialWait, nowMs: Int64, wallMs: Int64) -> ExecMachine.Answer {
        lock.withLock {
            let answer = machine.ask(nowMs: nowMs, wallMs: wallMs)
            switch answer {
            case .wait, .run: if !waiting.contains(where: { $0 === wait }) { waiting.append(wait) }
            case .use, .fail: break
            }
            return answer
        }
    }

    func forget(_ wait: CredentialWait) { lock.withLock { waiting.removeAll { $0 === wait } } }

    func heard(_ run: Int64, nowMs: Int64) { lock.withLock { machine.heard(run, nowMs: nowMs) } }

    func ended(_ run: Int64, _ result: Result<PluginCredential, KubeError>, nowMs: Int64, wallMs: Int64) {
        var told = result
        let waiting = lock.withLock {
            machine.ended(run, &told, nowMs: nowMs, wallMs: wallMs, random: &random) ? takeWaiting() : []
        }
        for wait in waiting { wait.wake { [told] in $0.settle(told) } }
    }

    func abandoned(_ run: Int64) {
        for wait in lock.withLock({ machine.abandoned(run) ? takeWaiting() : [] }) { wait.wake { $0.askAgain() } }
    }

    func refused(generation: Int64) { lock.withLock { machine.refused(generation: generation) } }

    /// Takes what a run gave, for whatever it is worth, and gives what one before it did.
    func gave(_ new: PluginCredential?) -> PluginCredential? {
        lock.withLock {
            defer { given = new ?? given }
            return given
        }
    }

    func mayHint(nowMs: Int64) -> Bool { lock.withLock { hints.allows(nowMs: nowMs) } }

    // Under `lock`.
    private func takeWaiting() -> [CredentialWait] {
        defer { waiting = [] }
        return waiting
    }
}

extension ExecSession {
    /// More plugins than this are not remembered; the one that was asked for longest ago goes.
    private static let limit = 64

    private final class Registry {
        let lock = Lock()
        // Under `lock`.
        var sessions = Sessions()
    }

    private final class Sessions {
        let generation = ForkGeneration.current
        var all: [(key: PluginKey, session: ExecSession)] = []
    }

    // A constant reference to a thing that locks itself.
    private nonisolated(unsafe) static let registry: Registry = {
        let registry = Registry()
        ProcessState.renewInChild(registry.lock)
        return registry
    }()

    /// The one session of the process for the key. Any thread.
    static func shared(_ key: PluginKey) -> ExecSession {
        registry.lock.withLock {
            if registry.sessions.generation != ForkGeneration.current {
                // In a forked child: the parent's runs are nobody's here, and a lock of theirs may be held for ever.
                _ = Unmanaged.passRetained(registry.sessions)
                registry.sessions = Sessions()
            }
            let sessions = registry.sessions
            var session = ExecSession()
            if let at = sessions.all.firstIndex(where: { $0.key == key }) { session = sessions.all.remove(at: at).session }
            sessions.all.append((key, session))
            if sessions.all.count > limit { sessions.all.removeFirst() }
            return session
        }
    }
}

/// An installHint is shown ten times an hour at most.
package struct HintLimit {
    private var times: [Int64] = []

    package init() {}

    package mutating func allows(nowMs: Int64) -> Bool {
        times.removeAll { nowMs - $0 >= 3_600_000 }
        if times.count >= 10 { return false }
        times.append(nowMs)
        return true
    }
}
