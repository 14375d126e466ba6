// Schemas: what is wrong with a value, what is cut out, what is filled in.
import KubeCore
import Testing
import TestServer

@Suite struct SchemaTests {
    /// Creates a Thing with this spec under a schema of the spec.
    private func create(_ spec: String, schema: String) throws -> Reply {
        var harness = try Harness(things: #"{"type":"object","properties":{"spec":\#(schema)}}"#)
        return try harness.ask("POST", things, #"{"apiVersion":"test.kubecr.io/v1","kind":"Thing","metadata":{"name":"a"},"spec":\#(spec)}"#)
    }

    @Test(arguments: [
        (#"{"type":"string"}"#, "1", #"spec in body must be of type string: "integer""#), (#"{"type":"integer"}"#, #""1""#, #"must be of type integer: "string""#),
        (#"{"type":"integer"}"#, "1.5", #"must be of type integer: "number""#), (#"{"type":"boolean"}"#, "{}", #"must be of type boolean: "object""#),
        (#"{"type":"array","items":{"type":"integer"}}"#, #"[1,"x"]"#, "spec[1] in body must be of type integer"),
        (#"{"type":"object","properties":{"a":{"type":"object","required":["b"]}}}"#, #"{"a":{}}"#, "spec.a.b: Required value"),
        (#"{"type":"object","additionalProperties":{"type":"integer"}}"#, #"{"k":"v"}"#, "spec.k in body must be of type integer"),
        (#"{"type":"integer","minimum":1}"#, "0", "should be greater than or equal to 1"), (#"{"type":"integer","maximum":5}"#, "6", "should be less than or equal to 5"),
        (#"{"type":"number","minimum":1,"exclusiveMinimum":true}"#, "1", "should be greater than 1"),
        (#"{"type":"number","maximum":1.5,"exclusiveMaximum":true}"#, "1.5", "should be less than 1.5"), (#"{"type":"integer","multipleOf":3}"#, "4", "should be a multiple of 3"),
        (#"{"type":"string","enum":["a","b"]}"#, #""c""#, #"Unsupported value: "c": supported values: "a", "b""#), (#"{"type":"string","minLength":2}"#, #""a""#, "at least 2 chars long"),
        (#"{"type":"string","maxLength":2}"#, #""abc""#, "Too long: may not be more than 2 bytes"), (#"{"type":"string","pattern":"^a+$"}"#, #""ab""#, "should match '^a+$'"),
        (#"{"type":"array","minItems":1,"items":{"type":"string"}}"#, "[]", "at least 1 items"), (#"{"type":"array","maxItems":1,"items":{"type":"integer"}}"#, "[1,2]", "Too many: 2"),
        (#"{"type":"array","uniqueItems":true,"items":{"type":"integer"}}"#, "[1,1]", "Duplicate value"),
        (#"{"type":"object","minProperties":1,"x-kubernetes-preserve-unknown-fields":true}"#, "{}", "at least 1 properties"),
        (#"{"type":"object","maxProperties":1,"x-kubernetes-preserve-unknown-fields":true}"#, #"{"a":1,"b":2}"#, "Too many: 2"),
        (#"{"x-kubernetes-int-or-string":true}"#, "true", #"must be of type integer,string: "boolean""#),
        (#"{"type":"integer","anyOf":[{"minimum":5},{"maximum":1}]}"#, "3", "at least one schema (anyOf)"), (#"{"type":"integer","oneOf":[{"minimum":1},{"minimum":2}]}"#, "3", "one and only one schema (oneOf)"),
        (#"{"type":"integer","allOf":[{"minimum":5}]}"#, "3", "greater than or equal to 5"), (#"{"type":"integer","not":{"minimum":3}}"#, "3", "must not validate the schema (not)"),
    ])
    func faults(schema: String, spec: String, fragment: String) throws {
        let reply = try create(spec, schema: schema)
        #expect(reply.status == 422 && reply.message.contains(fragment), "\(reply.status) \(reply.message)")
    }

    @Test(arguments: [
        (#"{"type":"number"}"#, "1"), (#"{"type":"integer"}"#, "1.0"), (#"{"type":"string","nullable":true}"#, "null"), (#"{"x-kubernetes-int-or-string":true}"#, #""http""#),
        (#"{"x-kubernetes-int-or-string":true}"#, "80"), (#"{"type":"integer","oneOf":[{"minimum":1},{"minimum":9}]}"#, "3"), (#"{"type":"string","minLength":2}"#, #""éé""#),
        (#"{"type":"integer"}"#, "9007199254740993"), (#"{"type":"object","properties":{"a":{"type":"string"}}}"#, #"{"a":"x"}"#),
    ])
    func whatIsFineIsKeptAsItIs(schema: String, spec: String) throws {
        #expect(try create(spec, schema: schema)["spec"] == json(spec))
    }

    @Test(arguments: [
        (#"{"type":"object","properties":{"a":{"type":"string"}}}"#, #"{"a":"x","b":1}"#, #"{"a":"x"}"#, ["spec.b"]),
        (#"{"type":"object","properties":{"l":{"type":"array","items":{"type":"object","properties":{"a":{"type":"integer"}}}}}}"#, #"{"l":[{"a":1,"b":2}]}"#, #"{"l":[{"a":1}]}"#, ["spec.l[0].b"]),
        (#"{"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{"a":{"type":"object","properties":{}}}}"#, #"{"a":{"x":1},"b":{"y":2}}"#, #"{"a":{},"b":{"y":2}}"#, ["spec.a.x"]),
        (#"{"type":"object","additionalProperties":true}"#, #"{"a":{"b":1}}"#, #"{"a":{"b":1}}"#, []),
        (#"{"type":"object","x-kubernetes-embedded-resource":true,"properties":{}}"#, #"{"kind":"X","apiVersion":"v1","metadata":{"name":"n"},"z":1}"#, #"{"apiVersion":"v1","kind":"X","metadata":{"name":"n"}}"#, ["spec.z"]),
    ])
    func unknownFieldsAreCutOut(schema: String, spec: String, kept: String, unknown: [String]) throws {
        let reply = try create(spec, schema: schema)
        #expect(reply["spec"] == json(kept))
        #expect(reply.response.warnings == unknown.map { "unknown field \"\($0)\"" })
    }

    @Test(arguments: [
        (#"{"type":"object","properties":{"a":{"type":"integer","default":3}}}"#, "{}", #"{"a":3}"#),
        (#"{"type":"object","properties":{"a":{"type":"integer","default":3}}}"#, #"{"a":null}"#, #"{"a":3}"#),
        (#"{"type":"object","properties":{"a":{"type":"integer","default":3,"nullable":true}}}"#, #"{"a":null}"#, #"{"a":null}"#),
        (#"{"type":"object","properties":{"a":{"type":"integer"}}}"#, #"{"a":null}"#, "{}"),
        (#"{"type":"object","properties":{"o":{"type":"object","default":{},"properties":{"a":{"type":"string","default":"x"}}}}}"#, "{}", #"{"o":{"a":"x"}}"#),
        (#"{"type":"object","properties":{"l":{"type":"array","items":{"type":"object","properties":{"a":{"type":"string","default":"x"}}}}}}"#, #"{"l":[{},{"a":"y"}]}"#, #"{"l":[{"a":"x"},{"a":"y"}]}"#),
    ])
    func defaultsAreFilledIn(schema: String, spec: String, filled: String) throws {
        #expect(try create(spec, schema: schema)["spec"] == json(filled))
    }
}
