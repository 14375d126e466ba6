// The small tree: read, written, asked; and the escapes of strings both ways.
import KubeCore
import Testing

@Suite struct JSONValueTests {
    @Test(arguments: 0..<4) func whatIsWrittenIsReadBackEqual(seed: Int) throws {
        var json = RandomJSON(UInt64(seed) + 7000)
        for _ in 0..<100 {
            let value = json.value(depth: 5).0
            #expect(try JSONValue.parse(value.bytes()) == value)
            #expect(PlainReader.read(value.bytes()) == value)
        }
    }

    @Test func everyByteOfAStringSurvives() throws {
        let all = String(String.UnicodeScalarView((0..<0x180).compactMap { UnicodeScalar($0) })) + "\u{2028}\u{fffd}🙂"
        #expect(try JSONValue.parse(JSONValue.string(all).bytes()) == .string(all))
        #expect(JSONValue.string("\u{0}\u{1f}\"\\\n").text == #""\u0000\u001f\"\\\n""#)
    }

    /// Fault 56.
    @Test func fault56_numbersKeepEveryDigit() throws {
        let value = try JSONValue.parse("[9007199254740993,-9223372036854775808,9223372036854775808,1.0,1e2,-0]")
        #expect(value.text == "[9007199254740993,-9223372036854775808,9223372036854775808,1.0,1e2,-0]")
        #expect(value.array?.map(\.int) == [9_007_199_254_740_993, .min, nil, nil, nil, 0])
    }

    @Test func theLastOfEqualKeysIsTheValue() throws {
        #expect(try JSONValue.parse(#"{"a":1,"b":2,"\u0061":3}"#)["a"] == 3)
        #expect(try JSONValue.parse("[1]")["a"] == nil && JSONValue.null["a"] == nil)
    }

    @Test func accessorsGiveNothingForOtherTypes() throws {
        let values: [JSONValue] = [.null, true, 1, "s", .array([]), .object([])]
        #expect(values.map { $0.string != nil } == [false, false, false, true, false, false])
        #expect(values.map { $0.bool != nil } == [false, true, false, false, false, false])
        #expect(values.map { $0.int != nil } == [false, false, true, false, false, false])
        #expect(values.map { $0.array != nil } == [false, false, false, false, true, false])
        #expect(values.map { $0.members != nil } == [false, false, false, false, false, true])
        #expect(values.map(\.isNull) == [true, false, false, false, false, false])
        #expect(values.map(\.typeName) == ["null", "a boolean", "a number", "a string", "an array", "an object"])
    }

    @Test(arguments: [
        (#"plain"#, "plain"), (#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{c}\n\r\t"), (#"\u0041\u00e9\u20ac"#, "Aé€"), (#"\uD83D\uDE42"#, "🙂"),
        (#"\ud83d\ude42x"#, "🙂x"), (#"\ud800"#, "\u{fffd}"), (#"\ud800x"#, "\u{fffd}x"), (#"\ud800\n"#, "\u{fffd}\n"), (#"\udc00"#, "\u{fffd}"),
        (#"\ud800\ud83d\ude42"#, "\u{fffd}🙂"), (#"\ud800\u0041"#, "\u{fffd}A"), (#"a\\u0041"#, "a\\u0041"), (#"\u0000"#, "\u{0}"), ("é🙂", "é🙂"), ("", ""),
    ])
    func escapesAreDecoded(raw: String, plain: String) {
        #expect(text(onHeap(utf8(raw)) { JSONText.unescape($0) }) == plain)
    }

    @Test(arguments: [#"\"#, #"\u"#, #"\u12"#, #"\ud83d\u"#, #"\ud83d\ude4"#, #"a\"#, #"\ud83d\"#])
    func brokenEscapesAreDecodedWithoutHarm(raw: String) {
        _ = onHeap(utf8(raw)) { JSONText.unescape($0) }
    }

    @Test func utf8IsCheckedAtEveryOffset() {
        for lead in 0...17 {
            for bad in [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xf0, 0x9f, 0x99]] as [[UInt8]] {
                let bytes = Array(repeating: UInt8(0x61), count: lead) + bad
                #expect(onHeap(bytes) { UTF8Check.firstInvalid($0) } == lead)
                #expect(onHeap(bytes + utf8("bcdefghijk")) { UTF8Check.firstInvalid($0) } == lead)
            }
            let good = Array(repeating: UInt8(0x61), count: lead) + utf8("é€🙂z")
            #expect(onHeap(good) { UTF8Check.firstInvalid($0) } == nil)
        }
    }
}
