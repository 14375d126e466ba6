// An informer's lists: what is no whole list never reaches the store, and what a stream missed is found by the next one.
import KubeCore
import KubeTesting
import KubeTransport
@testable import KubeClient
import Testing

struct InformerRelistTests {
    let drive = ManualDrive()
    let log = DeliveryLog()

    // MARK: Lists that fail

    /// Rows 1 and 2, L8.
    @Test func aListThatBreaksOffIsTriedAgainFromTheBeginning() throws {
        drive.server.expect(firstList, list([("a", 3), ("b", 4)], 10).split(into: 200).dropLast(2).cut)
        drive.server.expect(firstList, list([("a", 3)], 11, token: "t"))
        drive.server.expect(firstList + "&continue=t", .status(500, "InternalError", "no page for you"))
        drive.server.expect(firstList, list([("a", 3)], 12, token: "u"))
        drive.server.expect(firstList + "&continue=u", list([("c", 5)], 13))
        drive.server.expect(stream(12), emptyStream)
        let informer = try drive.started(log)
        #expect(informer.lastFailure?.error.code == .connect)
        drive.advance(1600)
        #expect(informer.store.count == 0 && !informer.isSynced && log.lines.isEmpty)
        #expect(informer.lastFailure?.error.code == .server && informer.lastFailure?.error.message == "no page for you")
        drive.advance(3200)
        #expect(try informer.content == "a@3 c@5")
        #expect(log.lines == ["ADDED ns/a@3 initial", "ADDED ns/c@5 initial", "SYNCED"] || log.lines == ["ADDED ns/c@5 initial", "ADDED ns/a@3 initial", "SYNCED"])
        #expect(informer.lastFailure == nil && informer.stat("errors") == 2 && informer.stat("lists") == 3)
        #expect(drive.leftOver == [])
    }

    /// Row 3, L7.
    @Test func anExpiredPageTokenIsOneFullList() throws {
        drive.server.expect(firstList, list([("a", 3), ("x", 4)], 10, token: "t"))
        drive.server.expect(firstList + "&continue=t", .status(410, "Expired", "the continue token is too old"))
        drive.server.expect("GET \(all)", list([("a", 3), ("b", 5)], 12))
        drive.server.expect(stream(12), emptyStream)
        let informer = try drive.started(log)
        #expect(try informer.content == "a@3 b@5")
        #expect(!log.lines.contains { $0.contains("ns/x") } && log.lines.count == 3)
        #expect(informer.stat("errors") == 0 && drive.leftOver == [])
    }

    /// Row 4.
    @Test func oddCharactersInATokenAreEscapedOnce() throws {
        drive.server.expect(firstList, list([], 10, token: "a+b/c=&d%41 é"))
        drive.server.expect(firstList + "&continue=a%2Bb%2Fc%3D%26d%2541%20%C3%A9", list([], 10))
        drive.server.expect(stream(10), emptyStream)
        #expect(try drive.started(log).isSynced && drive.leftOver == [])
    }

    /// R6: pages pass the limiter like any call, streams do not.
    @Test func pagesAreRateLimitedStreamsAreNot() throws {
        let drive = try ManualDrive(options: #"{"qps":1,"burst":1}"#)
        drive.server.expect(firstList, list([("a", 3)], 10, token: "t"))
        drive.server.expect(firstList + "&continue=t", list([("b", 4)], 10))
        for revision in 10..<15 { drive.server.expect(stream(revision), .stream(Sample.bookmark(revision + 1)).ended) }
        drive.server.expect(stream(15), emptyStream)
        let informer = try drive.started(log)
        drive.advance(1000)
        #expect(informer.isSynced && drive.leftOver == [])
        #expect(drive.gaps == [1000, 0, 0, 0, 0, 0, 0])
    }

    /// Row 18.
    @Test func aListThatIsNeverAnsweredOrStopsHalfWayIsGivenUp() throws {
        let drive = try ManualDrive(options: #"{"timeoutMs":2000}"#)
        drive.server.expect(firstList, .nothing)
        drive.server.expect(firstList, list([("a", 3)], 10).split(into: 50).dropLast(2))
        drive.server.expect(firstList, list([("a", 3)], 11))
        drive.server.expect(stream(11), emptyStream)
        let informer = try drive.started(log)
        drive.advance(1999)
        #expect(informer.lastFailure == nil)
        drive.advance(1)
        #expect(informer.lastFailure?.error.code == .timeout && drive.server.open.isEmpty)
        drive.advance(1600 + 2000 + 3200)
        #expect(try informer.content == "a@3")
        #expect(drive.leftOver == [])
    }

    /// Rows 50 to 53 and 56: as a first list none of these is one.
    @Test(arguments: [
        "", "{}", "<html><body>Sign in</body></html>", "[]", "null", #"{"kind":"ProjectList","metadata":{"resourceVersion":"9"},"items":7}"#,
        #"{"kind":"ProjectList","items":[]}"#, #"{"kind":"ProjectList","metadata":{"resourceVersion":"9"}}"#,
        #"{"kind":"Table","metadata":{"resourceVersion":"9"},"rows":[]}"#, Sample.status(200, ""), Sample.object("a", 3),
        #"{"kind":"ProjectList","metadata":{"resourceVersion":"9"},"items":[{"metadata":{"name":"a"}},]}"#,
        #"{"kind":"ProjectList","metadata":{"resourceVersion":"9"},"items":[{"metadata":{"namespace":"ns"}}]}"#,
        #"{"kind":"ProjectList","metadata":{"resourceVersion":"9"},"items":[7]}"#, "\u{0}", Sample.list([], 9) + "}", String(Sample.list([], 9).dropLast()),
    ])
    func whatIsNoListIsAnErrorAndTriedAgain(text: String) throws {
        drive.server.expect(firstList, .text(text))
        drive.server.expect(firstList, list([("a", 3)], 10))
        drive.server.expect(stream(10), emptyStream)
        let informer = try drive.started(log)
        #expect(informer.lastFailure?.error.code == .decode && !informer.isSynced && informer.store.count == 0)
        drive.advance(1600)
        #expect(try informer.content == "a@3")
        #expect(informer.lastFailure == nil && drive.leftOver == [])
    }

    /// Row 51.
    @Test func aRelistThatIsNoListKeepsTheStoreAndDeletesNothing() throws {
        let other = Sample.list([Sample.object("z", 90, kind: "Other", apiVersion: "v1")], 99, kind: "OtherList", apiVersion: "v1")
        let bad: [Answer] = [
            .text("<html>down for maintenance</html>", type: "text/html"), .text("{}"), .text(Sample.status(200, "")), .text(other),
            .text(""), .text("", status: 204), .text(Sample.object("a", 3)), .text("null"),
        ]
        let informer = try drive.synced(log, (stream(10), .status(410, "Expired")), (relist(10), bad[0]))
        for answer in bad.dropFirst() {
            drive.server.expect(relist(10), answer)
            drive.untilNextRequest()
            #expect(try informer.content == "a@3 b@4" && informer.lastFailure?.error.code == .decode)
        }
        #expect(log.afterSync.isEmpty && informer.isSynced && informer.stat("errors") == 8)
        drive.server.expect(relist(10), list([("a", 3), ("b", 4)], 30))
        drive.server.expect(stream(30), emptyStream)
        drive.untilNextRequest()
        #expect(log.afterSync.isEmpty && informer.lastFailure == nil && drive.leftOver == [])
    }

    // MARK: 410

    /// Rows 22, 23 and 29; L2, H4 and H5.
    @Test func aRevisionThatIsTooOldIsARelistNotFromZero() throws {
        for answer in [
            Answer.status(410, "Expired", "too old"), .status(410, "Gone"), .text("gone", status: 410),
            .stream(Sample.event("ERROR", Sample.status(410, "Expired", "too old"))), .stream(Sample.event("ERROR", Sample.status(410, "Gone"))).ended,
        ] {
            let (drive, log) = (ManualDrive(), DeliveryLog())
            let informer = try drive.synced(log, (stream(10), answer), (relist(10), list([("a", 3), ("c", 20)], 30)), (stream(30), .stream(added("d", 31))))
            #expect(log.afterSync == ["DELETED ns/b@4 stale", "ADDED ns/c@20", "ADDED ns/d@31"])
            #expect(try informer.content == "a@3 c@20 d@31")
            #expect(informer.stat("lists") == 2 && informer.stat("errors") == 0 && informer.lastFailure == nil)
            #expect(drive.leftOver == [])
        }
    }

    @Test func aRelistTellsDeletesFirstThenTheRestAndNothingOfWhatIsUnchanged() throws {
        drive.server.expect(firstList, list([("same", 1), ("changed", 2), ("gone", 3), ("reborn", 4)], 10))
        drive.server.expect(stream(10), .status(410, "Expired"))
        drive.server.expect(relist(10), .text(Sample.list([
            Sample.object("new", 20), Sample.object("changed", 21), Sample.object("same", 1), Sample.object("reborn", 22, uid: "second"),
        ], 30)))
        drive.server.expect(stream(30), emptyStream)
        let informer = try drive.started(log)
        #expect(log.afterSync.first == "DELETED ns/gone@3 stale")
        #expect(log.afterSync.dropFirst().sorted() == ["ADDED ns/new@20", "MODIFIED ns/changed@21 from 2", "MODIFIED ns/reborn@22 from 4"])
        #expect(try informer.content == "changed@21 new@20 reborn@22 same@1")
        #expect(drive.leftOver == [])
    }

    /// H5: what did not change is the same object, not a copy.
    @Test func aRelistReusesWhatDidNotChange() throws {
        let informer = try drive.synced(log, (stream(10), emptyStream))
        let before = try informer.list(nil).objects
        drive.server.exchanges[1].send(Sample.event("ERROR", Sample.status(410, "Expired")))
        drive.server.expect(relist(10), list([("a", 3), ("b", 4)], 30))
        drive.server.expect(stream(30), emptyStream)
        drive.settle()
        let after = try informer.list(nil)
        #expect(after.resourceVersion == "30" && log.afterSync.isEmpty && drive.leftOver == [])
        for object in after.objects { #expect(before.contains { $0 === object }) }
    }

    /// Rows 25 and 26; L3 and L4.
    @Test func aRelistAtARevisionThatCantBeServedAsksForTheNewest() throws {
        let tooLarge = #"{"causes":[{"reason":"ResourceVersionTooLarge","message":"Too large resource version"}]}"#
        for answer in [
            Answer.status(410, "Expired"), .status(410, "Gone"), .status(504, "Timeout", details: tooLarge),
            .status(504, "Timeout", "Timeout: Too large resource version: 10, current: 9"),
        ] {
            let (drive, log) = (ManualDrive(), DeliveryLog())
            drive.server.expect(firstList, list([("a", 3)], 10))
            drive.server.expect(stream(10), .status(410, "Expired"))
            drive.server.expect(relist(10), answer)
            drive.server.expect(firstList, list([("a", 3)], 9))
            drive.server.expect(stream(9), emptyStream)
            let informer = try drive.started(log)
            #expect(informer.isSynced && drive.leftOver == [] && drive.gaps == [0, 0, 0, 0])
        }
    }

    /// Row 24.
    @Test func gone410ForEverIsPaced() throws {
        drive.server.otherwise = { $0.options.isStream ? .status(410, "Expired") : list([("a", 3)], 10) }
        let informer = try drive.started(log)
        drive.advance(8000)
        #expect(drive.server.exchanges.count <= 12)
        drive.advance(600_000)
        #expect(drive.server.exchanges.count < 60 && drive.server.exchanges.count > 20)
        #expect(log.lines == ["ADDED ns/a@3 initial", "SYNCED"] && informer.isSynced)
    }
}
