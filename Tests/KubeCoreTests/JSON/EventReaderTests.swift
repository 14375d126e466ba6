// The reader of a watch's body: the same events come out as the splitter cuts, however they are written and in whatever pieces they come.
import KubeCore
import Testing

/// What is handed out before the end or the refusal: the objects of the events; and the refusal.
private func read(_ pieces: [[UInt8]], max: Int = 1 << 20) -> (events: [String], error: KubeError?) {
    var reader = EventReader(maxObjectBytes: max)
    var events: [String] = []
    do throws(KubeError) {
        for piece in pieces {
            var failure: KubeError?
            onHeap(piece) { bytes in
                do throws(KubeError) {
                    try reader.feed(bytes) { (event: UnsafeRawBufferPointer, outline: JSONOutline) throws(KubeError) in
                        events.append(text(event[outline.type.range]) + " " + text(event[outline.object]))
                    }
                } catch { failure = error }
            }
            if let failure { throw failure }
        }
        return (events, nil)
    } catch { return (events, error) }
}

private func event(_ type: String, _ object: String) -> String { #"{"type":"\#(type)","object":\#(object)}"# }

@Suite struct EventReaderTests {
    /// Faults 5, 6 and 7, W12.
    @Test(arguments: [
        ("lines", event("ADDED", #"{"s":"}{\n"}"#) + "\n" + event("MODIFIED", "{}") + "\n" + event("DELETED", "[]") + "\n"),
        ("nothing between", event("ADDED", #"{"s":"}{\n"}"#) + event("MODIFIED", "{}") + event("DELETED", "[]")),
        ("two on a line", event("ADDED", #"{"s":"}{\n"}"#) + event("MODIFIED", "{}") + "\n" + event("DELETED", "[]") + "\n"),
        ("blanks", "\n \t" + event("ADDED", #"{"s":"}{\n"}"#) + " \r\n\r\n  " + event("MODIFIED", "{}") + " \n\t" + event("DELETED", "[]")),
        ("CRLF", event("ADDED", #"{"s":"}{\n"}"#) + "\r\n" + event("MODIFIED", "{}") + "\r\n" + event("DELETED", "[]") + "\r\n"),
    ])
    func everyCutGivesTheSameEvents(name: String, body: String) {
        let bytes = utf8(body)
        let wanted = [#"ADDED {"s":"}{\n"}"#, "MODIFIED {}", "DELETED []"]
        for first in 0...bytes.count {
            for second in stride(from: first, through: bytes.count, by: 5) {
                let found = read([Array(bytes[..<first]), Array(bytes[first..<second]), Array(bytes[second...])])
                #expect(found.events == wanted && found.error == nil, "\(name), cut at \(first) and \(second)")
            }
        }
        #expect(read(bytes.map { [$0] }).events == wanted)
    }

    @Test func prettyPrintedEventsAreRead() {
        let pretty = "{\n  \"type\": \"ADDED\",\n  \"object\": {\n    \"a\": [\n    ]\n  }\n}\n"
        let bytes = utf8(pretty + pretty + event("BOOKMARK", "{}") + "\n" + pretty)
        let wanted = Array(repeating: "ADDED {\n    \"a\": [\n    ]\n  }", count: 2) + ["BOOKMARK {}", "ADDED {\n    \"a\": [\n    ]\n  }"]
        for at in 0...bytes.count { #expect(read([Array(bytes[..<at]), Array(bytes[at...])]).events == wanted, "cut at \(at)") }
    }

    /// What came before it counts; what comes after is not looked at.
    @Test(arguments: ["x", "]", "1", "\"a\"", "{]", #"{"type":}"#, #"{"type":"ADDED",}"#, "{\"a\":\"\u{1}\"}", "{}}"])
    func whatIsNoEventIsRefused(bad: String) {
        for separator in ["", "\n"] {
            let body = utf8(event("ADDED", "{}") + separator + bad + "\n" + event("MODIFIED", "{}") + "\n")
            for at in [0, 10, body.count - 25, body.count] {
                let found = read([Array(body[..<at]), Array(body[at...])])
                // "{}}" begins with what is whole.
                let events = found.events.filter { $0 != " " }
                #expect(found.error?.code == .decode && events == ["ADDED {}"], "\(bad) behind \"\(separator)\", cut at \(at)")
            }
        }
    }

    @Test func theLargestEventIsTakenAndOneByteMoreIsNot() {
        let one = event("ADDED", #"{"s":"\#(String(repeating: "x", count: 200))"}"#)
        for end in ["\n", "", " \n"] {
            for at in [0, 50] {
                let bytes = utf8(one + end + event("DELETED", "{}") + "\n")
                let pieces = [Array(bytes[..<at]), Array(bytes[at...])]
                #expect(read(pieces, max: one.utf8.count).events.count == 2, "\(at)")
                let refused = read(pieces, max: one.utf8.count - 1)
                #expect(refused.events == [] && refused.error?.message.contains("maxObjectBytes") == true, "\(at)")
            }
        }
    }

    @Test func whatTheTakerThrowsComesOut() {
        var reader = EventReader(maxObjectBytes: 1000)
        let bytes = utf8(event("ADDED", "{}") + "\n" + event("ADDED", "{}") + "\n")
        var seen = 0
        let error = failure {
            try onHeap(bytes) { bytes in
                try reader.feed(bytes) { (_: UnsafeRawBufferPointer, _: JSONOutline) throws(KubeError) in
                    seen += 1
                    throw KubeError(.gone, "too old")
                }
            }
        }
        #expect(error.code == .gone && seen == 1)
    }

    /// Random events in random spellings and pieces: as the splitter cuts them.
    @Test(arguments: 0..<8) func randomBodiesAreReadAsTheSplitterCutsThem(seed: Int) {
        var json = RandomJSON(UInt64(seed) + 300)
        for round in 0..<60 {
            var body: [UInt8] = []
            for _ in 0..<json.random.below(6) {
                var one = json.object(depth: 3).1
                if json.random.chance(5) { one = json.damaged(one) }
                body += one + json.random.pick([[], [0x0a], [0x0a], [0x0a], [0x0d, 0x0a], [0x20, 0x0a, 0x09]])
            }
            var pieces: [[UInt8]] = []
            var from = 0
            while from < body.count {
                let to = min(body.count, from + 1 + json.random.below(json.random.pick([3, 40, 400])))
                pieces.append(Array(body[from..<to]))
                from = to
            }
            let found = read(pieces)
            var wanted: (events: [String], failed: Bool) = ([], false)
            var splitter = JSONSplitter(.values, maxObjectBytes: 1 << 20)
            do throws(KubeError) {
                var failure: KubeError?
                onHeap(body) { bytes in
                    do throws(KubeError) {
                        try splitter.feed(bytes) { (piece: UnsafeRawBufferPointer) throws(KubeError) in
                            let outline = try JSONExaminer().examine(piece, .event)
                            wanted.events.append(text(piece[outline.type.range]) + " " + text(piece[outline.object]))
                        }
                    } catch { failure = error }
                }
                if let failure { throw failure }
            } catch { wanted.failed = true }
            #expect(found.events == wanted.events && (found.error != nil) == wanted.failed, "seed \(seed), round \(round): \(text(body))")
        }
    }
}
