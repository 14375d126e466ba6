// Every verb: what it asks the server with all of its parameters, and what it makes of the answer.
@testable import KubeCR
import KubeCore
import KubeTesting
import Testing

struct VerbTests {
    private let demo = Answer.text(object("a", 3, replicas: 2))

    @Test func getTypedAndDynamic() async throws {
        let server = try Scripted {
            $0.expect("GET \(one)/a", demo)
            $0.expect("GET \(one)/a?resourceVersion=0", demo)
        }
        #expect(try await server.projects.get("a").spec.replicas == 2)
        let object = try await server.client.resource("example.sealyun.com/v1alpha1/projects", namespace: "ns").get("a", resourceVersion: "0")
        #expect(object.name == "a")
        #expect(try object.int(at: "/spec/replicas") == 2)
        #expect(await server.leftOver == [])
    }

    @Test func namespacesComeFromTypeAndConfig() async throws {
        let server = try Scripted {
            $0.expect("GET /apis/example.sealyun.com/v1alpha1/namespaces/default/projects/a", demo)
            $0.expect("GET /apis/example.sealyun.com/v1alpha1/nodes/a", .text(Sample.object("a", 1, namespace: "")))
            $0.expect("GET /apis/example.sealyun.com/v1alpha1", .text(Sample.discovery))
            $0.expect("GET /apis/example.sealyun.com/v1alpha1/clusters/c", .text(Sample.object("c", 1, namespace: "")))
        }
        _ = try await server.everywhere.get("a")
        _ = try await server.client.resource(Node.self).get("a")
        _ = try await server.client.resource("example.sealyun.com/v1alpha1/clusters").get("c")
        let error = await failure { _ = try await server.client.resource(Node.self, namespace: "ns").get("a") }
        #expect(error?.code == .argument)
        #expect(await server.leftOver == [])
    }

    @Test func listWithItsMetadata() async throws {
        let page = #"{"kind":"ProjectList","metadata":{"resourceVersion":"9","continue":"t","remainingItemCount":3},"items":[\#(object("a", 3)),\#(object("b", 4))]}"#
        let server = try Scripted {
            $0.expect("GET \(one)?limit=500", list([object("a", 3, replicas: 5)], 9))
            $0.expect("GET \(all)?labelSelector=a%3Db&fieldSelector=c%3Dd&limit=2&continue=x&resourceVersion=7&resourceVersionMatch=Exact", .text(page))
        }
        let whole = try await server.projects.list()
        #expect(whole.map(\.spec.replicas) == [5] && whole.resourceVersion == "9" && whole.continue == "" && whole.remainingItemCount == nil)
        let part = try await server.everywhere.list(
            labelSelector: "a=b", fieldSelector: "c=d", limit: 2, continue: "x", resourceVersion: "7", resourceVersionMatch: .exact)
        #expect(part.map(\.metadata.name) == ["a", "b"] && part.continue == "t" && part.remainingItemCount == 3 && part[1].metadata.name == "b")
        #expect(await server.leftOver == [])
    }

    @Test func metadataAloneCanNotBeWrittenBack() async throws {
        let partial = #"{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"a","namespace":"ns","resourceVersion":"3","labels":{"x":"y"}}}"#
        let server = try Scripted {
            $0.expect("GET \(one)/a?resourceVersion=0", .text(partial))
            $0.expect("GET \(all)?labelSelector=x&limit=2", .text(
                #"{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"9","continue":"t"},"items":[\#(partial)]}"#))
        }
        let part = try await server.projects.getMetadata("a", resourceVersion: "0")
        #expect(part.metadata.name == "a" && part.metadata.labels == ["x": "y"])
        let parts = try await server.everywhere.listMetadata(labelSelector: "x", limit: 2)
        #expect(parts.map(\.metadata.resourceVersion) == ["3"] && parts.continue == "t")
        #expect(await server.onLoop { $0.exchanges.map { $0.header("Accept")?.contains("PartialObjectMetadata") } } == [true, true])
        // The part is not taken for the whole: what a program makes with its metadata is all that is sent.
        #expect(part.metadata.decodedFrom == nil)
        #expect(await failure { _ = try part.encoded(onOriginal: true) }?.code == .argument)
        #expect(await server.leftOver == [])
    }

    @Test func pagesAreAskedForOneByOne() async throws {
        let server = try Scripted {
            $0.expect("GET \(one)?labelSelector=a&limit=1", .text(Sample.list([object("a", 3)], 9, token: "t")))
            $0.expect("GET \(one)?labelSelector=a&limit=1&continue=t", list([object("b", 3)], 9))
        }
        var names: [String?] = []
        for try await page in server.projects.pages(limit: 1, labelSelector: "a") {
            names += page.map(\.metadata.name)
            #expect(await server.lines.count == names.count)
        }
        #expect(names == ["a", "b"])
        #expect(await server.leftOver == [])
    }

    @Test func createAndReplace() async throws {
        let server = try Scripted {
            $0.expect("POST \(one)?dryRun=All&fieldManager=m&fieldValidation=Strict", demo)
            $0.expect("GET \(one)/a", .text(Sample.object("a", 3, spec: #"{"replicas":1,"unknown":{"x":1}}"#)))
            $0.expect("PUT \(one)/a?fieldManager=m", demo)
        }
        let new = Project(metadata: ObjectMeta(name: "a"), spec: .init(replicas: 2))
        let made = try await server.projects.create(new, dryRun: true, fieldManager: "m", fieldValidation: .strict)
        #expect(made.metadata.resourceVersion == "3")
        var got = try await server.projects.get("a")
        got.spec.replicas = 2
        try await server.projects.replace(got, fieldManager: "m")
        let bodies = await server.bodies
        #expect(try tree(bodies[0]) == tree(#"{"apiVersion":"example.sealyun.com/v1alpha1","kind":"Project","metadata":{"name":"a"},"spec":{"replicas":2}}"#))
        #expect(try tree(bodies[2]) == tree(Sample.object("a", 3, spec: #"{"replicas":2,"unknown":{"x":1}}"#)))
        #expect(await server.leftOver == [])
    }

    @Test func patchesInEveryForm() async throws {
        let server = try Scripted {
            for _ in 0..<2 { $0.expect("PATCH \(one)/a", demo) }
            $0.expect("PATCH \(one)/a?dryRun=All&fieldManager=m&fieldValidation=Warn", demo)
            $0.expect("PATCH \(one)/a?fieldManager=m&force=true", demo)
            $0.expect("PATCH \(one)/b?fieldManager=m&force=false", demo)
            $0.expect("PATCH \(one)/a/status", demo)
        }
        try await server.projects.patch("a", ["spec": ["replicas": 2]])
        try await server.projects.patch("a", .json([["op": "test", "path": "/a", "value": nil]]))
        try await server.projects.patch("a", .strategic(["a": 1]), dryRun: true, fieldManager: "m", fieldValidation: .warn)
        try await server.projects.patch("a", .apply(["a": 1]), fieldManager: "m", force: true)
        try await server.projects.apply(Project(metadata: ObjectMeta(name: "b"), spec: .init(replicas: 2)), fieldManager: "m")
        #expect(try await server.projects.patchStatus("a", .merge(["status": ["phase": "Ready"]])).spec.replicas == 2)
        let types = await server.onLoop { $0.exchanges.map { $0.header("content-type") ?? "" } }
        #expect(types.map { $0.split(separator: "/")[1] } == [
            "merge-patch+json", "json-patch+json", "strategic-merge-patch+json", "apply-patch+yaml", "apply-patch+yaml", "merge-patch+json",
        ])
        let bodies = await server.bodies
        #expect(bodies[0] == #"{"spec":{"replicas":2}}"# && bodies[1] == #"[{"op":"test","path":"/a","value":null}]"#)
        #expect(bodies[4].contains(#""kind":"Project""#) && bodies[5] == #"{"status":{"phase":"Ready"}}"#)
        #expect(await server.leftOver == [])
    }

    @Test func statusAndScale() async throws {
        let scale = #"{"kind":"Scale","apiVersion":"autoscaling/v1","metadata":{"name":"a"},"spec":{"replicas":4},"status":{"replicas":3,"selector":"x"}}"#
        let server = try Scripted {
            $0.expect("GET \(one)/a/status", demo)
            $0.expect("PUT \(one)/a/status", demo)
            $0.expect("GET \(one)/a/scale", .text(scale))
            $0.expect("PATCH \(one)/a/scale?fieldManager=m", .text(scale))
        }
        let got = try await server.projects.getStatus("a")
        try await server.projects.replaceStatus(got)
        let read = try await server.projects.scale("a")
        #expect(read.spec?.replicas == 4 && read.status == Scale.Status(replicas: 3, selector: "x"))
        #expect(try await server.projects.scale("a", to: 4, fieldManager: "m") == read)
        #expect(await server.bodies[3] == #"{"spec":{"replicas":4}}"#)
        #expect(await server.leftOver == [])
    }

    @Test func deleteOneAndMany() async throws {
        let server = try Scripted {
            $0.expect("DELETE \(one)/a", demo)
            $0.expect("DELETE \(one)/a", demo)
            $0.expect("DELETE \(one)?labelSelector=x&fieldSelector=y", demo)
            $0.expect("DELETE \(all)", demo)
        }
        try await server.projects.delete("a")
        try await server.projects.delete(
            "a", dryRun: true, gracePeriod: .seconds(3), propagationPolicy: .foreground, preconditions: Preconditions(uid: "u", resourceVersion: "7"))
        try await server.projects.deleteCollection(labelSelector: "x", fieldSelector: "y", propagationPolicy: .orphan)
        try await server.client.resource(Project.self, namespace: "").deleteCollection()
        let bodies = await server.bodies
        #expect(bodies[0] == "" && bodies[3] == #"{"apiVersion":"v1","kind":"DeleteOptions"}"#)
        #expect(bodies[1] == #"{"apiVersion":"v1","kind":"DeleteOptions","dryRun":["All"],"gracePeriodSeconds":3,"propagationPolicy":"Foreground","preconditions":{"uid":"u","resourceVersion":"7"}}"#)
        #expect(bodies[2] == #"{"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Orphan"}"#)
        #expect(await server.leftOver == [])
    }

    @Test func whatNeedsNoResource() async throws {
        let server = try Scripted {
            $0.expect("POST /version?a=1&a=2", .text("hello", type: "text/plain"))
            $0.expect("GET /apis", .text(#"{"kind":"APIGroupList","groups":[{"name":"example.sealyun.com","versions":[{"version":"v1alpha1"}]}]}"#))
            $0.expect("GET /apis/example.sealyun.com/v1alpha1", .text(Sample.discovery))
        }
        let answer = try await server.client.request(
            "POST", "/version", body: Array("x".utf8), contentType: "text/plain", accept: "text/*", query: ["a": ["1", "2"]], headers: ["X-A": "b"])
        #expect(answer.text == "hello" && answer.httpStatus == 200)
        let fields = await server.onLoop { $0.exchanges[0].request.headers.map { "\($0.name): \($0.value)" } }
        #expect(["X-A: b", "Content-Type: text/plain", "Accept: text/*"].allSatisfy { fields.contains($0) })
        let info = try await server.client.discover("proj.example.sealyun.com")
        #expect(info.kind == "Project" && info.namespaced && info.subresources == ["status"] && info.shortNames == ["proj"])
        await server.onLoop { $0.expect("GET \(one)/a", .status(404, "NotFound", "no")) }
        #expect(await failure { _ = try await server.projects.get("a") }?.code == .notFound)
        let stats = try await server.client.stats()
        #expect(stats.calls == 3 && stats.failed == 1 && stats.failures == ["NOT_FOUND": 1] && stats.warnings == 0 && stats.certificateExpiry == nil)
        #expect(await server.leftOver == [])
    }

    @Test func theServersRefusalIsWhole() async throws {
        let server = try Scripted {
            let details = #"{"name":"a","kind":"projects","causes":[{"reason":"FieldValueInvalid","message":"m","field":"spec.replicas"}]}"#
            $0.expect("POST \(one)", .status(422, "Invalid", "spec.replicas: Invalid value", details: details))
            $0.expect("GET \(one)/a", .text("no", status: 404, type: "text/plain"))
            $0.expect("GET \(one)/a", .status(429, "TooManyRequests", "later", retryAfter: "86400"))
            $0.expect("GET \(one)/a", .text("[]"))
        }
        let new = Project(metadata: ObjectMeta(name: "a"), spec: .init())
        let invalid = await failure { try await server.projects.create(new) }
        #expect(invalid?.code == .invalid && invalid?.httpStatus == 422 && invalid?.status?.reason == "Invalid" && invalid?.isRetryable == false)
        #expect(invalid?.status?.details?.causes?.first?.field == "spec.replicas" && invalid?.status?.code == 422)
        #expect(invalid?.description == "INVALID: spec.replicas: Invalid value")
        let missing = await failure { _ = try await server.projects.get("a") }
        #expect(missing?.code == .notFound && missing?.httpStatus == 404 && missing?.status == nil)
        let busy = await failure { _ = try await server.projects.get("a") }
        #expect(busy?.code == .tooManyRequests && busy?.retryAfter == .seconds(86_400) && busy?.isRetryable == true)
        #expect(await failure { _ = try await server.projects.get("a") }?.code == .decode)
        #expect(await failure { _ = try await server.projects.get("..") }?.code == .argument)
        #expect(await failure { _ = try await server.client.resource("").list() }?.code == .argument)
        #expect(await failure { _ = try await server.projects.list(limit: -1) }?.code == .argument)
        #expect(await server.leftOver == [])
    }

    @Test func everyCodeHasItsNameAndNumber() {
        #expect(KubeCR.KubeError.Code.allCases.map(\.rawValue) == Engine.Failure.Code.allCases.map(\.rawValue))
        for code in KubeCR.KubeError.Code.allCases { #expect(code.description == code.description.uppercased()) }
        #expect(KubeCR.KubeError.Code.tooManyRequests.description == "TOO_MANY_REQUESTS")
    }
}
