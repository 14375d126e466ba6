// An apply on paper: which requests it sends, with what, and that it ends once whatever happens.
import KubeConfig
import KubeCore
import KubeTesting
import KubeTransport
@testable import KubeClient
import Testing

private let v1 = Answer.text(#"{"kind":"APIResourceList","groupVersion":"v1","resources":[{"name":"namespaces","kind":"Namespace","namespaced":false},{"name":"configmaps","kind":"ConfigMap","namespaced":true},{"name":"configmaps/x","kind":"Odd"}]}"#)
private let apiextensions = Answer.text(#"{"kind":"APIResourceList","resources":[{"name":"customresourcedefinitions","kind":"CustomResourceDefinition","namespaced":false}]}"#)
private let demo = Answer.text(#"{"kind":"APIResourceList","resources":[{"name":"projects","kind":"Project","namespaced":true},{"name":"clusters","kind":"Cluster","namespaced":false}]}"#)
private let crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
private let crd = """
    {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"projects.example.io"},\
    "spec":{"group":"example.io","names":{"kind":"Project","plural":"projects"},"versions":[{"name":"v1","served":true}]}}
    """
private let established = #"{"metadata":{"name":"projects.example.io"},"status":{"conditions":[{"type":"Established","status":"True"}]}}"#
private let pending = #"{"metadata":{"name":"projects.example.io"},"status":{}}"#
private func map(_ name: String, _ more: String = "") -> String { #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"\#(name)"\#(more)}}"# }
private func project(_ name: String) -> String { #"{"apiVersion":"example.io/v1","kind":"Project","metadata":{"name":"\#(name)"}}"# }
private func answer(_ name: String) -> Answer { .text(#"{"metadata":{"name":"\#(name)","resourceVersion":"7"}}"#) }

struct ManifestApplyTests {
    let drive = ManualDrive { $0.namespace = "home" }

    private func apply(_ manifest: String, _ options: String? = nil) throws -> (Outcome, ClientCall) {
        let outcome = Outcome()
        let call = try ClientCall.make(drive.client, CallRequest(.apply, body: Array(manifest.utf8), options: options.map(json))) { outcome.results.append($0) }
        call.start()
        drive.settle()
        return (outcome, call)
    }

    private func refusal(_ manifest: String, _ options: String? = nil) -> KubeError? {
        do {
            _ = try apply(manifest, options)
            return nil
        } catch {
            return error as? KubeError
        }
    }

    private func ends() {
        #expect(drive.server.linesLeft == [] && drive.server.surprises == [])
        #expect(drive.server.open.isEmpty && drive.client.childCount == 0 && drive.loop.pendingTimers == 0)
    }

    @Test func eachObjectIsOnePatchAndTheListKeepsTheManifestsOrder() throws {
        drive.server.expect("GET /api/v1", v1)
        drive.server.expect("PATCH /api/v1/namespaces/space?fieldManager=kubecr", answer("space"))
        drive.server.expect("PATCH /api/v1/namespaces/home/configmaps/a?fieldManager=kubecr", answer("a"))
        drive.server.expect("PATCH /api/v1/namespaces/other/configmaps/b?fieldManager=kubecr", answer("b"))
        let (outcome, _) = try apply(map("a") + map("b", #","namespace":"other""#) + #"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"space","namespace":"ignored"}}"#)
        #expect(outcome.results.count == 1)
        #expect(outcome.listed == "a@7 b@7 space@7")
        #expect(outcome.value?.list?.resourceVersion == "" && outcome.value?.list?.continueToken == "")
        let patch = drive.server.exchanges[2]
        #expect(patch.header("content-type") == "application/apply-patch+yaml" && patch.body == map("a"))
        ends()
    }

    @Test func optionsGoWhereTheyBelong() throws {
        drive.server.expect("GET /api/v1", v1)
        drive.server.expect("PATCH /api/v1/namespaces/ns/configmaps/a?fieldManager=me&force=true&dryRun=All&fieldValidation=Strict", answer("a"))
        let (outcome, _) = try apply(map("a"), #"{"fieldManager":"me","force":true,"dryRun":"All","fieldValidation":"Strict","namespace":"ns","timeoutMs":5000}"#)
        #expect(outcome.listed == "a@7")
        ends()
    }

    @Test(arguments: [
        (#"{"fieldManager":""}"#, "fieldManager"), (#"{"force":"yes"}"#, "force"), (#"{"namespace":""}"#, "namespace"), (#"{"namespace":".."}"#, ".."),
        (#"{"limit":1}"#, "limit"), (#"{"timeoutMs":0}"#, "timeoutMs"), (#"{"dryRun":true}"#, "dryRun"), (#"{"fieldValidation":1}"#, "fieldValidation"),
    ])
    func badOptionsAreRefused(options: String, word: String) {
        let error = refusal(map("a"), options)
        #expect(error?.code == .argument && error?.message.contains(word) == true)
    }

    @Test(arguments: [("a: 1\n", "document 1 (line 1)"), (map("a") + "x", "document 2"), (#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"generateName":"a-"}}"#, "generateName")])
    func aBadManifestIsRefusedBeforeAnythingIsSent(manifest: String, word: String) {
        let error = refusal(manifest)
        #expect(error?.code == .argument && error?.message.contains(word) == true)
        #expect(drive.server.lines.isEmpty)
    }

    @Test func applyTakesNoResourceAndNoName() {
        for request in [CallRequest(.apply, resource: "pods", body: []), CallRequest(.apply, name: "a", body: []), CallRequest(.apply)] {
            #expect(code { _ = try ClientCall.make(drive.client, request) { _ in } } == .argument)
        }
        let twice = CallRequest(.apply, namespace: "a", body: [], options: try? json(#"{"namespace":"b"}"#))
        #expect(code { _ = try ClientCall.make(drive.client, twice) { _ in } } == .argument)
    }

    @Test func aManifestOfNothingIsDoneAtOnce() throws {
        let (outcome, _) = try apply("---\n# nothing\n")
        #expect(outcome.value?.list?.objects.isEmpty == true)
        ends()
    }

    @Test func anUnknownKindIsToldBeforeAnythingIsSent() throws {
        drive.server.expect("GET /api/v1", v1)
        drive.server.expect("GET /apis/example.io/v1", .text("404 page not found\n", status: 404, type: "text/plain"))
        let (outcome, _) = try apply(map("a") + project("p"))
        #expect(outcome.error?.code == .notFound)
        #expect(outcome.error?.message == #"document 2 (line 1), Project "p": the server has no kind "Project" in example.io/v1; nothing was applied"#)
        ends()
    }

    @Test func aDefinitionIsEstablishedAndServedBeforeItsObjects() throws {
        drive.server.expect("GET /apis/apiextensions.k8s.io/v1", apiextensions)
        drive.server.expect("PATCH \(crds)/projects.example.io?fieldManager=kubecr", .text(pending))
        drive.server.expect("GET \(crds)/projects.example.io", .text(pending))
        let (outcome, _) = try apply(project("p") + crd)
        #expect(outcome.results.isEmpty)
        drive.server.expect("GET \(crds)/projects.example.io", .text(established))
        drive.server.expect("GET /apis/example.io/v1", .text("404 page not found\n", status: 404, type: "text/plain"))
        drive.advance(100)
        drive.server.expect("GET /apis/example.io/v1", demo)
        drive.server.expect("PATCH /apis/example.io/v1/namespaces/home/projects/p?fieldManager=kubecr", .text("404 page not found\n", status: 404, type: "text/plain"))
        drive.advance(100)
        drive.server.expect("PATCH /apis/example.io/v1/namespaces/home/projects/p?fieldManager=kubecr", answer("p"))
        drive.advance(100)
        #expect(outcome.listed == "p@7 projects.example.io@")
        ends()
    }

    @Test func anEstablishedDefinitionIsNotAskedAgain() throws {
        drive.server.expect("GET /apis/apiextensions.k8s.io/v1", apiextensions)
        drive.server.expect("PATCH \(crds)/projects.example.io?fieldManager=kubecr", .text(established))
        let (outcome, _) = try apply(crd)
        #expect(outcome.value?.list?.objects.count == 1)
        ends()
    }

    @Test func aFailureKeepsTheServersStatus() throws {
        drive.server.expect("GET /api/v1", v1)
        drive.server.expect("PATCH /api/v1/namespaces/home/configmaps/a?fieldManager=kubecr", answer("a"))
        drive.server.expect("PATCH /api/v1/namespaces/home/configmaps/b?fieldManager=kubecr", .status(403, "Forbidden"))
        let error = try apply("---\n" + map("a") + "\n---\n" + map("b") + "\n---\n" + map("c")).0.error
        #expect(error?.code == .forbidden && error?.httpStatus == 403 && error?.reason == "Forbidden" && error?.statusJSON != nil)
        #expect(error?.message.hasPrefix(#"document 2 (line 4), ConfigMap "b": "#) == true && error?.message.hasSuffix(#"; applied before it: ConfigMap "a""#) == true)
        ends()
    }

    @Test(arguments: ["", "null", "<html>", "[1]", "{\"a\":"])
    func anAnswerThatIsNoObjectIsAnError(text: String) throws {
        drive.server.expect("GET /api/v1", v1)
        drive.server.expect("PATCH /api/v1/namespaces/home/configmaps/a?fieldManager=kubecr", .text(text))
        #expect(try apply(map("a")).0.error?.code == .decode)
        ends()
    }

    // MARK: Ending

    /// In discovery, in a request, and in a pause.
    @Test func cancellingWorksAtAnyMoment() throws {
        for steps in 0...3 {
            let test = ManifestApplyTests()
            let answers: [Answer] = [apiextensions, .text(pending), .text(pending)]
            test.drive.server.otherwise = { _ in nil }
            for answer in answers.prefix(steps) { test.drive.server.next(answer) }
            let (outcome, call) = try test.apply(crd)
            #expect(outcome.results.isEmpty)
            call.cancel()
            call.cancel()
            test.drive.settle()
            #expect(outcome.results.count == 1 && outcome.error?.code == .cancelled)
            #expect(outcome.error?.message.contains(steps < 2 ? "nothing was applied" : "applied before it: CustomResourceDefinition") == true)
            test.ends()
        }
    }

    @Test func aCallThatIsCancelledBeforeItStartsSendsNothing() throws {
        let outcome = Outcome()
        let call = try ClientCall.make(drive.client, CallRequest(.apply, body: Array(map("a").utf8))) { outcome.results.append($0) }
        call.cancel()
        call.start()
        drive.settle()
        #expect(outcome.results.count == 1 && outcome.error?.code == .cancelled && drive.server.lines.isEmpty)
    }

    @Test func timeoutMsBoundsTheWhole() throws {
        drive.server.otherwise = { _ in nil }
        drive.server.expect("GET /apis/apiextensions.k8s.io/v1", apiextensions)
        drive.server.expect("PATCH \(crds)/projects.example.io?fieldManager=kubecr", .text(pending))
        drive.server.expect("GET \(crds)/projects.example.io", .text(pending))
        let (outcome, _) = try apply(crd, #"{"timeoutMs":1000}"#)
        drive.advance(999)
        #expect(outcome.results.isEmpty)
        drive.advance(1)
        #expect(outcome.error?.code == .timeout && outcome.results.count == 1)
        #expect(drive.client.childCount == 0 && drive.server.open.isEmpty)
    }

    @Test func aClientThatEndsEndsIt() throws {
        drive.server.otherwise = { _ in nil }
        let (outcome, _) = try apply(map("a"))
        drive.client.endAll {}
        drive.settle()
        #expect(outcome.error?.code == .cancelled)
        ends()
    }
}
