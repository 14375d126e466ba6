// Chunk sizes of plain HTTP are found in every framing, however the bytes are cut; what is no HTTP is left alone.
@testable import FaultProxy
import Testing

private let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

@Suite struct ChunkTests {
    /// The marked text, with "bad" in front of the first size behind `after`.
    private func spoiled(_ text: String, after: Int = 0, pieces: Int = .max) -> StreamRun {
        StreamRun(rules("{\"do\":\"chunk\",\"after\":\(after),\"times\":1}"), text, pieces: pieces)
    }

    @Test func fault11_theNextSizeIsSpoiled() {
        let text = chunked + "5\r\nhello\r\n3;x=y\r\nabc\r\n0\r\n\r\n"
        for pieces in [1, 2, 5, 1000] {
            #expect(spoiled(text, pieces: pieces).text == chunked + "bad5\r\nhello\r\n3;x=y\r\nabc\r\n0\r\n\r\n")
            #expect(spoiled(text, after: chunked.utf8.count + 1, pieces: pieces).text == chunked + "5\r\nhello\r\nbad3;x=y\r\nabc\r\n0\r\n\r\n")
            #expect(spoiled(text, after: chunked.utf8.count + 12, pieces: pieces).text == chunked + "5\r\nhello\r\n3;x=y\r\nabc\r\nbad0\r\n\r\n")
        }
        // Exactly at a size.
        #expect(spoiled(text, after: chunked.utf8.count).text.contains("bad5"))
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n9\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 304 X\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\nTrailer: x\r\n\r\n", "HTTP/1.0 200 OK\ncontent-length: 0\n\n", "POST /x HTTP/1.1\r\nContent-Length: 3\r\n\r\n5\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    ])
    func theSizesBehindAnotherMessageAreFound(before: String) {
        let text = before + chunked + "5\r\nhello\r\n0\r\n\r\n"
        for pieces in [1, 1000] {
            let run = spoiled(text, after: before.utf8.count, pieces: pieces)
            #expect(run.text == before + chunked + "bad5\r\nhello\r\n0\r\n\r\n" && run.plan.entries[0].unmet == 0)
        }
    }

    @Test(arguments: [
        "\u{16}\u{3}\u{1}\u{2}", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/1.1 101 Switching\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n",
        chunked + "zz\r\n", chunked + "+5\r\n", chunked + "\r\n", chunked + "3\r\nabcd\r\n", "\u{0}", String(repeating: "a", count: 70000),
    ])
    func whatIsNotPlainHTTPIsLeftAloneAndSaid(start: String) {
        let text = start + "\r\n" + chunked + "5\r\nhello\r\n"
        let run = spoiled(text, after: start.utf8.count)
        #expect(run.text == text && run.plan.entries[0].unmet == 1 && run.plan.entries[0].fired == 0)
    }

    @Test func aBodyToTheEndHasNoSizes() {
        let text = "HTTP/1.1 200 OK\r\n\r\n5\r\nhello\r\n" + chunked + "5\r\n"
        #expect(spoiled(text).text == text)
    }

    @Test func theTextMayBeChosen() {
        #expect(StreamRun(rules(#"{"do":"chunk","text":"FFFFFFFFFFFFFFFFF"}"#), chunked + "5\r\nhello\r\n").text.contains("\r\n\r\nFFFFFFFFFFFFFFFFF5\r\nhello"))
    }
}
