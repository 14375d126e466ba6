// The list verb: pages, tokens, what counts as a list at all (L5 to L9), and its time limit of silence.
import KubeCore
import KubeTesting
import KubeTransport
@testable import KubeClient
import Testing

struct ListTests {
    let drive = ManualDrive()
    let collection = "GET \(root)/namespaces/ns/projects"

    @Test func L6_allPagesBecomeOneListAtTheFirstPagesRevision() throws {
        drive.server.expect("\(collection)?labelSelector=a%3Db&limit=500", list([("a", 1), ("b", 2)], 10, token: "t1"))
        drive.server.expect("\(collection)?labelSelector=a%3Db&limit=500&continue=t1", list([("c", 3)], 11, token: "t2"))
        drive.server.expect("\(collection)?labelSelector=a%3Db&limit=500&continue=t2", list([("d", 4)], 12))
        let outcome = try drive.call(.list, options: #"{"labelSelector":"a=b"}"#)
        #expect(outcome.listed == "a@1 b@2 c@3 d@4")
        #expect(outcome.value?.list?.resourceVersion == "10")
        #expect(outcome.value?.list?.continueToken == "")
        #expect(drive.leftOver == [])
    }

    @Test func limitAsksForOnePageAndHandsOutItsToken() throws {
        drive.server.expect("\(collection)?limit=2", list([("a", 1), ("b", 2)], 10, token: "t1"))
        let first = try drive.call(.list, options: #"{"limit":2}"#)
        #expect(first.listed == "a@1 b@2" && first.value?.list?.continueToken == "t1")
        drive.server.expect("\(collection)?limit=2&continue=t1", list([("c", 3)], 10))
        let second = try drive.call(.list, options: #"{"limit":2,"continue":"t1"}"#)
        #expect(second.listed == "c@3" && second.value?.list?.continueToken == "")
        #expect(drive.leftOver == [])
    }

    @Test func L5_L6_aRevisionIsAskedForWithoutPagesAndKeptOffLaterPages() throws {
        drive.server.expect("\(collection)?resourceVersion=5&resourceVersionMatch=Exact", list([("a", 1)], 10, token: "t"))
        drive.server.expect("\(collection)?continue=t", list([("b", 2)], 10))
        #expect(try drive.call(.list, options: #"{"resourceVersion":"5","resourceVersionMatch":"Exact"}"#).listed == "a@1 b@2")
        drive.server.expect("\(collection)?limit=500&resourceVersion=0", list([], 10))
        #expect(try drive.call(.list, options: #"{"resourceVersion":"0"}"#).listed == "")
        #expect(drive.leftOver == [])
    }

    /// Row 3.
    @Test func fault3_L7_pageTokenExpiredGivesOneFullList() throws {
        drive.server.expect("\(collection)?limit=500", list([("a", 1), ("b", 2)], 10, token: "t"))
        drive.server.expect("\(collection)?limit=500&continue=t", .status(410, "Expired"))
        drive.server.expect(collection, list([("b", 5), ("c", 6)], 20))
        let outcome = try drive.call(.list)
        #expect(outcome.listed == "b@5 c@6")
        #expect(outcome.value?.list?.resourceVersion == "20")
        #expect(drive.leftOver == [])
    }

    @Test func L7_expiredOnTheFirstPageAndOnTheFullListIsTheResult() throws {
        drive.server.expect("\(collection)?limit=500", .status(410, "Expired"))
        #expect(try drive.call(.list).error?.code == .gone)
        drive.server.expect("\(collection)?limit=500", list([("a", 1)], 10, token: "t"))
        drive.server.expect("\(collection)?limit=500&continue=t", .status(410, "Expired"))
        drive.server.expect(collection, .status(410, "Expired"))
        #expect(try drive.call(.list).error?.code == .gone)
        drive.server.expect("\(collection)?limit=2&continue=t", .status(410, "Expired"))
        #expect(try drive.call(.list, options: #"{"limit":2,"continue":"t"}"#).error?.code == .gone)
        #expect(drive.leftOver == [])
    }

    /// Row 4.
    @Test func fault4_oddCharactersInContinueAreEscapedExactlyOnce() throws {
        drive.server.expect("\(collection)?limit=500", .text(Sample.list([], 1, token: #"a+b/c=&%20\"ü"#)))
        drive.server.expect("\(collection)?limit=500&continue=a%2Bb%2Fc%3D%26%2520%22%C3%BC", list([], 1))
        #expect(try drive.call(.list).listed == "")
        #expect(drive.leftOver == [])
    }

    @Test func fault31_aListAnswered429WaitsWithRetryAfterAndIsTheResultWithout() throws {
        drive.server.next(list([("a", 1)], 10, token: "t"))
        drive.server.next(.status(429, "TooManyRequests", retryAfter: "7"))
        drive.server.next(list([("b", 2)], 10))
        let outcome = try drive.call(.list)
        drive.advance(6999)
        #expect(outcome.results.isEmpty)
        drive.advance(1)
        #expect(outcome.listed == "a@1 b@2")
        drive.server.next(.status(429, "TooManyRequests"))
        #expect(try drive.call(.list).error?.code == .tooManyRequests)
        #expect(drive.leftOver == [])
    }

    /// Row 2.
    @Test func fault2_pageTwoFailing500IsNoList() throws {
        drive.server.next(list([("a", 1)], 10, token: "t"))
        drive.server.next(.status(500, "InternalError"))
        let outcome = try drive.call(.list)
        #expect(outcome.error?.code == .server && outcome.results.count == 1)
    }

    @Test func aPageCutInTheMiddleIsReadAnewWithoutDoubles() throws {
        drive.server.next(list([("a", 1)], 10, token: "t"))
        drive.server.next(list([("b", 2), ("c", 3)], 10).split(into: 150).dropLast(2).cut)
        drive.server.next(list([("b", 2), ("c", 3)], 10))
        let outcome = try drive.call(.list)
        drive.advance(1000)
        #expect(outcome.listed == "a@1 b@2 c@3")
        #expect(drive.server.lines[1] == drive.server.lines[2])
    }

    @Test(arguments: [1, 2, 3, 7, 64, 65, 1000])
    func aListArrivesInAnyPieces(size: Int) throws {
        let objects = (0..<20).map { Sample.object("p\($0)", $0, spec: #"{"text":"}],{\\\"[ü"}"#) }
        drive.server.next(Answer.text(Sample.list(objects, 99)).split(into: size))
        let outcome = try drive.call(.list)
        #expect(outcome.value?.list?.objects.map { String(decoding: $0.json, as: UTF8.self) } == objects)
    }

    /// L9, rows 50 to 52.
    @Test(arguments: [
        "", "<html>hello</html>", "{}", "null", "[]", Sample.status(200, "Success"), #"{"kind":"ProjectList","apiVersion":"v1","metadata":{}}"#,
        #"{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{},"rows":[],"items":[]}"#, Sample.object("a", 1),
        #"{"kind":"ProjectList","metadata":{"resourceVersion":"1"},"items":{}}"#, #"{"kind":"ProjectList","metadata":{"resourceVersion":"1"},"items":[1]}"#,
        #"{"kind":"ProjectList","metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"a"}} {"metadata":{"name":"b"}}]}"#,
        #"{"kind":"ProjectList","metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"a"}}"#,
        #"{"kind":"ProjectList","metadata":{"resourceVersion":"1"},"items":[]}}"#, #"{"kind":"ProjectList","metadata":{"resourceVersion":"1"},"items":[]} x"#,
        #"{"kind":"ProjectList","metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"a}}]}"#,
    ])
    func fault50_L9_whatIsNoListIsAnError(text: String) throws {
        drive.server.next(.text(text))
        let outcome = try drive.call(.list)
        #expect(outcome.error?.code == .decode, "\(text)")
        #expect(outcome.error?.message.contains("GET") == true)
    }

    @Test func noContentIsNoList() throws {
        drive.server.next(.text("", status: 204))
        #expect(try drive.call(.list).error?.code == .decode)
    }

    /// Row 52.
    @Test func invalidUTF8IsRefused() throws {
        var bytes = Array(Sample.list([Sample.object("a", 1, spec: "\"XX\"")], 1).utf8)
        if let at = bytes.firstIndex(of: UInt8(ascii: "X")) { bytes[at] = 0xff }
        drive.server.next(Answer([.head(HTTPHead(status: 200)), .body(bytes), .complete]))
        #expect(try drive.call(.list).error?.code == .decode)
    }

    @Test func L9_nullItemsAreAnEmptyList() throws {
        drive.server.next(.text(#"{"kind":"ProjectList","apiVersion":"v1","metadata":{"resourceVersion":"4"},"items":null}"#))
        let outcome = try drive.call(.list)
        #expect(outcome.listed == "" && outcome.value?.list?.resourceVersion == "4")
    }

    /// Row 18.
    @Test func R12_theTimeOutOfAListIsSilence() throws {
        let objects = (0..<9).map { Sample.object("p\($0)", $0) }
        var slow = Answer([])
        for step in Answer.text(Sample.list(objects, 9)).split(into: 200).steps { slow = slow.then(.silence(9_000), step) }
        drive.server.next(slow)
        let whole = try drive.call(.list, options: #"{"timeoutMs":10000}"#)
        drive.advance(200_000)
        #expect(whole.value?.list?.objects.count == 9)
        drive.server.next(Answer.text(Sample.list(objects, 9)).split(into: 200).dropLast(3))
        let stalled = try drive.call(.list, options: #"{"timeoutMs":10000}"#)
        drive.advance(9_999)
        #expect(stalled.results.isEmpty)
        drive.advance(1)
        #expect(stalled.error?.code == .timeout)
        drive.server.next(.nothing)
        let silent = try drive.call(.list)
        drive.advance(60_000)
        #expect(silent.error?.code == .timeout && drive.server.open.isEmpty)
    }
}
