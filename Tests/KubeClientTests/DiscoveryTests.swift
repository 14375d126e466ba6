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

        func answer(_ exchange: ScriptedExchange) -> Answer? {
            answers[exchange.request.target] ?? .text("404 page not found\n", status: 404, type: "text/plain")
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

    @Test func thePreferredVersionIsReadFirst() throws {
        #expect(try found("relics") == "old.io/v1/relics")
        #expect(requests.filter { $0.hasPrefix("/apis/") } == ["/apis/old.io/v2", "/apis/old.io/v1"])
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

    @Test(arguments: ["{}", "null", "[]", #"{"resources":7}"#, #"{"resources":[7,{"name":5},{"kind":"A"}]}"#])
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

    @Test func noAnswerAtAllEndsTheSearchAtOnce() throws {
        for (answer, code) in [(Answer.failure(.refused), "connect"), (.failure(.tls), "tls"), (.status(401, "Unauthorized"), "unauthorized")] {
            documents.answers["/apis/old.io/v2"] = answer
            let before = requests.count
            #expect(try found("projects") == code)
            #expect(requests.count == before + 4 && requests.last == "/apis/old.io/v2")
        }
        documents.answers["/apis"] = .failure(.refused)
        #expect(try found("projects") == "connect")
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
