// Options: every key is taken by somebody with its type, or it is an error that names the key.
import KubeCore
import Testing

private func reader(_ json: String) throws -> OptionReader {
    try OptionReader(JSONValue.parse(json), "list")
}

@Suite struct OptionReaderTests {
    @Test(arguments: ["null", "{}"]) func noOptionsAreNone(json: String) throws {
        var reader = try reader(json)
        #expect(try reader.string("a") == nil && reader.bool("a") == nil && reader.int("a") == nil && reader.double("a") == nil)
        #expect(try reader.object("a") == nil && reader.strings("a") == nil && reader.choice("a", ["x"]) == nil && reader.take("a") == nil)
        try reader.refuse("a")
        try reader.finish()
    }

    @Test func absentTextIsNone() throws {
        #expect(try OptionReader.parse(nil, "list") == nil)
        try OptionReader(nil, "list").finish()
    }

    @Test func textIsParsedAndItsFaultNamesTheOptions() throws {
        #expect(try onHeap(utf8(#"{"a":1}"#)) { try OptionReader.parse($0, "list") } == .object([.init("a", 1)]))
        let error = failure { try onHeap(utf8("{a}")) { try OptionReader.parse($0, "list") } }
        #expect(error.code == .argument && error.message.hasPrefix("the list options: invalid JSON"))
    }

    @Test(arguments: [("[]", "an array"), ("1", "a number"), ("\"x\"", "a string"), ("true", "a boolean")])
    func whatIsNoObjectIsRefused(json: String, type: String) {
        #expect(failure { try reader(json) } == KubeError(.argument, "the list options are \(type), not an object"))
    }

    @Test func everyTypeIsRead() throws {
        var reader = try reader(#"{"s":"é\n","b":false,"i":7,"d":1.5,"c":"y","o":{"k":[1]},"one":"x","many":["x","y"],"none":[],"raw":[null]}"#)
        #expect(try reader.string("s") == "é\n" && reader.bool("b") == false && reader.int("i") == 7 && reader.double("d") == 1.5)
        #expect(try reader.choice("c", ["x", "y"]) == "y" && reader.object("o") == [.init("k", .array([1]))])
        #expect(try reader.strings("one") == ["x"] && reader.strings("many") == ["x", "y"] && reader.strings("none") == [])
        #expect(reader.take("raw") == .array([.null]))
        try reader.finish()
    }

    @Test func aKeyThatNobodyTookIsNamed() throws {
        var reader = try reader(#"{"limit":1,"limits":2}"#)
        _ = try reader.int("limit")
        #expect(failure { try reader.finish() } == KubeError(.argument, #"unknown list option "limits""#))
    }

    @Test func keysAreTakenOnce() throws {
        var reader = try reader(#"{"a":1}"#)
        #expect(try reader.int("a") == 1 && reader.int("a") == nil)
    }

    @Test func keysAreComparedExactly() throws {
        var reader = try reader(#"{"Limit":1}"#)
        #expect(try reader.int("limit") == nil)
        #expect(failure { try reader.finish() }.message.contains("\"Limit\""))
    }

    @Test func ofEqualKeysTheLastCounts() throws {
        var reader = try reader(#"{"a":"x","b":1,"a":2,"\u0061":3}"#)
        #expect(try reader.int("a") == 3 && reader.int("b") == 1)
        try reader.finish()
        var again = try OptionReader(JSONValue.parse(#"{"a":1,"a":null}"#), "list")
        #expect(try again.int("a") == nil)
        try again.finish()
    }

    @Test func nullIsNotSet() throws {
        var reader = try reader(#"{"a":null,"b":null}"#)
        #expect(try reader.string("a") == nil)
        try reader.refuse("b")
        try reader.finish()
    }

    @Test(arguments: [
        ("string", "1", "a number, not a string"), ("string", "[]", "an array, not a string"), ("bool", "\"true\"", "a string, not a boolean"),
        ("bool", "0", "a number, not a boolean"), ("int", "\"1\"", "a string, not an integer"), ("int", "1.5", "a number, not an integer"),
        ("int", "1e3", "a number, not an integer"), ("int", "9223372036854775808", "a number, not an integer"),
        ("double", "\"1\"", "a string, not a number of at least 0"), ("double", "-0.1", "a number, not a number of at least 0"),
        ("double", "1e999", "a number, not a number of at least 0"), ("object", "[]", "an array, not an object"),
        ("strings", "{}", "an object, not a string or an array of strings"), ("strings", "[1]", "a number, not a string or an array of strings"),
        ("strings", "[\"x\",null]", "null, not a string or an array of strings"), ("choice", "3", "a number, not a string"),
    ])
    func aWrongTypeIsNamed(method: String, value: String, complaint: String) throws {
        var reader = try reader("{\"key\":\(value)}")
        let error = failure { () throws -> Bool in
            switch method {
            case "string": try reader.string("key") != nil
            case "bool": try reader.bool("key") != nil
            case "int": try reader.int("key") != nil
            case "double": try reader.double("key") != nil
            case "object": try reader.object("key") != nil
            case "strings": try reader.strings("key") != nil
            default: try reader.choice("key", ["x"]) != nil
            }
        }
        #expect(error == KubeError(.argument, "the list option \"key\" is \(complaint)"))
    }

    @Test func aNULInATextIsRefused() throws {
        var one = try reader(#"{"a":"x\u0000y"}"#)
        #expect(failure { try one.string("a") } == KubeError(.argument, "the list option \"a\" contains a NUL"))
        var choice = try reader(#"{"a":"x\u0000"}"#)
        #expect(failure { try choice.choice("a", ["x"]) }.message.contains("NUL"))
        for json in [#"{"a":"\u0000"}"#, #"{"a":["x","y\u0000"]}"#] {
            var many = try reader(json)
            #expect(failure { try many.strings("a") } == KubeError(.argument, "the list option \"a\" contains a NUL"), "\(json)")
        }
    }

    @Test(arguments: [(-1, false), (0, true), (10, true), (11, false), (Int64.min, false), (Int64.max, false)] as [(Int64, Bool)])
    func rangesHoldAtBothEnds(number: Int64, fits: Bool) throws {
        var reader = try reader("{\"a\":\(number)}")
        if fits {
            #expect(try reader.int("a", in: 0...10) == number)
        } else {
            #expect(failure { try reader.int("a", in: 0...10) }.message == "the list option \"a\" is \(number), out of range (0 to 10)")
        }
    }

    @Test func withoutARangeNegativesAndHugeNumbersAreRefused() throws {
        for (number, fits) in [("-1", false), ("0", true), ("2305843009213693951", true), ("2305843009213693952", false)] {
            var reader = try reader("{\"a\":\(number)}")
            if fits { #expect(try reader.int("a") == Int64(number)) } else { #expect(failure { try reader.int("a") }.code == .argument) }
        }
    }

    @Test func anUnknownChoiceNamesTheChoices() throws {
        var reader = try reader(#"{"a":"z"}"#)
        #expect(failure { try reader.choice("a", ["x", "y"]) }.message == #"the list option "a" is "z", not one of x, y"#)
    }

    /// `failure` looks at the line breaks.
    @Test func textOfTheCallerDoesNotBreakTheLineOfAMessage() throws {
        #expect(failure { try reader(#"{"a\nb\u001b[31m":1}"#).finish() }.message == #"unknown list option "a b [31m""#)
        var choice = try reader(#"{"a":"x\r\ny"}"#)
        #expect(failure { try choice.choice("a", ["x"]) }.message == #"the list option "a" is "x  y", not one of x"#)
    }

    @Test func whatThisVersionDoesNotHaveIsUnsupported() throws {
        var reader = try reader(#"{"keep":[]}"#)
        #expect(failure { try reader.refuse("keep") } == KubeError(.unsupported, "the list option \"keep\" is not supported by this version"))
    }
}
