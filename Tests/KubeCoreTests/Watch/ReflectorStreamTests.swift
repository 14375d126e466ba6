// What a reflector makes of its streams: where they begin, how they end, and what comes then (W1 to W11, W13).
import KubeCore
import Testing

@Suite struct ReflectorStreamTests {
    /// W1: spread over five to ten minutes.
    @Test func streamsLastFiveToTenMinutes() {
        var timeouts = Set<Int64>()
        for seed in 0..<200 {
            var (machine, random) = (ReflectorMachine(watchFrom: "5", timeoutSeconds: nil), SeededRandom(UInt64(seed)))
            if case .watch("5", let seconds) = machine.start(now: 0, random: &random) { timeouts.insert(seconds) } else { timeouts.insert(-1) }
        }
        #expect(timeouts.allSatisfy { (300...600).contains($0) } && timeouts.count > 100)
    }

    @Test func aTimeoutOfTheCallersIsKept() {
        var (machine, random) = (ReflectorMachine(watchFrom: "5", timeoutSeconds: 7), SeededRandom(1))
        #expect(machine.start(now: 0, random: &random) == .watch(resourceVersion: "5", timeoutSeconds: 7))
    }

    /// W3: revisions are opaque, only the order of arrival counts.
    @Test(arguments: [EventType.added, .modified, .deleted, .bookmark]) func everyEventAdvancesTheRevision(type: EventType) {
        var bench = MachineBench.watching(from: "10")
        for revision in ["11", "9", "opaque/ü", "12"] {
            bench.event(type, revision)
            #expect(bench.machine.resourceVersion == revision)
        }
        bench.event(type, "")
        #expect(bench.machine.resourceVersion == "12" && bench.ended(.closed) == "watch 12")
    }

    /// W4: the first events of a stream from "" or "0" are made up and in no order.
    @Test(arguments: ["", "0"]) func revisionsOfSyntheticAddsAreNotAdopted(from: String) {
        var bench = MachineBench(watchFrom: from)
        #expect(bench.start() == "watch \(from)")
        for revision in ["30", "7", "22"] { bench.event(.added, revision) }
        #expect(bench.machine.resourceVersion == from && bench.ended(.closed) == "watch \(from)")
        bench.event(.added, "30")
        bench.event(.bookmark, "31")
        bench.event(.added, "33")
        #expect(bench.machine.resourceVersion == "33" && bench.ended(.closed) == "watch 33")
        bench.event(.added, "34")
        #expect(bench.machine.resourceVersion == "34")
    }

    /// W5, faults 8 to 11 and 69: at once, from the last revision, without a list.
    @Test func anOrdinaryEndResumesAtTheLastRevision() {
        var bench = MachineBench.watching(from: "10")
        for revision in 11..<40 {
            bench.event(.modified, "\(revision)")
            #expect(bench.ended(.closed, after: 0) == "watch \(revision)")
        }
        #expect(bench.ended(.closed, after: 1000) == "watch 39")
    }

    /// W5, fault 28.
    @Test func afterBookmarksAloneItResumesThere() {
        var bench = MachineBench.watching(from: "10")
        bench.event(.bookmark, "99")
        #expect(bench.ended(.closed) == "watch 99")
    }

    /// W6, faults 22 and 23.
    @Test(arguments: [Refusal.expired, Refusal.bareGone, answer(410, status(410, "Gone")), answer(500, status(500, "Expired"))])
    func aRevisionThatIsTooOldMeansARelist(error: KubeError) {
        var bench = MachineBench.watching(from: "10")
        bench.event(.added, "11")
        #expect(bench.refused(error) == "list 11" && bench.machine.state == .listing)
    }

    /// W6, fault 24: lists that succeed and streams that are too old at once must not spin.
    @Test func tooOldForEverIsPaced() {
        var bench = MachineBench.watching(from: "10")
        #expect(bench.refused(Refusal.expired) == "list 10" && bench.listed("11") == "watch 11")
        for pause in [800, 1600, 3200] {
            #expect(bench.ended(.refused(Refusal.expired), after: 0) == "pause \(pause)" && bench.rested() == "list 11" && bench.listed("11") == "watch 11")
        }
        bench.event(.bookmark, "12")
        #expect(bench.refused(Refusal.expired) == "list 12")
    }

    /// W7, fault 32.
    @Test func tooManyRequestsMeansWaitAndWatchAgain() {
        var bench = MachineBench.watching(from: "10")
        bench.event(.added, "11")
        for _ in 0..<30 { #expect(bench.refused(Refusal.throttled).hasPrefix("pause ") && bench.rested() == "watch 11") }
        #expect(bench.refused(answer(429, "", retryAfter: "45")) == "pause 45000" && bench.rested() == "watch 11")
    }

    /// W7, faults 68 and 76.
    @Test func aServerOutOfReachIsWatchedAgainNotListed() {
        var bench = MachineBench.watching(from: "10")
        for _ in 0..<30 { #expect(bench.ended(.unreachable).hasPrefix("pause ") && bench.rested() == "watch 10") }
    }

    /// W8, fault 36: watched again for a while, then listed.
    @Test(arguments: [answer(500, status(500, "InternalError", "etcdserver: leader changed")), answer(504, status(504, "Timeout")), answer(503), answer(302)])
    func aServerErrorIsWatchedAgainAndThenListed(error: KubeError) {
        var bench = MachineBench.watching(from: "10")
        for _ in 0..<4 { #expect(bench.refused(error).hasPrefix("pause ") && bench.rested() == "watch 10") }
        #expect(bench.refused(error).hasPrefix("pause ") && bench.rested() == "list 10" && bench.listed("10") == "watch 10")
        #expect(bench.refused(error).hasPrefix("pause ") && bench.rested() == "watch 10")
    }

    /// W8: only errors in a row count.
    @Test func aGoodEventBetweenServerErrorsStartsTheCountAnew() {
        var bench = MachineBench.watching(from: "10")
        for revision in 11..<30 {
            #expect(bench.refused(answer(500)).hasPrefix("pause ") && bench.rested() == "watch \(revision - 1)")
            bench.event(.modified, "\(revision)")
        }
    }

    @Test(arguments: [("30", "pause 30000"), ("later", "pause 800"), ("100000", "pause 60000")]) func retryAfterOfAStreamIsKept(retryAfter: String, pause: String) {
        var bench = MachineBench.watching(from: "10")
        #expect(bench.refused(answer(503, "", retryAfter: retryAfter)) == pause)
    }

    /// W9: tokens and rights change.
    @Test(arguments: [401, 403]) func aRefusalOfRightsIsTriedAgain(number: Int) {
        var bench = MachineBench.watching(from: "10")
        for _ in 0..<4 { #expect(bench.refused(answer(number)).hasPrefix("pause ") && bench.rested() == "watch 10") }
        #expect(bench.refused(answer(number)).hasPrefix("pause ") && bench.rested() == "list 10")
    }

    /// W9, fault 44: the resource may come back as another one.
    @Test func aResourceThatIsGoneIsListedWithPauses() {
        var bench = MachineBench.watching(from: "10")
        #expect(bench.refused(answer(404)) == "pause 800" && bench.rested() == "list 10")
        #expect(bench.listFailed(answer(404)) == "pause 1600" && bench.rested() == "list 10" && bench.listFailed(Refusal.tooLarge) == "list")
        #expect(bench.listed("3") == "watch 3" && bench.machine.resourceVersion == "3")
    }

    @Test func aStreamThatIsABadRequestIsListed() {
        var bench = MachineBench.watching(from: "10")
        #expect(bench.refused(answer(400, status(400, "BadRequest", "Invalid value: \"10\""))) == "pause 800" && bench.rested() == "list 10")
    }

    /// L3 for streams: a replica that is behind.
    @Test(arguments: [Refusal.tooLarge, Refusal.tooLargeByCause, Refusal.tooLargeByMessage]) func aStreamTooFarAheadMeansTheNewestState(error: KubeError) {
        var bench = MachineBench.watching(from: "10")
        #expect(bench.refused(error) == "pause 800" && bench.rested() == "list" && bench.listed("9") == "watch 9")
    }

    /// W10, fault 21.
    @Test func aVeryShortStreamWithoutEventsIsPaced() {
        var bench = MachineBench.watching(from: "10")
        for pause in [800, 1600, 3200] {
            bench.opened()
            #expect(bench.ended(.closed, after: 999) == "pause \(pause)" && bench.rested() == "watch 10")
        }
        #expect(bench.ended(.closed, after: 1000) == "watch 10")
    }

    /// W10: each stream is judged on its own.
    @Test func eventsOfTheStreamBeforeDoNotCount() {
        var bench = MachineBench.watching(from: "10")
        bench.event(.added, "11")
        #expect(bench.ended(.closed, after: 10) == "watch 11" && bench.ended(.closed, after: 10) == "pause 800")
    }

    /// W11, fault 53: the revision of the bad event is not adopted; if it stands in the way for good, a list gets past it.
    @Test func undecodableBytesAreWatchedAgainFromTheLastGoodRevision() {
        var bench = MachineBench.watching(from: "10")
        bench.event(.added, "11")
        for _ in 0..<4 { #expect(bench.ended(.undecodable).hasPrefix("pause ") && bench.rested() == "watch 11") }
        #expect(bench.ended(.undecodable).hasPrefix("pause ") && bench.rested() == "list 11")
    }

    /// W13, faults 14 to 17: silence was long enough a pause.
    @Test func aSilentStreamIsResumedAtOnce() {
        var bench = MachineBench.watching(from: "10")
        for _ in 0..<5 { #expect(bench.ended(.silent, after: 150_000) == "watch 10") }
    }

    /// Fault 24: only a revision that is refused soon after its own list is paused for; one that grew old is relisted at once.
    @Test func aRevisionThatGrewOldIsRelistedAtOnce() {
        var bench = MachineBench.watching(from: "10")
        #expect(bench.refused(Refusal.expired) == "list 10")
        _ = bench.listed("20")
        #expect(bench.ended(.refused(Refusal.expired), after: 29_999).hasPrefix("pause"))
        _ = bench.rested()
        _ = bench.listed("30")
        #expect(bench.ended(.refused(Refusal.expired), after: 30_000) == "list 30")
    }

}
