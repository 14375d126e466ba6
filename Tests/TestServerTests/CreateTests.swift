// create: what an object gets, and what is refused.
import KubeCore
import Testing
import TestServer

@Suite struct CreateTests {
    @Test func aNewObjectGetsWhatTheServerGives() throws {
        var harness = try Harness()
        let made = try harness.make("a", #","uid":"mine","generation":9,"creationTimestamp":"2000-01-01T00:00:00Z","labels":{"l":"1"},"managedFields":[],"selfLink":"/x""#)
        #expect(made.status == 201)
        #expect(made["metadata", "creationTimestamp"] == "2026-01-01T00:00:00Z")
        #expect(made["metadata", "generation"] == 1)
        #expect(made["metadata", "namespace"] == "default")
        #expect(made["metadata", "labels", "l"] == "1")
        #expect(made["metadata", "managedFields"]?.array?.count == 1 && made["metadata", "selfLink"] == nil)
        #expect(made.version == String(harness.server.revision))
        let uid = try #require(made["metadata", "uid"]?.string)
        #expect(uid.count == 36 && uid.dropFirst(14).first == "4")
        #expect(made["spec", "color"] == "green")
        #expect(try harness.ask("GET", things + "/a").json == made.json)
        #expect(try harness.make("b")["metadata", "uid"] != .string(uid))
    }

    @Test func statusIsNotTakenByCreate() throws {
        var harness = try Harness()
        let made = try harness.ask("POST", things, #"{"apiVersion":"test.kubecr.io/v1","kind":"Thing","metadata":{"name":"a"},"spec":{"size":1},"status":{"phase":"x"}}"#)
        #expect(made.status == 201 && made["status"] == nil)
    }

    @Test(arguments: [
        (#"{"kind":"Thing","apiVersion":"test.kubecr.io/v1","metadata":{},"spec":{"size":1}}"#, 422, "metadata.name: Required value: name or generateName is required"),
        (Harness.thing("A_b"), 422, "metadata.name: Invalid value"),
        (Harness.thing(String(repeating: "a", count: 254)), 422, "must be no more than 253 characters"),
        (Harness.thing("a", size: 10), 422, "spec.size: Invalid value: 10: spec.size in body should be less than or equal to 9"),
        (Harness.thing("a", #","namespace":"other""#), 400, "the namespace of the provided object does not match"),
        (Harness.thing("a", #","resourceVersion":"5""#), 500, "resourceVersion should not be set on objects to be created"),
        (Harness.thing("a", #","labels":{"a":1}"#), 400, "cannot unmarshal number into Go struct field ObjectMeta.labels of type string"),
        (Harness.thing("a", #","labels":"x""#), 400, "cannot unmarshal string into Go struct field ObjectMeta.labels of type map[string]string"),
        (Harness.thing("a", #","labels":{"a b":"c"}"#), 422, "metadata.labels: Invalid value"),
        (Harness.thing("a", #","labels":{"a":"b c"}"#), 422, "a valid label must be an empty string or"),
        (Harness.thing("a", #","annotations":{"/":"c"}"#), 422, "metadata.annotations: Invalid value"),
        (Harness.thing("a", #","finalizers":["a b"]"#), 422, "metadata.finalizers: Invalid value"),
        (Harness.thing("a", #","finalizers":"x""#), 400, "ObjectMeta.finalizers of type []string"),
        (Harness.thing("a", #","finalizers":[1]"#), 400, "ObjectMeta.finalizers of type string"),
        (Harness.thing("a", #","name":3"#), 400, "ObjectMeta.name of type string"),
        (#"{"apiVersion":"test.kubecr.io/v1","metadata":{"name":"a"}}"#, 400, "Object 'Kind' is missing in"),
        (#"{"kind":"Thing","metadata":{"name":"a"}}"#, 400, "the API version in the data () does not match the expected API version (test.kubecr.io/v1)"),
        (#"{"kind":"Thing","apiVersion":"test.kubecr.io/v2","metadata":{"name":"a"}}"#, 400, "does not match the expected API version"),
        (#"{"kind":"Thong","apiVersion":"test.kubecr.io/v1","metadata":{"name":"a"},"spec":{"size":1}}"#, 422, #"kind: Invalid value: "Thong": must be Thing"#),
        (#"{"kind":"Thing","apiVersion":"test.kubecr.io/v1","metadata":"x"}"#, 400, "cannot be handled as a Thing"),
        ("", 400, "(<empty>)"), ("{", 400, "unexpected end of JSON input"), ("[]", 400, "cannot unmarshal array"), ("{]", 400, "json parse error"),
    ])
    func whatIsRefused(body: String, status: Int, fragment: String) throws {
        var harness = try Harness()
        let before = harness.server.revision
        let refused = try harness.ask("POST", things, body)
        #expect(refused.status == status)
        #expect(refused.message.contains(fragment), "\(refused.message)")
        #expect(harness.server.revision == before)
    }

    @Test func aNameIsTakenOnce() throws {
        var harness = try Harness()
        try harness.make("a")
        let again = try harness.make("a")
        #expect(again.status == 409 && again.reason == "AlreadyExists" && again.message == #"things.test.kubecr.io "a" already exists"#)
        #expect(again["details"] == json(#"{"name":"a","group":"test.kubecr.io","kind":"things"}"#))
    }

    @Test func generateNameMakesNames() throws {
        var harness = try Harness()
        let body = #"{"kind":"Thing","apiVersion":"test.kubecr.io/v1","metadata":{"generateName":"gen-"},"spec":{"size":1}}"#
        let names = try (0..<20).map { _ in try harness.ask("POST", things, body)["metadata", "name"]?.string ?? "" }
        #expect(Set(names).count == 20)
        #expect(names.allSatisfy { $0.hasPrefix("gen-") && $0.count == 9 })
        let long = body.replacing("gen-", with: String(repeating: "a", count: 80))
        #expect(try harness.ask("POST", things, long)["metadata", "name"]?.string?.count == 63)
    }

    @Test func dryRunAnswersAndKeepsNothing() throws {
        var harness = try Harness()
        let before = harness.server.revision
        #expect(try harness.ask("POST", things + "?dryRun=All", Harness.thing("a")).status == 201)
        #expect(try harness.ask("GET", things + "/a").status == 404)
        #expect(harness.server.revision == before)
        #expect(try harness.ask("POST", things + "?dryRun=Some", Harness.thing("a")).message.contains("dryRun: Unsupported value"))
    }

    @Test(arguments: [("Ignore", 201, 0), ("Warn", 201, 2), ("", 201, 2), ("Strict", 400, 0), ("Odd", 422, 0)])
    func fieldValidation(_ mode: String, status: Int, warnings: Int) throws {
        var harness = try Harness()
        let body = #"{"kind":"Thing","apiVersion":"test.kubecr.io/v1","metadata":{"name":"a"},"spec":{"size":1,"size":2,"extra":true}}"#
        let reply = try harness.ask("POST", things + "?fieldValidation=" + mode, body)
        #expect(reply.status == status && reply.response.warnings.count == warnings)
        if status == 201 { #expect(reply["spec"] == json(#"{"color":"green","size":2}"#)) }
        if mode == "Strict" { #expect(reply.message.hasSuffix(#"strict decoding error: duplicate field "spec.size", unknown field "spec.extra""#)) }
    }

    @Test(arguments: [("application/yaml", 201), ("application/json; charset=utf-8", 400), ("text/plain", 415), ("application/vnd.kubernetes.protobuf", 415)])
    func mediaTypes(_ type: String, status: Int) throws {
        var harness = try Harness()
        let yaml = "apiVersion: test.kubecr.io/v1\nkind: Thing\nmetadata: {name: a}\nspec: {size: 3}\n"
        let reply = try harness.ask("POST", things, yaml, type)
        #expect(reply.status == status)
    }

    @Test func bodiesHaveALimit() throws {
        var harness = try Harness()
        let reply = try harness.ask("POST", things, String(repeating: " ", count: APIServer.maxBodyBytes + 1))
        #expect(reply.status == 413 && reply.message == "Request entity too large: limit is 3145728")
    }

    @Test func configMapsAndSecretsAreChecked() throws {
        var harness = try Harness()
        let secret = try harness.ask("POST", "/api/v1/namespaces/default/secrets", #"{"metadata":{"name":"s"},"stringData":{"a":"hello","b":""}}"#)
        #expect(secret["data"] == json(#"{"a":"aGVsbG8=","b":""}"#) && secret["type"] == "Opaque" && secret["stringData"] == nil)
        #expect(secret["kind"] == "Secret" && secret["apiVersion"] == "v1" && secret["metadata", "generation"] == nil)
        let maps = "/api/v1/namespaces/default/configmaps"
        #expect(try harness.ask("POST", maps, #"{"metadata":{"name":"c"},"data":{"a":1}}"#).status == 422)
        #expect(try harness.ask("POST", maps, #"{"metadata":{"name":"c"},"data":{"a":"1"},"immutable":true}"#).status == 201)
        #expect(try harness.ask("PATCH", maps + "/c", #"{"data":{"a":"2"}}"#, merge).message.contains("field is immutable when `immutable` is set"))
        #expect(try harness.ask("PATCH", maps + "/c", #"{"immutable":false}"#, merge).status == 422)
    }
}
