// The types of YAML scalars, as the reference's resolver finds them.
import KubeConfig
import KubeCore
import Testing

private func value(_ text: String) throws -> JSONValue? { try YAMLReader.document(Array("v: \(text)\n".utf8))["v"] }

@Test(arguments: ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"])
func wordsOfYesAreTrue(_ text: String) throws { #expect(try value(text) == true) }

@Test(arguments: ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"])
func wordsOfNoAreFalse(_ text: String) throws { #expect(try value(text) == false) }

@Test(arguments: ["", "~", "null", "Null", "NULL", "!!null ''"])
func unsetWordsAreNull(_ text: String) throws { #expect(try value(text) == .null) }

@Test(arguments: [
    ("0", "0"), ("-0", "0"), ("+5", "5"), ("42", "42"), ("1_000", "1000"), ("0o7", "7"), ("0O17", "15"), ("017", "15"),
    ("-017", "-15"), ("0b11", "3"), ("-0b101", "-5"), ("0x1F", "31"), ("-0x1f", "-31"), ("08", "8"), ("09.5", "9.5"),
    (".5", "0.5"), ("-.5", "-0.5"), ("+.5", "0.5"), ("5.", "5"), ("1.50", "1.5"), ("1e3", "1000"), ("1E-7", "1e-7"),
    ("1.5e-6", "0.0000015"), ("1e21", "1e+21"), ("1e20", "100000000000000000000"), ("-0.0", "-0"), ("1e-400", "0"),
    ("9007199254740993", "9007199254740993"), ("18446744073709551615", "18446744073709551615"),
    ("123456789012345678901234567890", "123456789012345678901234567890"), ("-9223372036854775808", "-9223372036854775808"),
    ("!!int '5'", "5"), ("!!float 5", "5"), ("123.456", "123.456"),
    ("0x_1F", "31"), ("0b1_1", "3"), ("9_007_199_254_740_993", "9007199254740993"),
])
func numbersInEverySpellingAreNumbers(_ text: String, _ number: String) throws {
    #expect(try value(text) == .number(number))
}

@Test(arguments: [
    "nUll", "yEs", "tRUE", "2001-01-01", "2001-12-14t21:59:43.10-05:00", "12:30:45", "1e400", "-1e400", "0xZZ", "0x", "0b12",
    "+", ".", "..", "1.2.3", "1e", "_1", "0x-5", "0o+7", "--5", "+-5", "5m", "1,000", "0xDEADBEEFDEADBEEFDEADBEEF", ".e5",
    "._5", "v1", "=", "nope", "a b",
])
func lookalikesStayText(_ text: String) throws { #expect(try value(text) == .string(text)) }

@Test(arguments: [
    ("'yes'", "yes"), ("\"5\"", "5"), ("!!str 5", "5"), ("!!str yes", "yes"), ("!custom 5", "5"), ("! 5", "5"), ("|\n  5", "5\n"),
    ("!!binary aGk=", "hi"), ("!!timestamp 2001-01-01", "2001-01-01"), ("''", ""),
    // A surrogate escape is JSON's, not YAML's; the character itself is both's.
    ("\"\\u00e9 \\U0001F600\"", "é 😀"),
])
func quotesAndTagsDecideOverLooks(_ text: String, _ string: String) throws {
    #expect(try value(text) == .string(string))
}

@Test(arguments: ["!!int x", "!!bool 5", "!!float x", "!!null x", "!!int 1.5", "!!binary '*'", ".inf", "-.Inf", "+.INF", ".nan"])
func scalarsThatFitNoJSONValueAreRefusedWithTheirPlace(_ text: String) {
    let error = #expect(throws: KubeError.self) { try value(text) }
    #expect(error?.code == .decode)
    #expect(error?.message.hasPrefix("line 1, column 4: ") == true)
}
