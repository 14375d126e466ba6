// The splitter: the same objects come out however the body is cut, and what is no list or no stream is refused.
import KubeCore
import Testing

/// Feeds pieces to a splitter, each alone on the heap.
func split(_ mode: JSONSplitter.Mode, _ pieces: [[UInt8]], max: Int = 1 << 20) throws -> (objects: [String], envelope: String) {
    var splitter = JSONSplitter(mode, maxObjectBytes: max)
    var objects: [String] = []
    for piece in pieces {
        try onHeap(piece) { bytes in
            try splitter.feed(bytes) { (object: UnsafeRawBufferPointer) throws(KubeError) in objects.append(text(object)) }
        }
    }
    try splitter.finish()
    return (objects, text(splitter.envelope))
}

func split(_ mode: JSONSplitter.Mode, _ body: String, max: Int = 1 << 20) throws -> (objects: [String], envelope: String) {
    try split(mode, [utf8(body)], max: max)
}

private let list = #"{"kind":"ThingList","items":[{"a":"}{][\"\\"},{"b":[1,{"items":[{}]}]} , {}],"metadata":{"resourceVersion":"7"}}"#
private let listItems = [#"{"a":"}{][\"\\"}"#, #"{"b":[1,{"items":[{}]}]}"#, "{}"]
private let listEnvelope = #"{"kind":"ThingList","items":[],"metadata":{"resourceVersion":"7"}}"#

@Suite struct JSONSplitterTests {
    @Test func everyCutOfAListGivesTheSameItems() throws {
        let bytes = utf8(list)
        for at in 0...bytes.count {
            let found = try split(.items, [Array(bytes[..<at]), Array(bytes[at...])])
            #expect(found.objects == listItems && found.envelope == listEnvelope, "cut at \(at)")
        }
        let single = try split(.items, bytes.map { [$0] })
        #expect(single.objects == listItems && single.envelope == listEnvelope)
    }

    /// Fault 5.
    @Test func everyCutOfAStreamGivesTheSameEvents() throws {
        let events = [#"{"type":"ADDED","object":{"s":"\\\"}{"}}"#, #"{"type":"BOOKMARK","object":{}}"#, "{}"]
        let bytes = utf8(events[0] + "\n" + events[1] + "\r\n\t " + events[2] + "\n")
        for first in 0...bytes.count {
            for second in stride(from: first, through: bytes.count, by: 7) {
                let found = try split(.values, [Array(bytes[..<first]), Array(bytes[first..<second]), Array(bytes[second...])])
                #expect(found.objects == events, "cut at \(first) and \(second)")
            }
        }
    }

    /// W12, faults 6 and 7: frames are JSON values, not lines.
    @Test(arguments: [#"{"a":1}{"b":2}"#, "{\"a\":1}\r\n{\"b\":2}\r\n", "\n\n{\"a\":1}\n\n\n{\"b\":2}", "  {\"a\":1}\t{\"b\":2}  "])
    func eventsNeedNoSeparator(body: String) throws {
        #expect(try split(.values, body).objects == [#"{"a":1}"#, #"{"b":2}"#])
    }

    @Test func prettyPrintedEventsAndListsAreRead() throws {
        #expect(try split(.values, "{\n  \"a\": {\n    \"b\": []\n  }\n}\n{\n}\n").objects == ["{\n  \"a\": {\n    \"b\": []\n  }\n}", "{\n}"])
        let pretty = "{\r\n  \"items\" \t:\r\n  [\r\n    {\n \"a\": 1 }\r\n    ,\r\n    {}\r\n  ]\r\n}\r\n"
        let found = try split(.items, pretty)
        #expect(found.objects == ["{\n \"a\": 1 }", "{}"])
        #expect(found.envelope == "{\r\n  \"items\" \t:\r\n  []\r\n}")
    }

    @Test func aHundredEventsInOneChunkComeInOrder() throws {
        let events = (0..<100).map { "{\"n\":\($0)}" }
        #expect(try split(.values, events.joined()).objects == events)
    }

    /// L9: `items: null`, `[]` and none are for the envelope's reader to judge.
    @Test(arguments: [#"{"items":[]}"#, #"{"items":null}"#, "{}", #"{"items":[ ]}"#, #"{"a":[{"items":[{}]}],"items":[]}"#, #"{"a":{"items":[{"b":1}]}}"#])
    func listsWithoutItemsGiveNone(body: String) throws {
        let found = try split(.items, body)
        #expect(found.objects.isEmpty)
        #expect(PlainReader.read(utf8(found.envelope)) == PlainReader.read(utf8(body)))
    }

    @Test(arguments: [#""x\"items""#, #""x\\\"items""#, #""Items""#, #""item""#, #""items ""#, #""\u0069tems2""#])
    func onlyTheKeyItemsOpensTheItems(key: String) throws {
        let found = try split(.items, "{\(key):[{\"a\":1}],\"items\":[{\"b\":2}]}")
        #expect(found.objects == [#"{"b":2}"#])
        #expect(found.envelope == "{\(key):[{\"a\":1}],\"items\":[]}")
    }

    @Test(arguments: [
        ("two fields items", #"{"items":[{}],"items":[{}]}"#), ("a trailing comma", #"{"items":[{},]}"#), ("a leading comma", #"{"items":[,{}]}"#),
        ("two commas", #"{"items":[{},,{}]}"#), ("no comma", #"{"items":[{}{}]}"#), ("no comma but a blank", #"{"items":[{} {}]}"#),
        ("a comma alone", #"{"items":[,]}"#), ("a number as item", #"{"items":[1]}"#), ("null as item", #"{"items":[null]}"#),
        ("a number between", #"{"items":[{},1,{}]}"#), ("a string as item", #"{"items":["{}"]}"#), ("an array as item", #"{"items":[[{}]]}"#),
        ("garbage behind", #"{"items":[]}x"#), ("a second list behind", #"{"items":[]}{"items":[]}"#), ("a comma behind", #"{"items":[]},"#),
        ("a brace too many", #"{"items":[]}}"#), ("the wrong bracket", #"{"items":[{}}}"#), ("HTML", "<html><body>{}</body></html>"),
        ("empty", ""), ("blank", " \n"), ("a number", "1"), ("a string", "\"items\""), ("NUL in between", "{\"items\":[{}\u{0},{}]}"),
    ])
    func whatIsNoListIsRefused(what: String, body: String) {
        let bytes = utf8(body)
        for at in 0...bytes.count {
            #expect(throws: KubeError.self, "\(what), cut at \(at)") { try split(.items, [Array(bytes[..<at]), Array(bytes[at...])]) }
        }
    }

    @Test(arguments: ["x", "1", "null", "{}x", "{},{}", "[]", "{}[]", "}", "{}}", "\"a\"{}", "{}\"{\"", "HTTP/1.1 200 OK", "<html>", "\u{0}", "{}\u{0}{}"])
    func whatIsNoStreamOfObjectsIsRefused(body: String) {
        #expect(failure { try split(.values, body) }.code == .decode)
    }

    @Test func aStreamWithoutAnyEventIsFine() throws {
        #expect(try split(.values, "").objects == [])
        #expect(try split(.values, "\r\n\r\n").objects == [])
    }

    /// L8, fault 50.
    @Test func aListThatEndsEarlyIsRefusedAtEveryByte() {
        let bytes = utf8(list)
        for end in 0..<bytes.count {
            #expect(failure { try split(.items, [Array(bytes[..<end])]) }.code == .decode, "ended at \(end)")
        }
    }

    /// W5: half an event is not handed out, and it is known that one was cut.
    @Test func aStreamThatEndsWithinAnEventGivesOnlyTheWholeOnes() throws {
        let first = "{\"a\":1}"
        let bytes = utf8(first + "{\"b\":\"}\"}")
        for end in first.utf8.count + 1..<bytes.count {
            var splitter = JSONSplitter(.values, maxObjectBytes: 1 << 20)
            var objects: [String] = []
            try onHeap(Array(bytes[..<end])) { bytes in
                try splitter.feed(bytes) { (object: UnsafeRawBufferPointer) throws(KubeError) in objects.append(text(object)) }
            }
            #expect(objects == [first] && splitter.isInObject)
            #expect(failure { try splitter.finish() }.code == .decode)
        }
    }

    /// Backslash runs of every length, ending at every place around a block's and a chunk's border.
    @Test func escapesAreFollowedOverBlocksAndChunks() throws {
        for length in 0...6 {
            for lead in 54...66 {
                let string = String(repeating: "x", count: lead) + String(repeating: "\\", count: length * 2) + "\\\"{" + "\\\\"
                let object = "{\"s\":\"\(string)\"}"
                let bytes = utf8(object + object)
                for cut in 56...80 {
                    let found = try split(.values, [Array(bytes[..<cut]), Array(bytes[cut...])])
                    #expect(found.objects == [object, object], "\(length) pairs behind \(lead), cut at \(cut)")
                }
            }
        }
    }

    @Test(arguments: 0..<8) func randomListsInRandomChunksGiveTheirItems(seed: Int) throws {
        var json = RandomJSON(UInt64(seed) + 1000)
        for round in 0..<40 {
            var items: [[UInt8]] = []
            var body: [UInt8] = []
            for index in 0..<json.random.below(6) {
                let item = json.object(depth: 4).1
                if index > 0 { body += json.blanks() + [UInt8(ascii: ",")] }
                items.append(item)
                body += json.blanks() + item
            }
            body += json.blanks()
            json.keys.removeAll { $0 == "items" }
            let (envelope, written) = json.object(depth: 3, [("items", .array([]), [UInt8(ascii: "[")] + body + [UInt8(ascii: "]")])])
            let found = try split(.items, chunks(written, &json.random))
            #expect(found.objects == items.map { text($0) }, "seed \(seed), round \(round)")
            #expect(PlainReader.read(utf8(found.envelope)) == envelope, "seed \(seed), round \(round): \(found.envelope)")
        }
    }

    @Test(arguments: 0..<8) func randomStreamsInRandomChunksGiveTheirValues(seed: Int) throws {
        var json = RandomJSON(UInt64(seed) + 2000)
        for round in 0..<40 {
            let values = (0..<json.random.below(6)).map { _ in json.object(depth: 4).1 }
            let body = values.reduce(into: []) { $0 += json.blanks() + $1 }
            #expect(try split(.values, chunks(body, &json.random)).objects == values.map { text($0) }, "seed \(seed), round \(round)")
        }
    }

    private func chunks(_ bytes: [UInt8], _ random: inout SeededRandom) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var rest = bytes[...]
        let longest = random.pick([2, 9, 63, 64, 65, 130, 1000])
        while !rest.isEmpty {
            let count = min(rest.count, 1 + random.below(longest))
            pieces.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return pieces
    }
}

@Suite struct JSONSplitterLimitTests {
    @Test func anObjectOfExactlyTheLimitPassesAndOneByteMoreDoesNot() throws {
        for limit in [2, 63, 64, 65, 200] {
            let fits = "{" + String(repeating: " ", count: limit - 2) + "}"
            for cut in 0...limit {
                let bytes = utf8(fits)
                #expect(try split(.values, [Array(bytes[..<cut]), Array(bytes[cut...])], max: limit).objects == [fits])
                let error = failure { try split(.values, [Array(bytes[..<cut]), Array(bytes[cut...])], max: limit - 1) }
                #expect(error.code == .decode && error.message.contains("maxObjectBytes"))
            }
            #expect(try split(.items, "{\"items\":[\(fits),\(fits)]}", max: limit).objects == [fits, fits])
            #expect(failure { try split(.items, "{\"items\":[\(fits)]}", max: limit - 1) }.code == .decode)
        }
    }

    /// Fault 58: refused when the limit is passed, not when the object ends.
    @Test func anObjectWithoutEndIsRefusedAtTheLimit() {
        var splitter = JSONSplitter(.values, maxObjectBytes: 10_000)
        var fed = 0
        let error = failure {
            try onHeap(utf8("{\"a\":\"")) { try splitter.feed($0) { (_) throws(KubeError) in } }
            while fed < 1_000_000 {
                try onHeap(Array(repeating: 0x78, count: 1000)) { try splitter.feed($0) { (_) throws(KubeError) in } }
                fed += 1000
            }
        }
        #expect(error.message.contains("maxObjectBytes") && fed <= 10_000)
    }

    /// Fault 57.
    @Test func fault57_anObjectOfAMegabyteArrivesWhole() throws {
        let big = utf8("{\"s\":\"") + Array(repeating: 0x79, count: 1 << 20) + utf8("\"}")
        let body = utf8("{\"items\":[") + big + utf8(",{}]}")
        let pieces = stride(from: 0, to: body.count, by: 16_384).map { Array(body[$0..<min(body.count, $0 + 16_384)]) }
        let found = try split(.items, pieces, max: big.count)
        #expect(found.objects.count == 2 && found.objects.first.map { utf8($0) } == big && found.objects.last == "{}")
    }

    @Test func anEnvelopeThatNeverEndsIsRefused() {
        var splitter = JSONSplitter(.items, maxObjectBytes: 1 << 30)
        let error = failure {
            try onHeap(utf8("{\"a\":\"")) { try splitter.feed($0) { (_) throws(KubeError) in } }
            for _ in 0..<100 { try onHeap(Array(repeating: 0x78, count: 1 << 16)) { try splitter.feed($0) { (_) throws(KubeError) in } } }
        }
        #expect(error.code == .decode && error.message.contains("outside its items"))
    }

    @Test func whatTheConsumerThrowsComesThroughUnchanged() {
        for pieces in [["{\"a\":1}{}"], ["{\"a\"", ":1}{}"]] {
            var splitter = JSONSplitter(.values, maxObjectBytes: 100)
            var seen = 0
            let error = failure {
                for piece in pieces {
                    try onHeap(utf8(piece)) { bytes in
                        try splitter.feed(bytes) { (_) throws(KubeError) in
                            seen += 1
                            throw KubeError(.cancelled, "enough")
                        }
                    }
                }
            }
            #expect(error == KubeError(.cancelled, "enough") && seen == 1)
        }
    }
}
