// When a call is tried again and when it gives up (R1, R2, R6), how long it may take, and what a cancel does.
import KubeCore
import KubeTesting
import KubeTransport
@testable import KubeClient
import Testing

struct CallRetryTests {
    let drive = ManualDrive()
    let body = Sample.object("web", 0)
    let project = Answer.text(Sample.object("web", 7))

    // MARK: R1

    /// Row 47.
    @Test func fault47_postAnswered429WithRetryAfterIsRepeatedWithTheSameBody() throws {
        drive.server.next(.status(429, "TooManyRequests", retryAfter: "3"))
        drive.server.next(project)
        let outcome = try drive.call(.create, body: body)
        drive.advance(2999)
        #expect(drive.server.exchanges.count == 1 && outcome.results.isEmpty)
        drive.advance(1)
        #expect(outcome.value?.object?.name == "web")
        #expect(drive.server.exchanges.map(\.body) == [body, body])
        #expect(drive.server.lines[0] == drive.server.lines[1])
        #expect(drive.leftOver == [])
    }

    /// Row 33.
    @Test func fault33_answer503WithRetryAfterWaits() throws {
        drive.server.next(.status(503, "ServiceUnavailable", retryAfter: "1"))
        drive.server.next(project)
        let outcome = try drive.call(.delete, name: "web")
        drive.advance(1000)
        #expect(outcome.value != nil)
        #expect(drive.gaps == [1000])
    }

    @Test(arguments: ["Wed, 21 Oct 2015 07:28:00 GMT", "-1", "1.5", "99999999999999999999", ""])
    func fault34_retryAfterDateNegativeOrOverflowIsNone(text: String) throws {
        drive.server.next(.status(429, "TooManyRequests", retryAfter: text))
        let error = try drive.call(.get, name: "web").error
        #expect(error?.code == .tooManyRequests && error?.retryAfterMs == -1)
        #expect(drive.server.exchanges.count == 1)
    }

    @Test func R1_whatHasNoRetryAfterIsTheResultAtOnce() throws {
        for status in [429, 500, 502, 503, 504, 409, 404, 400] {
            drive.server.next(.status(status, ""))
            #expect(try drive.call(.get, name: "web").results.count == 1, "\(status)")
        }
        drive.server.next(.status(409, "Conflict", retryAfter: "1"))
        #expect(try drive.call(.get, name: "web").error?.code == .conflict)
        #expect(drive.leftOver == [])
    }

    /// Row 49.
    @Test func fault49_endless5xxWithRetryAfterZeroGivesUp() throws {
        drive.server.otherwise = { _ in .status(500, "InternalError", "no luck", retryAfter: "0") }
        let outcome = try drive.call(.get, name: "web")
        drive.advance(60_000)
        #expect(outcome.error?.code == .server && outcome.error?.message == "no luck")
        #expect(drive.server.exchanges.count == 11)
        #expect(outcome.results.count == 1)
    }

    @Test func maxRetriesIsTheCallersToSet() throws {
        let drive = try ManualDrive(options: #"{"maxRetries":0}"#)
        drive.server.next(.status(429, "TooManyRequests", retryAfter: "1"))
        #expect(try drive.call(.get, name: "web").error?.retryAfterMs == 1000)
        #expect(drive.leftOver == [])
    }

    @Test func R12_aPauseLongerThanWhatIsLeftIsNotBegun() throws {
        drive.server.next(.status(429, "TooManyRequests", retryAfter: "10"))
        let outcome = try drive.call(.get, name: "web", options: #"{"timeoutMs":10000}"#)
        #expect(outcome.error?.code == .tooManyRequests)
    }

    // MARK: R2

    /// Row 48.
    @Test func fault48_getResetIsRepeatedAfterASecond() throws {
        drive.server.next(.failure(.lost))
        drive.server.next(Answer.text(Sample.object("web", 1)).split(into: 20).dropLast(2).cut)
        drive.server.next(project)
        let outcome = try drive.call(.get, name: "web")
        drive.advance(2000)
        #expect(outcome.value?.object?.resourceVersion == "7")
        #expect(drive.gaps == [1000, 1000])
        #expect(drive.leftOver == [])
    }

    /// Row 46.
    @Test func fault46_postExecutedWithTheAnswerLostIsOnePostOnly() throws {
        let verbs: [(Verb, String?, String?)] = [
            (.create, nil, body), (.replace, nil, body), (.patch(.merge), "web", "{}"), (.delete, "web", nil), (.deleteCollection, nil, nil),
        ]
        for (verb, name, body) in verbs {
            drive.server.next(.failure(.lost))
            let outcome = try drive.call(verb, name: name, body: body)
            #expect(outcome.error?.code == .connect && outcome.error?.isRetryable == false, "\(verb)")
        }
        drive.advance(60_000)
        #expect(drive.server.exchanges.count == verbs.count)
    }

    /// What the server did not begin with can't be executed twice: any verb goes out again, as it was.
    @Test func R2_whatTheServerDidNotBeginWithGoesOutAgainForEveryVerb() throws {
        let verbs: [(Verb, String?, String?)] = [(.create, nil, body), (.replace, nil, body), (.patch(.merge), "web", "{}"), (.delete, "web", nil), (.get, "web", nil)]
        for (verb, name, body) in verbs {
            drive.server.next(.failure(.unprocessed))
            drive.server.next(.failure(.unprocessed))
            drive.server.next(project)
            let outcome = try drive.call(verb, name: name, body: body)
            drive.advance(2 * RetryMachine.unprocessedMs)
            #expect(outcome.value != nil, "\(verb)")
            #expect(drive.server.exchanges.suffix(3).map(\.body) == Array(repeating: body ?? "", count: 3))
        }
        drive.server.otherwise = { _ in .failure(.unprocessed) }
        let outcome = try drive.call(.create, body: body)
        drive.advance(60_000)
        #expect(outcome.error?.code == .connect && outcome.error?.isRetryable == true && outcome.results.count == 1)
    }

    @Test func theCountersTellOfRetries() throws {
        drive.server.next(.failure(.lost))
        drive.server.next(project)
        _ = try drive.call(.get, name: "web")
        drive.advance(1000)
        #expect(drive.client.counters.retries == 1 && drive.client.counters.calls == 1)
    }

    // MARK: Time

    @Test func R12_theTimeOutBoundsTheWholeCall() throws {
        drive.server.next(.status(429, "TooManyRequests", retryAfter: "2"))
        drive.server.next(Answer.nothing)
        let outcome = try drive.call(.get, name: "web", options: #"{"timeoutMs":5000}"#)
        drive.advance(4999)
        #expect(outcome.results.isEmpty && drive.server.exchanges.count == 2)
        drive.advance(1)
        #expect(outcome.error?.code == .timeout && outcome.error?.isRetryable == true)
        #expect(drive.server.exchanges[1].isCancelled)
        drive.advance(60_000)
        #expect(outcome.results.count == 1)
        #expect(drive.loop.pendingTimers == 0)
    }

    /// Discovery and the request itself share the time.
    @Test func R12_theTimeOutBoundsDiscoveryToo() throws {
        drive.server.expect(discoveryLine, Answer([.silence(3000)] + Answer.text(Sample.discovery).steps))
        drive.server.next(.nothing)
        let outcome = try drive.call(.get, ns: nil, name: "web", options: #"{"timeoutMs":5000}"#)
        drive.advance(4999)
        #expect(outcome.results.isEmpty && drive.server.exchanges.count == 2)
        drive.advance(1)
        #expect(outcome.error?.code == .timeout && drive.loop.pendingTimers == 0)
        drive.server.expect(discoveryLine, .nothing)
        let silent = try drive.call(.get, "example.sealyun.com/v1alpha1/others", ns: nil, name: "web", options: #"{"timeoutMs":5000}"#)
        drive.advance(5000)
        #expect(silent.error?.code == .timeout && silent.results.count == 1)
    }

    @Test func aWriteThatTimesOutIsNotSafeToRepeat() throws {
        drive.server.next(.nothing)
        let outcome = try drive.call(.create, body: body)
        drive.advance(60_000)
        #expect(outcome.error?.code == .timeout && outcome.error?.isRetryable == false)
    }

    /// Row 19.
    @Test func fault19_slowLorisThatFinishesInTimeIsFine() throws {
        var answer = Answer([])
        for step in project.split(into: 10).steps { answer = answer.then(.silence(1000), step) }
        drive.server.next(answer)
        let outcome = try drive.call(.get, name: "web")
        drive.advance(59_000)
        #expect(outcome.value != nil)
    }

    // MARK: The rate limit

    @Test func R6_theRateLimitDelaysAndDoesNotCountAsTime() throws {
        let drive = try ManualDrive(options: #"{"qps":1,"burst":2,"timeoutMs":500}"#)
        drive.server.otherwise = { _ in .text(Sample.object("web", 7)) }
        let outcomes = try (0..<5).map { _ in try drive.call(.get, name: "web") }
        #expect(drive.server.exchanges.count == 2)
        drive.advance(3000)
        #expect(outcomes.allSatisfy { $0.value != nil })
        #expect(drive.gaps == [0, 1000, 1000, 1000])
    }

    @Test func R6_retriesPassTheLimiterToo() throws {
        let drive = try ManualDrive(options: #"{"qps":1,"burst":1}"#)
        drive.server.next(.status(429, "TooManyRequests", retryAfter: "0"))
        drive.server.next(project)
        let outcome = try drive.call(.get, name: "web")
        drive.advance(1000)
        #expect(outcome.value != nil)
        #expect(drive.gaps == [1000])
    }

    @Test func zeroIsNoRateLimit() throws {
        let drive = try ManualDrive(options: #"{"qps":0}"#)
        drive.server.otherwise = { _ in .text(Sample.object("web", 7)) }
        for _ in 0..<500 { #expect(try drive.call(.get, name: "web").value != nil) }
    }

    // MARK: Cancelling

    @Test func cancelGivesExactlyOneCancelled() throws {
        drive.server.next(.nothing)
        let outcome = try drive.call(.get, name: "web")
        outcome.call?.cancel()
        outcome.call?.cancel()
        drive.settle()
        #expect(outcome.error?.code == .cancelled)
        #expect(drive.server.exchanges[0].isCancelled)
        drive.advance(120_000)
        #expect(outcome.results.count == 1 && drive.loop.pendingTimers == 0 && drive.client.childCount == 0)
    }

    @Test func cancelInAPauseInALookUpAndInAListEndsEach() throws {
        drive.server.next(.status(429, "TooManyRequests", retryAfter: "9"))
        drive.server.expect(discoveryLine, .nothing)
        drive.server.next(list([("a", 1)], 5, token: "more"))
        drive.server.next(.nothing)
        let outcomes = [
            try drive.call(.get, name: "web"), try drive.call(.get, ns: nil, name: "web"), try drive.call(.list),
        ]
        for outcome in outcomes { outcome.call?.cancel() }
        drive.advance(120_000)
        #expect(outcomes.map { $0.error?.code } == [.cancelled, .cancelled, .cancelled])
        #expect(drive.server.open.isEmpty && drive.client.childCount == 0 && drive.leftOver == [])
    }

    @Test func cancelAfterTheEndChangesNothing() throws {
        drive.server.next(project)
        let outcome = try drive.call(.get, name: "web")
        outcome.call?.cancel()
        drive.settle()
        #expect(outcome.results.count == 1 && outcome.value != nil)
    }

    @Test func cancelBeforeTheStartSendsNothing() throws {
        let outcome = Outcome()
        let call = try Call(drive.client, CallRequest(.get, resource: projects, namespace: "ns", name: "web")) { outcome.results.append($0) }
        call.cancel()
        call.start()
        drive.settle()
        #expect(outcome.error?.code == .cancelled && outcome.results.count == 1)
        #expect(drive.server.exchanges.isEmpty && drive.client.childCount == 0)
    }
}
