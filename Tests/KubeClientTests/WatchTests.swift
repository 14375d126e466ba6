// A raw watch while all goes well: the list at its start, its events, its options, and every way it can end.
import KubeCore
import KubeTesting
import KubeTransport
@testable import KubeClient
import Testing

struct WatchTests {
    let drive = ManualDrive()
    let log = DeliveryLog()

    private func endedOnce(_ error: KubeError.Code? = nil) -> Bool {
        log.lines.filter { $0.hasPrefix("END") }.count == 1 && log.lines.last == "END" + (error.map { " \($0)" } ?? "") && log.releases == 1
            && log.faults == 0 && drive.client.childCount == 0 && drive.server.open.isEmpty && drive.loop.pendingTimers == 0
    }

    // MARK: The start

    @Test func withoutARevisionItListsThenWatchesFromThere() throws {
        drive.server.expect(firstList, list([("a", 3), ("b", 4)], 10, token: "t"))
        drive.server.expect(firstList + "&continue=t", list([("c", 5)], 11))
        drive.server.expect(stream(10), .stream(added("d", 12), modified("a", 13), deleted("b", 14), Sample.bookmark(20)))
        _ = try drive.watch(log)
        #expect(log.lines == [
            "ADDED ns/a@3", "ADDED ns/b@4", "ADDED ns/c@5", "BOOKMARK @10", "ADDED ns/d@12", "MODIFIED ns/a@13", "DELETED ns/b@14", "BOOKMARK @20",
        ])
        #expect(drive.leftOver == [])
    }

    @Test func anEmptyListIsABookmarkAlone() throws {
        drive.server.expect(firstList, list([], 10))
        drive.server.expect(stream(10), emptyStream)
        _ = try drive.watch(log)
        #expect(log.lines == ["BOOKMARK @10"])
        #expect(drive.leftOver == [])
    }

    @Test func withARevisionItWatchesAtOnce() throws {
        drive.server.expect(
            "GET \(root)/namespaces/ns/projects?labelSelector=a%3Db&fieldSelector=metadata.name%3Dx&shardSelector=s%26t&watch=true&allowWatchBookmarks=true&resourceVersion=5",
            .stream(added("a", 6)))
        _ = try drive.watch(log, options: #"{"resourceVersion":"5","labelSelector":"a=b","fieldSelector":"metadata.name=x","shardSelector":"s&t"}"#, ns: "ns")
        #expect(log.lines == ["ADDED ns/a@6"])
        #expect(drive.server.exchanges[0].options.isStream)
        #expect(drive.server.exchanges[0].options.idleMs == 150_000)
        #expect(drive.leftOver == [])
    }

    @Test func eachRequestLivesFiveToTenMinutesUnlessTheCallerSays() throws {
        drive.server.otherwise = { _ in emptyStream.ended }
        _ = try drive.watch(log, options: #"{"resourceVersion":"5"}"#)
        drive.advance(600_000)
        let seconds = drive.server.exchanges.compactMap { exchange in
            exchange.request.target.split(separator: "&").first { $0.hasPrefix("timeoutSeconds=") }.flatMap { Int($0.dropFirst(15)) }
        }
        #expect(seconds.count > 5 && seconds.allSatisfy { (300...600).contains($0) } && Set(seconds).count > 1)
        let drive = ManualDrive()
        drive.server.next(emptyStream)
        _ = try drive.watch(DeliveryLog(), options: #"{"resourceVersion":"5","timeoutSeconds":7}"#)
        #expect(drive.server.exchanges[0].request.target.hasSuffix("&timeoutSeconds=7"))
    }

    @Test func aNameIsLookedUpOnce() throws {
        drive.server.expect("GET /apis", .text(#"{"kind":"APIGroupList","groups":[{"name":"example.sealyun.com","versions":[{"version":"v1alpha1"}]}]}"#))
        drive.server.expect(discoveryLine, .text(Sample.discovery))
        drive.server.expect(firstList, list([], 10))
        drive.server.expect(stream(10), .stream(Sample.bookmark(11)).ended)
        drive.server.expect(stream(11), emptyStream)
        _ = try drive.watch(log, resource: "proj.example.sealyun.com")
        #expect(drive.leftOver == [])
    }

    @Test func optionsAreReadStrictly() {
        for options in [
            #"{"colour":1}"#, #"{"maxQueued":0}"#, #"{"timeoutMs":"5"}"#, #"{"resourceVersion":5}"#, #"{"sendInitialEvents":true}"#,
            #"{"allowWatchBookmarks":false}"#, "[]",
        ] {
            #expect(throws: KubeError.self, "\(options)") { try drive.watch(log, options: options) }
        }
        #expect(throws: KubeError.self) { try drive.watch(log, resource: "") }
        #expect(throws: KubeError.self) { try drive.watch(log, ns: "a/b") }
        // The consumer of a watch that was never made is its maker's.
        #expect(log.releases == 0 && drive.server.exchanges.isEmpty)
    }

    // MARK: The end

    @Test func stopGivesOneEndAndReleasesOnce() throws {
        drive.server.next(list([("a", 3)], 10))
        drive.server.next(emptyStream)
        let watch = try drive.watch(log)
        watch.stop()
        watch.stop()
        drive.settle()
        #expect(log.lines == ["ADDED ns/a@3", "BOOKMARK @10", "END"])
        #expect(endedOnce())
        watch.stop()
        drive.advance(600_000)
        #expect(endedOnce() && drive.leftOver == [])
    }

    @Test func stopInEveryPhaseGivesOneEnd() throws {
        let phases: [(String, Answer)] = [
            ("while the list is awaited", .nothing), ("in the middle of the list", list([("a", 3)], 10).split(into: 50).dropLast(2)),
            ("in a pause", .status(503, "ServiceUnavailable", retryAfter: "30")), ("after a refusal", .status(403, "Forbidden")),
        ]
        for (phase, answer) in phases {
            let (drive, log) = (ManualDrive(), DeliveryLog())
            drive.server.next(answer)
            let watch = try drive.watch(log)
            watch.stop()
            drive.advance(600_000)
            #expect(log.lines.filter { $0.hasPrefix("END") }.count == 1 && log.releases == 1 && log.faults == 0, "\(phase)")
            #expect(drive.server.open.isEmpty && drive.client.childCount == 0 && drive.loop.pendingTimers == 0, "\(phase)")
        }
    }

    @Test func aConsumerThatReturnsStopHearsNothingButTheEnd() throws {
        drive.server.next(list([("a", 3), ("b", 4), ("c", 5)], 10))
        drive.server.next(.stream(added("d", 11)))
        log.onDelivery = { $0.object?.name != "b" }
        _ = try drive.watch(log)
        #expect(log.lines == ["ADDED ns/a@3", "ADDED ns/b@4", "END"])
        #expect(endedOnce())
    }

    @Test func stopFromInsideACallbackEndsAfterIt() throws {
        drive.server.next(list([("a", 3), ("b", 4)], 10))
        drive.server.next(emptyStream)
        var watch: Watch?
        log.onDelivery = { _ in
            watch?.stop()
            return true
        }
        drive.holdsCallbacks = true
        watch = try drive.watch(log)
        drive.holdsCallbacks = false
        drive.settle()
        #expect(log.lines.last == "END" && log.lines.first == "ADDED ns/a@3")
        #expect(endedOnce())
    }

    @Test func whatIsQueuedIsDroppedByAStop() throws {
        drive.server.next(list([("a", 3), ("b", 4)], 10))
        drive.server.next(emptyStream)
        drive.holdsCallbacks = true
        let watch = try drive.watch(log)
        watch.stop()
        drive.settle()
        drive.holdsCallbacks = false
        drive.settle()
        #expect(log.lines == ["END"])
        #expect(endedOnce())
    }

    @Test func timeoutMsEndsItAfterWhatIsQueued() throws {
        drive.server.next(list([("a", 3)], 10))
        drive.server.next(.stream(added("b", 11)))
        drive.holdsCallbacks = true
        _ = try drive.watch(log, options: #"{"timeoutMs":5000}"#)
        drive.advance(5000)
        #expect(drive.server.open.isEmpty)
        drive.holdsCallbacks = false
        drive.settle()
        #expect(log.lines == ["ADDED ns/a@3", "BOOKMARK @10", "ADDED ns/b@11", "END"])
        #expect(endedOnce())
    }

    @Test func aStopAfterTheTimeDropsTheRest() throws {
        drive.server.next(list([("a", 3)], 10))
        drive.server.next(.stream(added("b", 11)))
        drive.holdsCallbacks = true
        let watch = try drive.watch(log, options: #"{"timeoutMs":5000}"#)
        drive.advance(5000)
        watch.stop()
        drive.settle()
        drive.holdsCallbacks = false
        drive.settle()
        #expect(log.lines == ["END"])
        #expect(endedOnce())
    }

    @Test func aRevisionThatIsTooOldEndsWithGone() throws {
        for answer in [
            Answer.status(410, "Expired", "too old resource version"), .stream(Sample.event("ERROR", Sample.status(410, "Expired", "too old"))),
            .stream(Sample.event("ERROR", Sample.status(410, "Gone", "too old"))).ended,
        ] {
            let (drive, log) = (ManualDrive(), DeliveryLog())
            drive.server.expect(stream(5), answer)
            _ = try drive.watch(log, options: #"{"resourceVersion":"5"}"#)
            drive.advance(600_000)
            #expect(log.lines == ["END gone"])
            #expect(log.error?.httpStatus == 410)
            #expect(log.releases == 1 && drive.client.childCount == 0 && drive.leftOver == [])
        }
    }

    @Test(arguments: [400, 401, 403, 404, 405, 422])
    func aFirstRequestRefusedEndsIt(status: Int) throws {
        drive.server.expect(firstList, .status(status, "", "not for you"))
        _ = try drive.watch(log)
        drive.advance(600_000)
        #expect(log.lines.count == 2 || log.lines.count == 1)
        #expect(log.lines.last?.hasPrefix("END ") == true && log.error?.httpStatus == status && log.error?.message == "not for you")
        let second = DeliveryLog()
        drive.server.expect(stream(5), .status(status, ""))
        _ = try drive.watch(second, options: #"{"resourceVersion":"5"}"#)
        drive.advance(600_000)
        #expect(second.error?.httpStatus == status && second.releases == 1)
        #expect(drive.leftOver == [])
    }

    @Test func theEndOfTheClientEndsItToo() throws {
        drive.server.next(list([], 10))
        drive.server.next(emptyStream)
        let watch = try drive.watch(log)
        watch.endNow()
        drive.settle()
        #expect(endedOnce())
    }

    @Test func aWatchStoppedBeforeItsStartAsksNothing() throws {
        let watch = try Watch(drive.client, resource: projects, namespace: nil, options: nil, consumer: log.makeConsumer())
        watch.stop()
        watch.start()
        drive.settle()
        #expect(log.lines == ["END"] && endedOnce() && drive.server.exchanges.isEmpty)
    }
}
