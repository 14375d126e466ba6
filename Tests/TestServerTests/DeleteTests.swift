// delete and deletecollection: preconditions, finalizers, namespaces and CRDs.
import KubeCore
import Testing
@testable import TestServer

@Suite struct DeleteTests {
    @Test func aDeleteAnswersWithASuccess() throws {
        var harness = try Harness()
        let made = try harness.make("a")
        let deleted = try harness.ask("DELETE", things + "/a")
        #expect(deleted.status == 200 && deleted["status"] == "Success")
        #expect(deleted["details", "name"] == "a" && deleted["details", "kind"] == "things" && deleted["details", "group"] == "test.kubecr.io")
        #expect(deleted["details", "uid"] == made["metadata", "uid"])
        #expect(try harness.ask("GET", things + "/a").status == 404)
        #expect(try harness.ask("DELETE", things + "/a").reason == "NotFound")
    }

    @Test func preconditionsMustHold() throws {
        var harness = try Harness()
        let made = try harness.make("a")
        let uid = made["metadata", "uid"]?.string ?? ""
        for (body, fragment) in [
            (#"{"preconditions":{"uid":"x"}}"#, "the UID in the precondition (x) does not match the UID in record (\(uid))"),
            (#"{"preconditions":{"resourceVersion":"1"}}"#, "the ResourceVersion in the precondition (1) does not match"),
        ] {
            let reply = try harness.ask("DELETE", things + "/a", body)
            #expect(reply.status == 409 && reply.message.contains(fragment), "\(reply.message)")
        }
        #expect(try harness.ask("DELETE", things + "/a", #"{"propagationPolicy":"Never"}"#).status == 422)
        #expect(try harness.ask("DELETE", things + "/a?propagationPolicy=Never").status == 422)
        #expect(try harness.ask("DELETE", things + "/a", #"{"dryRun":["All"]}"#).status == 200)
        #expect(try harness.ask("DELETE", things + "/a?dryRun=All").status == 200)
        #expect(try harness.ask("DELETE", things + "/a", #"{"preconditions":{"uid":"\#(uid)","resourceVersion":"\#(made.version)"},"propagationPolicy":"Background"}"#).status == 200)
        #expect(try harness.ask("GET", things + "/a").status == 404)
    }

    @Test func aFinalizerHoldsTheObject() throws {
        var harness = try Harness()
        try harness.make("a", #","finalizers":["x.io/hold"]"#)
        var watcher = try harness.watch(things + "?watch=1&resourceVersion=\(harness.server.revision)")
        let held = try harness.ask("DELETE", things + "/a")
        #expect(held.status == 200 && held["metadata", "deletionTimestamp"] == "2026-01-01T00:00:00Z" && held["metadata", "generation"] == 2)
        #expect(try harness.ask("DELETE", things + "/a").json == held.json)
        #expect(try harness.ask("PATCH", things + "/a", #"{"metadata":{"finalizers":["x.io/hold","x.io/more"]}}"#, merge).message.contains("no new finalizers can be added"))
        #expect(try harness.ask("PATCH", things + "/a", #"{"metadata":{"finalizers":null}}"#, merge).status == 200)
        #expect(try harness.ask("GET", things + "/a").status == 404)
        #expect(try harness.read(&watcher).events.map(\.description) == ["MODIFIED a", "DELETED a"])
    }

    @Test(arguments: [
        (#"{"propagationPolicy":"Foreground"}"#, ["x.io/a", "foregroundDeletion"]), (#"{"propagationPolicy":"Orphan"}"#, ["x.io/a", "orphan"]),
        (#"{"orphanDependents":true}"#, ["x.io/a", "orphan"]), (#"{"orphanDependents":false}"#, ["x.io/a"]), (#"{"propagationPolicy":"Background"}"#, ["x.io/a"]), ("", ["x.io/a", "orphan"]),
    ])
    func aPropagationPolicyBecomesAFinalizer(_ options: String, finalizers: [String]) throws {
        var harness = try Harness()
        try harness.make("a", #","finalizers":["orphan","x.io/a"]"#)
        let dry = try harness.ask("DELETE", things + "/a" + (options.isEmpty ? "?dryRun=All" : ""), options.isEmpty ? "" : String(options.dropLast()) + #","dryRun":["All"]}"#)
        #expect(dry["metadata", "finalizers"]?.strings == finalizers && dry["metadata", "deletionTimestamp"] != nil)
        #expect(try harness.ask("GET", things + "/a")["metadata", "deletionTimestamp"] == nil)
        #expect(try harness.ask("DELETE", things + "/a", options)["metadata", "finalizers"]?.strings == finalizers)
        #expect(try harness.ask("GET", things + "/a")["metadata", "finalizers"]?.strings == finalizers)
        #expect(try harness.ask("PATCH", things + "/a", #"{"metadata":{"finalizers":null}}"#, merge).status == 200)
        #expect(try harness.ask("GET", things + "/a").status == 404)
    }

    @Test func onePolicyIsEnough() throws {
        var harness = try Harness()
        try harness.make("a")
        let both = try harness.ask("DELETE", things + "/a", #"{"propagationPolicy":"Orphan","orphanDependents":true}"#)
        #expect(both.message == #"DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set"#)
        #expect(try harness.ask("DELETE", things + "/a", #"{"dryRun":["Some"]}"#).status == 422)
        #expect(try harness.ask("DELETE", things + "/a?dryRun=All", #"{"propagationPolicy":"Foreground"}"#).status == 200)
        #expect(try harness.ask("GET", things + "/a")["metadata", "finalizers"]?.strings == ["foregroundDeletion"], "a body makes the query void")
    }

    @Test func withoutABodyTheQuerysVersionIsAPrecondition() throws {
        var harness = try Harness()
        let made = try harness.make("a")
        for target in [things + "?resourceVersion=0", things + "/a?resourceVersion=1", things + "/a?uid=x"] {
            #expect(try harness.ask("DELETE", target).reason == "Conflict", "\(target)")
        }
        #expect(try harness.ask("DELETE", things + "?resourceVersion=0", "{}").names == ["a"])
        #expect(try harness.make("a").version != made.version)
    }

    @Test func aCollectionIsDeletedPageByPage() throws {
        var harness = try Harness()
        for name in ["a", "b", "c"] { try harness.make(name) }
        let page = try harness.ask("DELETE", things + "?limit=2", "{}")
        #expect(page.names == ["a", "b"] && page["metadata", "continue"]?.string?.isEmpty == false)
        #expect(try harness.ask("GET", things).names == ["c"])
    }

    @Test func aCollectionIsDeletedBySelector() throws {
        var harness = try Harness()
        for name in ["a", "b", "c"] { try harness.make(name, #","labels":{"half":"\#(name == "c" ? "two" : "one")"}"#) }
        try harness.make("held", #","finalizers":["x.io/hold"],"labels":{"half":"one"}"#)
        #expect(try harness.ask("DELETE", things + "?labelSelector=half%3Done&dryRun=All").names == ["a", "b", "held"])
        let deleted = try harness.ask("DELETE", things + "?labelSelector=half%3Done")
        #expect(deleted["kind"] == "ThingList" && deleted.names == ["a", "b", "held"])
        #expect(try harness.ask("GET", things).names == ["c", "held"])
        #expect(try harness.ask("DELETE", things + "?fieldSelector=metadata.name%3Dc").names == ["c"])
        #expect(try harness.ask("GET", things).names == ["held"])
    }

    @Test func aNamespaceGoesWithAllThatIsInIt() throws {
        var harness = try Harness()
        func thing(_ name: String, _ metadata: String = "") throws -> Reply { try harness.ask("POST", "/apis/test.kubecr.io/v1/namespaces/n/things", Harness.thing(name, metadata)) }
        #expect(try thing("a").message == #"namespaces "n" not found"#)
        let namespace = try harness.ask("POST", "/api/v1/namespaces", #"{"metadata":{"name":"n"}}"#)
        #expect(namespace["status", "phase"] == "Active" && namespace["metadata", "labels", "kubernetes.io/metadata.name"] == "n")
        #expect(try thing("a").status == 201)
        #expect(try thing("held", #","finalizers":["x.io/hold"]"#).status == 201)
        #expect(try harness.ask("DELETE", "/api/v1/namespaces/n")["status", "phase"] == "Terminating")
        let refused = try thing("b")
        #expect(refused.status == 403 && refused.message.contains("unable to create new content in namespace n because it is being terminated"))
        #expect(refused["details", "causes"]?.array?.first?["reason"] == "NamespaceTerminating")
        #expect(try harness.ask("GET", "/apis/test.kubecr.io/v1/namespaces/n/things").names == ["held"])
        #expect(try harness.ask("PATCH", "/apis/test.kubecr.io/v1/namespaces/n/things/held", #"{"metadata":{"finalizers":[]}}"#, merge).status == 200)
        #expect(try harness.ask("GET", "/api/v1/namespaces/n").status == 404)
        #expect(try harness.ask("POST", "/api/v1/namespaces", #"{"metadata":{"name":"a.b"}}"#).message.contains("RFC 1123 label"))
    }

    @Test func aDefinitionGoesWithItsObjectsAndEndsItsWatches() throws {
        var harness = try Harness()
        try harness.make("a")
        var watcher = try harness.watch(things + "?watch=1")
        #expect(try harness.read(&watcher).events.map(\.description) == ["ADDED a"])
        #expect(try harness.ask("DELETE", definitions + "/things.test.kubecr.io").status == 200)
        let seen = try harness.read(&watcher)
        #expect(seen.events.map(\.description) == ["DELETED a"] && seen.ends)
        #expect(try harness.ask("GET", things).status == 404)
        try harness.server.load(JSONValue.parse(Harness.definition("things", "Namespaced", Harness.thingSchema)), now: harness.now)
        #expect(try harness.ask("GET", things).names == [])
        #expect(try harness.read(&watcher).ends, "a watch of the definition that was does not see the new one's objects")
    }
}
