// When a plugin runs: the rules of the machine, each by its case.
import KubeClient
import KubeCore
import Testing

private final class Bench {
    var machine = ExecMachine()
    var random = SplitMix(7)
    var nowMs: Int64 = 1000
    var wallMs: Int64 = 1_700_000_000_000

    func ask() -> ExecMachine.Answer { machine.ask(nowMs: nowMs, wallMs: wallMs) }

    @discardableResult
    func end(_ run: Int64, token: String, lifeMs: Int64? = nil) -> PluginCredential? {
        let given = PluginCredential(token: token, expiryMs: lifeMs.map { wallMs + $0 })
        var result = Result<PluginCredential, KubeError>.success(given)
        return machine.ended(run, &result, nowMs: nowMs, wallMs: wallMs, random: &random) ? try? result.get() : nil
    }

    func fail(_ run: Int64) -> Bool {
        var result = Result<PluginCredential, KubeError>.failure(KubeError(.auth, "x"))
        return machine.ended(run, &result, nowMs: nowMs, wallMs: wallMs, random: &random)
    }

    func abandon(_ run: Int64) -> Bool { machine.abandoned(run) }

    func token() -> String? {
        if case .use(let credential) = ask() { credential.token } else { nil }
    }
}

@Suite struct ExecMachineTests {
    @Test func T8_oneRunAtATime() {
        let bench = Bench()
        #expect(bench.ask() == .run(1))
        #expect(bench.ask() == .wait)
        bench.end(1, token: "a")
        #expect(bench.token() == "a")
    }

    @Test func T8_withoutATimestampItIsValidUntilA401() {
        let bench = Bench()
        _ = bench.ask()
        let given = bench.end(1, token: "a")
        bench.wallMs += 1_000_000_000_000
        #expect(bench.token() == "a")
        bench.machine.refused(generation: given?.generation ?? -1)
        #expect(bench.ask() == .run(2))
    }

    @Test func T8_aTimestampEndsItTenSecondsEarly() {
        let bench = Bench()
        _ = bench.ask()
        bench.end(1, token: "a", lifeMs: 3_600_000)
        bench.wallMs += 3_589_999
        #expect(bench.token() == "a")
        bench.wallMs += 1
        #expect(bench.ask() == .run(2))
    }

    @Test func T8_aShortLifeIsUsedToNineTenths() {
        let bench = Bench()
        _ = bench.ask()
        bench.end(1, token: "a", lifeMs: 5000)
        bench.wallMs += 4499
        #expect(bench.token() == "a")
        bench.wallMs += 1
        #expect(bench.ask() == .run(2))
    }

    @Test func whatHasExpiredAlreadyServesThoseWhoWaitAndNobodyElse() {
        let bench = Bench()
        _ = bench.ask()
        #expect(bench.end(1, token: "a", lifeMs: -1)?.token == "a")
        #expect(bench.ask() == .run(2))
    }

    @Test func T6_a401CountsOncePerCredential() {
        let bench = Bench()
        _ = bench.ask()
        let first = bench.end(1, token: "a")
        bench.machine.refused(generation: first?.generation ?? -1)
        #expect(bench.ask() == .run(2))
        let second = bench.end(2, token: "b")
        #expect(second?.generation != first?.generation)
        // Late news of the first credential.
        bench.machine.refused(generation: first?.generation ?? -1)
        #expect(bench.token() == "b")
    }

    @Test func a401DuringARunChangesNothing() {
        let bench = Bench()
        _ = bench.ask()
        bench.machine.refused(generation: 0)
        bench.machine.refused(generation: 1)
        #expect(bench.ask() == .wait)
    }

    @Test func aFailureIsToldAtOnceUntilTheBackOffIsOver() {
        let bench = Bench()
        _ = bench.ask()
        #expect(bench.fail(1))
        #expect(bench.ask() == .fail(KubeError(.auth, "x")))
        bench.nowMs += 799
        #expect(bench.ask() == .fail(KubeError(.auth, "x")))
        bench.nowMs += 801
        #expect(bench.ask() == .run(2))
    }

    @Test func theBackOffGrowsToAtMostAMinute() {
        let bench = Bench()
        var pauses: [Int64] = []
        for _ in 0..<10 {
            guard case .run(let run) = bench.ask() else { break }
            _ = bench.fail(run)
            let began = bench.nowMs
            while case .fail = bench.ask() { bench.nowMs += 100 }
            pauses.append(bench.nowMs - began)
            if case .running(let run, _) = bench.machine.state { _ = bench.abandon(run) }
        }
        #expect(pauses.count == 10)
        #expect((800...1700).contains(pauses.first ?? 0) && (30_000...60_100).contains(pauses.last ?? 0))
    }

    @Test func anAbandonedRunIsBegunByTheNextWhoAsks() {
        let bench = Bench()
        _ = bench.ask()
        #expect(bench.abandon(1))
        #expect(!bench.abandon(1))
        #expect(bench.ask() == .run(2))
        #expect(bench.end(1, token: "late") == nil && !bench.fail(1))
        #expect(bench.ask() == .wait)
    }

    @Test func aRunWhoseLoopIsNotTurnedIsTakenOver() {
        let bench = Bench()
        _ = bench.ask()
        bench.nowMs += ExecMachine.silenceMs - 1
        #expect(bench.ask() == .wait)
        bench.machine.heard(1, nowMs: bench.nowMs)
        bench.nowMs += ExecMachine.silenceMs - 1
        #expect(bench.ask() == .wait)
        bench.nowMs += 1
        #expect(bench.ask() == .run(2))
        // The old one has no word any more.
        bench.machine.heard(1, nowMs: bench.nowMs + 100_000)
        #expect(bench.end(1, token: "late") == nil)
    }

    @Test func installHintsAreShownTenTimesAnHour() {
        var hints = HintLimit()
        let first = (0..<20).count { hints.allows(nowMs: Int64($0)) }
        let early = hints.allows(nowMs: 3_599_999)
        let later = (0..<20).count { hints.allows(nowMs: 3_600_020 + Int64($0)) }
        #expect(first == 10 && !early && later == 10)
    }
}
