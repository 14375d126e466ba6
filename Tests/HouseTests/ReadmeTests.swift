// What the README shows is code that the tests compile and run.
import Testing

@Suite struct ReadmeTests {
    @Test(arguments: ["c/00_readme.c", "python/00_readme.py", "swift/00_readme/main.swift"])
    func itsCodeIsThatOfTheExample(_ path: String) throws {
        // The first line says where the code belongs.
        let code = try House.read("examples/" + path).drop { $0 != "\n" }.dropFirst()
        #expect(code.count > 500)
        #expect(try House.read("README.md").contains(code))
    }
}
