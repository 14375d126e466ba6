// What an apply does and in which order, as a pure machine: kinds first, then namespaces and CRDs, then what depends on them.
package import KubeCore

/// Whoever drives it does one action at a time and tells how it went. Times are monotonic milliseconds.
package struct ApplyMachine {
    /// One object of the manifest.
    package struct Subject {
        /// `document 3 (line 41), Project "ns/web"`, and the end of it.
        package var place: String
        package var shown: String
        package var kind: String
        package var version: GroupVersion
        package var definition: Definition?

        package init(place: String, shown: String, kind: String, version: GroupVersion, definition: Definition? = nil) {
            self.place = place
            self.shown = shown
            self.kind = kind
            self.version = version
            self.definition = definition
        }

        package init(_ entry: Manifest.Entry) {
            self.init(place: entry.place, shown: entry.shown, kind: entry.kind, version: entry.version, definition: Definition(entry))
        }
    }

    package enum Action: Equatable {
        /// Find the resource of the kind of this object.
        case resolve(Int)
        case apply(Int)
        /// Get this CRD.
        case check(Int)
        case pause(Int64)
        case done
        case fail(KubeError)
    }

    private enum Step: Equatable {
        case resolve(Int)
        case apply(Int)
        case establish(Int)
        /// The same as `resolve` and `apply` for what only comes with a CRD of the manifest: it may take a moment.
        case await(Int)
        case applyNew(Int)

        var subject: Int {
            switch self {
            case .resolve(let index), .apply(let index), .establish(let index), .await(let index), .applyNew(let index): index
            }
        }
    }

    private static let pauseMs: Int64 = 100
    private static let maxPauseMs: Int64 = 1000
    /// How many names a message holds.
    private static let maxNames = 50

    private let subjects: [Subject]
    private let isDryRun: Bool
    private let patienceMs: Int64
    private let steps: [Step]
    private var at = 0
    /// Since when the present step is waited for, and how long the last pause was.
    private var since: Int64?
    private var pause: Int64 = 0
    private var established: Set<Int> = []
    private var applied: [Int] = []

    /// A CRD, or what comes with it, is waited for up to `patienceMs`.
    package init(_ subjects: [Subject], isDryRun: Bool, patienceMs: Int64) {
        self.subjects = subjects
        self.isDryRun = isDryRun
        self.patienceMs = patienceMs
        steps = Self.plan(subjects, isDryRun: isDryRun)
    }

    private static func plan(_ subjects: [Subject], isDryRun: Bool) -> [Step] {
        let definitions = subjects.compactMap(\.definition)
        func isFirst(_ subject: Subject) -> Bool {
            subject.definition != nil || subject.kind == "Namespace" && subject.version == GroupVersion(group: "", version: "v1")
        }
        // A dry run leaves no CRD behind that could be waited for.
        func comesLater(_ subject: Subject) -> Bool { !isDryRun && definitions.contains { $0.defines(subject.kind, subject.version) } }
        struct Kind: Hashable {
            var kind: String
            var version: GroupVersion
        }
        var kinds: Set<Kind> = []
        func firstOfTheirKind(_ wanted: (Subject) -> Bool) -> [Int] {
            subjects.indices.filter { wanted(subjects[$0]) && kinds.insert(Kind(kind: subjects[$0].kind, version: subjects[$0].version)).inserted }
        }
        let (first, rest) = (subjects.indices.filter { isFirst(subjects[$0]) }, subjects.indices.filter { !isFirst(subjects[$0]) })
        var steps = firstOfTheirKind { !comesLater($0) }.map { Step.resolve($0) }
        steps += first.map { .apply($0) }
        if !isDryRun { steps += first.filter { subjects[$0].definition != nil }.map { .establish($0) } }
        steps += firstOfTheirKind { _ in true }.map { .await($0) }
        return steps + rest.map { comesLater(subjects[$0]) ? .applyNew($0) : .apply($0) }
    }

    package func isDefinition(_ index: Int) -> Bool { subjects[index].definition != nil }

    // MARK: What happens

    /// The first action, and the next one after a pause.
    package mutating func next() -> Action {
        while at < steps.count, case .establish(let index) = steps[at], established.contains(index) { advance() }
        guard at < steps.count else { return .done }
        switch steps[at] {
        case .resolve(let index), .await(let index): return .resolve(index)
        case .apply(let index), .applyNew(let index): return .apply(index)
        case .establish(let index): return .check(index)
        }
    }

    /// The kind is known, or is not.
    package mutating func resolved(_ failure: KubeError?, now: Int64) -> Action {
        guard at < steps.count else { return .done }
        guard let failure else { return advanced() }
        let subject = subjects[steps[at].subject]
        if case .await = steps[at], failure.code == .notFound {
            return waited(now: now) ?? fail(failure, "the server does not serve its kind, \(patienceMs) ms after its CustomResourceDefinition")
        }
        guard isDryRun, failure.code == .notFound, let source = subjects.first(where: { $0.definition?.defines(subject.kind, subject.version) ?? false })
        else { return fail(failure) }
        return fail(failure, "its kind comes with \(source.shown) of this manifest, which a dry run does not create")
    }

    /// The object is applied; `state` for a CRD.
    package mutating func applied(_ state: DefinitionState?) -> Action {
        guard at < steps.count else { return .done }
        let index = steps[at].subject
        applied.append(index)
        if state == .established { established.insert(index) }
        return advanced()
    }

    package mutating func notApplied(_ error: KubeError, now: Int64) -> Action {
        guard at < steps.count else { return .done }
        // A server may list a new kind a moment before it serves it: 404 without a Status.
        if case .applyNew = steps[at], error.httpStatus == 404, error.statusJSON == nil, let action = waited(now: now) { return action }
        return fail(error, error.reason == "Conflict" && Self.isFieldConflict(error) ? "\"force\": true takes the fields over" : "")
    }

    package mutating func checked(_ result: Result<DefinitionState, KubeError>, now: Int64) -> Action {
        guard at < steps.count else { return .done }
        switch result {
        case .success(.established): return advanced()
        case .success(.refused(let why)): return fail(KubeError(.conflict, "the server does not accept its names: \(why)"))
        case .failure(let error): return fail(error)
        case .success(.pending):
            return waited(now: now) ?? fail(KubeError(.timeout, "it was not established within \(patienceMs) ms", isRetryable: true))
        }
    }

    /// The error of an apply that ended where it is now: cancelled, or out of time.
    package func ended(_ error: KubeError) -> KubeError {
        var error = error
        error.message = (at < steps.count ? subjects[steps[at].subject].place + ": " : "") + error.message + history
        return error
    }

    // MARK: Inside

    private mutating func advance() {
        at += 1
        (since, pause) = (nil, 0)
    }

    private mutating func advanced() -> Action {
        advance()
        return next()
    }

    /// A pause before the same step again; nil when it was waited for long enough.
    private mutating func waited(now: Int64) -> Action? {
        let start = since ?? now
        since = start
        guard now &- start < patienceMs else { return nil }
        pause = min(max(pause &* 2, Self.pauseMs), Self.maxPauseMs)
        return .pause(min(pause, patienceMs &- (now &- start)))
    }

    private func fail(_ error: KubeError, _ hint: String = "") -> Action {
        var error = error
        if !hint.isEmpty { error.message += " (\(hint))" }
        return .fail(ended(error))
    }

    private var history: String {
        if isDryRun { return "" }
        guard !applied.isEmpty else { return "; nothing was applied" }
        let names = applied.prefix(Self.maxNames).map { subjects[$0].shown }.joined(separator: ", ")
        return "; applied before it: " + names + (applied.count > Self.maxNames ? " and \(applied.count - Self.maxNames) more" : "")
    }

    /// Another manager owns a field, as opposed to a resourceVersion that is not the current one.
    private static func isFieldConflict(_ error: KubeError) -> Bool {
        let status = error.statusJSON.flatMap { try? JSONValue.parse($0) }
        return status?["details"]?["causes"]?.array?.contains { $0["reason"]?.string == "FieldManagerConflict" } ?? false
    }
}
