// What a reflector's lists ask for and what their failures lead to (L1 to L3, L9, and B1 to B3 for lists).
import KubeCore
import Testing

@Suite struct ReflectorListTests {
    /// L1.
    @Test(arguments: [("", "list"), ("0", "list 0")]) func theFirstListAsksForTheNewestStateOrForAny(firstList: String, action: String) {
        var bench = MachineBench(informerFrom: firstList)
        #expect(bench.machine.state == .idle && bench.start() == action && bench.machine.state == .listing)
    }

    @Test(arguments: ["", "0"]) func aCompleteListIsWatchedFromItsRevision(firstList: String) {
        var bench = MachineBench(informerFrom: firstList)
        _ = bench.start()
        #expect(bench.listed("42") == "watch 42" && bench.machine.state == .watching && bench.machine.resourceVersion == "42")
    }

    /// L1: until one has succeeded, it is the first one.
    @Test(arguments: [("", "list"), ("0", "list 0")]) func aFailedFirstListIsAskedForAgain(firstList: String, action: String) {
        var bench = MachineBench(informerFrom: firstList)
        _ = bench.start()
        for pause in [800, 1600, 3200] {
            #expect(bench.listFailed(answer(500)) == "pause \(pause)" && bench.machine.state == .pausing(then: .list))
            #expect(bench.rested() == action)
        }
    }

    /// L2, fault 27: not older than what was seen, and never "0" again.
    @Test(arguments: ["", "0"]) func everyLaterListAsksForTheLastRevisionSeen(firstList: String) {
        var bench = MachineBench.watching(from: "10", firstList: firstList)
        #expect(bench.refused(Refusal.expired) == "list 10" && bench.listed("20") == "watch 20")
        bench.event(.modified, "21")
        bench.event(.bookmark, "30")
        #expect(bench.refused(Refusal.expired) == "list 30")
        _ = bench.listFailed(answer(503))
        #expect(bench.rested() == "list 30")
    }

    /// L3, faults 25 and 26.
    @Test(arguments: [Refusal.expired, Refusal.bareGone, Refusal.tooLarge, Refusal.tooLargeByCause, Refusal.tooLargeByMessage])
    func aRevisionThatIsRefusedIsDroppedAtOnce(error: KubeError) {
        var bench = MachineBench.watching(from: "10")
        #expect(bench.refused(Refusal.expired) == "list 10" && bench.listFailed(error) == "list")
        #expect(bench.listed("50") == "watch 50")
    }

    /// L3, with `initialList: "any"`: a server that refuses "0" is asked for the newest state.
    @Test(arguments: [Refusal.expired, Refusal.tooLarge]) func evenTheFirstZeroIsDroppedWhenItIsRefused(error: KubeError) {
        var bench = MachineBench(informerFrom: "0")
        _ = bench.start()
        #expect(bench.listFailed(error) == "list" && bench.listFailed(error) == "pause 800" && bench.rested() == "list")
        #expect(bench.listed("7") == "watch 7")
    }

    /// L3: remembered until a list succeeds.
    @Test func theRevisionStaysUnusableUntilAListSucceeds() {
        var bench = MachineBench.watching(from: "10")
        _ = bench.refused(Refusal.expired)
        #expect(bench.listFailed(Refusal.expired) == "list")
        for _ in 0..<3 {
            _ = bench.listFailed(answer(500))
            #expect(bench.rested() == "list")
        }
        #expect(bench.listed("50") == "watch 50")
        bench.event(.added, "51")
        #expect(bench.refused(Refusal.expired) == "list 51")
    }

    /// Fault 24: without a revision there is nothing to drop.
    @Test(arguments: [Refusal.expired, Refusal.tooLarge]) func whereTheNewestStateIsRefusedTooThereArePauses(error: KubeError) {
        var bench = MachineBench()
        _ = bench.start()
        for pause in [800, 1600, 3200, 6400] { #expect(bench.listFailed(error) == "pause \(pause)" && bench.rested() == "list") }
    }

    /// Faults 31, 41 to 43, 50 and 51: an informer never gives up, and no answer counts as an empty list.
    @Test(arguments: [
        answer(400), answer(401), answer(403), answer(404), answer(429), answer(500), answer(503), answer(302), KubeError(.decode, "x"), KubeError(.tls, "x"),
        KubeError(.connect, "x"), KubeError(.timeout, "x"), KubeError(.auth, "x"), KubeError(.config, "x"),
    ])
    func afterAnyOtherFailureAnInformerListsAgain(error: KubeError) {
        var bench = MachineBench()
        _ = bench.start()
        for _ in 0..<30 {
            #expect(bench.listFailed(error).hasPrefix("pause ") && bench.rested() == "list" && bench.machine.resourceVersion == "")
        }
        #expect(bench.listed("5") == "watch 5")
    }

    /// B2, faults 33 and 34.
    @Test(arguments: [("20", "pause 20000"), ("0", "pause 800"), ("3600", "pause 60000"), ("-5", "pause 800"), ("Fri, 31 Dec 1999 23:59:59 GMT", "pause 800")])
    func aListWaitsAtLeastAsLongAsTheServerAsks(retryAfter: String, pause: String) {
        var bench = MachineBench()
        _ = bench.start()
        #expect(bench.listFailed(answer(503, "", retryAfter: retryAfter)) == pause)
    }

    /// B3: lists and streams share the pauses; that a list succeeds in between does not make them short again.
    @Test func aSuccessDoesNotResetThePause() {
        var bench = MachineBench()
        _ = bench.start()
        #expect(bench.listFailed(answer(500)) == "pause 800" && bench.rested() == "list" && bench.listed("1") == "watch 1")
        bench.opened()
        #expect(bench.refused(answer(500)) == "pause 1600" && bench.rested() == "watch 1")
        bench.opened()
        bench.event(.added, "2")
        #expect(bench.refused(answer(500)) == "pause 3200")
    }

    /// B3: time does.
    @Test func twoQuietMinutesResetThePause() {
        var bench = MachineBench.watching(from: "1")
        for pause in [800, 1600, 3200] { #expect(bench.refused(answer(500)) == "pause \(pause)" && bench.rested() == "watch 1") }
        bench.wait(120_000)
        #expect(bench.refused(answer(500)) == "pause 800")
    }

    @Test func pausesEndAtThirtySecondsAndDoNotGrowBeyond() {
        var bench = MachineBench.watching(from: "1")
        var pauses: [String] = []
        for _ in 0..<20 {
            pauses.append(bench.refused(Refusal.throttled))
            _ = bench.rested()
        }
        #expect(Set(pauses.dropFirst(6)) == ["pause 30000"])
    }
}
