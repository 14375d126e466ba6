// The objects of a manifest: lists flattened, what every object must have, and where what is wrong stands.
import KubeClient
import KubeCore
import Testing

private func entries(_ text: String) throws -> [Manifest.Entry] { try Manifest(Array(text.utf8)).entries }

private func refusal(_ text: String, _ place: SourceLocation = #_sourceLocation) -> String {
    let error = #expect(throws: KubeError.self, sourceLocation: place) { _ = try entries(text) }
    #expect(error?.code == .decode, sourceLocation: place)
    return error?.message ?? ""
}

private func jsonOf(_ entry: Manifest.Entry) -> String { String(decoding: entry.object.json, as: UTF8.self) }

struct ManifestTests {
    @Test func objectsKeepTheirOrderAndSayWhereTheyStand() throws {
        let found = try entries("""
            # first
            apiVersion: v1
            kind: Namespace
            metadata: {name: web}
            ---
            ---
            apiVersion: example.io/v1
            kind: Project
            metadata:
              name: one
              namespace: web
              labels: {y: yes, n: "no", port: 0o17}
            spec: {replicas: 12345678901234567890123, ratio: 1e3}
            """)
        #expect(found.map(\.place) == [#"document 1 (line 2), Namespace "web""#, #"document 3 (line 7), Project "web/one""#])
        #expect(found.map(\.version.apiVersion) == ["v1", "example.io/v1"])
        #expect(jsonOf(found[1]) == #"{"apiVersion":"example.io/v1","kind":"Project","metadata":{"name":"one","namespace":"web","labels":{"true":true,"false":"no","port":15}},"spec":{"replicas":12345678901234567890123,"ratio":1000}}"#)
    }

    @Test func listsAreFlattened() throws {
        let found = try entries("""
            {"apiVersion":"v1","kind":"List","items":[
              {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}},
              {"apiVersion":"example.io/v1","kind":"ProjectList","metadata":{},"items":[{"metadata":{"name":"b"}},{"apiVersion":"v1","kind":"Pod","metadata":{"name":"c"}}]},
              {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"d"}}]}
            {"apiVersion":"example.io/v1","kind":"ProjectList","items":null}
            {"apiVersion":"example.io/v1","kind":"AllowList","metadata":{"name":"e"}}
            """)
        #expect(found.map(\.place) == [
            #"document 1 (line 1), item 1, ConfigMap "a""#, #"document 1 (line 1), item 2, Project "b""#, #"document 1 (line 1), item 3, Pod "c""#,
            #"document 1 (line 1), item 4, ConfigMap "d""#, #"document 3 (line 6), AllowList "e""#,
        ])
        #expect(jsonOf(found[1]) == #"{"apiVersion":"example.io/v1","kind":"Project","metadata":{"name":"b"}}"#)
    }

    @Test func listsInListsWithoutEndAreNoProblem() throws {
        let text = String(repeating: #"{"kind":"List","items":["#, count: 200) + #"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}"# + String(repeating: "]}", count: 200)
        #expect(try entries(text).count == 1)
    }

    @Test func aNameMayBeLeftToTheServer() throws {
        #expect(try entries("apiVersion: v1\nkind: Pod\nmetadata: {generateName: a-}\n").map(\.place) == ["document 1 (line 1), Pod"])
    }

    @Test(arguments: ["", "---\n", "# nothing\n", "---\n# a\n---\n", "null\n", "~\n---\nnull\n", "{}x"])
    func aManifestOfNothingHasNoObjects(text: String) {
        if text == "{}x" { #expect(refusal(text).hasPrefix("the manifest: document 2, line 1")) } else { #expect((try? entries(text).count) == 0) }
    }

    @Test(arguments: [
        ("kind: Pod\nmetadata: {name: a}\n", "document 1 (line 1): the object has no apiVersion"),
        ("a: 1\n---\n", "document 1 (line 1): the object has no apiVersion"),
        ("apiVersion: v1\nmetadata: {name: a}\n", "document 1 (line 1): the object has no kind"),
        ("apiVersion: 1\nkind: Pod\nmetadata: {name: a}\n", "document 1 (line 1): the apiVersion is a number, not a name"),
        ("apiVersion: v1\nkind: ''\nmetadata: {name: a}\n", "document 1 (line 1): the kind is empty, not a name"),
        ("apiVersion: a/b/c\nkind: Pod\nmetadata: {name: a}\n", "document 1 (line 1): the apiVersion \"a/b/c\" is none"),
        ("apiVersion: v1\nkind: Pod\n", "document 1 (line 1): the Pod has no metadata"),
        ("apiVersion: v1\nkind: Pod\nmetadata: web\n", "document 1 (line 1): the Pod has no metadata"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {}\n", "document 1 (line 1): the Pod has no metadata.name"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: 5}\n", "document 1 (line 1): the Pod: metadata.name is not a string"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: [b]}\n", "document 1 (line 1): the Pod: metadata.namespace is not a string"),
        ("- a\n", "document 1 (line 1): it is an array, not an object"), ("just text\n", "document 1 (line 1): it is a string, not an object"),
        ("apiVersion: v1\nkind: List\nitems: {a: 1}\n", "document 1 (line 1): the items of the List are an object, not an array"),
        ("apiVersion: v1\nkind: List\nitems: [5]\n", "document 1 (line 1), item 1: it is a number, not an object"),
        ("apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n- {kind: Pod}\n", "document 1 (line 1), item 2: the object has no apiVersion"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\napiVersion: v1\nkind: Pod\nmetadata: {}\n", "document 2 (line 5): the Pod has no metadata.name"),
        ("a: [\n", "the manifest: document 1, line 2"),
    ])
    func whatIsNoObjectIsRefusedWithItsPlace(text: String, message: String) { #expect(refusal(text).hasPrefix(message), "\(refusal(text))") }

    /// R7, row 106.
    @Test(arguments: ["..", ".", "a/b", "a%2fb", "a\\u0000", "a\\n"])
    func R7_fault106_namesThatAreNoSegmentAreRefused(name: String) {
        for field in ["name", "namespace"] {
            let front = field == "name" ? "" : #""name":"a","#
            let text = #"{"apiVersion":"v1","kind":"Pod","metadata":{\#(front)"\#(field)":"\#(name)"}}"#
            #expect(refusal(text).hasPrefix("document 1 (line 1): the Pod: "))
        }
    }

    /// Row 56.
    @Test func fault56_integersKeepTheirDigits() throws {
        for text in ["9007199254740993", "-9223372036854775809", "123456789012345678901234567890"] {
            #expect(jsonOf(try entries("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nv: \(text)\n")[0]).contains("\"v\":\(text)}"))
        }
    }
}
