// The outside of a file: how long it may be, and that its first line says what it is for.
import Testing

enum FileRules {
    static let maxLines = 400

    static func violations(_ file: SourceFile) -> [String] {
        var found: [String] = []
        // The last line ends in a line break and is followed by none.
        let count = file.lines.count - (file.text.hasSuffix("\n") ? 1 : 0)
        if count > maxLines { found.append("\(file.path) has \(count) lines, more than \(maxLines)") }
        let first = String(file.lines.first ?? "")
        let marks: [String]
        if file.isSwift {
            marks = ["// "]
        } else if [".h", ".c", ".map"].contains(where: { file.path.hasSuffix($0) }) {
            marks = ["/* ", "// "]
        } else {
            return found
        }
        let isSaid = marks.contains { first.hasPrefix($0) && first.count > $0.count + 10 } && !first.hasPrefix("// swift-tools")
        if !isSaid { found.append("\(file.path): the first line does not say what the file is for") }
        return found
    }
}

@Suite struct FileTests {
    @Test func everyFileIsShortAndSaysWhatItIsFor() throws {
        #expect(try House.sources.get().flatMap { FileRules.violations($0) } == [])
    }

    @Test func aLongFileIsFound() {
        let front = "// What this is for.\n"
        #expect(FileRules.violations(SourceFile("Sources/A/A.swift", front + String(repeating: "x\n", count: 399))) == [])
        #expect(FileRules.violations(SourceFile("Sources/A/A.swift", front + String(repeating: "x\n", count: 400))).count == 1)
        #expect(FileRules.violations(SourceFile("Sources/A/A.swift", front + String(repeating: "x\n", count: 399) + "x")).count == 1)
        #expect(FileRules.violations(SourceFile("Sources/A/a.map", "/* What this is for. */\n" + String(repeating: "x\n", count: 400))).count == 1)
    }

    @Test func aFileThatDoesNotSayWhatItIsForIsFound() {
        for text in ["", "import A\n", "\n// What this is for.\n", "//\n", "/// What this is for.\n", "#ifndef A\n"] {
            #expect(FileRules.violations(SourceFile("Sources/A/A.swift", text)).count == 1, "\(text)")
            #expect(FileRules.violations(SourceFile("Sources/A/a.h", text)).count == (text.hasPrefix("// W") ? 0 : 1), "\(text)")
        }
        #expect(FileRules.violations(SourceFile("Sources/A/a.h", "/* What this is for: a header. */\n")) == [])
        #expect(FileRules.violations(SourceFile("Sources/A/module.modulemap", "module A {}\n")) == [])
    }
}
