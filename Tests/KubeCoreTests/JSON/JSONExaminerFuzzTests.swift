// The examiner and the tree reader against the plain recursive reader: valid texts at random, whole and damaged.
import KubeCore
import Testing

@Suite struct JSONExaminerFuzzTests {
    @Test(arguments: 0..<8) func randomTextsMeanWhatTheyWereMadeOf(seed: Int) throws {
        var json = RandomJSON(UInt64(seed) + 1)
        for round in 0..<150 {
            let (value, written) = json.value(depth: 5)
            #expect(PlainReader.read(written) == value, "the oracle, seed \(seed), round \(round): \(text(written))")
            #expect(try JSONValue.parse(written) == value, "seed \(seed), round \(round): \(text(written))")
        }
    }

    @Test(arguments: 0..<8) func damagedTextsAreJudgedAsByTheOracle(seed: Int) {
        var json = RandomJSON(UInt64(seed) + 500)
        var (accepted, refused) = (0, 0)
        for round in 0..<250 {
            let (_, written) = json.value(depth: 4)
            for _ in 0..<4 {
                let damaged = json.damaged(written)
                let expected = PlainReader.read(damaged)
                let found = try? JSONValue.parse(damaged)
                #expect(found == expected && isValid(damaged) == (expected != nil), "seed \(seed), round \(round): \(text(damaged)) \(damaged)")
                if expected == nil { refused += 1 } else { accepted += 1 }
            }
        }
        #expect(accepted > 20 && refused > 200, "the fuzz reaches both sides: \(accepted), \(refused)")
    }

    /// A bad byte behind a backslash, and a quote behind backslashes, at every place around two borders.
    @Test func escapesAtTheBordersOfBlocksAreJudgedAsByTheOracle() {
        for lead in 56...68 {
            for escape in ["\\", "\\\\", "\\q", "\\\"", "\\u00e9", "\\u00g9", "\\u00e", "\\u", "\\\\\\q", "\\\\\\\\q", "\\\\\"", "\\n\\q"] {
                for tail in ["", "x", String(repeating: "y", count: 70)] {
                    for pad in [0, 64] {
                        let json = utf8("\"" + String(repeating: "x", count: lead + pad) + escape + tail + "\"")
                        #expect((try? JSONValue.parse(json)) == PlainReader.read(json), "\(text(json))")
                    }
                }
            }
        }
    }

    @Test(arguments: 0..<4) func damagedBytesNeverBreakTheOutline(seed: Int) {
        var json = RandomJSON(UInt64(seed) + 900)
        json.keys += ["managedFields", "uid", "resourceVersion", "namespace", "type", "kind", "object", "metadata", "name", "object", "metadata"]
        for round in 0..<400 {
            let written = json.object(depth: 4).1
            for candidate in [written, json.damaged(written)] {
                for shape in [JSONExaminer.Shape.event, .document] {
                    onHeap(candidate) { bytes in
                        guard let found = try? JSONExaminer().examine(bytes, shape) else { return }
                        let part = found.object
                        for range in [found.name.range, found.namespace.range, found.uid.range, found.resourceVersion.range, found.managedFields]
                        where !range.isEmpty {
                            #expect(part.lowerBound < range.lowerBound && range.upperBound < part.upperBound, "seed \(seed), round \(round): \(text(candidate))")
                        }
                        // Whatever the outline says, making the object stays within the text, and what comes out is valid.
                        guard !part.isEmpty, let made = try? ObjectBlob.make(bytes, found, cutManagedFields: true) else { return }
                        #expect(PlainReader.read(utf8(made.written)) != nil, "seed \(seed), round \(round): \(text(candidate)) became \(made.written)")
                        _ = made.key + made.uid + made.resourceVersion
                    }
                }
            }
        }
    }
}
