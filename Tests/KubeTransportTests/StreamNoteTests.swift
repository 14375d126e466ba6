// What libcurl mentions of HTTP/2 streams, in the words of its versions; and that nothing else is taken for it.
@testable import KubeTransport
import Testing

struct StreamNoteTests {
    private func note(_ text: String) -> StreamNote? { Array(text.utf8).withUnsafeBytes { StreamNote($0) } }

    @Test(arguments: [
        ("Using Stream ID: 1 (easy handle 0x55d0)\n", .stream(1)), ("Using Stream ID: 4294967295 (easy", .stream(4_294_967_295)),
        ("[HTTP/2] [5] OPENED stream for https://127.0.0.1/\n", .stream(5)), ("recveived GOAWAY, error=0, last_stream=3\n", .goAway(last: 3)),
        ("received GOAWAY, error=11, last_stream=2147483647\n", .goAway(last: 2_147_483_647)), ("received GOAWAY, error=0, last_stream=0", .goAway(last: 0)),
    ] as [(String, StreamNote)])
    func whatIsKnownIsRead(text: String, note expected: StreamNote) { #expect(note(text) == expected) }

    @Test(arguments: [
        "", "\n", "Using Stream ID: ", "Using Stream ID: x", "Using Stream ID: 4294967296 (", "Using Stream ID: 99999999999999999999", " Using Stream ID: 1",
        "[HTTP/2] [5] [:method: GET]", "[HTTP/2] [] OPENED stream", "[HTTP/2] [", "received GOAWAY", "received GOAWAY, error=0", "received GOAWAY, error=, last_stream=3",
        "received GOAWAY, error=0, last_stream=", "received GOAWAY, error=0, last_stream=x", "Connection #0 to host left intact", "h2h3 [using stream id: 1]",
    ])
    func everythingElseSaysNothing(text: String) { #expect(note(text) == nil) }
}
