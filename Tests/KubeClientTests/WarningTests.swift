// What a server warns of: which Warning headers count, and that each text is told once for a client (R11, fault 64).
import KubeCore
import KubeTesting
@testable import KubeClient
import Synchronization
import Testing

struct WarningHeaderTests {
    @Test(arguments: [
        (#"299 - "use \"v2\" now""#, [#"use "v2" now"#]), (#"299 - "a", 299 agent/1.0 "b""#, ["a", "b"]), (#"299 - "a","#, ["a"]),
        (#"299 - "a, 299 - \"b\"""#, [#"a, 299 - "b""#]), (#"299 - "a" "Wed, 21 Oct 2015 07:28:00 GMT", 299 - "b""#, ["a", "b"]),
        (#"299 api.example:443 "a"  ,  299 - "b"  "#, ["a", "b"]), (#"199 - "other", 299 - "b""#, ["b"]), (#"  299 - "ü é""#, ["ü é"]),
        ("299 - \"red \u{1b}[31m\nline\"", ["red  [31m line"]), (#"299 - """#, []),
    ])
    func textsOfAFieldAreFound(value: String, texts: [String]) { #expect(WarningHeader.texts(value) == texts) }

    /// A malformed one is ignored, and so is what stands behind it: nobody knows where it ends.
    @Test(arguments: [
        "", "299", "299 ", "299 - no quotes", "299 - \"open", "\"\"", "299 - \"a\\", "299 \"no agent\"", "2990 - \"a\"", "abc - \"a\"", "-99 - \"a\"", ",", "299 , \"a\"",
        "299 - \"a\" \"open date", "299 - \"a\" 299 - \"b\"", "299 -", "\u{0}", "299 - x\"a\"",
    ])
    func fault64_malformedOnesAreIgnored(value: String) {
        #expect(WarningHeader.texts(value).allSatisfy { $0 == "a" })
        #expect(WarningHeader.texts("299 - \"good\", " + value).first == "good")
    }

    @Test func aLongTextIsCut() {
        #expect(WarningHeader.texts("299 - \"" + String(repeating: "x", count: 5000) + "\"").first?.utf8.count == 1027)
    }
}

/// The log is the process's, so these are of the suite that has it for itself; other tests' lines do not count.
extension LogTests {
    private func warnings(_ body: () throws -> Void) rethrows -> [String] {
        let heard = Mutex<[String]>([])
        Log.set(LogListener(write: { level, text in
            if level == .warn, text.contains("the server warns: W11-") { heard.withLock { $0.append(text) } }
        }), level: LogLevel.debug.rawValue)
        defer { Log.set(nil, level: 0) }
        try body()
        return heard.withLock { $0 }
    }

    private func answer(_ values: String...) -> Answer {
        .text(Sample.object("web", 1), headers: values.map { HTTPField("warning", $0) })
    }

    @Test func R11_eachTextIsToldOncePerClient() throws {
        let (drive, other) = (ManualDrive(), ManualDrive())
        let heard = try warnings { () throws in
            drive.server.otherwise = { _ in answer(#"299 - "W11-a""#, #"299 - "W11-b", 299 - "W11-a""#, "299 - broken") }
            other.server.otherwise = drive.server.otherwise
            for _ in 0..<3 { #expect(try drive.call(.get, name: "web").value != nil) }
            #expect(try drive.call(.create, body: Sample.object("web", 0)).value != nil)
            #expect(try other.call(.get, name: "web").value != nil)
        }
        let lead = "GET \(root)/namespaces/ns/projects/web: the server warns: W11-"
        #expect(heard == [lead + "a", lead + "b", lead + "a", lead + "b"])
        #expect(drive.client.warnings.count == 2)
    }

    @Test func R11_aWatchWarnsToo() throws {
        let drive = ManualDrive()
        let heard = try warnings { () throws in
            drive.server.next(Answer([.head(HTTPHead(status: 200, fields: [HTTPField("Warning", #"299 - "W11-watch""#)]))]))
            let log = DeliveryLog()
            let watch = try drive.watch(log, options: #"{"resourceVersion":"5"}"#)
            watch.stop()
            drive.settle()
        }
        #expect(heard == ["watch \(all): the server warns: W11-watch"])
    }

}

struct WarningsTests {
    @Test func theMemoryOfTextsIsBounded() {
        var warnings = Warnings()
        func new(_ texts: [String]) -> [String] { texts.filter { warnings.isNew($0) } }
        let first = (0..<Warnings.memory).map { "w\($0)" }
        #expect(new(first) == first && new(first) == [])
        // The oldest goes for each new one.
        #expect(new(["one more", "w0", "w2"]) == ["one more", "w0"])
        _ = new((0..<10_000).map { "x\($0)" })
        #expect(new(["w2", "x9999"]) == ["w2"])
    }
}
