// Whatever comes in, the server answers: seeded requests of odd paths, parameters and bodies.
import KubeCore
import Testing
import TestServer

@Suite struct JunkTests {
    private static let methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", ""]
    private static let paths = [
        "", "/", "//", "/api", "/apis", "/api/v1", "/api/v1/namespaces", "/api/v1/namespaces/default", "/api/v1/namespaces/default/secrets", "/apis/test.kubecr.io",
        things, things + "/a", things + "/a/status", things + "/a/scale", "/apis/test.kubecr.io/v1/places", "/apis/test.kubecr.io/v1/places/p", definitions,
        definitions + "/things.test.kubecr.io", "/_test/fail", "/_test/bookmarks", "/_test/state", "/%ff%00/%", "/apis/test.kubecr.io/v1/namespaces//things",
    ]
    private static let parameters = [
        "watch", "limit", "continue", "resourceVersion", "resourceVersionMatch", "labelSelector", "fieldSelector", "timeoutSeconds", "allowWatchBookmarks",
        "sendInitialEvents", "dryRun", "fieldValidation", "fieldManager", "force", "propagationPolicy", "count", "status", "milliseconds", "retryAfter",
    ]
    private static let values = [
        "", "1", "0", "-1", "true", "18446744073709551615", "18446744073709551616", "9223372036854775807", "Exact", "NotOlderThan", "a%3Db", "a%20in%20(", "!", "x%00", "All",
        "Strict", "metadata.name%3Da", "metadata.name", "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiJhXHUwMDAwIn0", "%C3%A9",
    ]
    private static let bodies = [
        "", "{}", "[]", "null", "1", "\"x\"", "{\"a\":", #"{"metadata":null}"#, #"{"metadata":[]}"#, #"{"metadata":{"name":"a"}}"#, Harness.thing("a"), Harness.thing("b", #","finalizers":["x.io/y"]"#),
        #"{"spec":null}"#, #"{"spec":{"size":1e400}}"#, #"{"spec":{"size":-0.5}}"#, #"{"metadata":{"finalizers":[1]}}"#, #"{"metadata":{"finalizers":[]}}"#, #"{"metadata":{"labels":{"":""}}}"#,
        #"[{"op":"add","path":"/spec/x","value":{}}]"#, #"[{"op":"move","from":"/spec","path":"/spec/size"}]"#, #"[{"op":"remove","path":""}]"#, #"[{"op":"add","path":"/metadata/9223372036854775808","value":1}]"#, "[1]",
        Harness.definition("things", "Namespaced", #"{"type":"object"}"#), Harness.definition("cars", "Cluster", #"{"type":"object","properties":{"spec":{"type":"string","pattern":"("}}}"#),
        #"{"kind":"CustomResourceDefinition","spec":{"versions":[1,{}],"names":[]}}"#, #"{"spec":{"versions":null}}"#, #"{"preconditions":{"uid":1},"dryRun":1}"#, "a: &a [*a]", "kind: Thing\n",
    ]
    private static let types = ["application/json", "application/yaml", merge, jsonPatch, applyPatch, "", "x"]

    @Test(arguments: 0..<8)
    func everyRequestIsAnswered(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        var harness = try Harness(historyLimit: 20)
        var watchers: [Watcher] = []
        for _ in 0..<600 {
            func pick<T>(_ all: [T]) -> T { all[Int.random(in: 0..<all.count, using: &random)] }
            let query = (0..<Int.random(in: 0...3, using: &random)).map { _ in pick(Self.parameters) + "=" + pick(Self.values) }.joined(separator: "&")
            let target = pick(Self.paths) + (query.isEmpty ? "" : "?" + query)
            harness.now += 1000
            switch harness.answer(pick(Self.methods), target, pick(Self.bodies), pick(Self.types)) {
            case .response(let response):
                #expect((200...599).contains(response.status), "\(target)")
                if response.status >= 400, response.contentType == "application/json" {
                    let status = try JSONValue.parse(response.body)
                    #expect(status["kind"] == "Status" && status["code"] == .number(String(response.status)), "\(target)")
                }
            case .watch(let watcher): watchers.append(watcher)
            }
            for index in watchers.indices { _ = try harness.read(&watchers[index]) }
        }
        #expect(try harness.ask("POST", "/_test/fail?count=0").status == 200)
        #expect(try harness.ask("GET", "/version").status == 200)
    }
}
