// The merge of what a type knows onto the whole object, by table.
@testable import KubeCR
import KubeCore
import Testing

struct KnownFieldsTests {
    private func merged(_ raw: String, _ before: String, _ after: String) throws -> String {
        KnownFields.merge(raw: try tree(raw), before: try tree(before), after: try tree(after)).text
    }

    @Test(arguments: [
        // Nothing changed: byte for byte, numbers as they were written.
        (#"{"a":1.0,"x":[1e3]}"#, #"{"a":1}"#, #"{"a":1}"#, #"{"a":1.0,"x":[1e3]}"#),
        // Changed, added, removed; what is not known stays, in its place.
        (#"{"x":0,"a":1,"y":{"z":2}}"#, #"{"a":1}"#, #"{"a":2}"#, #"{"x":0,"a":2,"y":{"z":2}}"#),
        (#"{"x":0}"#, "{}", #"{"b":true}"#, #"{"x":0,"b":true}"#),
        (#"{"x":0,"a":1}"#, #"{"a":1}"#, "{}", #"{"x":0}"#),
        // What the type reads as absent and the program sets.
        (#"{"a":null,"x":0}"#, "{}", #"{"a":{"b":1}}"#, #"{"a":{"b":1},"x":0}"#),
        // A default that the type always writes is no change, until it is one.
        (#"{"x":0}"#, #"{"d":5}"#, #"{"d":5}"#, #"{"x":0}"#),
        (#"{"x":0}"#, #"{"c":1,"d":5}"#, #"{"c":1,"d":6}"#, #"{"x":0,"d":6}"#),
        // Deep.
        (#"{"s":{"x":0,"t":{"y":1,"a":1}}}"#, #"{"s":{"t":{"a":1}}}"#, #"{"s":{"t":{"a":2}}}"#, #"{"s":{"x":0,"t":{"y":1,"a":2}}}"#),
        // Of another shape: the program's word.
        (#"{"a":{"x":0}}"#, #"{"a":{}}"#, #"{"a":"text"}"#, #"{"a":"text"}"#),
        (#"{"a":{"x":0,"b":1}}"#, #"{"a":{"b":1}}"#, "{}", "{}"),
        // Maps, all of which is known.
        (#"{"l":{"a":"1","b":"2"}}"#, #"{"l":{"a":"1","b":"2"}}"#, #"{"l":{"b":"3","c":"4"}}"#, #"{"l":{"b":"3","c":"4"}}"#),
    ])
    func objects(raw: String, before: String, after: String, expected: String) throws {
        #expect(try merged(raw, before, after) == expected)
    }

    @Test(arguments: [
        // By place.
        (#"[{"a":1,"x":1},{"a":2,"x":2}]"#, #"[{"a":1},{"a":2}]"#, #"[{"a":1},{"a":3}]"#, #"[{"a":1,"x":1},{"a":3,"x":2}]"#),
        (#"[{"a":1,"x":1},{"a":2,"x":2}]"#, #"[{"a":1},{"a":2}]"#, #"[{"a":8},{"a":9}]"#, #"[{"a":8,"x":1},{"a":9,"x":2}]"#),
        // Removed in front, put in front, put in between: the others keep what is theirs.
        (#"[{"a":1,"x":1},{"a":2,"x":2}]"#, #"[{"a":1},{"a":2}]"#, #"[{"a":2}]"#, #"[{"a":2,"x":2}]"#),
        (#"[{"a":1,"x":1},{"a":2,"x":2}]"#, #"[{"a":1},{"a":2}]"#, #"[{"a":0},{"a":1},{"a":2}]"#, #"[{"a":0},{"a":1,"x":1},{"a":2,"x":2}]"#),
        (#"[{"a":1,"x":1},{"a":2,"x":2}]"#, #"[{"a":1},{"a":2}]"#, #"[{"a":1},{"a":5},{"a":2}]"#, #"[{"a":1,"x":1},{"a":5},{"a":2,"x":2}]"#),
        (#"[{"a":1,"x":1},{"a":2,"x":2},{"a":3,"x":3}]"#, #"[{"a":1},{"a":2},{"a":3}]"#, #"[{"a":1},{"a":9}]"#, #"[{"a":1,"x":1},{"a":9,"x":2}]"#),
        (#"[{"a":1,"x":1}]"#, #"[{"a":1}]"#, "[]", "[]"),
        ("[]", "[]", #"[{"a":1}]"#, #"[{"a":1}]"#),
        // Equal elements are told apart by their order.
        (#"[{"x":1},{"x":2}]"#, "[{},{}]", "[{}]", #"[{"x":1}]"#),
        // By name, wherever it goes.
        (
            #"[{"name":"a","v":1,"x":1},{"name":"b","v":2,"x":2}]"#, #"[{"name":"a","v":1},{"name":"b","v":2}]"#,
            #"[{"name":"b","v":3},{"name":"c","v":4},{"name":"a","v":1}]"#,
            #"[{"name":"b","v":3,"x":2},{"name":"c","v":4},{"name":"a","v":1,"x":1}]"#
        ),
        // A new name in the place of an old one inherits nothing.
        (#"[{"name":"a","x":1}]"#, #"[{"name":"a"}]"#, #"[{"name":"b"}]"#, #"[{"name":"b"}]"#),
        // Conditions are keyed by type.
        (
            #"[{"type":"A","s":"1","x":1},{"type":"B","s":"2","x":2}]"#, #"[{"type":"A","s":"1"},{"type":"B","s":"2"}]"#,
            #"[{"type":"B","s":"9"}]"#, #"[{"type":"B","s":"9","x":2}]"#
        ),
        // A key that is not everyone's own is none.
        (
            #"[{"name":"a","v":1,"x":1},{"name":"a","v":2,"x":2}]"#, #"[{"name":"a","v":1},{"name":"a","v":2}]"#,
            #"[{"name":"a","v":2}]"#, #"[{"name":"a","v":2,"x":2}]"#
        ),
        // Arrays in arrays, and plain values.
        (#"[[{"a":1,"x":1}],[]]"#, #"[[{"a":1}],[]]"#, #"[[{"a":2}],[]]"#, #"[[{"a":2,"x":1}],[]]"#),
        (#"["a","b"]"#, #"["a","b"]"#, #"["b","c"]"#, #"["b","c"]"#),
        // The type saw other elements than there are: the program's word.
        (#"[{"a":1,"x":1},7]"#, #"[{"a":1}]"#, #"[{"a":2}]"#, #"[{"a":2}]"#),
    ])
    func arrays(raw: String, before: String, after: String, expected: String) throws {
        #expect(try merged(raw, before, after) == expected)
    }

    /// Whatever is known and unknown: the known part of the result is what the program wanted, and unknown fields of what is
    /// still there are still there.
    @Test func randomChangesKeepBoth() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            func element(_ name: Int) -> (JSONValue, JSONValue) {
                let value = Int64.random(in: 0...3, using: &random)
                let known: [JSONValue.Member] = [.init("name", .string("n\(name)")), .init("v", .number(String(value)))]
                return (.object(known + [.init("x", .string("x\(name)"))]), .object(known))
            }
            let before = (0..<Int.random(in: 0...5, using: &random)).map(element)
            let after = (0..<Int.random(in: 0...7, using: &random)).map(element).shuffled(using: &random).map(\.1)
            let merged = KnownFields.merge(raw: .array(before.map(\.0)), before: .array(before.map(\.1)), after: .array(after)).array ?? []
            try #require(merged.count == after.count)
            let isGood = zip(merged, after).allSatisfy { result, wanted in
                let wasThere = before.contains { $0.1["name"] == wanted["name"] }
                let unknown = wasThere ? "x" + (wanted["name"]?.string ?? "").dropFirst() : nil
                return result["v"] == wanted["v"] && result["name"] == wanted["name"] && result["x"]?.string == unknown
            }
            #expect(isGood, "\(JSONValue.array(before.map(\.0)).text) with \(JSONValue.array(after).text) is \(JSONValue.array(merged).text)")
        }
    }
}
