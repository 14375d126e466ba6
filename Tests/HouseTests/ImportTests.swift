// Who may know whom: the `import` lines of every module against the table of ARCHITECTURE.md. SwiftPM alone refuses no import
// that is reachable through a dependency.
import Testing

/// What one module may import.
struct ImportRule {
    let modules: Set<String>
    /// Modules that are not the project's own are free.
    var allowsPackages = false

    func allows(_ name: String) -> Bool { modules.contains(name) || allowsPackages && !ImportTable.isOurs(name) }
}

enum ImportTable {
    private static let engine: Set<String> = ["KubeCore", "KubeSystem", "KubeConfig", "KubeTransport", "KubeClient"]

    static let rules: [String: ImportRule] = [
        "CScan": ImportRule(modules: []), "CRuntime": ImportRule(modules: []), "CCurl": ImportRule(modules: []), "CYaml": ImportRule(modules: []), "CKubeCR": ImportRule(modules: []),
        "KubeCore": ImportRule(modules: ["CScan"]),
        "KubeSystem": ImportRule(modules: ["CRuntime", "Glibc"]),
        "KubeConfig": ImportRule(modules: ["KubeCore", "KubeSystem", "CYaml", "Glibc"]),
        "KubeTransport": ImportRule(modules: ["KubeCore", "KubeSystem", "CCurl", "Glibc"]),
        "KubeClient": ImportRule(modules: ["KubeCore", "KubeSystem", "KubeConfig", "KubeTransport", "Glibc"]),
        "KubeCRABI": ImportRule(modules: engine.union(["CKubeCR"])),
        "KubeTesting": ImportRule(modules: engine.union(["Glibc"])),
        "KubeCR": ImportRule(modules: engine.union(["FoundationEssentials"])),
        "TestServer": ImportRule(modules: ["KubeCore", "KubeConfig"]),
        "kubecr-testserver": ImportRule(modules: ["TestServer", "KubeCore", "KubeConfig", "Foundation", "Glibc"], allowsPackages: true),
        "FaultProxy": ImportRule(modules: ["KubeCore", "KubeSystem", "KubeConfig", "Glibc"]),
        "kubecr-faultproxy": ImportRule(modules: ["FaultProxy", "KubeCore", "KubeSystem", "Glibc"]),
    ]

    static func isOurs(_ name: String) -> Bool { rules[name] != nil }

    /// The modules that a Swift text imports: `@testable package import struct X.Y` is X.
    static func imports(_ text: String) -> [(module: String, line: Int)] {
        var found: [(String, Int)] = []
        for (index, line) in SwiftCode.of(text).split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            for statement in line.split(separator: ";") {
                var words = statement.split { $0 == " " || $0 == "\t" }[...]
                // Attributes may have arguments: @_spi(Name).
                while let word = words.first, word.hasPrefix("@") || ["public", "package", "internal", "fileprivate", "private"].contains(word) {
                    words = words.dropFirst()
                }
                guard words.first == "import" else { continue }
                words = words.dropFirst()
                if let kind = words.first, ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"].contains(kind) {
                    words = words.dropFirst()
                }
                if let name = words.first?.split(separator: ".").first { found.append((String(name), index + 1)) }
            }
        }
        return found
    }

    static func violations(_ files: [SourceFile]) -> [String] {
        files.flatMap { file -> [String] in
            guard let rule = rules[file.module] else { return ["\(file.path): the module \(file.module) is not in the import table"] }
            guard file.isSwift else { return [] }
            return imports(file.text).filter { !rule.allows($0.module) }.map { "\(file.path):\($0.line): \(file.module) may not import \($0.module)" }
        }
    }
}

@Suite struct ImportTests {
    @Test func everyModuleImportsOnlyWhatItMay() throws {
        let files = try House.sources.get()
        #expect(files.count { $0.isSwift } > 80)
        #expect(ImportTable.violations(files) == [])
    }

    @Test func importsAreReadInEveryForm() {
        let text = """
            // import Nothing
            import A
            @testable import B
            public import C; package import D
            internal import struct E.Thing
            @preconcurrency @_spi(Some) import F
            import G.Sub
            let s = "import H"
            /* import I */ import func J.f
            importance(K)
            """
        #expect(ImportTable.imports(text).map(\.module) == ["A", "B", "C", "D", "E", "F", "G", "J"])
        #expect(ImportTable.imports(text).map(\.line) == [2, 3, 4, 4, 5, 6, 7, 9])
    }

    @Test func aWrongImportIsFound() {
        let bad: [(String, String)] = [
            ("KubeCore/A.swift", "import Glibc"), ("KubeCore/A.swift", "@preconcurrency import Foundation"), ("KubeSystem/A.swift", "import KubeCore"),
            ("KubeConfig/YAML/A.swift", "package import KubeTransport"), ("KubeTransport/A.swift", "import KubeConfig"),
            ("KubeClient/A.swift", "import CCurl"), ("KubeClient/A.swift", "import Dispatch"), ("KubeCRABI/A.swift", "import Glibc"),
            ("KubeCR/A.swift", "import Foundation"), ("KubeTesting/A.swift", "import KubeCRABI"),
            ("kubecr-faultproxy/A.swift", "import KubeClient"), ("kubecr-testserver/A.swift", "import KubeCRABI"),
        ]
        for (path, text) in bad { #expect(ImportTable.violations([SourceFile("Sources/" + path, text)]).count == 1, "\(path) \(text)") }
        #expect(ImportTable.violations([SourceFile("Sources/KubeMore/A.swift", "")]).count == 1)
        #expect(ImportTable.violations([SourceFile("Sources/kubecr-testserver/A.swift", "import Foundation\nimport NIOCore\nimport TestServer")]) == [])
    }
}
