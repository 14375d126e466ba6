// What a mask keeps of an object, and that what it keeps is still one.
import KubeCore
import Testing

@Suite struct FieldMaskTests {
    private static let whole =
        #"{"apiVersion":"v1","kind":"Thing","metadata":{"name":"a","namespace":"ns","uid":"u","resourceVersion":"7","generation":2,"labels":{"x":"y"},"annotations":{"b":"c"},"managedFields":[{"manager":"m"}]},"spec":{"replicas":3,"list":[{"a":1,"b":2}],"deep":{"one":{"k":1},"two":{"k":2}},"a/b":"slash","":"empty"},"status":null}"#
    private static let identity = #"{"apiVersion":"v1","kind":"Thing","metadata":{"name":"a","namespace":"ns","uid":"u","resourceVersion":"7","labels":{"x":"y"}"#

    private func kept(_ pointers: [String], of json: String = whole) throws -> String {
        var out: [UInt8] = []
        let mask = try FieldMask(keep: pointers)
        try onHeap(utf8(json)) { mask.project($0, into: &out) }
        return text(out)
    }

    @Test(arguments: [
        ([], "}}"), (["/spec/replicas"], #"},"spec":{"replicas":3}}"#), (["/spec/deep/two"], #"},"spec":{"deep":{"two":{"k":2}}}}"#),
        (["/spec/deep", "/spec/deep/two/k"], #"},"spec":{"deep":{"one":{"k":1},"two":{"k":2}}}}"#), (["/spec/nothing"], #"},"spec":{}}"#), (["/nothing/at/all"], "}}"),
        (["/spec/a~1b", "/spec/"], #"},"spec":{"a/b":"slash","":"empty"}}"#), (["/spec/list/0/a"], #"},"spec":{"list":[{"a":1,"b":2}]}}"#),
        (["/status"], #"},"status":null}"#), (["/status/phase"], #"},"status":null}"#), (["/spec/replicas/x"], #"},"spec":{"replicas":3}}"#),
        (["/metadata/annotations/b"], #","annotations":{"b":"c"}}}"#), (["/metadata/generation"], #"PLACE"#),
    ]) func keeps(pointers: [String], rest: String) throws {
        let result = try kept(pointers)
        if rest == "PLACE" { return #expect(result == Self.identity.replacing(#","labels""#, with: #","generation":2,"labels""#) + "}}") }
        #expect(result == Self.identity + rest)
        #expect(isValid(utf8(result)))
    }

    @Test func theWholeIsKeptByTheEmptyPointer() throws {
        #expect(try FieldMask(keep: [""]).keepsAll && kept([""]) == Self.whole)
        #expect(try !FieldMask(keep: ["/spec"]).keepsAll)
    }

    @Test(arguments: ["spec", "/a~2", "/a~"]) func whatIsNoPointerIsRefused(pointer: String) {
        #expect(failure { try FieldMask(keep: ["/spec", pointer]) }.code == .argument)
    }

    @Test func keysWrittenWithEscapesAreTheSame() throws {
        #expect(try kept(["/spec"], of: #" { "\u0073pec" : { "x" : [ ] } , "other" : 1 } "#) == #"{"\u0073pec":{ "x" : [ ] }}"#)
    }

    /// Whatever a text holds, what is kept of it is valid and has the same values at the kept places.
    @Test(arguments: 0..<300) func whatIsKeptIsValid(seed: Int) throws {
        var random = SeededRandom(UInt64(seed))
        let keys = ["a", "b", "\\u0061", "c d", "spec", "status"]
        func value(_ depth: Int) -> String {
            switch random.below(depth > 4 ? 3 : 6) {
            case 0: return "\"x\\\"}\\\\\""
            case 1: return "-1.5e3"
            case 2: return "null"
            case 3: return "[" + (0..<random.below(4)).map { _ in value(depth + 1) }.joined(separator: " , ") + "]"
            default: return "{" + (0..<random.below(5)).map { _ in " \"\(random.pick(keys))\" : \(value(depth + 1))" }.joined(separator: ",\n") + "}"
            }
        }
        let json = "{\"a\":\(value(0)),\"b\":\(value(0)),\"spec\":\(value(0))}"
        let pointers = (0..<random.below(4)).map { _ in (0..<1 + random.below(4)).map { _ in "/" + random.pick(["a", "b", "c d", "0", "spec"]) }.joined() }
        let result = try kept(pointers, of: json)
        #expect(isValid(utf8(result)), "\(json) \(pointers): \(result)")
        for pointer in pointers where !pointer.contains("0") {
            let found = try withExtendedLifetime(parsed(json)) { try $0.slice(try JSONPointer(pointer)).map { text($0) } }
            let there = try withExtendedLifetime(parsed(result)) { try $0.slice(try JSONPointer(pointer)).map { text($0) } }
            #expect(found == there, "\(json) \(pointer): \(result)")
        }
    }
}

@Suite struct RetentionTests {
    private let json = #"{"kind":"Thing","metadata":{"name":"a","resourceVersion":"7","labels":{"x":"y"},"managedFields":[1]},"spec":{"a":1,"b":2}}"#

    private func stored(_ retention: Retention) throws -> ObjectBlob {
        try onHeap(utf8(#"{"type":"ADDED","object":\#(json)}"#)) { try retention.blob($0, JSONExaminer().examine($0, .event)) }
    }

    @Test func whatIsStored() throws {
        let cut = json.replacing(#","managedFields":[1]"#, with: "")
        #expect(try stored(.everything).written == json && stored(Retention(cutManagedFields: true)).written == cut)
        let masked = Retention(cutManagedFields: true, mask: try FieldMask(keep: ["/spec/b", "/metadata"]))
        for _ in 0..<3 { #expect(try stored(masked).written == cut.replacing(#""a":1,"#, with: "")) }
        let withManagers = try stored(Retention(cutManagedFields: false, mask: try FieldMask(keep: ["/metadata"])))
        #expect(withManagers.written == #"{"kind":"Thing","metadata":{"name":"a","resourceVersion":"7","labels":{"x":"y"},"managedFields":[1]}}"#)
    }

    /// What fields were left out of must not be written back.
    @Test func whatIsPartial() throws {
        #expect(try !stored(.everything).isPartial && !stored(Retention(cutManagedFields: true)).isPartial)
        #expect(try stored(Retention(cutManagedFields: true, mask: try FieldMask(keep: ["/spec"]))).isPartial)
        #expect(try !stored(Retention(cutManagedFields: true, mask: try FieldMask(keep: [""]))).isPartial)
        #expect(try stored(Retention(cutManagedFields: false, isPartial: true)).isPartial)
    }

    @Test func itIsKnownByTheSame() throws {
        let blob = try stored(Retention(cutManagedFields: true, mask: try FieldMask(keep: [])))
        #expect(blob.key == "a" && blob.resourceVersion == "7" && text(blob.labelsJSON) == #"{"x":"y"}"#)
    }
}
