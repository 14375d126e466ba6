// The client-side rate limit on a clock that the test turns (R6).
import KubeCore
import Testing

@Suite struct TokenBucketTests {
    @Test func aBurstIsFreeAndThenTheRateHolds() {
        var bucket = TokenBucket(qps: 50, burst: 100)
        for _ in 0..<100 { #expect(bucket.take(now: 0) == 0) }
        for number in 1...10 as ClosedRange<Int64> { #expect(bucket.take(now: 0) == number * 20) }
    }

    @Test func tokensComeBackWithTimeAndNotBeyondTheBurst() {
        var bucket = TokenBucket(qps: 10, burst: 2)
        #expect(bucket.take(now: 0) == 0 && bucket.take(now: 0) == 0 && bucket.take(now: 0) == 100)
        // The one that was taken in advance is paid first.
        #expect(bucket.take(now: 100) == 100 && bucket.take(now: 400) == 0)
        #expect([bucket.take(now: 100_000), bucket.take(now: 100_000), bucket.take(now: 100_000)] == [0, 0, 100])
    }

    @Test func aTakerWhoWaitsAsToldFindsTheRateKept() {
        var bucket = TokenBucket(qps: 3, burst: 1)
        var now: Int64 = 0
        for _ in 0..<300 { now += bucket.take(now: now) }
        #expect((99_000...101_000).contains(now))
    }

    @Test func aRateOfZeroIsNoLimit() {
        var bucket = TokenBucket(qps: 0, burst: 0)
        for _ in 0..<1000 { #expect(bucket.take(now: 0) == 0) }
    }

    @Test(arguments: [0, 0.5, 1]) func oneTokenIsAlwaysThere(burst: Double) {
        var bucket = TokenBucket(qps: 1, burst: burst)
        #expect(bucket.take(now: 0) == 0 && bucket.take(now: 0) == 1000)
    }

    @Test func anAlmostEndlessWaitIsStillANumber() {
        var bucket = TokenBucket(qps: 1e-300, burst: 1)
        #expect(bucket.take(now: 0) == 0 && bucket.take(now: 0) == 1_000_000_000_000)
    }
}
