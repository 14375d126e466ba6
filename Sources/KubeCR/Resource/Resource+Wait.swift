// Waiting for a state of one object: a watch of it, judged event by event.
import KubeClient
import KubeCore
import KubeSystem

extension Resource {
    /// Waits until the object of that name has come to `goal`, and returns it: `wait("demo", until: .condition("Ready"))`. An object
    /// that is not made yet is waited for; nil: it is deleted.
    ///
    /// Follows the object by a watch, so every state is judged that the server tells, and none is missed over disconnects; after a
    /// version that is too old it lists anew. `.timeout`: not within the time; the message has what was seen last and what failed
    /// last. What the server refuses at first (`.forbidden`, `.notFound`, ...) is thrown at once; what fails later is tried again.
    /// `.cancelled`: the task, or the client was closed. `.argument`: no such name or pointer can be.
    @discardableResult
    public nonisolated(nonsending) func wait(_ name: String, until goal: WaitGoal, timeout: Duration? = nil) async throws -> Object? {
        if let fault = goal.fault { throw fault }
        return try await wait(name, timeout, "\"\(goal)\"", goal.seen) { goal.isReached($0) }.map { try Object(object: $0) }
    }

    /// The same with a condition of the program's own, which gets nil while there is no such object. It is asked for what is there
    /// now, then for each change; what it throws ends the wait.
    @discardableResult
    public nonisolated(nonsending) func wait(
        _ name: String, timeout: Duration? = nil, until condition: (Object?) throws -> Bool
    ) async throws -> Object? {
        try await wait(name, timeout, "what was waited for", WaitGoal.presence) { object in
            try condition(try object.map { try Object(object: $0) })
        }.map { try Object(object: $0) }
    }

    private nonisolated(nonsending) func wait(
        _ name: String, _ timeout: Duration?, _ wanted: String, _ seen: (KubeObject) -> String, _ isReached: (KubeObject?) throws -> Bool
    ) async throws -> KubeObject? {
        try checkScope()
        try KubeError.translating { () throws(Engine.Failure) in try PathSegment.check(name, "name") }
        let deadline = timeout.map { ContinuousClock.now + $0 }
        func left() -> Duration? { deadline.map { max($0 - .now, .milliseconds(1)) } }
        let namespace = try await singleNamespace(timeout: left())
        let one = Resource<KubeObject>(client, self.name, scope: scope, namespace: namespace)
        var progress = WaitProgress()
        while true {
            do {
                for try await event in try one.watch(fieldSelector: "metadata.name=\(Self.escaped(name))", timeout: left()) {
                    for state in progress.states(event) where try isReached(state) { return state }
                }
            } catch let error as KubeError where error.code == .gone {
                let pause = progress.gone(error)
                let wait = min(pause, left() ?? pause)
                do { try await Task.sleep(for: wait) } catch { throw KubeError.taskCancelled }
                if wait == pause { continue }
            }
            let place = namespace.isEmpty ? name : "\(namespace)/\(name)"
            guard let timeout, client.isOpen else { throw KubeError(.cancelled, "the client was closed while \(self.name) \(place) was waited for") }
            let words = "\(self.name) \(place) did not come to \(wanted) within \(timeout); \(progress.report(seen))"
            throw KubeError(.timeout, words, isRetryable: true)
        }
    }

    /// Where a single object of this resource is looked for.
    private func singleNamespace(timeout: Duration?) async throws -> String {
        if let namespace = ownNamespace { return namespace }
        return try await client.discover(name, timeout: timeout).namespaced ? client.namespace : ""
    }

    /// apimachinery, pkg/fields EscapeValue.
    private static func escaped(_ name: String) -> String {
        String(name.flatMap { ["\\", ",", "="].contains($0) ? ["\\", $0] : [$0] })
    }
}

/// What the watch of one object has told so far.
private struct WaitProgress {
    private var object: KubeObject?
    /// Whether the server has said if there is such an object.
    private var isKnown = false
    private var lastError: KubeError?
    private var gones = 0
    private var backoff = Backoff()

    /// The states to judge after an event, in their order; nil: there is no such object.
    mutating func states(_ event: WatchEvent<KubeObject>) -> [KubeObject?] {
        switch event {
        case .added(let new), .modified(let new):
            // Another object of this name: the deletion of the first was missed.
            let states = object.map { $0.uid != new.uid } == true ? [nil, new] : [new]
            (object, isKnown, lastError) = (new, true, nil)
            return states
        case .deleted:
            (object, isKnown, lastError) = (nil, true, nil)
            return [nil]
        case .bookmark:
            lastError = nil
            // The first one ends the list: only now is it known that there is no such object.
            if isKnown { return [] }
            (object, isKnown) = (nil, true)
            return [nil]
        case .error(let error):
            lastError = error
            return []
        }
    }

    /// The version was too old: lists anew, the first time at once, then with B1's pauses.
    mutating func gone(_ error: KubeError) -> Duration {
        (isKnown, lastError) = (false, error)
        gones += 1
        if gones == 1 { return .zero }
        var random = SystemRandomNumberGenerator()
        return .milliseconds(backoff.next(now: MonotonicClock.nowMs, random: &random))
    }

    func report(_ seen: (KubeObject) -> String) -> String {
        let state = object.map(seen) ?? (isKnown ? "it is not there" : "the server has not said whether it is there")
        return "last seen: \(state)\(lastError.map { "; last failure: \($0)" } ?? "")"
    }
}
