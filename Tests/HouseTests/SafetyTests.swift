// What the code of the library may not do: trap on purpose, unwrap by force, or call a C library from another place than its own.
import Testing

enum SafetyRules {
    /// For tests and programs only; a host program never runs them.
    static let exempt: Set<String> = ["KubeTesting", "kubecr-testserver", "kubecr-faultproxy"]
    static let traps: Set<Substring> = ["fatalError", "preconditionFailure", "precondition"]
    /// C functions of this front are called in this module only.
    static let homes = ["curl_": "KubeTransport", "yaml_": "KubeConfig"]

    static func violations(_ file: SourceFile) -> [String] {
        guard file.isSwift else { return [] }
        let code = SwiftCode.of(file.text)
        var found = foreignCalls(code, file)
        if !exempt.contains(file.module) { found += trapCalls(code, file) + forcedUnwraps(code, file) }
        return found
    }

    private static func trapCalls(_ code: String, _ file: SourceFile) -> [String] {
        SwiftCode.words(code).filter { traps.contains($0.word) && $0.next == "(" }.map { "\(file.path):\($0.line): \($0.word)" }
    }

    private static func foreignCalls(_ code: String, _ file: SourceFile) -> [String] {
        SwiftCode.words(code).compactMap { word, line, next in
            guard next == "(", let home = homes.first(where: { word.hasPrefix($0.key) }), home.value != file.module else { return nil }
            return "\(file.path):\(line): \(word) is called outside of \(home.value)"
        }
    }

    /// `x!`, `f()!`, `a[0]!`, `try!`, `as!`, `String!`; not `x != y` and not `!x`.
    private static func forcedUnwraps(_ code: String, _ file: SourceFile) -> [String] {
        var found: [String] = []
        var line = 1
        var before: Character = " "
        var rest = code[...]
        while let character = rest.popFirst() {
            if character == "\n" { line += 1 }
            if character == "!", rest.first != "=", SwiftCode.isWord(before) || ")]}`\"?>".contains(before) {
                found.append("\(file.path):\(line): a forced unwrap")
            }
            before = character
        }
        return found
    }
}

@Suite struct SafetyTests {
    @Test func theLibraryNeverTrapsOnPurpose() throws {
        #expect(try House.sources.get().flatMap { SafetyRules.violations($0) } == [])
    }

    @Test(arguments: [
        "let a = b!", "f()!", "a[0]!.c", "try! f()", "a as! B", "var a: String!", "print(\"\\(a!)\")", "a?.b!.c", "`default`!", "a!\n= 5",
        "fatalError(\"x\")", "preconditionFailure()", "Swift.precondition(a)",
        "curl_easy_init()", "yaml_parser_delete(&p)",
    ])
    func whatIsForbiddenIsFound(text: String) {
        #expect(SafetyRules.violations(SourceFile("Sources/KubeClient/A.swift", "// A.\nlet ok = 1\n" + text)).count == 1)
    }

    @Test(arguments: [
        "a != b", "a!=b", "!a", "(!a)", "[!a]", "a !== b", "// a!", "\"a!\"", "f(\"wow!\", !x)", "preconditions(a)", "try? f()",
        "let curl_like = 1", "kcr_list_from_yaml(a, yaml_len)", "a ?? !b", "/* fatalError() */",
    ])
    func whatIsAllowedIsNot(text: String) {
        #expect(SafetyRules.violations(SourceFile("Sources/KubeClient/A.swift", text)) == [])
    }

    @Test func eachCLibraryHasOneHomeAndTestsMayUnwrap() {
        #expect(SafetyRules.violations(SourceFile("Sources/KubeTransport/A.swift", "curl_easy_init()")) == [])
        #expect(SafetyRules.violations(SourceFile("Sources/KubeTransport/A.swift", "yaml_parser_delete(&p)")).count == 1)
        #expect(SafetyRules.violations(SourceFile("Sources/KubeTesting/A.swift", "a! + try! b()")) == [])
        #expect(SafetyRules.violations(SourceFile("Sources/KubeTesting/A.swift", "curl_easy_init()")).count == 1)
    }
}
