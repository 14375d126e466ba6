// Which resource a name means: kubectl's names, preferred versions, groups that can't be read, and what is remembered for how long.
import KubeCore
import KubeTesting
import KubeTransport
@testable import KubeClient
import Testing

struct DiscoveryTests {
    /// The documents of a server; what is not among them is not there.
    private final class Documents {
        var answers: [String: Answer] = [:]

        init() {
            answers["/api"] = .text(#"{"kind":"APIVersions","versions":["v1"]}"#)
            resources("v1", "/api/v1", [("pods", "Pod", "po"), ("services", "Service", "svc")])
        }

        /// `groups`: each with its versions; the first one is preferred unless another is named.
        func groups(_ groups: [(name: String, versions: [String], preferred: String)]) {
            let texts = groups.map { group in
                let versions = group.versions.map { #"{"groupVersion":"\#(group.name)/\#($0)","version":"\#($0)"}"# }.joined(separator: ",")
                return #"{"kind":"APIGroup","name":"\#(group.name)","versions":[\#(versions)],"preferredVersion":{"version":"\#(group.preferred)"}}"#
            }
            answers["/apis"] = .text(#"{"kind":"APIGroupList","groups":[\#(texts.joined(separator: ","))]}"#)
            for (group, text) in zip(groups, texts) { answers["/apis/" + group.name] = .text(text) }
        }

        func resources(_ groupVersion: String, _ path: String, _ list: [(name: String, kind: String, short: String)]) {
            let texts = list.map {
                #"{"name":"\#($0.name)","singularName":"\#($0.kind.lowercased())","namespaced":true,"kind":"\#($0.kind)","verbs":["get"],"shortNames":["\#($0.short)"]}"#
            }
            answers[path] = .text(#"{"kind":"APIResourceList","groupVersion":"\#(groupVersion)","resources":[\#(texts.joined(separator: ","))]}"#)
        }

        /// The roots in the aggregated form, for whoever asks for it: "plans Plan pl" of a group's versions, nil for a stale one.
        func aggregated(_ groups: [(name: String, versions: [(String, [String]?)])]) {
            func item(_ name: String, _ versions: [(String, [String]?)]) -> String {
                let texts = versions.map { version, resources in
                    let entries = (resources ?? []).map { text in
                        let words = text.split(separator: " ")
                        return #"{"resource":"\#(words[0])","responseKind":{"kind":"\#(words[1])"},"scope":"Namespaced","singularResource":"\#(words[1].lowercased())","verbs":["get"],"shortNames":["\#(words[2])"]}"#
                    }
                    return #"{"version":"\#(version)","freshness":"\#(resources == nil ? "Stale" : "Current")","resources":[\#(entries.joined(separator: ","))]}"#
                }
                return #"{"metadata":{"name":"\#(name)"},"versions":[\#(texts.joined(separator: ","))]}"#
            }
            func document(_ items: [String]) -> Answer {
                .text(#"{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","metadata":{},"items":[\#(items.joined(separator: ","))]}"#)
            }
            answers["/api"] = document([item("", [("v1", ["pods Pod po"])])])
            answers["/apis"] = document(groups.map { item($0.name, $0.versions) })
        }

        /// Refuses the list of forms.
        var is406 = false

        func answer(_ exchange: ScriptedExchange) -> Answer? {
            if is406, exchange.header("accept") != "application/json" { return .status(406, "NotAcceptable") }
            return answers[exchange.request.target] ?? .text("404 page not found\n", status: 404, type: "text/plain")
        }
    }

    let drive = ManualDrive()
    private let documents = Documents()

    init() {
        documents.groups([("old.io", ["v1", "v2"], "v2"), ("example.io", ["v1beta1", "v1"], "v1")])
        documents.resources("old.io/v2", "/apis/old.io/v2", [("plans", "Plan", "pl")])
        documents.resources("old.io/v1", "/apis/old.io/v1", [("plans", "Plan", "pl"), ("relics", "Relic", "re")])
        documents.resources("example.io/v1", "/apis/example.io/v1", [("projects", "Project", "proj"), ("plans", "Plan", "pl")])
        documents.resources("example.io/v1beta1", "/apis/example.io/v1beta1", [("projects", "Project", "proj")])
        drive.server.otherwise = { [documents] in documents.answer($0) }
    }

    private func found(_ name: String) throws -> String {
        let outcome = try drive.call(.discover, name, ns: nil)
        if let error = outcome.error { return "\(error.code)" }
        guard let info = outcome.value?.object else { return "nothing" }
        func text(_ pointer: String) throws -> String { String(decoding: try info.string(pointer), as: UTF8.self) }
        return try [text("/group"), text("/version"), text("/resource")].joined(separator: "/")
    }

    private var requests: [String] { drive.server.lines.map { String($0.dropFirst("GET ".count)) } }

    // MARK: Names

    @Test(arguments: [
        ("projects", "example.io/v1/projects"), ("project", "example.io/v1/projects"), ("proj", "example.io/v1/projects"),
        ("Project", "example.io/v1/projects"), ("PROJECTS", "example.io/v1/projects"), ("Project.example.io", "example.io/v1/projects"),
        ("proj.v1beta1.example.io", "example.io/v1beta1/projects"), ("example.io/v1beta1/projects", "example.io/v1beta1/projects"),
        ("plans", "old.io/v2/plans"), ("plans.example.io", "example.io/v1/plans"), ("plans.v1.old.io", "old.io/v1/plans"),
        ("pods", "/v1/pods"), ("po", "/v1/pods"), ("Pod.v1", "/v1/pods"), ("v1/services", "/v1/services"),
        ("relics", "old.io/v1/relics"), ("nothing", "notFound"), ("pods.example.io", "notFound"), ("projects.nowhere.io", "notFound"),
        ("example.io/v1/proj", "notFound"), ("example.io/v7/projects", "notFound"),
    ])
    func namesAreKubectls(name: String, meaning: String) throws {
        #expect(try found(name) == meaning)
        #expect(drive.server.open.isEmpty)
    }

    /// A server without the aggregated form: one request for each version of the groups that may have it.
    @Test func aLegacyServerIsReadOnce() throws {
        #expect(try found("relics") == "old.io/v1/relics")
        #expect(requests == ["/api", "/apis", "/api/v1", "/apis/old.io/v2", "/apis/old.io/v1", "/apis/example.io/v1", "/apis/example.io/v1beta1"])
        #expect(try found("proj") == "example.io/v1/projects")
        #expect(requests.count == 7)
    }

    @Test func aGroupThatIsNamedIsReadAlone() throws {
        #expect(try found("relics.old.io") == "old.io/v1/relics")
        #expect(requests == ["/apis", "/apis/old.io/v2", "/apis/old.io/v1"])
    }

    // MARK: Aggregated

    @Test func anAggregatedServerCostsTwoRequests() throws {
        documents.aggregated([("old.io", [("v2", ["plans Plan pl"]), ("v1", ["plans Plan pl", "relics Relic re"])]), ("example.io", [("v1", ["projects Project proj"])])])
        for (name, meaning) in [("relics", "old.io/v1/relics"), ("proj", "example.io/v1/projects"), ("Pod", "/v1/pods"), ("old.io/v2/plans", "old.io/v2/plans")] {
            #expect(try found(name) == meaning)
        }
        #expect(requests == ["/api", "/apis"])
        #expect(drive.server.exchanges[0].header("accept") == "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
            + "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json")
    }

    @Test func oneRootMayBeAggregatedAndTheOtherNot() throws {
        documents.aggregated([("example.io", [("v1", ["projects Project proj"])])])
        documents.answers["/api"] = .text(#"{"kind":"APIVersions","versions":["v1"]}"#)
        #expect(try found("proj") == "example.io/v1/projects")
        #expect(try found("svc") == "/v1/services")
        #expect(requests == ["/api", "/apis", "/api/v1"])
    }

    @Test func aServerThatAcceptsNoListOfFormsIsAskedPlainly() throws {
        documents.is406 = true
        #expect(try found("proj") == "example.io/v1/projects")
        #expect(requests.prefix(4) == ["/api", "/apis", "/api", "/apis"])
    }

    @Test func aMissNamesTheGroupWhoseServerIsDown() throws {
        documents.aggregated([("metrics.io", [("v1", nil)]), ("example.io", [("v1", ["projects Project proj"])])])
        #expect(try found("proj") == "example.io/v1/projects")
        let error = try drive.call(.discover, "nothing", ns: nil).error
        #expect(error?.code == .unavailable && error?.message.contains("metrics.io/v1") == true)
        #expect(try found("nothing.example.io") == "notFound")
    }

    @Test func anItemThatIsBrokenIsNoDocument() throws {
        documents.answers["/apis"] = .text(#"{"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":"a.io"},"versions":[}]}"#)
        #expect(try found("proj") == "decode")
        #expect(try found("pods") == "/v1/pods")
    }

    @Test func whatIsSaidInFullCostsOneDocument() throws {
        #expect(try found("example.io/v1beta1/projects") == "example.io/v1beta1/projects")
        #expect(requests == ["/apis/example.io/v1beta1"])
    }

    @Test func subresourcesAreNoResources() throws {
        documents.answers["/apis/example.io/v1"] = .text(
            #"{"resources":[{"name":"projects/status","kind":"Project"},{"name":"projects","kind":"Project","namespaced":true},{"name":"projects/scale","kind":"Scale"}]}"#)
        let info = try drive.call(.discover, "example.io/v1/projects", ns: nil).value?.object
        #expect(try info.map { String(decoding: try $0.value("/subresources"), as: UTF8.self) } == #"["status","scale"]"#)
        #expect(try found("scale.v1.example.io") == "notFound")
    }

    /// R7: what a server calls a resource stands in a path.
    @Test(arguments: ["..", ".", "a%2fb", "", "a\\u0000"])
    func namesThatAreNoSegmentAreNotThere(name: String) throws {
        documents.answers["/apis/example.io/v1"] = .text(#"{"resources":[{"name":"\#(name)","kind":"Odd","namespaced":true}]}"#)
        #expect(try found("Odd.v1.example.io") == "notFound")
    }

    @Test(arguments: ["{}", #"{"resources":7}"#, #"{"resources":[7,{"name":5},{"kind":"A"}]}"#])
    func documentsThatSayNothingHoldNothing(text: String) throws {
        documents.answers["/apis/example.io/v1"] = .text(text)
        #expect(try found("projects.v1.example.io") == "notFound")
        #expect(try found("pods") == "/v1/pods")
    }

    // MARK: What can't be read

    @Test func aGroupWhoseServerIsDownDoesNotHideTheOthers() throws {
        documents.answers["/apis/old.io/v2"] = .status(503, "ServiceUnavailable")
        documents.answers["/apis/old.io/v1"] = .text("<html>", type: "text/html")
        #expect(try found("projects") == "example.io/v1/projects")
        // The first that can be read.
        #expect(try found("plans") == "example.io/v1/plans")
    }

    @Test func whatMayBeInAGroupThatCantBeReadIsNotCalledMissing() throws {
        documents.answers["/apis/old.io/v2"] = .status(503, "ServiceUnavailable")
        #expect(try found("nothing") == "unavailable")
        documents.answers["/apis/old.io/v2"] = .status(403, "Forbidden")
        #expect(try found("nothing") == "forbidden")
        documents.answers["/apis/old.io/v2"] = .text("<html>", type: "text/html")
        #expect(try found("nothing") == "decode")
        documents.answers["/apis/old.io/v2"] = nil
        #expect(try found("nothing") == "notFound")
    }

    @Test func noAnswerAtAllEndsTheSearch() throws {
        for (answer, code) in [(Answer.failure(.refused), "connect"), (.failure(.tls), "tls"), (.status(401, "Unauthorized"), "unauthorized")] {
            documents.answers["/apis/old.io/v2"] = answer
            #expect(try found("projects") == code)
            #expect(drive.server.open.isEmpty && drive.loop.pendingTimers == 0)
        }
        let other = DiscoveryTests()
        other.documents.answers["/apis"] = .failure(.refused)
        #expect(try other.found("projects") == "connect")
    }

    @Test func aServerWithoutACoreGroupHasTheOthers() throws {
        documents.answers["/api"] = nil
        #expect(try found("projects") == "example.io/v1/projects")
        #expect(try found("pods") == "notFound")
    }

    // MARK: What is remembered

    @Test func aCRDMadeASecondAgoIsFound() throws {
        #expect(try found("planets") == "notFound")
        documents.resources("example.io/v1", "/apis/example.io/v1", [("planets", "Planet", "pt")])
        #expect(try found("planets") == "example.io/v1/planets")
        let count = requests.count
        #expect(try found("planets") == "example.io/v1/planets")
        #expect(try found("example.io/v1/planets") == "example.io/v1/planets")
        #expect(requests.count == count)
    }

    /// It is looked for anew each time: a few times at once, then once a second, and for all who miss something together.
    @Test func namesThatAreNotThereMakeNoStorm() throws {
        documents.aggregated([("example.io", [("v1", ["projects Project proj"])])])
        #expect(try found("projects") == "example.io/v1/projects")
        for _ in 0..<5 { #expect(try found("nothing") == "notFound") }
        #expect(requests.count == 12)
        let waiting = try (0..<20).map { try drive.call(.discover, "nothing\($0)", ns: nil) }
        #expect(requests.count == 12 && waiting.allSatisfy { $0.results.isEmpty })
        // What is known is told meanwhile.
        #expect(try found("proj") == "example.io/v1/projects")
        drive.advance(30_000)
        #expect(waiting.allSatisfy { $0.error?.code == .notFound })
        #expect(requests.count <= 12 + 2 * 20)
        #expect(drive.loop.pendingTimers == 0)
    }

    @Test func whoLooksTogetherSharesOneFetch() throws {
        documents.aggregated([("example.io", [("v1", ["projects Project proj"])])])
        drive.server.otherwise = { _ in nil }
        let outcomes = try (0..<10).map { _ in try drive.call(.discover, "proj", ns: nil) }
        #expect(requests == ["/api", "/apis"])
        // Whoever gives up takes nothing from the others.
        outcomes[0].call?.cancel()
        drive.settle()
        for exchange in drive.server.exchanges { documents.answers[exchange.request.target].map { exchange.answer($0) } }
        drive.settle()
        #expect(outcomes[0].error?.code == .cancelled)
        #expect(outcomes.dropFirst().allSatisfy { $0.value?.object != nil })
    }

    @Test func aFetchThatNobodyWaitsForIsGivenUp() throws {
        drive.server.otherwise = { _ in nil }
        let outcomes = try (0..<3).map { _ in try drive.call(.discover, "proj", ns: nil) }
        for outcome in outcomes { outcome.call?.cancel() }
        drive.settle()
        #expect(outcomes.allSatisfy { $0.error?.code == .cancelled })
        #expect(drive.server.open.isEmpty && drive.loop.pendingTimers == 0)
    }

    @Test func aLookupHasTheCallsTimeLimit() throws {
        drive.server.otherwise = { _ in nil }
        let (short, long) = (try drive.call(.discover, "proj", ns: nil, options: #"{"timeoutMs":100}"#), try drive.call(.discover, "proj", ns: nil))
        drive.advance(100)
        #expect(short.error?.code == .timeout && short.error?.isRetryable == true)
        #expect(long.results.isEmpty)
        for exchange in drive.server.open { documents.answers[exchange.request.target].map { exchange.answer($0) } }
        drive.server.otherwise = { [documents] in documents.answer($0) }
        drive.settle()
        #expect(long.value?.object != nil)
    }

    @Test func noMoreThanEightDocumentsAreUnderWay() throws {
        documents.groups((0..<20).map { ("g\($0).io", ["v1"], "v1") })
        drive.server.otherwise = { [documents] in $0.request.target.count > 5 ? nil : documents.answer($0) }
        let outcome = try drive.call(.discover, "proj", ns: nil)
        #expect(drive.server.open.count == 8)
        while let next = drive.server.open.first {
            next.answer(.text(#"{"resources":[]}"#))
            drive.settle()
            #expect(drive.server.open.count <= 8)
        }
        #expect(outcome.error?.code == .notFound)
        #expect(requests.count == 23)
    }

    @Test func whatIsKnownIsReadAgainAfterTenMinutes() throws {
        #expect(try found("proj") == "example.io/v1/projects")
        documents.resources("example.io/v1", "/apis/example.io/v1", [("plans", "Plan", "pl")])
        drive.advance(599_999)
        #expect(try found("proj") == "example.io/v1/projects")
        drive.advance(1)
        #expect(try found("proj") == "example.io/v1beta1/projects")
    }

    /// The first call meets what is gone; the next one looks again.
    @Test func aResourceThatIsServedElsewhereNowIsFoundAgain() throws {
        documents.answers["/apis/example.io/v1/namespaces/ns/projects/web"] = .text(Sample.object("web", 1))
        #expect(try drive.call(.get, "proj", name: "web").value != nil)
        documents.answers["/apis/example.io/v1"] = nil
        documents.answers["/apis/example.io/v1/namespaces/ns/projects/web"] = nil
        documents.answers["/apis/example.io/v1beta1/namespaces/ns/projects/web"] = .text(Sample.object("web", 2))
        #expect(try drive.call(.get, "proj", name: "web").error?.code == .notFound)
        #expect(try drive.call(.get, "proj", name: "web").value?.object?.resourceVersion == "2")
    }

    @Test func anObjectThatIsNotThereIsNoReasonToLookAgain() throws {
        documents.answers["/apis/example.io/v1/namespaces/ns/projects/web"] = .status(404, "NotFound", details: #"{"name":"web","kind":"projects"}"#)
        for _ in 0..<3 { #expect(try drive.call(.get, "proj", name: "web").error?.code == .notFound) }
        #expect(requests.count { $0 == "/apis" } == 1)
    }

    /// Row 44 for a name that is looked up.
    @Test func anInformerFollowsItsResourceToAnotherVersion() throws {
        let log = DeliveryLog()
        let (v1, beta) = ("/apis/example.io/v1/projects", "/apis/example.io/v1beta1/projects")
        drive.server.otherwise = { [documents] exchange in
            let target = exchange.request.target
            if target.hasPrefix(v1) { return exchange.options.isStream ? emptyStream : list([("a", 3)], 10) }
            if target.hasPrefix(beta) { return exchange.options.isStream ? emptyStream : list([("b", 20)], 30) }
            return documents.answer(exchange)
        }
        let informer = try drive.informer(resource: "proj.example.io")
        _ = try informer.addHandler(log.makeConsumer())
        try informer.start()
        drive.settle()
        #expect(try informer.content == "a@3")
        documents.answers["/apis/example.io/v1"] = nil
        drive.server.otherwise = { [documents] exchange in
            guard exchange.request.target.hasPrefix(beta) else { return documents.answer(exchange) }
            return exchange.options.isStream ? emptyStream : list([("b", 20)], 30)
        }
        drive.server.open.first?.send(Sample.event("ERROR", Sample.status(410, "Expired")))
        drive.advance(10_000)
        #expect(try informer.content == "b@20")
        #expect(log.lines == ["ADDED ns/a@3 initial", "SYNCED", "DELETED ns/a@3 stale", "ADDED ns/b@20"])
        #expect(informer.lastFailure == nil)
    }
}
