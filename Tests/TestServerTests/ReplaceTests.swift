// replace, patch, apply and scale: conflicts, what cannot be changed, and when generation and resourceVersion move.
import KubeCore
import Testing
import TestServer

@Suite struct ReplaceTests {
    /// The object's text with changes at paths.
    private func changed(_ object: JSONValue, _ changes: (String, JSONValue?)...) -> String {
        var object = object
        for (path, value) in changes { object.set(path.split(separator: ".").map(String.init), value) }
        return object.text
    }

    @Test func aReplaceMovesVersionAndGeneration() throws {
        var harness = try Harness()
        let made = try harness.make("a")
        let replaced = try harness.ask("PUT", things + "/a", changed(made.json, ("spec.size", 2)))
        #expect(replaced.status == 200 && replaced["metadata", "generation"] == 2 && replaced.version != made.version)
        let labelled = try harness.ask("PUT", things + "/a", changed(replaced.json, ("metadata.labels", .object([JSONValue.Member("a", "b")]))))
        #expect(labelled["metadata", "generation"] == 2 && labelled.version != replaced.version)
        let same = try harness.ask("PUT", things + "/a", labelled.json.text)
        #expect(same.version == labelled.version, "what changes nothing writes nothing")
    }

    @Test func whatTheServerGaveStays() throws {
        var harness = try Harness()
        let made = try harness.make("a")
        let replaced = try harness.ask("PUT", things + "/a", changed(
            made.json, ("metadata.creationTimestamp", "2000-01-01T00:00:00Z"), ("metadata.generation", 77), ("metadata.namespace", nil),
            ("metadata.deletionTimestamp", "2000-01-01T00:00:00Z"), ("spec.size", 2)))
        for key in ["creationTimestamp", "uid", "namespace", "deletionTimestamp"] { #expect(replaced["metadata", key] == made["metadata", key]) }
        #expect(replaced["metadata", "generation"] == 2)
    }

    @Test func refusals() throws {
        var harness = try Harness()
        let made = try harness.make("a").json
        try harness.make("b")
        let stale = made
        _ = try harness.ask("PATCH", things + "/a", #"{"spec":{"size":2}}"#, merge)
        let fresh = try harness.ask("GET", things + "/a").json
        let table: [(String, String, Int, String)] = [
            ("/a", stale.text, 409, "the object has been modified; please apply your changes to the latest version and try again"),
            ("/a", changed(fresh, ("metadata.uid", "other")), 409, "Precondition failed: UID in precondition: other"),
            ("/a", changed(fresh, ("metadata.resourceVersion", nil)), 422, "metadata.resourceVersion: Invalid value: 0: must be specified for an update"),
            ("/a", changed(fresh, ("metadata.name", "b")), 400, "the name of the object (b) does not match the name on the URL (a)"),
            ("/a", changed(fresh, ("metadata.name", nil)), 400, "name must be provided"),
            ("/a", changed(fresh, ("metadata.namespace", "x")), 400, "the namespace of the provided object does not match"),
            ("/a", changed(fresh, ("spec.size", 0)), 422, "should be greater than or equal to 1"),
            ("/c", changed(fresh, ("metadata.name", "c")), 404, #"things.test.kubecr.io "c" not found"#),
            ("", fresh.text, 400, "name must be provided"),
        ]
        for (path, body, status, fragment) in table {
            let reply = try harness.ask("PUT", things + path, body)
            #expect(reply.status == status && reply.message.contains(fragment), "\(reply.status) \(reply.message)")
        }
    }

    @Test func statusHasItsOwnWay() throws {
        var harness = try Harness()
        let made = try harness.make("a").json
        let both = changed(made, ("spec.size", 5), ("status", .object([JSONValue.Member("phase", "Up")])), ("metadata.labels", .object([JSONValue.Member("a", "b")])))
        let status = try harness.ask("PUT", things + "/a/status", both)
        #expect(status["spec", "size"] == 1 && status["status", "phase"] == "Up" && status["metadata", "generation"] == 1)
        let main = try harness.ask("PATCH", things + "/a", #"{"status":{"phase":"Down"},"spec":{"size":5}}"#, merge)
        #expect(main["spec", "size"] == 5 && main["status", "phase"] == "Up" && main["metadata", "generation"] == 2)
        #expect(try harness.ask("PATCH", things + "/a/status", #"{"status":{"phase":1}}"#, merge).status == 422)
        #expect(try harness.ask("GET", things + "/a/status").json == main.json)
    }

    @Test(arguments: [
        (#"{"spec":{"size":3}}"#, #"{"color":"green","size":3}"#), (#"{"spec":{"color":null}}"#, #"{"color":"green","size":1}"#),
        (#"{"spec":{"node":"n","color":"red"}}"#, #"{"color":"red","node":"n","size":1}"#), ("{}", #"{"color":"green","size":1}"#),
    ])
    func mergePatches(_ patch: String, spec: String) throws {
        var harness = try Harness()
        try harness.make("a")
        #expect(try harness.ask("PATCH", things + "/a", patch, merge)["spec"] == json(spec))
    }

    @Test(arguments: [
        (#"[{"op":"replace","path":"/spec/size","value":4}]"#, 200, #"{"color":"green","size":4}"#),
        (#"[{"op":"test","path":"/spec/size","value":1},{"op":"add","path":"/spec/node","value":"n"}]"#, 200, #"{"color":"green","node":"n","size":1}"#),
        (#"[{"op":"add","path":"/spec/node","value":"n"},{"op":"move","from":"/spec/node","path":"/spec/color"}]"#, 200, #"{"color":"n","size":1}"#),
        (#"[{"op":"copy","from":"/metadata/name","path":"/spec/node"}]"#, 200, #"{"color":"green","node":"a","size":1}"#),
        (#"[{"op":"remove","path":"/spec/color"}]"#, 200, #"{"color":"green","size":1}"#),
        (#"[{"op":"add","path":"/metadata/labels/x~1y","value":"v"}]"#, 422, ""), (#"[{"op":"remove","path":"/spec/none"}]"#, 422, ""),
        (#"[{"op":"test","path":"/spec/size","value":2}]"#, 422, ""), (#"[{"op":"replace","path":"","value":3}]"#, 422, ""),
        (#"[{"op":"add","path":"/spec/size/0","value":2}]"#, 422, ""), (#"[{"op":"add","path":"spec"}]"#, 422, ""),
        (#"[{"op":"fly","path":"/spec"}]"#, 400, ""), ("{}", 400, ""), (#"["#, 400, ""),
    ])
    func jsonPatches(_ patch: String, status: Int, spec: String) throws {
        var harness = try Harness()
        try harness.make("a")
        let reply = try harness.ask("PATCH", things + "/a", patch, jsonPatch)
        #expect(reply.status == status, "\(reply.message)")
        if status == 200 { #expect(reply["spec"] == json(spec)) }
    }

    @Test func jsonPatchesOfArrays() throws {
        var harness = try Harness()
        _ = try harness.ask("POST", "/apis/test.kubecr.io/v1/places", #"{"kind":"Place","apiVersion":"test.kubecr.io/v1","metadata":{"name":"p"},"list":[1,2,3],"a/b":{"~":1}}"#)
        func patch(_ text: String) throws -> Reply { try harness.ask("PATCH", "/apis/test.kubecr.io/v1/places/p", text, jsonPatch) }
        #expect(try patch(#"[{"op":"add","path":"/list/1","value":9},{"op":"add","path":"/list/-","value":8},{"op":"remove","path":"/list/0"}]"#)["list"] == [9, 2, 3, 8])
        #expect(try patch(#"[{"op":"replace","path":"/list/3","value":7},{"op":"replace","path":"/a~1b/~0","value":2}]"#)["a/b"]?["~"] == 2)
        for bad in [#"{"op":"add","path":"/list/9","value":1}"#, #"{"op":"remove","path":"/list/4"}"#, #"{"op":"remove","path":"/list/-1"}"#, #"{"op":"remove","path":"/list/x"}"#] {
            #expect(try patch("[\(bad)]").status == 422, "\(bad)")
        }
    }

    @Test(arguments: [
        (merge, #"{"metadata":{"resourceVersion":"1"}}"#, 409), (merge, #"{"metadata":{"name":"b"}}"#, 400), (merge, #"{"kind":"Other"}"#, 422), (merge, "[]", 400),
        ("application/strategic-merge-patch+json", "{}", 415), ("application/json", "{}", 415), (merge, #"{"spec":null}"#, 200), (merge, #"{"spec":1}"#, 422),
    ])
    func patchesThatDoNotFit(_ type: String, patch: String, status: Int) throws {
        var harness = try Harness()
        try harness.make("a")
        #expect(try harness.ask("PATCH", things + "/a", patch, type).status == status)
    }

    @Test func applyMakesOrMerges() throws {
        var harness = try Harness()
        #expect(try harness.ask("PATCH", things + "/a", Harness.thing("a"), applyPatch).message.contains("fieldManager: Required value: is required for apply patch"))
        #expect(try harness.ask("PATCH", things + "/a?fieldManager=m", Harness.thing("a"), applyPatch).status == 201)
        let yaml = "apiVersion: test.kubecr.io/v1\nkind: Thing\nspec: {node: n1, size: 1}\n"
        let merged = try harness.ask("PATCH", things + "/a?fieldManager=m&force=true", yaml, applyPatch)
        #expect(merged.status == 200 && merged["spec"] == json(#"{"color":"green","node":"n1","size":1}"#))
        #expect(try harness.ask("PATCH", things + "/a?fieldManager=m", "spec: {}", applyPatch).status == 400)
        #expect(try harness.ask("PATCH", things + "/a?fieldManager=m", Harness.thing("a", #","managedFields":[]"#), applyPatch).message == "metadata.managedFields must be nil")
        #expect(try harness.ask("PATCH", things + "/a?force=true", "{}", merge).message.contains("may not be specified for non-apply patch"))
        #expect(try harness.ask("PATCH", things + "/none/status?fieldManager=m", Harness.thing("none"), applyPatch).status == 404)
    }

    @Test func scaleReadsAndWritesItsFields() throws {
        var harness = try Harness()
        let made = try harness.make("a", size: 3)
        let scale = try harness.ask("GET", things + "/a/scale")
        #expect(scale["kind"] == "Scale" && scale["spec", "replicas"] == 3 && scale["status", "replicas"] == 0 && scale.version == made.version)
        let patched = try harness.ask("PATCH", things + "/a/scale", #"{"spec":{"replicas":5}}"#, merge)
        #expect(patched["spec", "replicas"] == 5)
        #expect(try harness.ask("GET", things + "/a")["spec", "size"] == 5)
        #expect(try harness.ask("PUT", things + "/a/scale", scale.json.text).status == 409)
        #expect(try harness.ask("PATCH", things + "/a/scale", #"{"spec":{"replicas":99}}"#, merge).status == 422)
        #expect(try harness.ask("PATCH", things + "/a/scale", #"{"spec":{"replicas":"x"}}"#, merge).status == 400)
        #expect(try harness.ask("PATCH", things + "/a/status", #"{"status":{"size":2147483648}}"#, merge).message.contains(".status.size: Invalid value: 2147483648: should be less than or equal to 2147483647"))
        #expect(try harness.ask("GET", things + "/b/scale").status == 404)
    }

    @Test func strictPatchesNameTheField() throws {
        var harness = try Harness()
        try harness.make("a")
        let reply = try harness.ask("PATCH", things + "/a?fieldValidation=Strict", #"{"spec":{"more":1}}"#, merge)
        #expect(reply.status == 422 && reply.message.hasSuffix(#"strict decoding error: unknown field "spec.more""#))
        #expect(try harness.ask("PATCH", things + "/a?dryRun=All", #"{"spec":{"size":8}}"#, merge)["spec", "size"] == 8)
        #expect(try harness.ask("GET", things + "/a")["spec", "size"] == 1)
    }
}
