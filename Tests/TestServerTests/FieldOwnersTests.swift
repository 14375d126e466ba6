// Server-side apply: who owns which field, conflicts, force, and what is taken out because nobody states it any more.
import KubeCore
import Testing
import TestServer

@Suite struct FieldOwnersTests {
    private func thing(_ spec: String, _ metadata: String = "") -> String {
        #"{"apiVersion":"test.kubecr.io/v1","kind":"Thing","metadata":{"name":"a"\#(metadata)},"spec":\#(spec)}"#
    }

    private func apply(_ harness: inout Harness, _ manager: String, _ object: String, _ more: String = "") throws -> Reply {
        try harness.ask("PATCH", things + "/a\(more.hasPrefix("/") ? String(more.prefix { $0 != "?" }) : "")?fieldManager=\(manager)&" + (more.hasPrefix("/") ? "" : more), object, applyPatch)
    }

    /// "first apply .spec.size; boss update .spec.color".
    private func owners(_ reply: Reply) -> String {
        func paths(_ fields: JSONValue, _ path: String) -> [String] {
            // "." is the object itself.
            let members = (fields.members ?? []).map { $0.key == "." ? JSONValue.Member("f:*", $0.value) : $0 }
            return members.isEmpty ? [path] : members.flatMap { paths($0.value, path + "." + $0.key.dropFirst(2)) }
        }
        return (reply["metadata", "managedFields"]?.array ?? []).map { entry in
            let who = [entry["manager"]?.string ?? "", entry["operation"]?.string?.lowercased() ?? "", entry["subresource"]?.string ?? ""].filter { !$0.isEmpty }
            return (who + paths(entry["fieldsV1"] ?? .null, "")).joined(separator: " ")
        }.joined(separator: "; ")
    }

    @Test func anApplyOwnsWhatItStates() throws {
        var harness = try Harness()
        let made = try apply(&harness, "first", thing(#"{"size":1}"#, #","labels":{"a.b/c":"d"}"#))
        #expect(made.status == 201 && owners(made) == "first apply .metadata.labels.a.b/c .spec.size")
        #expect(made["metadata", "managedFields"]?.array?.first?.text
            == #"{"apiVersion":"test.kubecr.io/v1","fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{"f:labels":{"f:a.b/c":{}}},"f:spec":{"f:size":{}}},"manager":"first","operation":"Apply","time":"2026-01-01T00:00:00Z"}"#)
        // The same again changes nothing, whatever the time.
        harness.now += 5000
        #expect(try apply(&harness, "first", thing(#"{"size":1}"#, #","labels":{"a.b/c":"d"}"#)).json == made.json)
    }

    @Test func aWriteOwnsWhatItChanges() throws {
        var harness = try Harness()
        let made = try harness.ask("POST", things + "?fieldManager=maker", thing(#"{"size":1}"#))
        #expect(owners(made) == "maker update .spec.* .spec.color .spec.size")
        #expect(owners(try harness.ask("PATCH", things + "/a?fieldManager=other", #"{"spec":{"size":2,"node":"n"}}"#, merge)) == "maker update .spec.* .spec.color; other update .spec.node .spec.size")
        #expect(owners(try harness.ask("PATCH", things + "/a?fieldManager=third", #"{"spec":{"node":null}}"#, merge)) == "maker update .spec.* .spec.color; other update .spec.size")
        #expect(owners(try harness.ask("PATCH", things + "/a/status?fieldManager=op", #"{"status":{"phase":"x"},"spec":{"size":9}}"#, merge))
            == "maker update .spec.* .spec.color; op update status .status.* .status.phase; other update .spec.size")
    }

    @Test func aFieldOfAnotherManagerIsAConflict() throws {
        var harness = try Harness()
        _ = try apply(&harness, "first", thing(#"{"size":1,"node":"n"}"#))
        let refused = try apply(&harness, "second", thing(#"{"size":2}"#))
        #expect(refused.status == 409 && refused.reason == "Conflict")
        #expect(refused.message == #"Apply failed with 1 conflict: conflict with "first": .spec.size"#)
        #expect(refused["details"]?.text == #"{"causes":[{"reason":"FieldManagerConflict","message":"conflict with \"first\"","field":".spec.size"}]}"#)
        #expect(try apply(&harness, "second", thing(#"{"size":2,"node":"m"}"#)).message == "Apply failed with 2 conflicts: conflicts with \"first\":\n- .spec.node\n- .spec.size")
        #expect(try harness.ask("GET", things + "/a")["spec", "size"] == 1)
        // The same value is shared.
        #expect(owners(try apply(&harness, "second", thing(#"{"size":1}"#))) == "second apply .spec.size; first apply .spec.node .spec.size")
        let forced = try apply(&harness, "second", thing(#"{"size":3}"#), "force=true")
        #expect(forced["spec", "size"] == 3 && owners(forced) == "first apply .spec.node; second apply .spec.size")
    }

    @Test func aWriteThatWasNoApplyIsNamedWithItsVersion() throws {
        var harness = try Harness()
        _ = try harness.ask("POST", things + "?fieldManager=maker", thing(#"{"size":1}"#))
        #expect(try apply(&harness, "first", thing(#"{"size":2}"#)).message
            == #"Apply failed with 1 conflict: conflict with "maker" using test.kubecr.io/v1: .spec.size"#)
    }

    @Test func whatItsManagerStatesNoMoreIsTakenOut() throws {
        var harness = try Harness()
        _ = try apply(&harness, "first", thing(#"{"size":1,"node":"n"}"#, #","labels":{"a":"b","c":"d"}"#))
        _ = try apply(&harness, "second", thing(#"{"size":1}"#, #","labels":{"c":"d"}"#))
        let less = try apply(&harness, "first", thing(#"{"size":1}"#))
        #expect(less["spec", "node"] == nil && less["metadata", "labels"]?.text == #"{"c":"d"}"#)
        // Taking out what the type needs is refused.
        #expect(try apply(&harness, "second", thing("{}")).status == 200)
        #expect(try apply(&harness, "first", thing("{}")).status == 422)
    }

    @Test func theStatusHasOwnersOfItsOwn() throws {
        var harness = try Harness()
        _ = try apply(&harness, "first", thing(#"{"size":1}"#))
        let status = #"{"apiVersion":"test.kubecr.io/v1","kind":"Thing","metadata":{"name":"a"},"status":{"phase":"x"}}"#
        let applied = try apply(&harness, "first", status, "/status")
        #expect(applied.status == 200 && applied["status", "phase"] == "x" && applied["spec", "size"] == 1)
        #expect(owners(applied) == "first apply .spec.size; first apply status .status.phase")
    }

    @Test func aListIsOneField() throws {
        var harness = try Harness()
        let place = #"{"apiVersion":"test.kubecr.io/v1","kind":"Place","metadata":{"name":"p"},"list":[1,2],"map":{"a":{"b":1}},"none":{}}"#
        let made = try harness.ask("PATCH", "/apis/test.kubecr.io/v1/places/p?fieldManager=m", place, applyPatch)
        #expect(owners(made) == "m apply .list .map.a.b .none")
        // Putting a value where another owner has fields inside takes those over.
        let other = #"{"apiVersion":"test.kubecr.io/v1","kind":"Place","metadata":{"name":"p"},"map":{"a":5}}"#
        #expect(try harness.ask("PATCH", "/apis/test.kubecr.io/v1/places/p?fieldManager=o", other, applyPatch).message.hasSuffix(#"conflict with "m": .map.a.b"#))
        #expect(owners(try harness.ask("PATCH", "/apis/test.kubecr.io/v1/places/p?fieldManager=o&force=1", other, applyPatch)) == "m apply .list .none; o apply .map.a")
    }
}
