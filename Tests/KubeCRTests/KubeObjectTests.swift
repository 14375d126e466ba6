// Objects without a type: what they are known by, values by pointer, changes, and that nothing they hold is printed.
@testable import KubeCR
import KubeCore
import Testing

struct KubeObjectTests {
    private let raw = #"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"n","namespace":"ns","uid":"u","resourceVersion":"5","labels":{"a/b":"c"}},"data":{"key":"s3cret","n":7,"f":1.5,"t":true,"l":[1,{"x":2}],"z":null}}"#

    private func code(_ body: () throws -> Void) -> KubeCR.KubeError.Code? {
        do {
            try body()
            return nil
        } catch { return (error as? KubeCR.KubeError)?.code }
    }

    @Test func whatItIsKnownBy() throws {
        let object = try KubeObject(json: raw)
        #expect(object.name == "n" && object.namespace == "ns" && object.uid == "u" && object.resourceVersion == "5" && object.key == "ns/n")
        #expect(object.kind == "Secret" && object.apiVersion == "v1" && object.labels == ["a/b": "c"] && object.annotations == [:])
        #expect(object.text == raw && object.json == Array(raw.utf8))
    }

    @Test func valuesByPointer() throws {
        let object = try KubeObject(json: raw)
        #expect(try object.string(at: "/metadata/labels/a~1b") == "c" && object.int(at: "/data/n") == 7 && object.double(at: "/data/f") == 1.5)
        #expect(try object.bool(at: "/data/t") && object.int(at: "/data/l/1/x") == 2 && object.value(at: "/data/l") == [1, ["x": 2]])
        #expect(try object.decode([String: Int].self, at: "/data/l/1") == ["x": 2])
        #expect(code { _ = try object.string(at: "/nothing") } == .notFound)
        #expect(code { _ = try object.string(at: "/data/n") } == .type)
        #expect(code { _ = try object.int(at: "/data/f") } == .type)
        #expect(code { _ = try object.string(at: "data") } == .argument)
        #expect(code { _ = try object.decode(Int.self, at: "/data/key") } == .decode)
        #expect(code { _ = try KubeObject(json: "{") } == .decode)
    }

    @Test func nothingItHoldsIsPrinted() throws {
        let object = try KubeObject(json: raw)
        var dumped = ""
        dump(object, to: &dumped)
        for text in ["\(object)", String(reflecting: object), dumped, "\([object])"] {
            #expect(text.contains("Secret ns/n") && !text.contains("s3cret"))
        }
        let error = #expect(throws: KubeCR.KubeError.self) { try object.decode([String: Int].self, at: "/data") }
        #expect(error?.description.contains("s3cret") == false)
    }

    @Test func equalBytesAreEqual() throws {
        let (a, b) = (try KubeObject(json: raw), try KubeObject(json: raw))
        #expect(a == b && Set([a, b]).count == 1)
        #expect(try a != KubeObject(json: "{\"kind\":\"Secret\"}"))
    }

    @Test(arguments: [
        ("/data/n", "8", #"{"data":{"n":8,"l":[1,{"x":2}],"big":9007199254740993000}}"#),
        ("/data/new/deep", "true", #"{"data":{"n":7,"l":[1,{"x":2}],"big":9007199254740993000,"new":{"deep":true}}}"#),
        ("/data/l/0", "null", #"{"data":{"n":7,"l":[null,{"x":2}],"big":9007199254740993000}}"#),
        ("/data/l/-", "3", #"{"data":{"n":7,"l":[1,{"x":2},3],"big":9007199254740993000}}"#),
        ("/data/l/1/x", "[]", #"{"data":{"n":7,"l":[1,{"x":[]}],"big":9007199254740993000}}"#),
        ("/a~1b", "1", #"{"data":{"n":7,"l":[1,{"x":2}],"big":9007199254740993000},"a/b":1}"#),
        ("", "{}", "{}"),
    ])
    func set(pointer: String, value: String, expected: String) throws {
        var object = try KubeObject(json: #"{"data":{"n":7,"l":[1,{"x":2}],"big":9007199254740993000}}"#)
        try object.set(JSON(text: value), at: pointer)
        #expect(object.text == expected)
    }

    @Test func remove() throws {
        var object = try KubeObject(json: #"{"a":{"b":1,"c":2},"l":[1,2,3]}"#)
        for pointer in ["/a/b", "/l/1", "/nothing/there", "/l/9", "/a/c/d"] { try object.remove(at: pointer) }
        #expect(object.text == #"{"a":{"c":2},"l":[1,3]}"#)
    }

    @Test func whatCanNotBeChangedIsRefused() throws {
        var object = try KubeObject(json: #"{"a":"text","l":[1]}"#)
        let before = object
        #expect(code { try object.set(1, at: "/a/b") } == .type)
        #expect(code { try object.set(1, at: "/l/5") } == .notFound)
        #expect(code { try object.set(1, at: "a") } == .argument)
        #expect(code { try object.remove(at: "") } == .argument)
        #expect(object == before)
    }
}
