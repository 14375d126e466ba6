// Pauses after failures by table, on a clock and a random source that the test holds (B1 to B4).
import KubeCore
import Testing

@Suite struct BackoffTests {
    private static let bases: [Int64] = [800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000, 30_000]

    /// Failures that follow each other at once: each pause begins where the last one ended.
    private func pauses(_ count: Int, _ random: some RandomNumberGenerator, backoff: Backoff = Backoff()) -> [Int64] {
        var (backoff, random, now) = (backoff, random, Int64(0))
        return (0..<count).map { _ in
            let pause = backoff.next(now: now, random: &random)
            now += pause
            return pause
        }
    }

    @Test func pausesDoubleFrom800MillisecondsTo30Seconds() {
        #expect(pauses(9, Extreme.least) == Self.bases)
    }

    @Test func jitterAddsUpToAsMuchAgain() {
        #expect(pauses(9, Extreme.most) == Self.bases.map { $0 * 2 })
    }

    @Test(arguments: 0..<20) func everyPauseIsWithinItsBounds(seed: Int) {
        let made = pauses(200, SeededRandom(UInt64(seed)))
        for (index, pause) in made.enumerated() {
            let base = Self.bases[min(index, Self.bases.count - 1)]
            #expect((base...base * 2).contains(pause), "pause \(index)")
        }
        // B1: [30, 60) s in the long run, 45 s on average.
        let steady = made.dropFirst(7)
        #expect((40_000...50_000).contains(steady.reduce(0, +) / Int64(steady.count)))
    }

    /// B4, fault 100: processes that fail together do not come back together.
    @Test func differentSourcesGiveDifferentPauses() {
        var seconds: [Int64: Int] = [:]
        for seed in 0..<1000 {
            var (backoff, random) = (Backoff(), SeededRandom(UInt64(seed)))
            var at: Int64 = 0
            while at < 120_000 { at += backoff.next(now: at, random: &random) }
            seconds[at / 1000, default: 0] += 1
        }
        #expect(seconds.values.max() ?? 1000 <= 100)
        #expect(pauses(9, SeededRandom(1)) == pauses(9, SeededRandom(1)) && pauses(9, SeededRandom(1)) != pauses(9, SeededRandom(2)))
    }

    @Test(arguments: [(-1, 800), (0, 800), (1, 800), (800, 800), (801, 801), (5000, 5000), (60_000, 60_000), (60_001, 60_000), (.max, 60_000), (.min, 800)] as [(Int64, Int64)])
    func retryAfterIsALowerBoundAndCapped(retryAfterMs: Int64, pause: Int64) {
        var (backoff, random) = (Backoff(), Extreme.least)
        #expect(backoff.next(now: 0, retryAfterMs: retryAfterMs, random: &random) == pause)
    }

    @Test func aPauseOfTheServerGrowsTheNextOneToo() {
        var (backoff, random) = (Backoff(), Extreme.least)
        #expect(backoff.next(now: 0, retryAfterMs: 10_000, random: &random) == 10_000)
        #expect(backoff.next(now: 10_000, random: &random) == 1600)
    }

    /// B3: two minutes in which no pause was asked for; the pause itself is no quiet time.
    @Test(arguments: [(120_000, false), (120_001, true), (119_999, false), (600_000, true)] as [(Int64, Bool)])
    func twoQuietMinutesBehindTheLastPauseReset(quiet: Int64, resets: Bool) {
        var (backoff, random) = (Backoff(), Extreme.least)
        var now: Int64 = 5_000
        for _ in 0..<10 { now += backoff.next(now: now, random: &random) }
        #expect(backoff.next(now: now + quiet, random: &random) == (resets ? 800 : 30_000))
    }

    /// B3: a flapping server, up for a minute between failures, does not get the shortest pause each time.
    @Test func failuresAMinuteApartStillGrow() {
        var (backoff, random) = (Backoff(), Extreme.least)
        var now: Int64 = 0
        for base in Self.bases {
            let pause = backoff.next(now: now, random: &random)
            #expect(pause == base)
            now += pause + 60_000
        }
    }

    @Test func afterAResetPausesGrowAgain() {
        var (backoff, random) = (Backoff(), Extreme.least)
        for _ in 0..<4 { _ = backoff.next(now: 0, random: &random) }
        #expect(backoff.next(now: 1_000_000, random: &random) == 800 && backoff.next(now: 1_000_800, random: &random) == 1600)
    }
}
