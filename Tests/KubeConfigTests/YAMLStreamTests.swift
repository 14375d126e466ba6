// The documents of a manifest's text: YAML and JSON, where they begin, and errors that say where they are.
import KubeConfig
import KubeCore
import Testing

private func stream(_ bytes: [UInt8]) throws -> [YAMLReader.Document] {
    try bytes.withUnsafeBytes { try YAMLReader.stream($0) }
}

/// "1:{...} 3:null".
private func shown(_ text: String) throws -> String {
    try stream(Array(text.utf8)).map { "\($0.line):\($0.value.text)" }.joined(separator: " ")
}

private func refusal(_ bytes: [UInt8], _ place: SourceLocation = #_sourceLocation) -> String {
    let error = #expect(throws: KubeError.self, sourceLocation: place) { try stream(bytes) }
    #expect(error?.code == .decode, sourceLocation: place)
    return error?.message ?? ""
}

@Test(arguments: [
    ("a: 1\n", #"1:{"a":1}"#), ("# c\n\n---\n# d\na: 1\n---\n\n\nb: 2\n", #"5:{"a":1} 9:{"b":2}"#), ("", ""), ("# only a comment\n", ""),
    ("a: 1\n...\n---\nb: 2\n...\n", #"1:{"a":1} 4:{"b":2}"#), ("%YAML 1.1\n---\na: 1\n", #"3:{"a":1}"#), ("---\na: 1 # x\n--- # y\nb: 2\n", #"2:{"a":1} 4:{"b":2}"#),
    ("a: 1\r\n---\r\nb: 2\r\n", #"1:{"a":1} 3:{"b":2}"#),
])
func yamlDocumentsAreTakenApart(text: String, documents: String) throws { #expect(try shown(text) == documents) }

@Test func emptyDocumentsAreNull() throws {
    #expect(try stream(Array("---\n---\na: 1\n---\n# none\n---\n".utf8)).map(\.value) == [.null, .object([.init("a", 1)]), .null, .null])
}

@Test(arguments: [
    (#"{"a":1}"#, #"1:{"a":1}"#), ("\n {\"a\":1}{\"b\":2}\n\n{\n\"c\":3}\n", #"2:{"a":1} 2:{"b":2} 4:{"c":3}"#),
    ("{\"a\":1}\n---\n{\"b\":2}\n", #"1:{"a":1} 3:{"b":2}"#), ("{\"a\":1}\n---\nb: 2\n", #"1:{"a":1} 3:{"b":2}"#), ("{a: 1}\n", #"1:{"a":1}"#),
    (#"{"a":"\ud83d\ude00","n":18446744073709551617}"#, #"1:{"a":"😀","n":18446744073709551617}"#), ("\u{feff}{\"a\":1} {\"b\":2}", #"1:{"a":1} 1:{"b":2}"#),
])
func jsonValuesAreTakenApart(text: String, documents: String) throws { #expect(try shown(text) == documents) }

@Test func utf16IsRead() throws {
    for (mark, big) in [([UInt8(0xFE), 0xFF], true), ([0xFF, 0xFE], false)] {
        let units = "a: é\n---\n{\"b\": 2}\n".utf16.flatMap { big ? [UInt8($0 >> 8), UInt8($0 & 255)] : [UInt8($0 & 255), UInt8($0 >> 8)] }
        #expect(try stream(mark + units).map(\.value.text) == [#"{"a":"é"}"#, #"{"b":2}"#])
    }
}

@Test(arguments: [
    ("a: 1\n---\nb: 1\nb: 2\n", "document 2, line 4, column 1: duplicate key \"b\""),
    ("a: 1\n---\nb: [1\n---\nc: 1\n", "document 2, line 4"), ("a: *x\n", "document 1, line 1, column 4: an alias"),
    ("a: &x 1\n---\nb: *x\n", "document 2, line 3"), ("a: b: c\n", "document 1, line 1, column 5: mapping values"),
    ("a: .nan\n", "document 1, line 1"), ("a:\n\t- b\n", "document 1, line 2"),
    ("{\"a\":1}\n{\"b\":\n1 2}\n", "document 2, line 3: invalid JSON"), ("{\"a\":1}\n{\"a\":1,\n\"a\":2}\n", "document 2, line 2: duplicate key \"a\""),
    ("{\"a\":1}\n\nx\n{}", "document 2, line 3: unexpected \"x\" between two objects"), ("{\"a\":1}\n{\"b\":", "document 2, line 2: the stream ended"),
    ("{\"a\":1}\n---\nb: [1\n", "document 2, line 4"), ("{\"o\":{\"x\":1,\"x\":2}}", "document 1, line 1: duplicate key \"x\""),
])
func errorsNameDocumentAndLine(text: String, message: String) {
    #expect(refusal(Array(text.utf8)).hasPrefix(message), "\(refusal(Array(text.utf8)))")
}

@Test(arguments: [[UInt8(0x61), 0x3A, 0x20, 0x00, 0x0A], [0x61, 0x3A, 0x20, 0xFF, 0x0A], [0x61, 0x3A, 0x20, 0x1B, 0x0A], [0x7B, 0x22, 0x61, 0x00, 0x22, 0x3A, 0x31, 0x7D]])
func bytesThatAreNoTextAreRefused(bytes: [UInt8]) { #expect(refusal(bytes).hasPrefix("document 1, line 1")) }

/// Row 102 for manifests: what aliases expand to is bounded over all documents.
@Test func fault102_AnAliasBombIsRefused() {
    var text = "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
    for (name, inner) in zip("bcdefghi", "abcdefgh") { text += "\(name): &\(name) [" + Array(repeating: "*\(inner)", count: 10).joined(separator: ",") + "]\n" }
    #expect(refusal(Array(text.utf8)).contains("aliases expand to too much"))
}

@Test func nestingAndSizeAreBounded() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let text = "{\"a\":" + String(repeating: open, count: 600) + "1" + String(repeating: close, count: 600) + "}"
        #expect(refusal(Array(text.utf8)).hasPrefix("document 1, line 1"))
    }
    #expect(refusal(Array(repeating: 0x20, count: YAMLReader.maxBytes + 1)) == "is larger than 16777216 bytes")
}
