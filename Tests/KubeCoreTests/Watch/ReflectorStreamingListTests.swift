// Lists as the begin of a stream: what is asked for, what is published when, and every way back to a list request (L10).
import KubeCore
import Testing

@Suite struct ReflectorStreamingListTests {
    private func streaming() -> MachineBench {
        var bench = MachineBench(streamsLists: true)
        #expect(bench.start() == "stream" && bench.machine.state == .listing)
        return bench
    }

    /// An informer that has streamed its list and goes on.
    private func watching(from resourceVersion: String) -> MachineBench {
        var bench = streaming()
        bench.initialEventsEnded(resourceVersion)
        return bench
    }

    @Test func theSameStreamGoesOnFromTheBookmark() {
        var bench = streaming()
        bench.event(.added, "7")
        #expect(bench.machine.state == .listing && bench.machine.resourceVersion == "")
        bench.initialEventsEnded("42")
        #expect(bench.machine.state == .watching && bench.machine.resourceVersion == "42")
        bench.event(.added, "43")
        #expect(bench.machine.resourceVersion == "43")
        #expect(bench.ended(.closed) == "watch 43")
    }

    /// L2: a relist asks for what is not older than what was seen.
    @Test func aRelistIsAStreamToo() {
        var bench = watching(from: "42")
        bench.event(.bookmark, "50")
        #expect(bench.refused(Refusal.expired) == "stream 50")
        bench.initialEventsEnded("60")
        #expect(bench.ended(.closed) == "watch 60")
    }

    /// L3.
    @Test(arguments: [Refusal.expired, Refusal.bareGone, Refusal.tooLarge, Refusal.tooLargeByCause, Refusal.tooLargeByMessage])
    func aRevisionThatIsRefusedIsDroppedAtOnce(error: KubeError) {
        var bench = watching(from: "42")
        _ = bench.refused(Refusal.expired)
        #expect(bench.refused(error) == "stream")
        bench.initialEventsEnded("7")
        bench.event(.modified, "8")
        #expect(bench.refused(Refusal.expired) == "stream 8")
    }

    /// What any replica has is asked for by a request; later lists are streams.
    @Test func theFirstListOfAnyStateIsARequest() {
        var bench = MachineBench(informerFrom: "0", streamsLists: true)
        #expect(bench.start() == "list 0" && bench.listed("10") == "watch 10")
        #expect(bench.refused(Refusal.expired) == "stream 10")
    }

    /// A server that has no streaming lists says so in many ways; it is not asked again.
    @Test(arguments: [400, 405, 406, 415, 422, 501]) func aServerThatCannotIsAskedOnce(code: Int) {
        var bench = streaming()
        #expect(bench.refused(answer(code)) == "list" && bench.listed("10") == "watch 10")
        #expect(bench.refused(Refusal.expired) == "list 10")
    }

    /// Older ones take no notice of the parameters.
    @Test func aServerThatSendsNoInitialEventsIsAskedOnce() {
        var bench = streaming()
        #expect(bench.ended(.noInitialEvents) == "list" && bench.listed("10") == "watch 10")
        #expect(bench.refused(Refusal.expired) == "list 10")
    }

    /// Rights, tokens and a resource that is gone are no matter of streams: the list request says it again, by its own rules.
    @Test(arguments: [401, 403, 404, 410]) func whatSaysNothingOfStreamsLeadsToOneListRequest(code: Int) {
        var bench = streaming()
        #expect(bench.refused(answer(code)) == "list" && bench.listFailed(answer(code)) == "pause 800" && bench.rested() == "list")
        #expect(bench.listed("10") == "watch 10")
        #expect(bench.refused(Refusal.expired) == "stream 10")
    }

    /// 429 and a server out of reach: a pause, and the same again, for ever.
    @Test func aServerThatIsBusyOrAwayIsAskedAgain() {
        var bench = streaming()
        for _ in 0..<4 {
            #expect(bench.ended(.unreachable).hasPrefix("pause") && bench.rested() == "stream")
            #expect(bench.refused(answer(429, retryAfter: "45")) == "pause 45000" && bench.rested() == "stream")
        }
    }

    /// Something between may cut long streams: after three in a row, lists are requests.
    @Test(arguments: [ReflectorMachine.StreamEnd.closed, .silent, .undecodable, .refused(answer(503))])
    func aStreamThatBreaksOffThreeTimesIsAList(end: ReflectorMachine.StreamEnd) {
        var bench = streaming()
        #expect(bench.ended(end) == "pause 800" && bench.rested() == "stream")
        #expect(bench.ended(end).hasPrefix("pause") && bench.rested() == "stream")
        #expect(bench.ended(end).hasPrefix("pause") && bench.rested() == "list" && bench.listed("10") == "watch 10")
        #expect(bench.refused(Refusal.expired) == "list 10")
    }

    @Test func aListThatSucceededForgetsTheBrokenOnes() {
        var bench = streaming()
        _ = bench.ended(.closed)
        _ = bench.rested()
        _ = bench.ended(.closed)
        _ = bench.rested()
        bench.initialEventsEnded("10")
        #expect(bench.refused(Refusal.expired) == "stream 10")
        #expect(bench.ended(.closed).hasPrefix("pause") && bench.rested() == "stream 10")
    }

    /// A raw watch lists by request: its ADDED events are no store's content.
    @Test func aRawWatchDoesNotStreamItsList() {
        var bench = MachineBench(watchFrom: nil)
        #expect(bench.start() == "list")
    }

    /// L9: what looked up the resource failed before there was a stream.
    @Test func aLookupThatFailsIsAFailedList() {
        var bench = streaming()
        #expect(bench.listFailed(answer(404)) == "pause 800" && bench.rested() == "stream")
    }
}
