// The examiner as a judge: what is valid JSON and what is not, by table, by damage at random, and on a small stack.
import KubeCore
import Testing

@Suite struct JSONExaminerTests {
    @Test(arguments: [
        "null", "true", "false", " null\r\n\t", "0", "-0", "1", "-1", "10", "1.0", "0.5", "-0.0e+0", "1e5", "1E-5", "123456789012345678901234567890",
        "[]", "{}", "[ ]", "{ }", "[1]", "[1,2]", "[[],[]]", "{\"a\":1}", "{\"a\":{\"b\":[null]}}", "{\"\":\"\"}", "{\"a\":1,\"a\":2}", "[{},{}]",
        "\"\"", "\"a\"", #""\"\\\/\b\f\n\r\t\u00e9\uABCD""#, "\"\u{7f}\"", "\"é\"", "\"🙂\"", "\"\u{10ffff}\"", "\"\u{e000}\"", #""\ud83d\ude42""#,
        #""\ud800""#, #""\udc00\ud800""#, "[true,false,null]", " [ 1 , 2 ] ", #"{"a" : "b" , "c" : [ ] }"#, #""\\""#, #""\\\"""#, #""\u0000""#,
    ])
    func validTextsAreAccepted(json: String) {
        expectEverywhere(utf8(json), true)
    }

    @Test(arguments: [
        "", " ", "nul", "nulll", "True", "tru", "+1", "01", "-", "-a", "1.", ".5", "1e", "1e+", "0x1", "1 2", "--1", "1.2.3", "1e5.", "-01", "NaN", "Infinity",
        "[", "]", "{", "}", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1,,2]", "[1}", "{1}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{\"a\" 1}",
        "{\"a\"::1}", "{\"a\":1 \"b\":2}", "{a:1}", "{'a':1}", "{\"a\":1]", "{\"a\":[1}", "{null:1}", "{[]:1}", "{{}:1}", "[:]", "{}{}", "[]]", "{}}",
        "\"", "\"a", "\"\\\"", #""\x""#, #""\u12""#, #""\u12g4""#, #""\u"#, #""\"#, #""\ "#, "\"\u{1f}\"", "\"\n\"", "\"\t\"", "\"\u{0}\"", "\u{0}", "{}\u{0}",
        "\"a\"b", "\"a\"\"b\"", "\"a\" \"b\"", "[\"a\"1]", "[1\"a\"]", "truefalse", "true,", ",", ":", "\\", "\\\"a\"", "1\\", "[\\\"]", "//", "/* */1", "[1]//",
        "\u{feff}{}", "\u{a0}1", "{\"a\":tru}", "[nul]", "[truee]", "[-]", "\u{c}1", "{\"a\":1}x", "é", "[é]", "{\"a\"é:1}",
    ])
    func invalidTextsAreRefused(json: String) {
        expectEverywhere(utf8(json), false)
    }

    /// Fault 52: Unicode 15, table 3-7.
    @Test(arguments: [
        ([0xc2, 0x80], true), ([0xdf, 0xbf], true), ([0xe0, 0xa0, 0x80], true), ([0xed, 0x9f, 0xbf], true), ([0xee, 0x80, 0x80], true),
        ([0xef, 0xbf, 0xbf], true), ([0xf0, 0x90, 0x80, 0x80], true), ([0xf4, 0x8f, 0xbf, 0xbf], true),
        ([0x80], false), ([0xbf], false), ([0xc0, 0x80], false), ([0xc1, 0xbf], false), ([0xc2], false), ([0xc2, 0x41], false), ([0xc2, 0xc2], false),
        ([0xe0, 0x80, 0x80], false), ([0xe0, 0x9f, 0xbf], false), ([0xe1, 0x80], false), ([0xe1, 0x80, 0x41], false), ([0xed, 0xa0, 0x80], false),
        ([0xed, 0xbf, 0xbf], false), ([0xf0, 0x80, 0x80, 0x80], false), ([0xf0, 0x8f, 0xbf, 0xbf], false), ([0xf0, 0x90, 0x80], false),
        ([0xf4, 0x90, 0x80, 0x80], false), ([0xf5, 0x80, 0x80, 0x80], false), ([0xfe], false), ([0xff], false),
    ] as [([UInt8], Bool)])
    func utf8IsChecked(bytes: [UInt8], valid: Bool) {
        expectEverywhere(utf8("{\"k\":\"") + bytes + utf8("\"}"), valid)
        expectEverywhere(utf8("\"") + bytes + utf8("\""), valid)
        #expect(!isValid(bytes))
    }

    /// The text is judged alike wherever it stands in the blocks of 64, and the oracle agrees.
    private func expectEverywhere(_ json: [UInt8], _ valid: Bool) {
        #expect((PlainReader.read(json) != nil) == valid, "the oracle: \(text(json))")
        for lead in [0] + Array(52...66) + Array(118...130) {
            #expect(isValid(Array(repeating: 0x20, count: lead) + json) == valid, "\(text(json)) behind \(lead) blanks")
            let inside = utf8("[") + Array(repeating: 0x20, count: lead) + json + utf8("]")
            #expect(isValid(inside) == (PlainReader.read(inside) != nil), "\(text(inside))")
        }
    }

    @Test func theOffsetOfAFaultIsNamed() {
        #expect(failure { try outline(utf8("{\"a\":1,}")) }.message.contains("\"}\" at byte 7"))
        #expect(failure { try outline(utf8("[\"a\\q\"]")) }.message.contains("at byte 4"))
        #expect(failure { try outline(utf8("[\"a\u{1}\"]")) }.message.contains("at byte 3"))
    }

    @Test func nestingTo512IsFineAnd513IsRefused() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            func nested(_ depth: Int) -> [UInt8] {
                utf8(String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth))
            }
            #expect(isValid(nested(512)))
            #expect(failure { try outline(nested(513)) }.message.contains("deeper than 512"))
            #expect((try? JSONValue.parse(nested(512)).bytes()) == nested(512))
        }
    }

    /// Fault 55: nothing recurses.
    @Test(arguments: [200_000, 1_000_000]) func fault55_deepNestingIsRefusedOnASmallStack(depth: Int) {
        let deep = Array(repeating: UInt8(ascii: "["), count: depth)
        let objects = utf8(String(repeating: "{\"a\":", count: depth))
        for json in [deep, objects, deep + Array(repeating: UInt8(ascii: "]"), count: depth)] {
            let refused = onSmallStack {
                let tree = (try? JSONValue.parse(json)) == nil
                let event = (try? outline(json, .event)) == nil
                return tree && event
            }
            #expect(refused)
        }
        let fine = onSmallStack {
            let depth = 512
            let json = Array(repeating: UInt8(ascii: "["), count: depth) + Array(repeating: UInt8(ascii: "]"), count: depth)
            return (try? JSONValue.parse(json))?.bytes() == json
        }
        #expect(fine)
    }

    @Test func anExaminerIsAsNewAfterAFailure() throws {
        let examiner = JSONExaminer()
        let good = utf8(objectText("a", namespace: "n"))
        let texts: [[UInt8]] = [utf8("{\"metadata\":{\"name\":"), utf8("\"abc"), utf8("[[[[["), utf8("{\"metadata\":{\"managedFields\":[]}}"), [0xff]]
        for bad in texts + [Array(repeating: UInt8(ascii: "\\"), count: 64), utf8("\"" + String(repeating: "x", count: 62) + "\\")] {
            _ = onHeap(bad) { try? examiner.examine($0, .document) }
            let found = try onHeap(good) { try examiner.examine($0, .document) }
            #expect(text(good[found.name.range]) == "a" && text(good[found.namespace.range]) == "n" && found.managedFields.isEmpty)
        }
    }
}
