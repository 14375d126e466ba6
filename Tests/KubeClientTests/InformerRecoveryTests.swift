// An informer over refusals and streams that break: it resumes where it was, never too fast, and recovers by itself.
import KubeConfig
import KubeCore
import KubeTesting
import KubeTransport
@testable import KubeClient
import Testing

struct InformerRecoveryTests {
    let drive = ManualDrive()
    let log = DeliveryLog()

    // MARK: Refusals

    /// Rows 41 and 42.
    @Test func forbiddenIsPacedNeverSyncedAndRecovers() throws {
        drive.server.otherwise = { _ in .status(403, "Forbidden", "projects is forbidden") }
        let informer = try drive.started(log)
        drive.advance(600_000)
        let count = drive.server.exchanges.count
        #expect(!informer.isSynced && log.lines.isEmpty && count > 10 && count < 30)
        #expect(informer.lastFailure?.error.code == .forbidden)
        #expect(informer.stat("errors") == Int64(count))
        for (index, base) in [800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000].enumerated() {
            #expect(drive.gaps[index] >= base && drive.gaps[index] <= 2 * base, "\(drive.gaps)")
        }
        drive.server.otherwise = { $0.options.isStream ? emptyStream : list([("a", 3)], 10) }
        drive.advance(60_000)
        #expect(informer.isSynced && informer.lastFailure == nil)
        #expect(log.lines == ["ADDED ns/a@3 initial", "SYNCED"])
    }

    @Test func aStreamThatIsForbiddenKeepsTheStoreAndRecovers() throws {
        let informer = try drive.synced(log, (stream(10), .status(403, "Forbidden")))
        #expect(informer.lastFailure?.error.code == .forbidden)
        drive.server.expect(stream(10), .status(401, "Unauthorized"))
        drive.server.expect(stream(10), .stream(added("c", 11)))
        drive.advance(1600)
        #expect(informer.lastFailure?.error.code == .unauthorized)
        drive.advance(3200)
        #expect(try informer.content == "a@3 b@4 c@11")
        #expect(informer.lastFailure == nil && log.afterSync == ["ADDED ns/c@11"] && drive.leftOver == [])
    }

    /// Row 43.
    @Test func aMissingCRDIsAwaited() throws {
        for resource in [projects, "proj.example.sealyun.com"] {
            let (drive, log) = (ManualDrive(), DeliveryLog())
            drive.server.otherwise = { _ in .text("404 page not found\n", status: 404, type: "text/plain") }
            let informer = try drive.informer(resource: resource)
            _ = try informer.addHandler(log.makeConsumer())
            try informer.start()
            drive.advance(30_000)
            #expect(!informer.isSynced && informer.lastFailure?.error.code == .notFound)
            drive.server.otherwise = { exchange in
                switch exchange.line {
                case "GET /apis": .text(#"{"kind":"APIGroupList","groups":[{"name":"example.sealyun.com","versions":[{"version":"v1alpha1"}]}]}"#)
                case discoveryLine: .text(Sample.discovery)
                default: exchange.options.isStream ? emptyStream : list([("a", 3)], 10)
                }
            }
            drive.advance(60_000)
            #expect(informer.isSynced && log.lines == ["ADDED ns/a@3 initial", "SYNCED"])
            #expect(informer.lastFailure == nil)
        }
    }

    /// Row 44, W9.
    @Test func aCRDThatIsDeletedAndRecreatedIsFoundAgain() throws {
        let absent = Answer.text("404 page not found\n", status: 404, type: "text/plain")
        let informer = try drive.synced(log, (stream(10), .stream(deleted("a", 11)).ended), (stream(11), absent), (relist(11), absent),
            (relist(11), .text(Sample.list([Sample.object("z", 2, kind: "Plan")], 5, kind: "PlanList"))),
            (stream(5), .stream(Sample.event("ADDED", Sample.object("y", 6, kind: "Plan")))))
        drive.advance(1600)
        // The store is kept while nothing better is known.
        #expect(try informer.content == "b@4")
        #expect(informer.lastFailure?.error.code == .notFound)
        drive.advance(3200)
        #expect(try informer.content == "y@6 z@2")
        #expect(log.afterSync == ["DELETED ns/a@11", "DELETED ns/b@4 stale", "ADDED ns/z@2", "ADDED ns/y@6"])
        #expect(informer.lastFailure == nil && drive.leftOver == [])
    }

    /// Rows 31 to 34.
    @Test func fault31_aListAnswered429WaitsAsLongAsItIsAsked() throws {
        drive.server.expect(firstList, .status(429, "TooManyRequests", retryAfter: "20"))
        drive.server.expect(firstList, .status(503, "ServiceUnavailable", retryAfter: "40"))
        drive.server.expect(firstList, .status(429, "TooManyRequests", retryAfter: "Wed, 21 Oct 2015 07:28:00 GMT"))
        drive.server.expect(firstList, list([], 10))
        drive.server.expect(stream(10), emptyStream)
        let informer = try drive.started(log)
        drive.advance(120_000)
        #expect(informer.isSynced && drive.leftOver == [])
        #expect(drive.gaps[0] == 20_000 && drive.gaps[1] == 40_000 && drive.gaps[2] >= 3200 && drive.gaps[2] <= 6400)
    }

    /// Row 32, W7.
    @Test func aStreamAnswered429IsNoRelist() throws {
        let drive = try ManualDrive(options: #"{"idleMs":86400000}"#)
        let informer = try drive.synced(log, (stream(10), .status(429, "TooManyRequests", retryAfter: "5")))
        drive.server.expect(stream(10), .stream(Sample.event("ERROR", Sample.status(429, "TooManyRequests", details: #"{"retryAfterSeconds":7}"#))))
        for _ in 0..<8 { drive.server.expect(stream(10), .status(429, "TooManyRequests")) }
        drive.server.expect(stream(10), .failure(.refused))
        drive.server.expect(stream(10), .stream(added("c", 11)))
        drive.advance(600_000)
        #expect(try informer.content == "a@3 b@4 c@11")
        #expect(informer.stat("lists") == 1 && drive.leftOver == [])
        #expect(drive.gaps[1] == 5000 && drive.gaps[2] >= 7000)
    }

    /// Row 21, W10.
    @Test func streamsThatCloseAtOnceAreNoSpinning() throws {
        drive.server.otherwise = { $0.options.isStream ? emptyStream.ended : list([("a", 3)], 10) }
        _ = try drive.started(log)
        drive.advance(8000)
        #expect(drive.server.exchanges.count <= 12 && drive.server.exchanges.count >= 4)
    }

    // MARK: Streams that break

    /// Row 28.
    @Test func bookmarksOnlyResumeAtTheBookmark() throws {
        let informer = try drive.synced(log, (stream(10), .stream(Sample.bookmark(50), Sample.bookmark(60)).ended), (stream(60), emptyStream))
        #expect(informer.stats["resourceVersion"] == "60" && log.afterSync.isEmpty && informer.stat("lists") == 1 && drive.leftOver == [])
    }

    /// Rows 8 to 10.
    @Test func anEndInTheMiddleOfAnEventAppliesItOnce() throws {
        for answer in [Answer.stream(added("c", 11), String(added("d", 12).prefix(60))).cut, .stream(added("c", 11) + added("d", 12).prefix(60)).ended] {
            let (drive, log) = (ManualDrive(), DeliveryLog())
            let informer = try drive.synced(log, (stream(10), answer), (stream(11), .stream(added("d", 12))))
            #expect(log.afterSync == ["ADDED ns/c@11", "ADDED ns/d@12"])
            #expect(informer.stat("lists") == 1 && informer.lastFailure == nil && drive.leftOver == [])
        }
    }

    /// Rows 14 and 16, W13.
    @Test func aSilentStreamIsNoticedAndResumed() throws {
        for text in ["", String(added("d", 12).prefix(60))] {
            let drive = try ManualDrive(options: #"{"idleMs":5000}"#)
            let log = DeliveryLog()
            let informer = try drive.synced(log, (stream(10), .stream(added("c", 11), text)))
            #expect(drive.server.exchanges[1].options.idleMs == 5000 && drive.server.exchanges[1].options.isStream)
            drive.advance(4999)
            #expect(drive.server.exchanges.count == 2 && informer.stalenessMs == 4999)
            drive.server.expect(stream(11), .stream(added("d", 12)))
            drive.advance(1)
            #expect(log.afterSync == ["ADDED ns/c@11", "ADDED ns/d@12"])
            #expect(informer.stat("silences") == 1 && informer.stat("lists") == 1 && informer.stalenessMs == 0)
            #expect(drive.leftOver == [])
        }
    }

    /// Row 15.
    @Test func aStreamThatIsNeverAnsweredCountsAsSilentToo() throws {
        let drive = try ManualDrive(options: #"{"idleMs":5000}"#)
        let informer = try drive.synced(log, (stream(10), .nothing))
        drive.server.expect(stream(10), .stream(added("c", 11)))
        drive.advance(4999)
        #expect(informer.stat("silences") == 0)
        drive.advance(1)
        #expect(log.afterSync == ["ADDED ns/c@11"] && informer.stat("silences") == 1 && informer.stat("lists") == 1)
        #expect(informer.lastFailure == nil && drive.leftOver == [])
    }

    /// Row 65, W11: what can be skipped is skipped, and its revision is not adopted.
    @Test(arguments: [
        Sample.event("ADDED", Sample.object("x", 99, kind: "Other")), Sample.event("ADDED", Sample.object("x", 99, apiVersion: "v1")),
        Sample.event("ADDED", Sample.object("x", 99, apiVersion: "other.io/v1alpha1")), Sample.event("MODIFIED", #"{"metadata":{"name":"x"}}"#),
        Sample.event("ADDED", #"{"metadata":{"resourceVersion":"99"}}"#), Sample.event("BOOKMARK", #"{"metadata":{}}"#),
        Sample.event("DELETED", Sample.object("a", 99, kind: "Other")), Sample.event("ADDED", "{}"),
        Sample.event("ADDED", Sample.status(500, "InternalError")),
    ])
    func eventsOfAnotherKindOrWithoutANameAreSkipped(text: String) throws {
        let informer = try drive.synced(log, (stream(10), .stream(added("c", 11), text)))
        #expect(try informer.content == "a@3 b@4 c@11")
        #expect(drive.server.exchanges[1].isOpen)
        drive.server.expect(stream(11), emptyStream)
        drive.server.exchanges[1].complete()
        drive.settle()
        #expect(log.afterSync == ["ADDED ns/c@11"] && informer.lastFailure == nil && drive.leftOver == [])
    }

    /// Rows 37, 53, 62 and 65: what can't be read ends the stream; the last good revision stands.
    @Test(arguments: [
        Sample.event("ERROR", #"{"kind":"Nonsense"}"#), #"{"type":"ERROR","object":7}"#, #"{"type":"ERROR"}"#, "not JSON at all", "\u{0}", "]",
        Sample.event("WHAT", Sample.object("x", 99)), #"{"type":"ADDED"}"#, #"{"type":"ADDED","object":null}"#, "[1]", "7 ", "<html>",
        #"{"object":{"metadata":{"name":"x","resourceVersion":"99"}}}"#,
    ])
    func nonsenseEndsTheStreamAndIsRecoveredFrom(text: String) throws {
        let informer = try drive.synced(log, (stream(10), .stream(added("c", 11), text + "\n")))
        #expect(informer.lastFailure != nil && drive.server.open.isEmpty, "\(text)")
        drive.server.expect(stream(11), .stream(added("d", 12)))
        drive.advance(1600)
        #expect(log.afterSync == ["ADDED ns/c@11", "ADDED ns/d@12"])
        #expect(informer.lastFailure == nil && informer.stat("errors") == 1 && informer.stat("lists") == 1 && drive.leftOver == [])
    }

    /// W8 and row 36: a stream that only ever errs is left for a relist, which is paced as well.
    @Test func aStreamThatOnlyErrsEndsInARelist() throws {
        drive.server.otherwise = { exchange in
            exchange.options.isStream ? .stream(Sample.event("ERROR", Sample.status(500, "InternalError", "etcdserver: no leader"))) : list([("a", 3)], 10)
        }
        let informer = try drive.started(log)
        drive.advance(120_000)
        #expect(informer.stat("lists") ?? 0 >= 2 && informer.stat("lists") ?? 0 < informer.stat("watches") ?? 0)
        #expect(drive.server.exchanges.count < 20)
        #expect(log.lines == ["ADDED ns/a@3 initial", "SYNCED"])
    }

    @Test func whatFollowsAnErrorEventInOnePieceIsNotTaken() throws {
        let text = Sample.event("ERROR", Sample.status(500, "InternalError")) + added("x", 99) + "nonsense"
        let informer = try drive.synced(log, (stream(10), .stream(added("c", 11) + text)))
        #expect(informer.lastFailure?.error.code == .server)
        drive.server.expect(stream(11), emptyStream)
        drive.advance(1600)
        #expect(log.afterSync == ["ADDED ns/c@11"] && informer.stat("errors") == 1 && drive.leftOver == [])
    }

    /// Row 69: a restart of the server under the stream.
    @Test func aServerThatIsAwayForAWhileIsResumedWithoutARelist() throws {
        let informer = try drive.synced(log, (stream(10), Answer.stream(added("c", 11)).cut), (stream(11), .failure(.refused)))
        for _ in 0..<3 { drive.server.expect(stream(11), .failure(.refused)) }
        drive.server.expect(stream(11), .stream(added("d", 12)))
        drive.advance(60_000)
        #expect(log.afterSync == ["ADDED ns/c@11", "ADDED ns/d@12"])
        #expect(informer.stat("lists") == 1 && informer.stat("errors") == 4 && informer.lastFailure == nil && drive.leftOver == [])
    }

    // MARK: Credentials

    /// Rows 38 and 39, T5 and T6.
    @Test func aTokenThatWasRefusedIsReadAnew() throws {
        let file = TokenFolder()
        file.write("old")
        let drive = ManualDrive { $0.tokenFile = file.path }
        drive.server.expect(firstList, .status(401, "Unauthorized"))
        drive.server.expect(firstList, list([], 10))
        drive.server.expect(stream(10), .status(401, "Unauthorized"))
        drive.server.expect(stream(10), emptyStream)
        let informer = try drive.started(log)
        file.write("new")
        drive.advance(1600)
        #expect(informer.isSynced)
        file.write("newer")
        drive.advance(3200)
        #expect(drive.server.exchanges.map { $0.header("authorization") } == ["Bearer old", "Bearer new", "Bearer new", "Bearer newer"])
        #expect(drive.leftOver == [])
    }

    @Test func aTokenThatCantBeReadIsAnErrorUntilItCan() throws {
        let file = TokenFolder()
        let drive = ManualDrive { $0.tokenFile = file.path }
        let informer = try drive.started(log)
        #expect(informer.lastFailure?.error.code == .auth && drive.server.exchanges.isEmpty)
        file.write("good")
        drive.server.expect(firstList, list([], 10))
        drive.server.expect(stream(10), emptyStream)
        drive.advance(120_000)
        #expect(informer.isSynced && informer.lastFailure == nil && drive.leftOver == [])
    }
}
