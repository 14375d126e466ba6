// Structure and limits of YAML texts: anchors, merge keys, duplicates, depth, encodings, documents.
import KubeConfig
import KubeCore
import Testing

private func read(_ text: String) throws -> JSONValue { try YAMLReader.document(Array(text.utf8)) }

private func refusal(_ bytes: [UInt8], _ place: SourceLocation = #_sourceLocation) -> String {
    let error = #expect(throws: KubeError.self, sourceLocation: place) { try YAMLReader.document(bytes) }
    #expect(error?.code == .decode, sourceLocation: place)
    return error?.message ?? ""
}

private func refusal(_ text: String, _ place: SourceLocation = #_sourceLocation) -> String { refusal(Array(text.utf8), place) }

@Test func blockAndFlowStylesGiveTheSameValue() throws {
    let block = try read("a:\n- 1\n- b: {c: [x, 'y']}\nd:\n")
    #expect(block == .object([
        .init("a", .array([1, .object([.init("b", .object([.init("c", .array(["x", "y"]))]))])])), .init("d", .null),
    ]))
    #expect(try read("{a: [1, {b: {c: [x, 'y']}}], d: }") == block)
}

@Test func aliasesRepeatTheirAnchorsValue() throws {
    #expect(try read("a: &x {k: 1}\nb: *x\n").text == #"{"a":{"k":1},"b":{"k":1}}"#)
    #expect(try read("a: &x name\n*x : 2\n").text == #"{"a":"name","name":2}"#)
}

@Test(arguments: ["a: *x\n", "a: &x [*x]\n", "a: &x 1\n---\nb: *x\n"])
func aliasesWithoutACompleteAnchorAreRefused(_ text: String) { #expect(refusal(text).contains("alias")) }

@Test func mergedKeysYieldToTheirOwnMapping() throws {
    let base = "b: &b {k: 1, l: 2}\nc: &c {l: 3, m: 4}\n"
    #expect(try read(base + "v: {<<: *b, l: 9}")["v"]?.text == #"{"l":9,"k":1}"#)
    #expect(try read(base + "v: {l: 9, <<: *b}")["v"]?.text == #"{"l":9,"k":1}"#)
    #expect(try read(base + "v: {<<: [*b, *c]}")["v"]?.text == #"{"k":1,"l":2,"m":4}"#)
    #expect(try read(base + "v: {'<<': 1}")["v"]?.text == #"{"<<":1}"#)
}

@Test(arguments: ["<<: 1", "<<: [1]", "b: &b {}\nv: {<<: *b, <<: *b}"])
func badMergesAreRefused(_ text: String) { #expect(refusal(text).contains("<<")) }

@Test(arguments: ["a: 1\nb: 2\na: 3\n", "a: 1\nb: 2\n\"a\": 3\n"])
func duplicateKeysAreRefusedWithTheirPlace(_ text: String) {
    #expect(refusal(text) == "line 3, column 1: duplicate key \"a\"")
}

@Test func keysAreTextWhateverTheirType() throws {
    #expect(try read("1: a\nyes: b\n1.5: c\n").text == #"{"1":"a","true":"b","1.5":"c"}"#)
    #expect(refusal("1: a\n0x1: b\n").contains("duplicate"))
    // Two spellings of one letter are two keys.
    #expect(try read("\u{E9}: 1\ne\u{301}: 2\n").members?.count == 2)
}

@Test(arguments: ["~: a", "? [1]\n: a", "? {b: 1}\n: a", "v: {[1]: 2, c: d}", "a: &x [1]\n? *x\n: 1\n"])
func keysThatAreNotScalarsAreRefused(_ text: String) { #expect(refusal(text).contains("key must be a scalar")) }

@Test func keysMayHave1024Characters() throws {
    let long = String(repeating: "é", count: 1024)
    #expect(try read("? \(long)\n: 1\n").members?.first?.key == long)
    #expect(refusal("? \(long)x\n: 1\n").contains("1024"))
    #expect(!refusal("\(long)x: 1\n").isEmpty)
}

@Test(arguments: [("[", "]"), ("{a: ", "}")])
func nestingEndsAt512(_ open: String, _ close: String) throws {
    func nested(_ depth: Int) -> String {
        String(repeating: open + "\n", count: depth) + "1" + String(repeating: close, count: depth)
    }
    // A space before it, so that "{" is no JSON.
    #expect(throws: Never.self) { try read("v: " + nested(511)) }
    #expect(refusal("v: " + nested(512)).contains("nested deeper than 512"))
    #expect(refusal("v: " + nested(100_000)).contains("nested deeper than 512"))
}

@Test func blockNestingEndsAt512Too() { #expect(refusal(String(repeating: "- ", count: 200_000)).contains("512")) }

@Test func anAliasBombIsRefusedBeforeItGrows() {
    var text = "a0: &a0 [\(String(repeating: "x,", count: 9))x]\n"
    for level in 1...30 { text += "a\(level): &a\(level) [\((0..<10).map { _ in "*a\(level - 1)" }.joined(separator: ","))]\n" }
    #expect(refusal(text).contains("aliases expand to too much"))
    let large = "a: &a \(String(repeating: "x", count: 1_000_000))\nb: [\((0..<20).map { _ in "*a" }.joined(separator: ","))]\n"
    #expect(refusal(large).contains("aliases expand to too much"))
}

@Test func aMergeBombIsRefusedToo() {
    var text = "a0: &a0 {\((0..<100).map { "k\($0): v" }.joined(separator: ", "))}\n"
    for level in 1...20 {
        text += "a\(level): &a\(level) {<<: [\((0..<20).map { _ in "*a\(level - 1)" }.joined(separator: ","))]}\n"
    }
    #expect(refusal(text).contains("aliases expand to too much"))
}

@Test func byteOrderMarksAreAccepted() throws {
    let text = "a: é\n"
    let expected = JSONValue.object([.init("a", "é")])
    #expect(try YAMLReader.document([0xEF, 0xBB, 0xBF] + Array(text.utf8)) == expected)
    let little: [UInt8] = [0xFF, 0xFE] + text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    let big: [UInt8] = [0xFE, 0xFF] + text.utf16.flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
    #expect(try YAMLReader.document(little) == expected)
    #expect(try YAMLReader.document(big) == expected)
    #expect(try YAMLReader.document([0xEF, 0xBB, 0xBF] + Array("{\"a\":\"\\ud83d\\ude00\"}".utf8))["a"] == "😀")
}

@Test(arguments: [[0x01], [0x00], [0x7F], [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82, 0x41], [0xF5, 0x80, 0x80, 0x80]])
func controlCharactersAndBadUTF8AreRefusedWithTheirPlace(_ bad: [UInt8]) {
    #expect(refusal(Array("a: 1\nb: x".utf8) + bad + Array("\n".utf8)).hasPrefix("line 2, column "))
    // JSON allows DEL.
    if bad != [0x7F] { #expect(!refusal(Array("{\"a\": \"".utf8) + bad + Array("\"}".utf8)).isEmpty) }
}

@Test func theColumnOfABadByteIsCountedInBytes() {
    #expect(refusal(Array("a: 1\nb: x".utf8) + [1]).hasPrefix("line 2, column 5: "))
    #expect(refusal([0xFF, 0xFE, 0x61, 0, 0x0A, 0, 0x62, 0, 1, 0]).hasPrefix("line 2, column "))
}

@Test func syntaxErrorsNameLineAndColumn() {
    #expect(refusal("a: 1\nb: [1\n").hasPrefix("line 3, column 1: "))
    #expect(refusal("a: 1\n\tb: 2\n").hasPrefix("line 2, column "))
    #expect(refusal("a: 'x\n").contains("line 2"))
}

@Test func textThatBeginsWithABraceIsJSON() throws {
    #expect(try read(" \n{\"a\": \"\\ud83d\\ude00\"}")["a"] == "😀")
    #expect(try read("{a: yes}")["a"] == true)
    #expect(!refusal("{\"a\": ").isEmpty)
}

@Test func severalDocumentsComeInOrder() throws {
    let all = try YAMLReader.documents(Array("a: 1\n---\n---\nb: 2\n...\n".utf8))
    #expect(all == [.object([.init("a", 1)]), .null, .object([.init("b", 2)])])
    #expect(try YAMLReader.documents([UInt8]()) == [])
    #expect(try read("# nothing\n") == .null)
    #expect(try read("---\na: 1\n---\n")["a"] == 1)
    #expect(refusal("a: 1\n---\nb: 2\n").contains("more than one"))
}

@Test func aTextOverTheLimitIsRefused() {
    #expect(refusal([UInt8](repeating: 0x20, count: YAMLReader.maxBytes + 1)).contains("larger"))
}

@Test func largeTextsAreReadInOnePass() throws {
    let token = String(repeating: "t", count: 1_000_000)
    let entries = (0..<2_000).map { "- name: n\($0)\n  user: {token: abc}\n" }.joined()
    let started = ContinuousClock.now
    let value = try read("big: \(token)\nusers:\n\(entries)")
    #expect(value["big"]?.string?.utf8.count == 1_000_000)
    #expect(value["users"]?.array?.count == 2_000)
    #expect(ContinuousClock.now - started < .seconds(10))
}
