// The table of faults names tests that exist, and leaves out none.
import Testing

@Suite struct FaultTableTests {
    private static let numbers = (1...108).filter { ![84, 85, 101].contains($0) }.map { "\($0)" } + ["96b"]

    private static func rows(_ table: String) -> [(number: String, shownBy: String)] {
        table.split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|").map { $0.trimmingPrefix { $0 == " " } }
            guard cells.count == 4, let number = cells[0].split(separator: " ").first, number.first?.isNumber == true else { return nil }
            return (String(number), String(cells[3]))
        }
    }

    /// "XTests" and "`x.c`" of a cell.
    private static func names(_ cell: String) -> [String] {
        cell.split { !$0.isLetter && !$0.isNumber && !"._".contains($0) }.map(String.init).filter {
            $0.hasSuffix("Tests") || $0.hasSuffix("Simulation") || $0.hasSuffix(".c") || $0.hasSuffix(".sh") || $0.hasSuffix(".py")
        }
    }

    @Test func everyFaultHasARow() throws {
        #expect(Set(Self.rows(try House.read("Tests/FAULTS.md")).map(\.number)) == Set(Self.numbers))
    }

    @Test func everyTestItNamesIsThere() throws {
        let files = Set(try (House.paths(below: "Tests") + House.paths(below: "bindings/python/tests")).map { $0.split(separator: "/").last.map(String.init) ?? "" })
        for row in Self.rows(try House.read("Tests/FAULTS.md")) {
            let names = Self.names(row.shownBy)
            #expect(!names.isEmpty || row.shownBy.contains("not tested") || row.shownBy.contains("Not tested"), "\(row.number)")
            for name in names { #expect(files.contains(name) || files.contains(name + ".swift"), "\(row.number): \(name)") }
        }
    }
}
