// A client with a plugin: who waits, who is sent with what, and when the plugin runs again.
import Glibc
import KubeConfig
import KubeCore
import KubeSystem
import KubeTesting
import KubeTransport
@testable import KubeClient
import Testing

@Suite struct PluginCredentialsTests {
    private let script = PluginScript()
    private let config: ClientConfig
    private let web = Answer.text(Sample.object("web", 1))

    init() throws { config = try PluginFixture.config("args: [get, \"$X\"]\nenv: [{name: A, value: b}]") }

    private func client(_ options: String = "{}", script other: PluginScript? = nil) throws -> ManualDrive {
        let exec = config.exec
        return ManualDrive(try ClientOptions(json(options)), plugins: (other ?? script).host) { $0.exec = exec }
    }

    private func authorizations(_ drive: ManualDrive) -> [String?] { drive.server.exchanges.map { $0.header("Authorization") } }

    @Test func requestsWaitForThePluginAndAreSentWithItsToken() throws {
        let drive = try client()
        drive.server.otherwise = { _ in self.web }
        let one = try drive.call(.get, name: "web")
        let two = try drive.call(.get, name: "web")
        #expect(script.runs.count == 1 && drive.server.exchanges.isEmpty)
        let run = try #require(script.runs.first)
        #expect(run.command.path == config.exec?.command && run.command.arguments == ["get", "$X"])
        #expect(run.command.environment.prefix(2) == ["PATH=/usr/bin:/bin", "HOME=/home/u"] && run.command.environment.contains("A=b"))
        #expect(run.limits == ChildLimits(timeMs: 60_000, outputBytes: 1 << 20))
        script.give("tk")
        drive.settle()
        #expect(one.value != nil && two.value != nil && authorizations(drive) == ["Bearer tk", "Bearer tk"])
        // And later ones at once.
        #expect(try drive.call(.get, name: "web").value != nil)
        #expect(script.runs.count == 1)
    }

    @Test func whatIsUnderWayGoesOnWhileThePluginRunsAgain() throws {
        let drive = try client()
        let under = try drive.call(.get, name: "web")
        script.give("one", expires: "2023-11-14T22:13:30Z")
        drive.settle()
        script.wallMs += 20_000
        let waits = try drive.call(.get, name: "web")
        #expect(script.runs.count == 2 && drive.server.exchanges.count == 1)
        drive.server.exchanges.first?.answer(web)
        drive.settle()
        #expect(under.value != nil && waits.results.isEmpty)
        script.give("two")
        drive.settle()
        #expect(authorizations(drive) == ["Bearer one", "Bearer two"])
    }

    @Test func T6_a401IsToldAndTheNextCallRunsThePluginOnce() throws {
        let drive = try client()
        let calls = try (0..<3).map { _ in try drive.call(.get, name: "web") }
        script.give("old")
        drive.settle()
        for exchange in drive.server.exchanges { exchange.answer(.status(401, "Unauthorized")) }
        drive.settle()
        #expect(calls.allSatisfy { $0.error?.code == .unauthorized } && script.runs.count == 1)
        let next = try drive.call(.get, name: "web")
        #expect(script.runs.count == 2)
        script.give("new")
        drive.settle()
        drive.server.exchanges.last?.answer(web)
        drive.settle()
        #expect(next.value != nil && authorizations(drive).last == "Bearer new")
    }

    @Test func T8_aFailureFailsThoseWhoWaitAndThoseWhoComeTooSoon() throws {
        let drive = try client()
        let one = try drive.call(.get, name: "web")
        let two = try drive.call(.list)
        script.runs.last?.done(ChildEnd(.code(3), output: Array("s3cr3t".utf8)))
        drive.settle()
        for error in [one.error, two.error, try drive.call(.get, name: "web").error] {
            #expect(error?.code == .auth && error?.message.contains("exit code 3") == true && error?.message.contains("s3cr3t") == false)
        }
        #expect(script.runs.count == 1)
        drive.advance(2000)
        _ = try drive.call(.get, name: "web")
        #expect(script.runs.count == 2)
        script.give("tk")
        drive.settle()
        #expect(authorizations(drive) == ["Bearer tk"])
    }

    @Test(arguments: [(ENOENT, "No such file"), (EACCES, "Permission denied"), (E2BIG, "list too long")]) func aPluginThatCantBeStartedIsAnError(number: Int32, problem: String) throws {
        script.failure = number
        let error = try client().call(.get, name: "web").error
        #expect(error?.code == .auth && error?.message.contains(problem) == true && error?.isRetryable == true, "\(error?.message ?? "")")
    }

    @Test func aCommandThatIsNotInPathIsAnError() throws {
        let exec = try PluginFixture.config(command: "kubecr-no-such-plugin").exec
        let drive = ManualDrive(plugins: script.host) { $0.exec = exec }
        let error = try drive.call(.get, name: "web").error
        #expect(error?.code == .auth && error?.message.contains("not in PATH") == true && script.runs.isEmpty)
    }

    @Test func T8_thePathIsTheProcessesAndNotThePlugins() throws {
        let exec = try PluginFixture.config("env: [{name: PATH, value: /nowhere}]\nargs: [path]", command: "env").exec
        let drive = ManualDrive(plugins: script.host) { $0.exec = exec }
        _ = try drive.call(.get, name: "web")
        #expect(script.runs.first?.command.path == "/usr/bin/env")
    }

    @Test func T9_aListIsHeldAgainstWhatPathGives() throws {
        let exec = try PluginFixture.config(command: "env", options: [.init("exec", .array(["/usr/local/bin/env"]))]).exec
        let drive = ManualDrive(plugins: script.host) { $0.exec = exec }
        #expect(try drive.call(.get, name: "web").error?.code == .config)
        #expect(script.runs.isEmpty)
    }

    @Test func aWatchWaitsToo() throws {
        let drive = try client()
        let log = DeliveryLog()
        _ = try drive.watch(log, options: #"{"resourceVersion":"5"}"#)
        #expect(drive.server.exchanges.isEmpty && script.runs.count == 1)
        script.give("tk")
        drive.settle()
        #expect(authorizations(drive) == ["Bearer tk"])
        drive.server.exchanges.first?.answer(.status(401, "Unauthorized"))
        drive.settle()
        drive.advance(60_000)
        #expect(log.lines == ["ERROR unauthorized", "END unauthorized"] && script.runs.count == 1)
        // Not before the next request, and once.
        _ = try drive.call(.get, name: "web")
        #expect(script.runs.count == 2)
        script.give("new")
        drive.settle()
        #expect(authorizations(drive) == ["Bearer tk", "Bearer new"])
    }

    @Test func aCallThatGivesUpLeavesThePluginToTheOthers() throws {
        let drive = try client(#"{"timeoutMs": 500}"#)
        let first = try drive.call(.get, name: "web")
        drive.advance(400)
        let cancelled = try drive.call(.get, name: "web")
        let second = try drive.call(.get, name: "web")
        cancelled.call?.cancel()
        drive.advance(100)
        #expect(first.error?.code == .timeout && first.error?.message.contains("plugin has not ended") == true)
        #expect(cancelled.error?.code == .cancelled && second.results.isEmpty && script.runs.first?.isKilled == false)
        script.give("tk")
        drive.settle()
        #expect(authorizations(drive) == ["Bearer tk"])
    }

    @Test func T8_aCertificateIsHandedToTheTransportBeforeTheRequest() throws {
        let drive = try client()
        func give(_ status: String) {
            script.runs.last?.done(ChildEnd(.code(0), output: PluginScript.answer(status)))
            drive.settle()
        }
        let pair = #""clientCertificateData":"-----BEGIN CERTIFICATE-----\nAA==\n","clientKeyData":"-----BEGIN PRIVATE KEY-----\nAA==\n""#
        var shown: [Bool] = []
        drive.server.otherwise = { _ in
            shown.append(drive.client.transport.identity.certificate != nil)
            return .status(401, "Unauthorized")
        }
        for status in ["{\"token\":\"tk\",\(pair)}", "{\(pair)}", "{\"token\":\"tk\"}"] {
            _ = try drive.call(.get, name: "web")
            give(status)
        }
        #expect(shown == [true, true, false] && authorizations(drive) == ["Bearer tk", nil, "Bearer tk"])
    }

    @Test func clientsOfOnePluginShareItsAnswer() throws {
        let (one, two) = (try client(), try client())
        _ = try one.call(.get, name: "web")
        _ = try two.call(.get, name: "web")
        #expect(script.runs.count == 1)
        script.give("tk")
        one.settle()
        two.settle()
        #expect(authorizations(one) == ["Bearer tk"] && authorizations(two) == ["Bearer tk"])
    }

    @Test func aClientThatEndsLeavesTheRunToTheNext() throws {
        let two = try client()
        var one: ManualDrive? = try client()
        _ = try one?.call(.get, name: "web")
        _ = try two.call(.get, name: "web")
        #expect(script.runs.count == 1)
        one?.client.credentials.end()
        one = nil
        #expect(script.runs.first?.isKilled == true)
        two.settle()
        #expect(script.runs.count == 2)
        script.give("tk")
        two.settle()
        #expect(authorizations(two) == ["Bearer tk"])
    }

    @Test func aLoopThatIsNotTurnedIsNotWaitedForForEver() throws {
        let (idle, busy) = (try client(), try client())
        _ = try idle.call(.get, name: "web")
        _ = try busy.call(.get, name: "web")
        busy.advance(1500)
        #expect(script.runs.count == 1)
        busy.advance(3000)
        #expect(script.runs.count == 2)
        script.give("tk")
        busy.settle()
        #expect(authorizations(busy) == ["Bearer tk"])
        // The first run ends late, and its word does not count any more.
        script.runs.first?.done(ChildEnd(.code(3)))
        idle.settle()
        #expect(authorizations(idle) == ["Bearer tk"])
    }

    @Test func aRunThatWasTakenOverIsKilledByTheNextOfItsClient() throws {
        let (idle, busy) = (try client(), try client())
        _ = try idle.call(.get, name: "web")
        _ = try busy.call(.get, name: "web")
        busy.advance(4500)
        script.give("tk", expires: "2023-11-14T22:13:30Z")
        busy.settle()
        script.wallMs += 20_000
        #expect(script.runs.map(\.isKilled) == [false, false])
        _ = try idle.call(.get, name: "web")
        #expect(script.runs.map(\.isKilled) == [true, false, false])
    }

    @Test func aRunThatHasEndedIsNotKilled() throws {
        let drive = try client()
        _ = try drive.call(.get, name: "web")
        script.give("tk")
        drive.settle()
        drive.client.credentials.end()
        #expect(script.runs.map(\.isKilled) == [false])
    }

    @Test func T8_theTimeLimitIsThatOfTheOption() throws {
        let exec = try PluginFixture.config(options: [.init("execTimeoutMs", 700)]).exec
        _ = try ManualDrive(plugins: script.host) { $0.exec = exec }.call(.get, name: "web")
        #expect(script.runs.first?.limits == ChildLimits(timeMs: 700, outputBytes: 1 << 20))
    }

    @Test func aLoopThatIsTurnedIsWaitedForAsLongAsThePluginMayTake() throws {
        let (one, two) = (try client(), try client())
        _ = try one.call(.get, name: "web")
        _ = try two.call(.get, name: "web")
        for _ in 0..<100 {
            one.advance(500)
            two.advance(500)
        }
        #expect(script.runs.count == 1)
    }
}

@Suite struct CredentialFieldTests {
    private func fields(_ change: (inout ClientConfig) -> Void) throws -> [HTTPField] {
        let drive = ManualDrive(ClientOptions(), change)
        drive.server.next(.text(Sample.object("web", 1)))
        #expect(try drive.call(.get, name: "web").value != nil)
        return drive.server.exchanges.first?.request.headers.filter { $0.name != "Accept" } ?? []
    }

    @Test func basicAuthIsSentAsItIs() throws {
        let config = try ClientConfig.load(options: json(#"{"source":"none","server":"https://a","username":"Aladdin","password":"open sesame"}"#), environment: Environment())
        #expect(try fields { $0.basicAuth = config.basicAuth } == [HTTPField("Authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")])
    }

    @Test func T12_impersonationHasItsHeaders() throws {
        let options = #"{"source":"none","server":"https://a","token":"tk","as":"jane","asUid":"7","asGroups":["dev","ops"],"asUserExtra":{"Acme.com/Project%":["x","y"],"scopes":["z"]}}"#
        let config = try ClientConfig.load(options: json(options), environment: Environment())
        #expect(try fields { $0.impersonation = config.impersonation; $0.token = config.token } == [
            HTTPField("Impersonate-User", "jane"), HTTPField("Impersonate-Uid", "7"), HTTPField("Impersonate-Group", "dev"), HTTPField("Impersonate-Group", "ops"),
            HTTPField("Impersonate-Extra-acme.com%2Fproject%25", "x"), HTTPField("Impersonate-Extra-acme.com%2Fproject%25", "y"),
            HTTPField("Impersonate-Extra-scopes", "z"), HTTPField("Authorization", "Bearer tk"),
        ])
    }

    @Test func T5_theTokenFileTakesOverFromTheInlineToken() throws {
        #expect(try fields { $0.token = "inline"; $0.tokenFile = "/nowhere/token" } == [HTTPField("Authorization", "Bearer inline")])
        let folder = TokenFolder()
        folder.write("file")
        #expect(try fields { $0.token = "inline"; $0.tokenFile = folder.path } == [HTTPField("Authorization", "Bearer file")])
    }

    @Test func T5_aTokenFileThatWasNeverReadableIsAUTH() throws {
        let drive = ManualDrive { $0.tokenFile = "/nowhere/token" }
        #expect(try drive.call(.get, name: "web").error?.code == .auth)
    }
}
