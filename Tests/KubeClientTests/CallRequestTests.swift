// What each verb asks of the server: method, target, headers, body. Not what it makes of the answer.
import KubeConfig
import KubeCore
import KubeTesting
@testable import KubeClient
import Testing

struct CallRequestTests {
    let drive = ManualDrive()
    let project = Answer.text(Sample.object("web", 7))

    private func only() -> ScriptedExchange? { drive.server.exchanges.count == 1 ? drive.server.exchanges[0] : nil }

    @Test func getAsksForOneObjectAndBringsIt() throws {
        drive.server.expect("GET \(root)/namespaces/ns/projects/web?resourceVersion=5", project)
        let outcome = try drive.call(.get, name: "web", options: #"{"resourceVersion":"5"}"#)
        #expect(outcome.value?.object?.key == "ns/web")
        #expect(outcome.value?.httpStatus == 200)
        #expect(outcome.results.count == 1)
        #expect(only()?.header("Accept") == "application/json")
        #expect(only()?.request.body == nil)
        #expect(only()?.header("Content-Type") == nil)
        #expect(drive.leftOver == [])
    }

    @Test func theCoreGroupAndSubresourcesHaveTheirOwnPaths() throws {
        drive.server.expect("GET /api/v1/namespaces/ns/pods/web/status", .text(Sample.object("web", 1, kind: "Pod", apiVersion: "v1")))
        #expect(try drive.call(.get, "v1/pods/status", name: "web").value != nil)
        drive.server.expect("GET /api/v1/nodes/n1", .text(Sample.object("n1", 1, kind: "Node", apiVersion: "v1")))
        #expect(try drive.call(.get, "v1/nodes", ns: "", name: "n1").value != nil)
        #expect(drive.leftOver == [])
    }

    @Test func createPostsTheBodyToTheCollection() throws {
        let body = Sample.object("web", 0)
        drive.server.expect("POST \(root)/namespaces/ns/projects?dryRun=All&fieldManager=me&fieldValidation=Strict", .text(Sample.object("web", 8), status: 201))
        let outcome = try drive.call(.create, body: body, options: #"{"dryRun":"All","fieldManager":"me","fieldValidation":"Strict"}"#)
        #expect(outcome.value?.object?.resourceVersion == "8")
        #expect(outcome.value?.httpStatus == 201)
        #expect(only()?.body == body)
        #expect(only()?.header("Content-Type") == "application/json")
        #expect(drive.leftOver == [])
    }

    @Test func createOfASubresourcePostsUnderTheName() throws {
        let body = #"{"kind":"TokenRequest","apiVersion":"authentication.k8s.io/v1","spec":{}}"#
        drive.server.expect("POST /api/v1/namespaces/ns/serviceaccounts/bot/token", .text(body, status: 201))
        #expect(try drive.call(.create, "v1/serviceaccounts/token", name: "bot", body: body).value != nil)
        #expect(only()?.body == body)
        #expect(drive.leftOver == [])
    }

    @Test func replacePutsTheBodyUnderItsName() throws {
        let body = Sample.object("web", 7)
        drive.server.expect("PUT \(root)/namespaces/ns/projects/web", project)
        #expect(try drive.call(.replace, body: body).value != nil)
        drive.server.expect("PUT \(root)/namespaces/ns/projects/web/status", project)
        #expect(try drive.call(.replace, projects + "/status", name: "web", body: body).value != nil)
        #expect(drive.server.exchanges.allSatisfy { $0.body == body })
        #expect(drive.leftOver == [])
    }

    @Test(arguments: [
        (PatchType.json, "application/json-patch+json"), (.merge, "application/merge-patch+json"),
        (.strategic, "application/strategic-merge-patch+json"), (.apply, "application/apply-patch+yaml"),
    ])
    func patchSaysItsTypeAndSendsTheBytesAsTheyAre(type: PatchType, contentType: String) throws {
        let patch = type == .apply ? "spec: {}\n" : " [ ] "
        drive.server.expect("PATCH \(root)/namespaces/ns/projects/web?fieldManager=me&force=true", project)
        let outcome = try drive.call(.patch(type), name: "web", body: patch, options: #"{"fieldManager":"me","force":true}"#)
        #expect(outcome.value?.object?.name == "web")
        #expect(only()?.header("Content-Type") == contentType)
        #expect(only()?.body == patch)
        #expect(drive.leftOver == [])
    }

    @Test func aPatchThatIsNoJSONNeverLeaves() {
        for type in [PatchType.json, .merge, .strategic] {
            #expect(drive.refusal(.patch(type), name: "web", body: "spec: {}\n")?.code == .argument)
        }
        #expect(drive.server.exchanges.isEmpty)
    }

    @Test func deleteSendsItsOptionsAsDeleteOptions() throws {
        drive.server.expect("DELETE \(root)/namespaces/ns/projects/web", .text(Sample.status(200, "")))
        let options = #"{"gracePeriodSeconds":0,"propagationPolicy":"Foreground","dryRun":["All"],"preconditions":{"uid":"u","resourceVersion":"5"}}"#
        let outcome = try drive.call(.delete, name: "web", options: options)
        #expect(outcome.value != nil)
        #expect(outcome.value?.object == nil)
        let sent = try json(only()?.body ?? "")
        #expect(sent["kind"] == "DeleteOptions" && sent["apiVersion"] == "v1")
        #expect(sent["gracePeriodSeconds"] == 0)
        #expect(sent["propagationPolicy"] == "Foreground")
        #expect(sent["dryRun"] == .array(["All"]))
        #expect(sent["preconditions"]?["uid"] == "u" && sent["preconditions"]?["resourceVersion"] == "5")
        #expect(drive.leftOver == [])
    }

    @Test func deleteWithoutOptionsHasNoBody() throws {
        drive.server.expect("DELETE \(root)/namespaces/ns/projects/web", .text(Sample.object("web", 9)))
        #expect(try drive.call(.delete, name: "web").value != nil)
        #expect(only()?.request.body == nil)
    }

    @Test func deleteCollectionSelectsByQuery() throws {
        drive.server.expect("DELETE \(root)/namespaces/ns/projects?labelSelector=app%3Dweb%2Ctier%20in%20%28a%29", .text(Sample.status(200, "")))
        let outcome = try drive.call(.deleteCollection, options: #"{"labelSelector":"app=web,tier in (a)","propagationPolicy":"Orphan"}"#)
        #expect(outcome.value != nil)
        #expect(only()?.body.contains(#""propagationPolicy":"Orphan""#) == true)
        #expect(drive.leftOver == [])
    }

    /// Without a body a server takes the query's resourceVersion for a precondition of every object.
    @Test func deleteCollectionAlwaysHasDeleteOptions() throws {
        drive.server.expect("DELETE \(root)/namespaces/ns/projects?resourceVersion=0", .text(Sample.status(200, "")))
        #expect(try drive.call(.deleteCollection, options: #"{"resourceVersion":"0"}"#).value != nil)
        #expect(only()?.body == #"{"apiVersion":"v1","kind":"DeleteOptions"}"#)
        #expect(only()?.header("Content-Type") == "application/json")
    }

    @Test func anyOtherRequestGoesOutAsItIsWritten() throws {
        drive.server.expect("POST /api/v1/namespaces/ns/pods/web/eviction?a=1&b=2&b=3", .text("done", status: 201, type: "text/plain"))
        let options = #"{"query":{"b":["2","3"]},"headers":{"X-Trace":"t"},"accept":"text/plain","contentType":"text/yaml"}"#
        let outcome = try drive.call(CallRequest(
            .request(method: "post", path: "/api/v1/namespaces/ns/pods/web/eviction?a=1"), body: Array("x: 1".utf8), options: json(options)))
        #expect(outcome.value?.bytes == Array("done".utf8))
        #expect(outcome.value?.httpStatus == 201)
        let sent = only()
        #expect(sent?.header("Accept") == "text/plain" && sent?.header("X-Trace") == "t" && sent?.header("Content-Type") == "text/yaml")
        #expect(sent?.body == "x: 1")
        #expect(drive.leftOver == [])
    }

    @Test func everyRequestCarriesTheToken() throws {
        let drive = ManualDrive { $0.token = "s3cr3t" }
        drive.server.next(project)
        drive.server.next(list([], 1))
        _ = try drive.call(.get, name: "web")
        _ = try drive.call(.list)
        #expect(drive.server.exchanges.map { $0.header("Authorization") } == ["Bearer s3cr3t", "Bearer s3cr3t"])
    }

    @Test func anAnswerThatIsNoObjectIsAnError() throws {
        for text in ["", "[]", "<html>", "{\"a\":", "7"] {
            drive.server.next(.text(text))
            let error = try drive.call(.get, name: "web").error
            #expect(error?.code == .decode, "\(text)")
            #expect(error?.message.contains("GET \(root)/namespaces/ns/projects/web") == true)
        }
    }
}
