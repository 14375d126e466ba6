// A raw watch over disconnects and refusals: no event twice, none lost, never too fast (W3 to W13, B1 to B3).
import KubeCore
import KubeTesting
import KubeTransport
@testable import KubeClient
import Testing

struct WatchRecoveryTests {
    let drive = ManualDrive()
    let log = DeliveryLog()
    let from5 = #"{"resourceVersion":"5"}"#

    // MARK: Framing

    /// Row 5.
    @Test func eventSplitAtEachByteIsAppliedOnce() throws {
        let text = added("a", 6) + modified("a", 7) + Sample.bookmark(8)
        for size in 1...text.utf8.count {
            let (drive, log) = (ManualDrive(), DeliveryLog())
            drive.server.expect(stream(5), Answer.stream(text).split(into: size))
            _ = try drive.watch(log, options: from5)
            #expect(log.lines == ["ADDED ns/a@6", "MODIFIED ns/a@7", "BOOKMARK @8"], "\(size)")
        }
    }

    /// Rows 6 and 7.
    @Test func eventsNeedNoSeparatorAndMayBePretty() throws {
        let compact = String(added("a", 6).dropLast())
        let pretty = modified("a", 7).replacing(",", with: ",\r\n\t ").replacing("{", with: "{ \n")
        drive.server.expect(stream(5), .stream(compact + compact.replacing("\"6\"", with: "\"8\"") + "\r\n\r\n" + pretty + " \t" + deleted("a", 9)))
        _ = try drive.watch(log, options: from5)
        #expect(log.lines == ["ADDED ns/a@6", "ADDED ns/a@8", "MODIFIED ns/a@7", "DELETED ns/a@9"])
    }

    // MARK: Resuming

    @Test func aCleanEndResumesFromTheLastRevision() throws {
        drive.server.expect(stream(5), .stream(added("a", 6), added("b", 7)).ended)
        drive.server.expect(stream(7), .stream(added("c", 8)).ended)
        drive.server.expect(stream(8), emptyStream)
        _ = try drive.watch(log, options: from5)
        #expect(log.lines == ["ADDED ns/a@6", "ADDED ns/b@7", "ADDED ns/c@8"])
        #expect(drive.leftOver == [])
    }

    /// Row 28.
    @Test func bookmarksOnlyResumeAtTheBookmark() throws {
        drive.server.expect(stream(5), .stream(Sample.bookmark(50), Sample.bookmark(60)).ended)
        drive.server.expect(stream(60), emptyStream)
        _ = try drive.watch(log, options: from5)
        #expect(log.lines == ["BOOKMARK @50", "BOOKMARK @60"])
        #expect(drive.leftOver == [])
    }

    /// Rows 8, 9 and 10: FIN, RST or a clean end in the middle of an event, at every byte of it.
    @Test func anEndInTheMiddleOfAnEventAppliesItOnce() throws {
        let second = added("b", 7)
        for length in stride(from: 1, to: second.utf8.count, by: 5) {
            let broken = Answer.stream(added("a", 6), String(second.prefix(length)))
            for answer in [broken.cut, broken.ended] {
                let (drive, log) = (ManualDrive(), DeliveryLog())
                drive.server.expect(stream(5), answer)
                let isWhole = length >= second.utf8.count - 1
                drive.server.expect(stream(isWhole ? 7 : 6), isWhole ? emptyStream : .stream(second))
                _ = try drive.watch(log, options: from5)
                #expect(log.lines == ["ADDED ns/a@6", "ADDED ns/b@7"], "\(length)")
                #expect(drive.leftOver == [])
            }
        }
    }

    @Test func theListIsTriedAgainAndToldOnlyWhole() throws {
        drive.server.expect(firstList, list([("a", 3), ("b", 4)], 10).split(into: 200).dropLast(2).cut)
        drive.server.expect(firstList, list([("a", 3), ("b", 4)], 12))
        drive.server.expect(stream(12), emptyStream)
        _ = try drive.watch(log)
        #expect(log.lines == ["ERROR connect"])
        drive.advance(1600)
        #expect(log.lines == ["ERROR connect", "ADDED ns/a@3", "ADDED ns/b@4", "BOOKMARK @12"])
        #expect(drive.leftOver == [])
    }

    // MARK: Silence

    /// Rows 14 and 16.
    @Test func silenceForTheIdleTimeResumes() throws {
        let drive = try ManualDrive(options: #"{"idleMs":1000}"#)
        drive.server.expect(stream(5), .stream(added("a", 6), String(added("b", 7).prefix(40))))
        drive.server.expect(stream(6), .stream(added("b", 7)))
        _ = try drive.watch(log, options: from5)
        drive.advance(999)
        #expect(drive.server.exchanges.count == 1)
        drive.advance(1)
        #expect(log.lines == ["ADDED ns/a@6", "ERROR timeout", "ADDED ns/b@7"])
        #expect(drive.leftOver == [])
    }

    /// Row 15.
    @Test func watchNeverAnsweredIsGivenUpAndTriedAgain() throws {
        let drive = try ManualDrive(options: #"{"idleMs":1000}"#)
        drive.server.expect(stream(5), .nothing)
        drive.server.expect(stream(5), .stream(added("a", 6)))
        _ = try drive.watch(log, options: from5)
        drive.advance(1000)
        #expect(log.lines == ["ERROR timeout", "ADDED ns/a@6"])
        #expect(drive.leftOver == [])
    }

    /// Row 20.
    @Test func serverIgnoringTimeoutSecondsKeepsTheStream() throws {
        drive.server.expect(stream(5), emptyStream)
        _ = try drive.watch(log, options: #"{"resourceVersion":"5","timeoutSeconds":1}"#)
        for revision in 6..<100 {
            drive.advance(100_000)
            drive.server.exchanges[0].send(Sample.bookmark(revision))
        }
        drive.settle()
        #expect(drive.server.exchanges[0].isOpen && drive.server.exchanges.count == 1)
    }

    // MARK: Refusals

    @Test func aLater403IsAnErrorAndTriedAgainWithGrowingPauses() throws {
        drive.server.expect(stream(5), .stream(added("a", 6)).ended)
        for _ in 0..<6 { drive.server.expect(stream(6), .status(403, "Forbidden", "no more")) }
        drive.server.expect(stream(6), .stream(added("b", 7)))
        _ = try drive.watch(log, options: from5)
        drive.advance(200_000)
        #expect(log.lines == ["ADDED ns/a@6"] + Array(repeating: "ERROR forbidden", count: 6) + ["ADDED ns/b@7"])
        let pauses = Array(drive.gaps.dropFirst())
        for (index, base) in [800, 1600, 3200, 6400, 12_800, 25_600].enumerated() {
            #expect(pauses[index] >= base && pauses[index] <= 2 * base, "\(pauses)")
        }
        #expect(drive.leftOver == [])
    }

    @Test(arguments: [401, 404, 500, 503])
    func laterRefusalsDoNotEndIt(status: Int) throws {
        drive.server.expect(firstList, list([], 10))
        drive.server.expect(stream(10), .status(status, ""))
        drive.server.expect(stream(10), .stream(added("a", 11)))
        _ = try drive.watch(log)
        drive.advance(1600)
        #expect(log.lines.count == 3 && log.lines[1].hasPrefix("ERROR ") && log.lines[2] == "ADDED ns/a@11")
        #expect(drive.leftOver == [])
    }

    /// Rows 31 to 34.
    @Test func aFirst429WaitsAsLongAsItIsAsked() throws {
        drive.server.expect(firstList, .status(429, "TooManyRequests", retryAfter: "20"))
        drive.server.expect(firstList, .status(429, "TooManyRequests", retryAfter: "999999"))
        drive.server.expect(firstList, list([], 10))
        drive.server.expect(stream(10), .status(429, "TooManyRequests", details: #"{"retryAfterSeconds":30}"#))
        drive.server.expect(stream(10), emptyStream)
        _ = try drive.watch(log)
        drive.advance(200_000)
        #expect(drive.leftOver == [])
        #expect(drive.gaps.count == 4 && drive.gaps[0] == 20_000 && drive.gaps[1] == 60_000 && drive.gaps[2] == 0 && drive.gaps[3] == 30_000)
    }

    /// Row 68.
    @Test func connectionRefusedLaterUpRecovers() throws {
        for _ in 0..<3 { drive.server.expect(firstList, .failure(.refused)) }
        drive.server.expect(firstList, list([("a", 1)], 10))
        drive.server.expect(stream(10), emptyStream)
        _ = try drive.watch(log)
        drive.advance(12_000)
        #expect(log.lines == ["ERROR connect", "ERROR connect", "ERROR connect", "ADDED ns/a@1", "BOOKMARK @10"])
        #expect(drive.leftOver == [])
    }

    // MARK: Nonsense in the stream

    /// Rows 37, 53, 54 and 62.
    @Test(arguments: [
        Sample.event("ERROR", #"{"kind":"Nonsense"}"#), #"{"type":"ERROR","object":7}"#, #"{"type":"ERROR"}"#, "not JSON at all",
        #"{"type":"ADDED","object":{"metadata":{"name":"x","resourceVersion":"99"#, "\u{0}\u{0}", #"{"type":"ADDED","object":{]}"#, "]",
        #"{"type":"WHAT","object":{"metadata":{"name":"x","resourceVersion":"99"}}}"#, #"{"type":"ADDED"}"#, "[1]", "\"text\"",
        #"{"type":"ADDED","object":{"metadata":{"name":7,"resourceVersion":"99"}}}"#,
    ])
    func nonsenseIsRecoveredFromTheLastGoodRevision(text: String) throws {
        drive.server.expect(stream(5), Answer.stream(added("a", 6), text).ended)
        drive.server.expect(stream(6), .stream(added("b", 7)))
        _ = try drive.watch(log, options: from5)
        drive.advance(1600)
        let events = log.lines.filter { !$0.hasPrefix("ERROR") }
        #expect(events == ["ADDED ns/a@6", "ADDED ns/b@7"], "\(log.lines)")
        #expect(drive.leftOver == [] && log.lines.count <= 3)
    }

    /// Row 36.
    @Test func errorEvents500And504AreResumed() throws {
        drive.server.expect(stream(5), .stream(added("a", 6), Sample.event("ERROR", Sample.status(500, "InternalError", "etcdserver: leader changed"))))
        drive.server.expect(stream(6), .stream(Sample.event("ERROR", Sample.status(504, "Timeout", details: #"{"retryAfterSeconds":9}"#))))
        drive.server.expect(stream(6), .stream(added("b", 7)))
        _ = try drive.watch(log, options: from5)
        drive.advance(12_000)
        #expect(log.lines == ["ADDED ns/a@6", "ERROR server", "ERROR unavailable", "ADDED ns/b@7"])
        #expect(drive.gaps[1] >= 9000)
        #expect(drive.leftOver == [])
    }

    /// Row 58.
    @Test func eventThatNeverEndsIsCutAtTheLimit() throws {
        let drive = try ManualDrive(options: #"{"maxObjectBytes":4096}"#)
        let endless = #"{"type":"ADDED","object":{"metadata":{"name":""# + String(repeating: "x", count: 1000)
        drive.server.expect(stream(5), Answer.stream([endless] + Array(repeating: String(repeating: "x", count: 1000), count: 100)))
        drive.server.expect(stream(5), emptyStream)
        _ = try drive.watch(log, options: from5)
        #expect(drive.server.exchanges[0].taken < 5 && drive.server.exchanges[0].isOver)
        drive.advance(1600)
        #expect(log.lines == ["ERROR decode"] && log.error?.message.contains("4096") == true)
        #expect(drive.leftOver == [])
    }
}
