// In which order a manifest is applied, what is waited for, and what an error says of what was done before it.
import KubeClient
import KubeCore
import Testing

/// Drives a machine by what a test says happens, and writes down what it asked for.
private struct Run {
    var machine: ApplyMachine
    var log: [String] = []
    var now: Int64 = 0
    /// Consumed by the actions they fit: what fails, by its action ("apply 2").
    var failures: [String: [KubeError]] = [:]
    /// What CRDs say, one state after the other; established when there is none left.
    var states: [DefinitionState] = []
    var error: KubeError?

    init(_ subjects: [ApplyMachine.Subject], dryRun: Bool = false, patienceMs: Int64 = 5000) {
        machine = ApplyMachine(subjects, isDryRun: dryRun, patienceMs: patienceMs)
    }

    private mutating func state() -> DefinitionState { states.isEmpty ? .established : states.removeFirst() }

    private mutating func failure(_ action: String) -> KubeError? {
        guard var left = failures[action], !left.isEmpty else { return nil }
        let first = left.removeFirst()
        failures[action] = left
        return first
    }

    mutating func all() -> String {
        var action = machine.next()
        for _ in 0..<1000 {
            switch action {
            case .resolve(let index):
                log.append("resolve \(index)")
                action = machine.resolved(failure("resolve \(index)"), now: now)
            case .apply(let index):
                log.append("apply \(index)")
                if let failure = failure("apply \(index)") {
                    action = machine.notApplied(failure, now: now)
                } else {
                    action = machine.applied(machine.isDefinition(index) ? state() : nil)
                }
            case .check(let index):
                log.append("check \(index)")
                action = machine.checked(failure("check \(index)").map { .failure($0) } ?? .success(state()), now: now)
            case .pause(let milliseconds):
                log.append("pause \(milliseconds)")
                now += milliseconds
                action = machine.next()
            case .done: return log.joined(separator: ", ")
            case .fail(let failure):
                error = failure
                return (log + ["fail"]).joined(separator: ", ")
            }
        }
        return "no end"
    }
}

private func subject(_ kind: String, _ version: String, _ name: String, defines: (group: String, kind: String, version: String)? = nil) -> ApplyMachine.Subject {
    var definition: Definition?
    if let defines {
        let text = #"{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"x"},"spec":{"group":"\#(defines.group)","names":{"kind":"\#(defines.kind)"},"versions":[{"name":"\#(defines.version)","served":true},{"name":"v0","served":false}]}}"#
        definition = (try? Manifest(Array(text.utf8)))?.entries.first.flatMap { Definition($0) }
    }
    let shown = "\(kind) \"\(name)\""
    return ApplyMachine.Subject(place: "document of \(name), \(shown)", shown: shown, kind: kind, version: GroupVersion(apiVersion: version) ?? GroupVersion(group: "", version: ""), definition: definition)
}

private let pod = subject("Pod", "v1", "pod")
private let otherPod = subject("Pod", "v1", "other")
private let namespace = subject("Namespace", "v1", "space")
private let definition = subject("CustomResourceDefinition", "apiextensions.k8s.io/v1", "crd", defines: ("example.io", "Project", "v1"))
private let project = subject("Project", "example.io/v1", "project")
private let notFound = KubeError(.notFound, "the server has no kind \"Project\" in example.io/v1")
private let plain404: KubeError = {
    var error = KubeError(.notFound, "PATCH /apis: HTTP 404")
    error.httpStatus = 404
    return error
}()

struct ApplyMachineTests {
    @Test func nothingIsDoneAtOnce() {
        var run = Run([])
        #expect(run.all() == "")
        #expect(run.error == nil)
    }

    @Test func kindsAreResolvedOnceBeforeAnythingIsSent() {
        var run = Run([pod, otherPod])
        #expect(run.all() == "resolve 0, apply 0, apply 1")
    }

    @Test func namespacesAndDefinitionsGoFirstTheRestKeepsItsOrder() {
        var run = Run([project, pod, namespace, definition, otherPod])
        #expect(run.all() == "resolve 1, resolve 2, resolve 3, apply 2, apply 3, resolve 0, apply 0, apply 1, apply 4")
    }

    @Test func aDefinitionIsWaitedForUntilItIsEstablished() {
        var run = Run([definition, project])
        run.states = [.pending, .pending, .pending, .established]
        #expect(run.all() == "resolve 0, apply 0, check 0, pause 100, check 0, pause 200, check 0, resolve 1, apply 1")
    }

    @Test func aDefinitionThatIsNeverEstablishedIsATimeout() {
        var run = Run([definition, project], patienceMs: 250)
        run.states = Array(repeating: .pending, count: 10)
        #expect(run.all() == "resolve 0, apply 0, check 0, pause 100, check 0, pause 150, check 0, fail")
        #expect(run.error?.code == .timeout && run.error?.isRetryable == true)
        #expect(run.error?.message == #"document of crd, CustomResourceDefinition "crd": it was not established within 250 ms; applied before it: CustomResourceDefinition "crd""#)
    }

    @Test func aDefinitionWhoseNamesAreTakenIsAConflict() {
        var run = Run([definition])
        run.states = [.pending, .refused("\"projects\" is already in use")]
        #expect(run.all() == "resolve 0, apply 0, check 0, fail")
        #expect(run.error?.code == .conflict)
        #expect(run.error?.message.contains(#"does not accept its names: "projects" is already in use"#) == true)
    }

    /// A server may list a new kind, and serve it, a moment after it called it established.
    @Test func aNewKindMayTakeAMoment() {
        var run = Run([definition, project])
        run.failures = ["resolve 1": [notFound, notFound], "apply 1": [plain404]]
        #expect(run.all() == "resolve 0, apply 0, resolve 1, pause 100, resolve 1, pause 200, resolve 1, apply 1, pause 100, apply 1")
    }

    @Test func aNewKindThatNeverComesIsAnError() {
        var run = Run([definition, project], patienceMs: 100)
        run.failures = ["resolve 1": [notFound, notFound]]
        #expect(run.all() == "resolve 0, apply 0, resolve 1, pause 100, resolve 1, fail")
        #expect(run.error?.code == .notFound)
        run = Run([definition, project], patienceMs: 100)
        run.failures = ["apply 1": [plain404, plain404]]
        #expect(run.all() == "resolve 0, apply 0, resolve 1, apply 1, pause 100, apply 1, fail")
    }

    @Test func anUnknownKindIsToldBeforeAnythingIsSent() {
        var run = Run([pod, namespace, project])
        run.failures = ["resolve 2": [notFound]]
        #expect(run.all() == "resolve 0, resolve 1, resolve 2, fail")
        #expect(run.error?.message == #"document of project, Project "project": the server has no kind "Project" in example.io/v1; nothing was applied"#)
    }

    /// A version that the CRD does not serve does not come with it.
    @Test func anotherVersionDoesNotComeWithTheDefinition() {
        var run = Run([definition, subject("Project", "example.io/v0", "old")])
        run.failures = ["resolve 1": [notFound]]
        #expect(run.all() == "resolve 0, resolve 1, fail")
    }

    @Test func aDryRunLeavesNothingToWaitFor() {
        var run = Run([project, definition, namespace], dryRun: true)
        run.states = [.pending]
        #expect(run.all() == "resolve 0, resolve 1, resolve 2, apply 1, apply 2, apply 0")
        run = Run([project, definition], dryRun: true)
        run.failures = ["resolve 0": [notFound]]
        #expect(run.all() == "resolve 0, fail")
        #expect(run.error?.message == notFound.message.withPlace + #" (its kind comes with CustomResourceDefinition "crd" of this manifest, which a dry run does not create)"#)
    }

    @Test func aFailureEndsItAndSaysWhatWasDone() {
        var run = Run([pod, namespace, otherPod, project])
        var forbidden = KubeError(.forbidden, "pods \"other\" is forbidden")
        (forbidden.httpStatus, forbidden.reason, forbidden.statusJSON, forbidden.retryAfterMs) = (403, "Forbidden", [1], 7)
        run.failures = ["apply 2": [forbidden]]
        #expect(run.all() == "resolve 0, resolve 1, resolve 3, apply 1, apply 0, apply 2, fail")
        forbidden.message = #"document of other, Pod "other": pods "other" is forbidden; applied before it: Namespace "space", Pod "pod""#
        #expect(run.error == forbidden)
    }

    @Test func a404OfAKnownKindIsNotWaitedFor() {
        var run = Run([pod])
        run.failures = ["apply 0": [plain404]]
        #expect(run.all() == "resolve 0, apply 0, fail")
        run = Run([definition, project])
        var status = plain404
        status.statusJSON = Array(#"{"kind":"Status","reason":"NotFound"}"#.utf8)
        run.failures = ["apply 1": [status]]
        #expect(run.all() == "resolve 0, apply 0, resolve 1, apply 1, fail")
    }

    @Test func aConflictOverFieldsSaysWhatForceDoes() {
        for (reason, hint) in [("FieldManagerConflict", true), ("Other", false)] {
            var run = Run([pod])
            var conflict = KubeError(.conflict, "Apply failed with 1 conflict: conflict with \"other\": .spec.replicas")
            conflict.reason = "Conflict"
            conflict.statusJSON = Array(#"{"kind":"Status","details":{"causes":[{"reason":"\#(reason)"}]}}"#.utf8)
            run.failures = ["apply 0": [conflict]]
            #expect(run.all() == "resolve 0, apply 0, fail")
            #expect(run.error?.message.contains("\"force\": true") == hint)
            #expect(run.error?.message.contains("conflict with \"other\"") == true)
        }
    }

    @Test func aLongHistoryIsCut() {
        var run = Run((0..<60).map { subject("Pod", "v1", "p\($0)") })
        run.failures = ["apply 59": [KubeError(.forbidden, "no")]]
        _ = run.all()
        #expect(run.error?.message.hasSuffix("Pod \"p49\" and 9 more") == true)
    }

    @Test func cancellingSaysWhereItWas() {
        var machine = ApplyMachine([pod, otherPod], isDryRun: false, patienceMs: 1)
        #expect(machine.next() == .resolve(0))
        #expect(machine.resolved(nil, now: 0) == .apply(0))
        #expect(machine.applied(nil) == .apply(1))
        #expect(machine.ended(KubeError(.cancelled, "cancelled")).message == #"document of other, Pod "other": cancelled; applied before it: Pod "pod""#)
    }

    @Test func versionsOfADefinitionAreRead() throws {
        func definition(_ apiVersion: String, _ spec: String) throws -> Definition? {
            let text = #"{"apiVersion":"\#(apiVersion)","kind":"CustomResourceDefinition","metadata":{"name":"x"},"spec":\#(spec)}"#
            return Definition(try Manifest(Array(text.utf8)).entries[0])
        }
        let names = #""group":"g.io","names":{"kind":"K"}"#
        let v1 = try definition("apiextensions.k8s.io/v1", #"{\#(names),"versions":[{"name":"v1","served":true},{"name":"v2","served":false}]}"#)
        #expect(v1?.versions == ["v1"])
        #expect(try definition("apiextensions.k8s.io/v1beta1", #"{\#(names),"version":"v3"}"#)?.versions == ["v3"])
        #expect(try definition("example.io/v1", #"{\#(names)}"#) == nil)
        #expect(try definition("apiextensions.k8s.io/v1", "{}") == nil)
        #expect(v1?.defines("K", GroupVersion(group: "g.io", version: "v1")) == true)
        #expect(v1?.defines("K", GroupVersion(group: "g.io", version: "v2")) == false)
    }

    @Test(arguments: [
        (#"[{"type":"Established","status":"True"}]"#, DefinitionState.established), (#"[{"type":"Established","status":"False"}]"#, .pending), ("[]", .pending), ("7", .pending),
        (#"[{"type":"NamesAccepted","status":"False","reason":"PluralConflict","message":"taken"},{"type":"Established","status":"False"}]"#, .refused("taken")),
        (#"[{"type":"NamesAccepted","status":"True"}]"#, .pending),
    ])
    func statesOfADefinitionAreRead(conditions: String, state: DefinitionState) throws {
        #expect(DefinitionState(try ObjectBlob.parse(Array(#"{"status":{"conditions":\#(conditions)}}"#.utf8))) == state)
    }
}

extension String {
    fileprivate var withPlace: String { "document of project, Project \"project\": " + self }
}
