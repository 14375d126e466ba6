// The reader that the rules stand on: what it takes out, and what it must leave.
import Testing

@Suite struct SwiftCodeTests {
    private func squeezed(_ text: String) -> String { SwiftCode.of(text).split { $0 == " " }.joined(separator: " ") }

    @Test func commentsAndLiteralsGoAndLinesStay() {
        #expect(squeezed("a // b! try!\nc") == "a \nc")
        #expect(squeezed("a /* b /* c! */ d! */ e") == "a e")
        #expect(squeezed(#"a("x! \" y!") + b"#) == #"a(" ") + b"#)
        #expect(squeezed("a(#\"x\"! \\(no!)\"#) b") == "a( \" \" ) b")
        #expect(squeezed("a(\"\"\"\nx! \"quoted!\"\n\"\"\") b").contains("!") == false)
        let text = "let a = \"x\" // y\n/* z\n*/ let b = 1\n"
        #expect(SwiftCode.of(text).count == text.count && SwiftCode.of(text).split(separator: "\n", omittingEmptySubsequences: false).count == 4)
    }

    @Test func interpolationIsCode() {
        #expect(squeezed(#"print("x \(a[0]!) y \(f("z!", (b))) !")"#).contains("a[0]!"))
        #expect(!squeezed(#"print("x \(f("z!", (b))) !")"#).contains("!"))
        #expect(squeezed("print(#\"x \\#(a!) \\(b!)\"#)").contains("a!"))
        #expect(!squeezed("print(#\"x \\#(a!) \\(b!)\"#)").contains("b!"))
    }

    @Test func directivesAreCode() {
        #expect(squeezed("#if os(Linux)\n#endif") == "#if os(Linux)\n#endif")
    }

    @Test func wordsCarryTheirLineAndWhatFollows() {
        let words = SwiftCode.words("a b(\n c_1")
        #expect(words.map(\.word) == ["a", "b", "c_1"] && words.map(\.line) == [1, 1, 2] && words.map(\.next) == [" ", "(", nil])
    }
}
