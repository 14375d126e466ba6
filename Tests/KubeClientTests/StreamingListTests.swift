// Informers whose list is the begin of a stream: what is asked for, what is seen when, and every way back to a list request (L10).
import KubeCore
import KubeTesting
@testable import KubeClient
import Testing

struct StreamingListTests {
    let drive = ManualDrive(streamsLists: true)
    let log = DeliveryLog()

    private func streamingList(_ revision: String = "") -> String {
        "GET \(all)?sendInitialEvents=true&resourceVersionMatch=NotOlderThan&watch=true&allowWatchBookmarks=true" + (revision.isEmpty ? "" : "&resourceVersion=\(revision)")
    }

    private func added(_ name: String, _ revision: Int) -> String { Sample.event("ADDED", Sample.object(name, revision)) }

    /// The bookmark behind the initial events.
    private func end(_ revision: Int, mark: String = #""true""#, kind: String = "Project") -> String {
        Sample.event("BOOKMARK", #"{"apiVersion":"example.sealyun.com/v1alpha1","kind":"\#(kind)","metadata":{"resourceVersion":"\#(revision)","annotations":{"k8s.io/initial-events-end":\#(mark)}}}"#)
    }

    /// L8: nothing before the bookmark, all at once with it; the same stream goes on.
    @Test func nothingIsSeenBeforeTheBookmark() throws {
        drive.server.expect(streamingList(), .stream(added("b", 4), added("a", 3)))
        let informer = try drive.started(log)
        let stream = try #require(drive.server.open.first)
        #expect(informer.store.count == 0 && !informer.isSynced && log.lines.isEmpty && informer.stat("lists") == 1)
        stream.send(end(10))
        drive.settle()
        #expect(try informer.content == "a@3 b@4" && informer.isSynced && informer.store.resourceVersion == "10")
        #expect(log.lines.dropLast().sorted() == ["ADDED ns/a@3 initial", "ADDED ns/b@4 initial"] && log.lines.last == "SYNCED")
        stream.send(Sample.event("MODIFIED", Sample.object("a", 11)))
        drive.settle()
        #expect(log.afterSync == ["MODIFIED ns/a@11 (3)"] || log.afterSync.first?.hasPrefix("MODIFIED ns/a@11") == true)
        #expect(informer.stat("lists") == 1 && informer.stat("watches") == 1 && informer.stat("events") == 1 && informer.stat("errors") == 0)
        // It is resumed as any stream.
        drive.server.expect(KubeClientTests.stream(11), emptyStream)
        stream.complete()
        drive.settle()
        #expect(drive.leftOver == [])
    }

    /// What changes while the initial events are on their way is part of the list.
    @Test func changesBeforeTheBookmarkAreApplied() throws {
        drive.server.expect(streamingList(), .stream([
            added("a", 3), added("b", 4), added("c", 5), Sample.event("MODIFIED", Sample.object("a", 7)),
            Sample.event("DELETED", Sample.object("b", 8)), added("d", 9), end(9),
        ]))
        let informer = try drive.started(log)
        #expect(try informer.content == "a@7 c@5 d@9" && log.lines.count == 4 && drive.leftOver == [])
    }

    /// H4 and H5: a relist is a stream too, and what did not change is neither told nor made again.
    @Test func aRelistIsAStreamToo() throws {
        drive.server.expect(streamingList(), .stream(added("a", 3), added("b", 4), end(10)))
        let informer = try drive.started(log)
        let before = try informer.list(nil).objects.first { $0.name == "b" }
        drive.server.expect(streamingList("10"), .stream(added("b", 4), added("c", 12), end(20)))
        drive.server.open.first?.send(Sample.event("ERROR", Sample.status(410, "Expired", "too old")))
        drive.settle()
        #expect(log.afterSync == ["DELETED ns/a@3 stale", "ADDED ns/c@12"])
        #expect(try informer.content == "b@4 c@12" && informer.list(nil).objects.first { $0.name == "b" } === before)
        #expect(drive.leftOver == [])
    }

    /// L3.
    @Test(arguments: [Answer.status(410, "Expired", "too old"), .status(504, "Timeout", "Too large resource version: 9, current: 8")])
    func aRevisionThatIsRefusedIsAskedForWithout(refusal: Answer) throws {
        drive.server.expect(streamingList(), .stream(added("a", 3), end(10)))
        let informer = try drive.started(log)
        drive.server.expect(streamingList("10"), refusal)
        drive.server.expect(streamingList(), .stream(added("a", 3), end(4)))
        drive.server.open.first?.send(Sample.event("ERROR", Sample.status(410, "Expired", "too old")))
        drive.settle()
        #expect(informer.store.resourceVersion == "4" && drive.leftOver == [])
    }

    /// Servers without streaming lists refuse the parameters: no failure, no pause, and no second time.
    @Test(arguments: [400, 422, 405, 501]) func aServerThatCannotIsListed(code: Int) throws {
        drive.server.expect(streamingList(), .status(code, "Invalid", "sendInitialEvents is forbidden"))
        drive.server.expect(firstList, list([("a", 3)], 10))
        drive.server.expect(stream(10), .stream(Sample.event("ERROR", Sample.status(410, "Expired", "too old"))))
        drive.server.expect("GET \(all)?resourceVersion=10", list([("a", 3)], 20))
        drive.server.expect(stream(20), emptyStream)
        let informer = try drive.started(log)
        #expect(informer.isSynced && informer.stat("errors") == 0 && informer.lastFailure == nil && drive.leftOver == [])
    }

    /// Older ones take no notice of them: a bookmark of another sort, or nothing for ten seconds, says so.
    @Test(arguments: [false, true]) func aServerThatTakesNoNoticeIsListed(bookmarks: Bool) throws {
        drive.server.expect(streamingList(), .stream([added("a", 3), added("b", 4)] + (bookmarks ? [Sample.bookmark(10)] : [])))
        if !bookmarks { #expect(try drive.started(log).store.count == 0) }
        drive.server.expect(firstList, list([("a", 3)], 10))
        drive.server.expect(stream(10), emptyStream)
        if bookmarks { _ = try drive.started(log) } else { drive.advance(10_000) }
        #expect(log.lines == ["ADDED ns/a@3 initial", "SYNCED"] && drive.leftOver == [])
        #expect(drive.server.open.count == 1)
    }

    /// A mock, a proxy: what begins with something else than an event is no stream.
    @Test(arguments: [list([("a", 3)], 10), .text("<html></html>"), .text("{}"), .text(Sample.status(200, ""))]) func anAnswerThatIsNoStreamLeadsToAList(answer: Answer) throws {
        drive.server.expect(streamingList(), answer)
        drive.server.expect(firstList, list([("a", 3)], 10))
        drive.server.expect(stream(10), emptyStream)
        let informer = try drive.started(log)
        #expect(log.lines == ["ADDED ns/a@3 initial", "SYNCED"] && informer.stat("errors") == 0 && drive.leftOver == [])
    }

    /// An item now and then is no silence.
    @Test func aSlowStreamIsWaitedFor() throws {
        drive.server.expect(streamingList(), .stream())
        let informer = try drive.started(log)
        for index in 0..<20 {
            drive.advance(9_000)
            drive.server.open.first?.send(added("o\(index)", 3))
            drive.settle()
        }
        drive.server.open.first?.send(end(10))
        drive.settle()
        #expect(informer.store.count == 20 && informer.isSynced && drive.leftOver == [])
    }

    /// A proxy that holds back the head: `timeoutMs`, as for a list; then the same again.
    @Test func aStreamWithoutAHeadIsGivenUpAfterTimeoutMs() throws {
        drive.server.expect(streamingList(), .nothing)
        _ = try drive.started(log)
        drive.advance(59_999)
        #expect(drive.server.open.count == 1)
        drive.server.expect(streamingList(), .stream(added("a", 3), end(10)))
        drive.advance(1 + 1600)
        #expect(log.lines == ["ADDED ns/a@3 initial", "SYNCED"] && drive.leftOver == [])
    }

    /// Cut, nonsense, or an error in the middle: nothing of it is seen, it is tried again, and after three it is a list.
    @Test(arguments: [0, 1, 2, 3, 4]) func aStreamThatBreaksOffIsTriedAgain(how: Int) throws {
        let broken: [Answer] = [
            .stream(added("x", 3)).cut, .stream(added("x", 3)).ended, .stream(added("x", 3), "nonsense\n"),
            .stream(added("x", 3), Sample.event("ADDED", Sample.object("y", 4, kind: "Other"))), .status(503, "", "later"),
        ]
        for _ in 0..<3 { drive.server.expect(streamingList(), broken[how]) }
        drive.server.expect(firstList, list([("a", 3)], 10))
        drive.server.expect(stream(10), emptyStream)
        _ = try drive.started(log)
        for _ in 0..<4 { drive.advance(8000) }
        #expect(log.lines == ["ADDED ns/a@3 initial", "SYNCED"] && drive.leftOver == [])
    }

    /// 429: the server's pause, and the same again.
    @Test func aBusyServerIsAskedAgain() throws {
        drive.server.expect(streamingList(), .status(429, "TooManyRequests", "later", retryAfter: "5"))
        let informer = try drive.started(log)
        #expect(informer.lastFailure?.error.code == .tooManyRequests)
        drive.advance(4999)
        drive.server.expect(streamingList(), .stream(added("a", 3), end(10)))
        drive.advance(1)
        #expect(informer.isSynced && informer.lastFailure == nil && drive.leftOver == [])
    }

    /// The mark must be the text "true".
    @Test(arguments: [#""false""#, #"true"#, #"{}"#]) func anotherMarkIsNoEnd(mark: String) throws {
        drive.server.expect(streamingList(), .stream(added("x", 3), end(9, mark: mark)))
        drive.server.expect(firstList, list([("a", 3)], 10))
        drive.server.expect(stream(10), emptyStream)
        _ = try drive.started(log)
        #expect(log.lines == ["ADDED ns/a@3 initial", "SYNCED"] && drive.leftOver == [])
    }

    /// W11: the kind is known from the bookmark even when nothing was there.
    @Test func theBookmarkTellsTheKind() throws {
        drive.server.expect(streamingList(), .stream(end(10)))
        let informer = try drive.started(log)
        drive.server.open.first?.send(Sample.event("ADDED", Sample.object("intruder", 11, kind: "Other")) + added("a", 12))
        drive.settle()
        #expect(try informer.content == "a@12" && informer.store.resourceVersion == "12")
    }

    /// A raw watch, and `initialList: "any"`, list by request.
    @Test func whatIsAskedForByRequest() throws {
        drive.server.expect("GET \(all)?limit=500&resourceVersion=0", list([("a", 3)], 10))
        drive.server.expect(stream(10), emptyStream)
        _ = try drive.started(log, options: #"{"initialList":"any"}"#)
        #expect(drive.leftOver == [])
        let other = ManualDrive(streamsLists: true)
        other.server.expect(firstList, list([("a", 3)], 10))
        other.server.expect(stream(10), emptyStream)
        _ = try other.watch(DeliveryLog())
        #expect(other.leftOver == [])
    }

    @Test func aStopInTheMiddleLeavesNothing() throws {
        drive.server.expect(streamingList(), .stream(added("a", 3)))
        let informer = try drive.started(log)
        informer.stop()
        drive.settle()
        #expect(drive.server.open.isEmpty && drive.loop.pendingTimers == 0 && drive.client.childCount == 0 && informer.store.count == 0)
    }
}
