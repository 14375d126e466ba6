// The life of a watch and of an informer by table: what each event leads to, on a clock the test turns. The engine's tests
// prove the same rules over a scripted server.
@testable import KubeCore
import Testing

private typealias Action = ReflectorMachine.Action

/// A machine with its clock and its random source.
private struct Run {
    var machine: ReflectorMachine
    var random = SeededRandom(1)
    var now: Int64 = 1_000_000

    init(_ machine: ReflectorMachine) { self.machine = machine }

    mutating func start() -> Action { machine.start(now: now, random: &random) }
    mutating func listed(_ version: String) -> Action { machine.listSucceeded(resourceVersion: version, now: now, random: &random) }
    mutating func listFailed(_ error: KubeError) -> Action { machine.listFailed(error, now: now, random: &random) }
    mutating func ended(_ end: ReflectorMachine.StreamEnd) -> Action { machine.streamEnded(end, now: now, random: &random) }
    mutating func pauseOver() -> Action { machine.pauseOver(now: now, random: &random) }
}

private func watches(_ action: Action, from version: String) -> Bool {
    guard case .watch(version, let seconds) = action else { return false }
    return (300...600).contains(seconds)
}

private func isPause(_ action: Action) -> Bool {
    if case .pause = action { true } else { false }
}

private let gone = answer(410, status(410, "Expired", "too old resource version"))

@Suite struct ReflectorMachineTests {
    private func watching(_ version: String = "10") -> Run {
        var run = Run(ReflectorMachine(informerFrom: ""))
        _ = run.start()
        _ = run.listed(version)
        return run
    }

    /// L1, L2, W1.
    @Test func theFirstListIsTheNewestAndLaterOnesAreNotOlder() {
        var run = Run(ReflectorMachine(informerFrom: ""))
        #expect(run.start() == .list(resourceVersion: ""))
        #expect(watches(run.listed("10"), from: "10"))
        #expect(run.ended(.refused(gone)) == .list(resourceVersion: "10"))
        var any = Run(ReflectorMachine(informerFrom: "0"))
        #expect(any.start() == .list(resourceVersion: "0"))
        _ = any.listed("10")
        #expect(any.ended(.refused(gone)) == .list(resourceVersion: "10"))
    }

    /// L3, fault 25.
    @Test func aListThatIsGoneIsAskedAgainWithoutARevision() {
        var run = watching()
        #expect(run.ended(.refused(gone)) == .list(resourceVersion: "10"))
        #expect(run.listFailed(gone) == .list(resourceVersion: ""))
        #expect(isPause(run.listFailed(gone)))
        #expect(run.pauseOver() == .list(resourceVersion: ""))
        #expect(watches(run.listed("99"), from: "99"))
    }

    /// Fault 24: a revision that is refused again right after the list that gave it is paused for; one that grew old is not.
    @Test func goneForEverIsPausedForButAnOldRevisionIsNot() {
        var run = watching()
        #expect(run.ended(.refused(gone)) == .list(resourceVersion: "10"))
        _ = run.listed("20")
        #expect(isPause(run.ended(.refused(gone))))
        #expect(run.pauseOver() == .list(resourceVersion: "20"))
        _ = run.listed("30")
        #expect(isPause(run.ended(.refused(gone))))
        _ = run.pauseOver()
        _ = run.listed("40")
        run.now += 30_000
        #expect(run.ended(.refused(gone)) == .list(resourceVersion: "40"))
    }

    /// W3, W5.
    @Test(arguments: [EventType.added, .modified, .deleted, .bookmark]) func everyEventMovesTheRevision(type: EventType) {
        var run = watching()
        run.machine.event(type, resourceVersion: "11")
        #expect(watches(run.ended(.closed), from: "11"))
    }

    /// W4: a stream from "0" begins with synthetic events.
    @Test func syntheticEventsDoNotMoveTheRevision() {
        var run = Run(ReflectorMachine(watchFrom: "0", timeoutSeconds: nil))
        #expect(watches(run.start(), from: "0"))
        run.machine.event(.added, resourceVersion: "50")
        run.machine.event(.added, resourceVersion: "40")
        #expect(run.machine.resourceVersion == "0")
        run.machine.event(.modified, resourceVersion: "60")
        #expect(run.machine.resourceVersion == "60")
    }

    /// W7: nothing was wrong with the revision.
    @Test func tooManyRequestsAndRefusedConnectionsAreNoReasonToRelist() {
        var run = watching()
        for _ in 0..<10 {
            #expect(isPause(run.ended(.unreachable)))
            #expect(watches(run.pauseOver(), from: "10"))
            #expect(isPause(run.ended(.refused(answer(429, retryAfter: "1")))))
            #expect(watches(run.pauseOver(), from: "10"))
        }
    }

    /// W10, fault 21.
    @Test func aVeryShortStreamIsPausedForAndALongOneIsNot() {
        var run = watching()
        #expect(isPause(run.ended(.closed)))
        _ = run.pauseOver()
        run.now += 1000
        #expect(watches(run.ended(.closed), from: "10"))
    }

    /// W13.
    @Test func aSilentStreamIsResumedAtOnce() {
        var run = watching()
        #expect(watches(run.ended(.silent), from: "10"))
    }

    /// W9: a CRD that comes back is another resource, so its objects are listed.
    @Test func aResourceThatIsGoneIsListedWhenItIsBack() {
        var run = watching()
        #expect(isPause(run.ended(.refused(answer(404)))))
        #expect(run.pauseOver() == .list(resourceVersion: "10"))
    }

    @Test(arguments: [401, 403, 404, 422]) func aRawWatchRefusedAtItsFirstRequestEnds(code: Int) {
        var run = Run(ReflectorMachine(watchFrom: "5", timeoutSeconds: nil))
        _ = run.start()
        guard case .end(let error?) = run.ended(.refused(answer(code))) else { return #expect(Bool(false), "it goes on") }
        #expect(error.httpStatus == code && run.machine.state == .ended)
        var worked = Run(ReflectorMachine(watchFrom: "5", timeoutSeconds: nil))
        _ = worked.start()
        worked.machine.streamOpened()
        #expect(isPause(worked.ended(.refused(answer(code)))))
    }

    @Test func aRawWatchEndsWithAnOldRevision() {
        var run = Run(ReflectorMachine(watchFrom: "5", timeoutSeconds: nil))
        _ = run.start()
        run.machine.streamOpened()
        guard case .end(let error?) = run.ended(.refused(gone)) else { return #expect(Bool(false), "it goes on") }
        #expect(error.code == .gone)
    }

    /// L5 to L7.
    @Test func pagesCarryTheTokenOnlyAndAnExpiredOneMeansOneFullList() {
        var pager = Pager(limit: 500)
        #expect(pager.page == Pager.Page(limit: 500))
        #expect(pager.pageArrived(continueToken: "t", revision: "7") == .nextPage)
        #expect(pager.page == Pager.Page(limit: 500, continueToken: "t"))
        let (asks, asksAgain) = (pager.startsOver(after: gone), pager.startsOver(after: gone))
        #expect(asks && !asksAgain && pager.page == Pager.Page())
        #expect(pager.pageArrived(continueToken: "", revision: "9") == .done && pager.revision == "9")
        #expect(Pager(limit: 500, resourceVersion: "7").page == Pager.Page(resourceVersion: "7"))
        #expect(Pager(limit: 500, resourceVersion: "0").page == Pager.Page(limit: 500, resourceVersion: "0"))
    }

    /// L9, fault 51.
    @Test(arguments: [
        "<html>", "{}", #"{"kind":"Status","metadata":{}}"#, #"{"kind":"Table","metadata":{},"items":[]}"#, #"{"kind":"PodList","items":[]}"#,
        #"{"kind":"PodList","metadata":{}}"#, #"{"kind":"Pod","metadata":{},"items":[]}"#, #"{"kind":"PodList","metadata":{},"items":{}}"#,
    ]) func whatIsNoListIsRefused(body: String) {
        #expect(failure { try ListEnvelope(utf8(body)) }.code == .decode)
    }

    @Test func nullItemsAreAnEmptyList() throws {
        let envelope = try ListEnvelope(utf8(#"{"kind":"PodList","metadata":{"resourceVersion":"7","continue":"t"},"items":null}"#))
        #expect(envelope.resourceVersion == "7" && envelope.continueToken == "t")
    }
}
