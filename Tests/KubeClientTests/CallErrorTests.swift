// What a call makes of an answer that is no success, and of no answer at all (R5, T10). Retries have their own tests.
import KubeConfig
import KubeCore
import KubeTesting
import KubeTransport
@testable import KubeClient
import Testing

struct CallErrorTests {
    let drive = ManualDrive()

    private func error(of answer: Answer) throws -> KubeError? {
        drive.server.next(answer)
        let outcome = try drive.call(.get, name: "web")
        #expect(outcome.results.count == 1)
        return outcome.error
    }

    @Test func fault45_R5_theStatusIsKeptWhole() throws {
        let details = #"{"name":"web","kind":"projects","causes":[{"reason":"x"}]}"#
        let error = try error(of: .status(409, "Conflict", "the object has been modified", details: details))
        #expect(error?.code == .conflict)
        #expect(error?.httpStatus == 409)
        #expect(error?.reason == "Conflict")
        #expect(error?.message == "the object has been modified")
        #expect(error?.statusJSON == Array(Sample.status(409, "Conflict", "the object has been modified", details: details).utf8))
        #expect(error?.isRetryable == false)
    }

    @Test func aKnownReasonOutranksTheNumber() throws {
        #expect(try error(of: .status(500, "NotFound"))?.code == .notFound)
        #expect(try error(of: .status(409, "AlreadyExists"))?.code == .alreadyExists)
        #expect(try error(of: .status(400, "Expired"))?.code == .gone)
        #expect(try error(of: .status(403, "SomethingNew"))?.code == .forbidden)
    }

    @Test func everyNumberHasItsCode() throws {
        let table: [(Int, KubeError.Code)] = [
            (400, .badRequest), (401, .unauthorized), (403, .forbidden), (404, .notFound), (405, .badRequest), (406, .badRequest), (409, .conflict),
            (410, .gone), (413, .badRequest), (415, .badRequest), (422, .invalid), (429, .tooManyRequests), (500, .server), (502, .server),
            (503, .unavailable), (504, .unavailable),
        ]
        for (status, code) in table {
            let error = try error(of: .text("", status: status))
            #expect(error?.code == code && error?.httpStatus == status, "\(status)")
            #expect(error?.message.isEmpty == false)
        }
    }

    @Test func R5_aBodyThatIsNoStatusIsShownAsOneLineOfLimitedLength() throws {
        let error = try error(of: .text("<h1>bad\ngateway\u{1b}[31m</h1>" + String(repeating: "x", count: 100_000), status: 502, type: "text/html"))
        #expect(error?.code == .server)
        #expect(error?.statusJSON == nil)
        let message = error?.message ?? ""
        #expect(message.contains("502") && message.contains("gateway"))
        #expect(!message.unicodeScalars.contains { $0.value < 0x20 })
        #expect(message.utf8.count < 2300)
    }

    @Test func anErrorBodyWithoutEndIsCut() throws {
        let error = try error(of: .text(String(repeating: "x", count: 1 << 19), status: 500))
        #expect(error?.httpStatus == 500)
    }

    @Test(arguments: [301, 302, 303, 307, 308])
    func fault67_redirectToAnotherOriginIsReportedAndNotFollowed(status: Int) throws {
        let drive = ManualDrive { $0.token = "s3cr3t" }
        drive.server.next(.text("", status: status, headers: [HTTPField("Location", "https://evil.example/s3cr3t")]))
        let error = try drive.call(.get, name: "web").error
        #expect(error?.httpStatus == status)
        #expect(error?.message.contains("redirect") == true)
        #expect(error?.message.contains("s3cr3t") == false)
        #expect(drive.server.exchanges.count == 1)
    }

    @Test func aFailedTransferKeepsItsKind() throws {
        let table: [(TransferFailure.Kind, KubeError.Code)] = [
            (.refused, .connect), (.connect, .connect), (.tls, .tls), (.proxy, .proxy), (.timeout, .timeout), (.malformed, .decode),
            (.resources, .noMemory),
        ]
        for (kind, code) in table {
            let error = try error(of: .failure(kind))
            #expect(error?.code == code, "\(kind)")
        }
        #expect(drive.server.exchanges.count == table.count)
    }

    /// Repeating a read is safe; a write only when nothing of it was sent.
    @Test func aReadWithoutAnAnswerMayBeRepeated() throws {
        for (kind, get, post) in [
            (TransferFailure.Kind.refused, true, true), (.connect, true, true), (.unprocessed, true, true), (.timeout, true, false), (.lost, true, false), (.tls, false, false),
            (.malformed, false, false),
        ] {
            let drive = try ManualDrive(options: #"{"maxRetries":0}"#)
            drive.server.otherwise = { _ in .failure(kind) }
            #expect(try drive.call(.get, name: "web").error?.isRetryable == get, "\(kind)")
            #expect(try drive.call(.list).error?.isRetryable == get, "\(kind)")
            #expect(try drive.call(.create, body: Sample.object("web", 0)).error?.isRetryable == post, "\(kind)")
        }
    }

    /// A success that says nothing is none where an object is wanted.
    @Test(arguments: ["", " ", "null", "[]", "7", "{", "<html>", "{} {}"]) func aSuccessWithoutAnObjectIsAnError(text: String) throws {
        for status in [200, 201, 204] {
            let error = try error(of: .text(text, status: status))
            #expect(error?.code == .decode && error?.message.hasPrefix("GET \(root)/namespaces/ns/projects/web: ") == true)
            drive.server.next(.text(text, status: status))
            #expect(try drive.call(.create, body: Sample.object("web", 0)).error?.code == .decode)
            // What a delete is answered with is of no interest.
            drive.server.next(.text(text, status: status))
            #expect(try drive.call(.delete, name: "web").value?.httpStatus == status)
        }
    }

    @Test func anAnswerLargerThanTheLimitIsRefused() throws {
        let drive = try ManualDrive(options: #"{"maxObjectBytes":2048}"#)
        drive.server.next(Answer.text(Sample.object("web", 1, spec: "\"\(String(repeating: "x", count: 3000))\"")).split(into: 500))
        let error = try drive.call(.get, name: "web").error
        #expect(error?.code == .decode)
        #expect(error?.message.contains("2048") == true)
    }

    @Test func a401DropsATokenReadBeforeIt() throws {
        let folder = TokenFolder()
        folder.write("first")
        let drive = ManualDrive { $0.tokenFile = folder.path }
        drive.server.next(.status(401, "Unauthorized"))
        #expect(try drive.call(.get, name: "web").error?.code == .unauthorized)
        folder.write("second")
        drive.advance(1)
        drive.server.next(.text(Sample.object("web", 1)))
        #expect(try drive.call(.get, name: "web").value != nil)
        #expect(drive.server.exchanges.map { $0.header("Authorization") } == ["Bearer first", "Bearer second"])
    }

    @Test func aTokenFileThatCantBeReadIsAnErrorOfTheCall() throws {
        let drive = ManualDrive { $0.tokenFile = "/nowhere/token" }
        let error = try drive.call(.get, name: "web").error
        #expect(error != nil)
        #expect(try drive.call(.list).error != nil)
        #expect(drive.server.exchanges.isEmpty)
    }
}
