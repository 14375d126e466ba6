// An informer while all goes well: its first list, the store, what its handlers are told, its options, and its end.
import KubeCore
import KubeTesting
@testable import KubeClient
import Testing

struct InformerTests {
    let drive = ManualDrive()
    let log = DeliveryLog()

    // MARK: The first list

    /// L8 and H7.
    @Test func nothingIsSeenBeforeTheListIsComplete() throws {
        drive.server.expect(firstList, list([("a", 3), ("b", 4)], 10, token: "t"))
        drive.server.expect(firstList + "&continue=t", list([("c", 5)], 11).split(into: 20).dropLast(2))
        let informer = try drive.started(log)
        let last = drive.server.exchanges[1]
        #expect(last.taken > 2 && informer.store.count == 0 && !informer.isSynced && log.lines.isEmpty)
        #expect(try informer.content == "" && informer.stat("synced") == nil)
        drive.server.expect(stream(10), emptyStream)
        last.answer(Answer(Array(list([("c", 5)], 11).split(into: 20).steps.suffix(2))))
        drive.settle()
        #expect(try informer.content == "a@3 b@4 c@5")
        #expect(informer.isSynced)
        #expect(log.lines.dropLast().sorted() == ["ADDED ns/a@3 initial", "ADDED ns/b@4 initial", "ADDED ns/c@5 initial"])
        #expect(log.lines.last == "SYNCED")
        #expect(drive.leftOver == [])
    }

    @Test func theStoreIsCompleteBeforeTheHandlersAre() throws {
        drive.server.expect(firstList, list([("a", 3)], 10))
        drive.server.expect(stream(10), emptyStream)
        drive.holdsCallbacks = true
        let informer = try drive.started(log)
        #expect(informer.isSynced && log.lines.isEmpty)
        drive.holdsCallbacks = false
        drive.settle()
        #expect(log.lines == ["ADDED ns/a@3 initial", "SYNCED"])
    }

    @Test func anEmptyListIsSyncedToo() throws {
        for text in [Sample.list([], 10), Sample.list([], 10).replacing("[]", with: "null")] {
            let (drive, log) = (ManualDrive(), DeliveryLog())
            drive.server.expect(firstList, .text(text))
            drive.server.expect(stream(10), emptyStream)
            let informer = try drive.started(log)
            #expect(log.lines == ["SYNCED"] && informer.isSynced && informer.store.count == 0)
            #expect(drive.leftOver == [])
        }
    }

    @Test func namespaceSelectorsAndPageSizeAreAskedFor() throws {
        let query = "?labelSelector=a%3Db&fieldSelector=metadata.name%3Dx&shardSelector=s%26t"
        drive.server.expect("GET \(root)/namespaces/ns/projects\(query)&limit=7", list([], 10))
        drive.server.expect("GET \(root)/namespaces/ns/projects\(query)&watch=true&allowWatchBookmarks=true&resourceVersion=10", emptyStream)
        let informer = try drive.informer(
            options: #"{"labelSelector":"a=b","fieldSelector":"metadata.name=x","shardSelector":"s&t","pageSize":7}"#, ns: "ns")
        try informer.start()
        drive.settle()
        #expect(informer.isSynced && drive.leftOver == [])
    }

    /// L1, L5 and row 27: a stale replica is asked for any state once, and never again.
    @Test func anyIsAskedForOnceAndNeverAgain() throws {
        drive.server.expect(firstList + "&resourceVersion=0", list([("a", 3)], 10))
        drive.server.expect(stream(10), .status(410, "Expired"))
        drive.server.expect(relist(10), list([("a", 3)], 12))
        drive.server.expect(stream(12), emptyStream)
        let informer = try drive.started(log, options: #"{"initialList":"any"}"#)
        #expect(try informer.content == "a@3")
        #expect(log.lines == ["ADDED ns/a@3 initial", "SYNCED"] && drive.leftOver == [])
    }

    @Test func aNameIsLookedUpOnce() throws {
        drive.server.expect("GET /apis", .text(#"{"kind":"APIGroupList","groups":[{"name":"example.sealyun.com","versions":[{"version":"v1alpha1"}]}]}"#))
        drive.server.expect(discoveryLine, .text(Sample.discovery))
        drive.server.expect(firstList, list([], 10))
        drive.server.expect(stream(10), .status(410, "Gone"))
        drive.server.expect(relist(10), list([], 11))
        drive.server.expect(stream(11), emptyStream)
        let informer = try drive.informer(resource: "proj.example.sealyun.com")
        try informer.start()
        drive.settle()
        #expect(informer.isSynced && drive.leftOver == [])
    }

    // MARK: The stream

    @Test func eventsReachTheStoreAndTheHandlersInOrder() throws {
        drive.server.expect(firstList, list([("a", 3)], 10))
        drive.server.expect(stream(10), .stream(added("b", 11), modified("a", 12), modified("b", 13), deleted("a", 14), added("a", 15)))
        let informer = try drive.started(log)
        #expect(try informer.content == "a@15 b@13")
        #expect(log.lines == [
            "ADDED ns/a@3 initial", "SYNCED", "ADDED ns/b@11", "MODIFIED ns/a@12 from 3", "MODIFIED ns/b@13 from 11", "DELETED ns/a@14", "ADDED ns/a@15",
        ])
        #expect(informer.stat("events") == 5)
    }

    /// H3.
    @Test func theStoreIsNewerThanWhatIsTold() throws {
        drive.server.expect(firstList, list([("a", 3)], 10))
        drive.server.expect(stream(10), .stream(modified("a", 12), deleted("a", 13)))
        let informer = try drive.informer()
        var seen: [String] = []
        log.onDelivery = { delivery in
            seen.append("\(delivery.type) \((try? informer.content) ?? "?")")
            return true
        }
        _ = try informer.addHandler(log.makeConsumer())
        try informer.start()
        drive.settle()
        #expect(log.lines == ["ADDED ns/a@3 initial", "SYNCED", "MODIFIED ns/a@12 from 3", "DELETED ns/a@13"])
        #expect(seen.last == "deleted ")
    }

    /// H6.
    @Test func aDeleteShowsTheLastStateWithTheRevisionAtWhichItIsGone() throws {
        drive.server.expect(firstList, .text(Sample.list([Sample.object("a", 3, spec: #"{"n":1}"#)], 10)))
        drive.server.expect(stream(10), .stream(Sample.event("DELETED", Sample.object("a", 14, spec: #"{"n":2}"#))))
        var gone: ObjectBlob?
        log.onDelivery = { delivery in
            if delivery.type == .deleted { gone = delivery.object }
            return true
        }
        _ = try drive.started(log)
        #expect(gone?.resourceVersion == "14")
        #expect(try gone?.int("/spec/n") == 2)
    }

    @Test func eventsThatChangeNothingAreNotTold() throws {
        drive.server.expect(firstList, list([("a", 3)], 10))
        drive.server.expect(stream(10), .stream(added("a", 3), modified("a", 3), deleted("nobody", 12), modified("new", 13), Sample.bookmark(20)))
        let informer = try drive.started(log)
        #expect(log.lines == ["ADDED ns/a@3 initial", "SYNCED", "ADDED ns/new@13"])
        #expect(try informer.content == "a@3 new@13")
        #expect(informer.stats["resourceVersion"] == "20")
        #expect(try informer.list(nil).resourceVersion == "20")
    }

    /// H1.
    @Test func theSameNameWithAnotherUidIsAnUpdate() throws {
        drive.server.expect(firstList, list([("a", 3)], 10))
        drive.server.expect(stream(10), .stream(Sample.event("ADDED", Sample.object("a", 12, uid: "other"))))
        _ = try drive.started(log)
        #expect(log.lines.last == "MODIFIED ns/a@12 from 3")
    }

    @Test func namesAreApartByNamespace() throws {
        drive.server.expect(firstList, .text(Sample.list([
            Sample.object("a", 3), Sample.object("a", 4, namespace: "other"), Sample.object("a", 5, namespace: ""),
        ], 10)))
        drive.server.expect(stream(10), emptyStream)
        let informer = try drive.started(log)
        #expect(informer.store.count == 3)
        #expect(try informer.list(json(#"{"namespace":"other"}"#)).objects.map(\.resourceVersion) == ["4"])
        #expect(try informer.list(json(#"{"namespace":""}"#)).objects.map(\.resourceVersion) == ["5"])
        #expect(try informer.list(json(#"{"namespace":"none"}"#)).objects.isEmpty)
    }

    // MARK: managedFields

    private let managed = Sample.object("a", 3).replacing(#""name":"a""#, with: #""managedFields":[{"manager":"x"}],"name":"a""#)

    @Test func managedFieldsAreCutOutUnlessAskedFor() throws {
        for keeps in [false, true] {
            let (drive, log) = (ManualDrive(), DeliveryLog())
            drive.server.expect(firstList, .text(Sample.list([managed], 10)))
            drive.server.expect(stream(10), .stream(Sample.event("ADDED", managed.replacing(#""a""#, with: #""b""#))))
            let informer = try drive.started(log, options: #"{"keepManagedFields":\#(keeps)}"#)
            let objects = try informer.list(nil).objects
            #expect(objects.count == 2)
            for object in objects {
                #expect(((try? object.value("/metadata/managedFields")) != nil) == keeps)
                #expect(try object.string("/metadata/uid") == Array("uid-a".utf8))
            }
        }
    }

    // MARK: Numbers about itself

    @Test func statsTellWhatHappened() throws {
        drive.server.expect(firstList, list([("a", 3)], 10))
        drive.server.expect(stream(10), .stream(modified("a", 11)).ended)
        drive.server.expect(stream(11), .status(503, "ServiceUnavailable"))
        drive.server.expect(stream(11), emptyStream)
        let informer = try drive.started(log)
        drive.advance(1600)
        for (name, value) in [
            ("objects", 1), ("lists", 1), ("watches", 2), ("events", 1), ("errors", 1), ("silences", 0), ("handlers", 1), ("queued", 0), ("coalesced", 0),
        ] as [(String, Int64)] {
            // The third stream has brought nothing yet.
            #expect(informer.stat(name) == value || name == "watches" && informer.stat(name) == 3, "\(name)")
        }
        #expect(informer.stats["synced"]?.bool == true && informer.stats["resourceVersion"] == "11")
        #expect(informer.stat("bytes") ?? 0 > 100)
        #expect(drive.leftOver == [])
    }

    @Test func stalenessCountsSinceTheServerWasHeard() throws {
        drive.server.expect(firstList, .nothing)
        let informer = try drive.informer()
        #expect(informer.stalenessMs == -1)
        try informer.start()
        drive.advance(3000)
        #expect(informer.stalenessMs == -1 && informer.stat("stalenessMs") == -1)
        drive.server.exchanges[0].answer(list([], 10))
        drive.server.expect(stream(10), emptyStream)
        drive.settle()
        #expect(informer.stalenessMs == 0)
        drive.advance(2000)
        #expect(informer.stalenessMs == 2000)
        drive.server.exchanges[1].send(Sample.bookmark(12))
        drive.settle()
        #expect(informer.stalenessMs == 0)
        // Half an event is a sign of life too.
        drive.advance(500)
        drive.server.exchanges[1].send("{")
        drive.settle()
        #expect(informer.stalenessMs == 0)
    }

    // MARK: The end

    /// H14.
    @Test func aStoppedInformerIsReadableAndCantBeStartedAgain() throws {
        drive.server.expect(firstList, list([("a", 3)], 10))
        drive.server.expect(stream(10), emptyStream)
        let informer = try drive.started(log)
        #expect(throws: KubeError.self) { try informer.start() }
        informer.stop()
        informer.stop()
        drive.settle()
        #expect(log.lines == ["ADDED ns/a@3 initial", "SYNCED", "END"] && log.releases == 1 && log.faults == 0)
        #expect(drive.server.open.isEmpty && drive.client.childCount == 0)
        drive.advance(600_000)
        #expect(drive.loop.pendingTimers == 0 && drive.leftOver == [])
        #expect(try informer.content == "a@3")
        #expect(informer.isSynced && informer.stat("objects") == 1)
        #expect(code { try informer.start() } == .state)
        #expect(code { _ = try informer.addHandler(DeliveryLog().makeConsumer()) } == .state)
    }

    @Test func anInformerThatWasNeverStartedEndsItsHandlersToo() throws {
        let informer = try drive.informer()
        _ = try informer.addHandler(log.makeConsumer())
        informer.stop()
        drive.settle()
        #expect(log.lines == ["END"] && log.releases == 1 && drive.server.exchanges.isEmpty)
        #expect(code { try informer.start() } == .state)
    }

    /// Row 95.
    @Test func stopInEveryPhaseGivesOneEnd() throws {
        let phases: [(String, [Answer])] = [
            ("while the list is awaited", [.nothing]), ("in the middle of the list", [list([("a", 3)], 10).split(into: 50).dropLast(2)]),
            ("between pages", [list([("a", 3)], 10, token: "t"), .nothing]), ("in a pause", [.status(503, "ServiceUnavailable", retryAfter: "30")]),
            ("before the stream's head", [list([], 10), .nothing]), ("in the middle of an event", [list([], 10), .stream("{\"type\":")]),
            ("in a pause of the stream", [list([], 10), .status(429, "TooManyRequests")]),
        ]
        for (phase, answers) in phases {
            let (drive, log) = (ManualDrive(), DeliveryLog())
            for answer in answers { drive.server.next(answer) }
            let informer = try drive.started(log)
            informer.stop()
            drive.advance(600_000)
            #expect(log.lines.filter { $0.hasPrefix("END") }.count == 1 && log.lines.last == "END" && log.releases == 1 && log.faults == 0, "\(phase)")
            #expect(drive.server.open.isEmpty && drive.client.childCount == 0 && drive.loop.pendingTimers == 0, "\(phase)")
            #expect(drive.leftOver == [], "\(phase)")
        }
    }

    @Test func aStopDuringAListLeavesTheOldStore() throws {
        drive.server.next(list([("a", 3)], 10))
        drive.server.next(.status(410, "Expired"))
        drive.server.next(list([("b", 11), ("c", 12)], 20).split(into: 50).dropLast(2))
        let informer = try drive.started(log)
        #expect(drive.server.exchanges[2].taken > 3)
        informer.stop()
        drive.settle()
        #expect(drive.server.exchanges[2].isCancelled)
        #expect(try informer.content == "a@3")
        #expect(log.lines == ["ADDED ns/a@3 initial", "SYNCED", "END"])
    }

    @Test func itLetsEverythingGo() throws {
        weak var seen: Informer?
        weak var client: Client?
        do {
            let drive = ManualDrive()
            drive.server.next(list([("a", 3)], 10))
            drive.server.next(emptyStream)
            let informer = try drive.started(log, options: #"{"resyncMs":1000}"#)
            (seen, client) = (informer, drive.client)
            informer.stop()
            drive.settle()
        }
        #expect(seen == nil && client == nil && log.releases == 1)
    }

    // MARK: Metadata alone

    private func partial(_ name: String, _ revision: Int) -> String {
        #"{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"\#(name)","namespace":"ns","uid":"u-\#(name)","resourceVersion":"\#(revision)"}}"#
    }
    private func partialList(_ items: [String], _ revision: Int) -> Answer {
        .text(#"{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"\#(revision)"},"items":[\#(items.joined(separator: ","))]}"#)
    }

    @Test func metadataOnlyListsAndWatchesPartialObjects() throws {
        drive.server.expect(firstList, partialList([partial("a", 3)], 10))
        drive.server.expect(stream(10), .stream(
            Sample.event("ADDED", partial("b", 11)), Sample.event("MODIFIED", partial("a", 12)), Sample.event("MODIFIED", Sample.object("a", 13)),
            Sample.event("BOOKMARK", #"{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"20"}}"#)))
        drive.server.expect(stream(20), emptyStream)
        let informer = try drive.started(log, options: #"{"metadataOnly":true}"#)
        drive.server.open.first?.complete()
        drive.untilNextRequest()
        // A whole object among them is of another type: skipped (W11).
        #expect(try informer.content == "a@12 b@11")
        #expect(try informer.list(nil).objects.allSatisfy(\.isPartial))
        #expect(drive.server.exchanges.map { $0.header("Accept") } == [
            "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
            "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
        ])
        #expect(drive.leftOver == [])
    }

    @Test func metadataOnlyTakesNoWholeObjects() throws {
        drive.server.expect(firstList, list([("a", 3)], 10))
        let informer = try drive.started(log, options: #"{"metadataOnly":true}"#)
        #expect(!informer.isSynced && informer.lastFailure?.error.message.contains("PartialObjectMetadata") == true)
    }

    // MARK: What can't be asked

    @Test func whatNeedsNoServerIsRefusedAtOnce() {
        for options in [
            #"{"colour":1}"#, #"{"maxQueued":0}"#, #"{"resyncMs":999}"#, #"{"resyncMs":-1}"#, #"{"initialList":"oldest"}"#, #"{"pageSize":0}"#,
            #"{"keepManagedFields":"yes"}"#, #"{"labelSelector":5}"#, #"{"resourceVersion":"5"}"#, "[]",
            #"{"keep":5}"#, #"{"keep":["spec"]}"#, #"{"keep":["/a~2"]}"#, #"{"indexes":["/a"]}"#, #"{"indexes":{"a":"b"}}"#, #"{"indexes":{"a":5}}"#,
            #"{"indexes":{"a":"/b","a":"/c"}}"#,
        ] {
            #expect(code { _ = try drive.informer(options: options) } == .argument, "\(options)")
        }
        for resource in ["", "v1", "a/b/c/d/e", "v1/..", "v1/a%2fb"] {
            #expect(code { _ = try drive.informer(resource: resource) } == .argument, "\(resource)")
        }
        for namespace in ["..", "a/b", "%2e"] { #expect(code { _ = try drive.informer(ns: namespace) } == .argument, "\(namespace)") }
        #expect(throws: Never.self) { try drive.informer(options: #"{"resyncMs":0,"metadataOnly":false,"initialList":"newest"}"#) }
        #expect(drive.server.exchanges.isEmpty && drive.client.childCount == 0)
    }

    @Test func optionsOfAListAreReadStrictly() throws {
        let informer = try drive.informer()
        #expect(code { _ = try informer.list(json(#"{"colour":1}"#)) } == .argument)
        #expect(code { _ = try informer.list(json(#"{"namespace":1}"#)) } == .argument)
        for options in [#"{"labelSelector":"a b"}"#, #"{"labelSelector":5}"#, #"{"index":"a"}"#, #"{"value":"a"}"#, #"{"index":"a","value":"b"}"#, #"{"index":"a","value":5}"#] {
            #expect(code { _ = try informer.list(json(options)) } == .argument, "\(options)")
        }
        let indexed = try drive.informer(options: #"{"indexes":{"x":"/a","y":"/b"}}"#)
        let error = #expect(throws: KubeError.self) { try indexed.list(json(#"{"index":"z","value":"b"}"#)) }
        #expect(error?.message == #"there is no index "z": there are "x", "y""#)
    }

    // MARK: What is stored, and how it is found

    @Test func onlyWhatIsKeptIsStoredFromListAndWatch() throws {
        drive.server.expect(firstList, list([("a", 3)], 10))
        drive.server.expect(stream(10), emptyStream)
        let informer = try drive.started(log, options: #"{"keep":["/spec/none"],"indexes":{"name":"/metadata/name"}}"#)
        let object = try #require(try informer.list(nil).objects.first)
        #expect(object.isPartial && object.name == "a" && object.resourceVersion == "3")
        #expect((try? object.value("/spec/replicas")) == nil && (try? object.value("/metadata/uid")) != nil)
        #expect(try informer.list(json(#"{"index":"name","value":"a"}"#)).objects.first === object)
        #expect(try informer.list(json(#"{"index":"name","value":"b"}"#)).objects.isEmpty)
        #expect(try informer.list(json(#"{"index":"name","value":"a","namespace":"other"}"#)).objects.isEmpty)
        #expect(try informer.list(json(#"{"labelSelector":"!nothing"}"#)).objects.count == 1)
    }
}
