// Raw watches, which may end by themselves, and how every reflector is stopped.
import KubeCore
import Testing

@Suite struct ReflectorLifeTests {
    @Test func aRawWatchWithARevisionDoesNotList() {
        var bench = MachineBench(watchFrom: "42")
        #expect(bench.start() == "watch 42" && bench.machine.state == .watching)
    }

    @Test func aRawWatchWithoutOneListsTheNewestStateFirst() {
        var bench = MachineBench(watchFrom: nil)
        #expect(bench.start() == "list" && bench.listed("7") == "watch 7")
        bench.event(.modified, "8")
        #expect(bench.ended(.closed) == "watch 8")
    }

    /// c-api, "A watch at its edges": a first request answered 4xx, other than 410 and 429, ends the watch.
    @Test(arguments: [400, 401, 403, 404, 405, 406, 415, 422, 499]) func aFirstRequestThatIsRefusedEndsARawWatch(number: Int) {
        var stream = MachineBench(watchFrom: "42")
        _ = stream.start()
        #expect(stream.refused(answer(number)) == "end \(answer(number).code)" && stream.machine.state == .ended)
        var list = MachineBench(watchFrom: nil)
        _ = list.start()
        #expect(list.listFailed(answer(number)) == "end \(answer(number).code)" && list.machine.state == .ended)
    }

    @Test(arguments: [429, 500, 503, 302]) func otherRefusalsOfTheFirstRequestAreTriedAgain(number: Int) {
        var stream = MachineBench(watchFrom: "42")
        _ = stream.start()
        #expect(stream.refused(answer(number)) == "pause 800" && stream.rested() == "watch 42")
        var list = MachineBench(watchFrom: nil)
        _ = list.start()
        #expect(list.listFailed(answer(number)) == "pause 800" && list.rested() == "list")
    }

    /// A failed list that was 410 is tried again: no revision was asked for.
    @Test func aFirstListThatIsTooOldDoesNotEndARawWatch() {
        var bench = MachineBench(watchFrom: nil)
        _ = bench.start()
        #expect(bench.listFailed(Refusal.expired) == "pause 800")
    }

    @Test func failuresWithoutAnAnswerNeverEndARawWatch() {
        var bench = MachineBench(watchFrom: "42")
        _ = bench.start()
        for _ in 0..<20 { #expect(bench.ended(.unreachable).hasPrefix("pause ") && bench.rested() == "watch 42") }
    }

    /// W9: after it has once worked it goes on.
    @Test(arguments: [401, 403, 404]) func onceItHasWorkedRefusalsAreTriedAgain(number: Int) {
        var stream = MachineBench(watchFrom: "42")
        _ = stream.start()
        stream.opened()
        for _ in 0..<20 { #expect(stream.refused(answer(number)).hasPrefix("pause ") && stream.rested() == "watch 42") }
        var list = MachineBench(watchFrom: nil)
        _ = list.start()
        _ = list.listed("7")
        #expect(list.refused(answer(number)) == "pause 800" && list.rested() == "watch 7")
    }

    /// W6: a caller who follows revisions has to know that some were missed.
    @Test(arguments: [true, false]) func aRawWatchEndsWhenItsRevisionIsTooOld(hasWorked: Bool) {
        var bench = MachineBench(watchFrom: "42")
        _ = bench.start()
        if hasWorked { bench.opened() }
        #expect(bench.refused(Refusal.expired) == "end gone" && bench.machine.state == .ended)
    }

    /// A raw watch never lists a second time: what was deleted meanwhile would be lost.
    @Test func aRawWatchIsNeverListedAgain() {
        var bench = MachineBench(watchFrom: nil)
        _ = bench.start()
        _ = bench.listed("7")
        for end in [ReflectorMachine.StreamEnd.undecodable, .refused(answer(500)), .refused(answer(400)), .refused(Refusal.tooLarge), .refused(answer(404))] {
            for _ in 0..<7 { #expect(bench.ended(end).hasPrefix("pause ") && bench.rested() == "watch 7") }
        }
    }

    @Test func aMachineIsStartedOnce() {
        var bench = MachineBench()
        #expect(bench.start() == "list" && bench.start() == "end" && bench.machine.state == .listing)
    }

    @Test(arguments: 0..<4) func afterAStopNothingIsWantedAnyMore(when: Int) {
        var bench = MachineBench()
        if when > 0 { _ = bench.start() }
        if when > 1 { _ = bench.listed("7") }
        if when > 2 { _ = bench.ended(.unreachable) }
        bench.stop()
        bench.event(.added, "99")
        bench.opened()
        #expect([bench.start(), bench.listed("99"), bench.listFailed(answer(500)), bench.ended(.closed), bench.rested()] == Array(repeating: "end", count: 5))
        #expect(bench.machine.state == .ended && bench.machine.resourceVersion == (when > 1 ? "7" : ""))
    }

    @Test func whatComesLateChangesNothing() {
        var bench = MachineBench.watching(from: "7")
        _ = bench.ended(.unreachable)
        bench.event(.added, "99")
        #expect(bench.listed("99") == "end" && bench.ended(.closed) == "end" && bench.listFailed(Refusal.expired) == "end")
        #expect(bench.machine.state == .pausing(then: .watch) && bench.rested() == "watch 7")
        #expect(bench.rested() == "end" && bench.machine.state == .watching)
    }
}
