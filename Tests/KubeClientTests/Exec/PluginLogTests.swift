// What is told of a plugin in the log: its words with their secrets covered, and how to get one that is not there.
import KubeConfig
import KubeCore
import KubeSystem
import KubeTesting
@testable import KubeClient
import Testing

extension LogTests {
    /// The lines that the steps give and that hold the mark: other suites log at the same time.
    private func told(_ mark: String, _ steps: () throws -> Void) rethrows -> [String] {
        let lock = Lock()
        var lines: [String] = []
        Log.set(LogListener(write: { level, line in if line.contains(mark) { lock.withLock { lines.append("\(level): \(line)") } } }), level: 4)
        defer { Log.set(nil, level: 0) }
        try steps()
        return lock.withLock { lines }
    }

    @Test func T11_whatAPluginSaysIsToldWithoutWhatAnyRunGave() throws {
        let script = PluginScript()
        let exec = try #require(try PluginFixture.config().exec)
        let drive = ManualDrive(plugins: script.host) { $0.exec = exec }
        func run(_ exit: Int32, gives token: String?, says text: String) throws {
            _ = try drive.call(.get, name: "web")
            script.runs.last?.done(ChildEnd(.code(exit), output: token.map { PluginScript.answer("{\"token\":\"\($0)\"}") } ?? [], errors: Array(text.utf8)))
            drive.settle()
            // Refused, or out of the back-off: the next call runs it again.
            if exit == 0 { drive.server.exchanges.last?.answer(.status(401, "Unauthorized")) }
            drive.advance(61_000)
        }
        let lines = try told(exec.command) {
            try run(0, gives: "first-one", says: "it is first-one\n\n\u{7}and well")
            try run(3, gives: "second-one", says: "first-one gave way to second-one")
            try run(3, gives: nil, says: "not second-one again")
            try run(3, gives: nil, says: "nor second-one now")
        }
        #expect(script.runs.count == 4)
        let words = lines.filter { !$0.hasPrefix("debug") && !$0.contains("exit code") }.map { $0.replacing(exec.title, with: "PLUGIN") }
        #expect(words == [
            "info: PLUGIN: it is REDACTED", "info: PLUGIN:  and well", "warn: PLUGIN: REDACTED gave way to REDACTED",
            "warn: PLUGIN: not REDACTED again", "warn: PLUGIN: nor REDACTED now",
        ])
    }

    @Test func T13_theHintIsToldWhenThePluginIsNotThere() throws {
        let name = "kubecr-no-such-plugin-but-a-hint"
        let exec = try #require(try PluginFixture.config("installHint: \"get it\\nthere\"", command: name).exec)
        let drive = ManualDrive(plugins: PluginScript().host) { $0.exec = exec }
        let lines = try told(name) {
            for _ in 0..<12 {
                let error = try drive.call(.get, name: "web").error
                #expect(error?.code == .auth)
                drive.advance(61_000)
            }
        }
        #expect(lines.filter { $0.hasSuffix(": get it there") }.count == 10)
    }

    @Test func T13_noHintIsToldOfAPluginThatMayNotRun() throws {
        let options = [JSONValue.Member("exec", .array(["/usr/local/bin/kubecr-env"]))]
        let exec = try #require(try PluginFixture.config("installHint: get it\nargs: [no-hint]", command: "env", options: options).exec)
        let drive = ManualDrive(plugins: PluginScript().host) { $0.exec = exec }
        var error: KubeError?
        let lines = try told("get it") { error = try drive.call(.get, name: "web").error }
        #expect(error?.code == .config && lines == [])
    }
}
