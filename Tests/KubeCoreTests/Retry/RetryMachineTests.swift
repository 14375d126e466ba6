// Whether a call is tried again, by table (R1, R2, R4).
import KubeCore
import Testing

private let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]

private func machine(_ method: String = "GET", maxRetries: Int64 = 10, deadline: Int64? = nil) -> RetryMachine {
    RetryMachine(method: method, maxRetries: maxRetries, deadline: deadline)
}

@Suite struct RetryMachineTests {
    /// R1: any method.
    @Test(arguments: methods, [429, 500, 502, 503, 504, 599]) func R1_anAnswerWithRetryAfterIsTriedAgain(method: String, status: Int) {
        var machine = machine(method)
        #expect(machine.next(after: .answer(status: status, retryAfterMs: 2000), now: 0) == 2000)
        #expect(machine.next(after: .answer(status: status, retryAfterMs: 0), now: 0) == 0 && machine.retries == 2)
    }

    @Test(arguments: methods, [429, 500, 503, 504]) func withoutRetryAfterItIsTheResult(method: String, status: Int) {
        var machine = machine(method)
        #expect(machine.next(after: .answer(status: status, retryAfterMs: -1), now: 0) == nil && machine.retries == 0)
    }

    /// R4: also 409, whatever the server asks for.
    @Test(arguments: methods, [0, 301, 400, 401, 403, 404, 408, 409, 410, 422, 428, 430, 499, 600]) func R4_otherAnswersAreNeverTriedAgain(method: String, status: Int) {
        var machine = machine(method)
        #expect(machine.next(after: .answer(status: status, retryAfterMs: 1000), now: 0) == nil)
    }

    /// R2, faults 46 and 48.
    @Test(arguments: methods) func R2_aLostConnectionIsTriedAgainForReadsOnly(method: String) {
        var machine = machine(method)
        #expect(machine.next(after: .lost, now: 0) == (method == "GET" || method == "HEAD" ? 1000 : nil))
    }

    /// R2: a stream behind the last one of a GOAWAY was not begun, so it can't be executed twice.
    @Test(arguments: methods) func whatTheServerDidNotBeginWithIsTriedAgainForAll(method: String) {
        var machine = machine(method, maxRetries: 2)
        #expect(machine.next(after: .unprocessed, now: 0) == RetryMachine.unprocessedMs && machine.next(after: .unprocessed, now: 0) != nil)
        #expect(machine.next(after: .unprocessed, now: 0) == nil)
    }

    @Test(arguments: methods) func otherFailuresAreTheResult(method: String) {
        var machine = machine(method)
        #expect(machine.next(after: .failed, now: 0) == nil)
    }

    @Test(arguments: [0, 1, 10] as [Int64]) func retriesAreCountedTogether(limit: Int64) {
        var machine = machine(maxRetries: limit)
        for number in 0..<limit {
            let outcome: RetryMachine.Outcome = number % 2 == 0 ? .lost : .answer(status: 503, retryAfterMs: 0)
            #expect(machine.next(after: outcome, now: 0) != nil)
        }
        #expect(machine.next(after: .lost, now: 0) == nil && machine.next(after: .answer(status: 429, retryAfterMs: 0), now: 0) == nil)
        #expect(machine.retries == limit)
    }

    @Test(arguments: [(60_000, 60_000), (60_001, 60_000), (.max, 60_000)] as [(Int64, Int64)])
    func B2_whatAServerAsksForIsCapped(retryAfterMs: Int64, pause: Int64) {
        var machine = machine()
        #expect(machine.next(after: .answer(status: 503, retryAfterMs: retryAfterMs), now: 0) == pause)
    }

    @Test(arguments: [(8_999, 1000), (9_000, nil), (9_001, nil), (20_000, nil)] as [(Int64, Int64?)])
    func aPauseThatReachesTheDeadlineIsNotMade(now: Int64, pause: Int64?) {
        var machine = machine(deadline: 10_000)
        #expect(machine.next(after: .lost, now: now) == pause && machine.retries == (pause == nil ? 0 : 1))
    }
}
