// libFuzzer target: bytes as JSON, through every reader of the engine. A crash, or two readers that disagree, is a finding.
import KubeCore

/// The first byte chooses the size of the pieces that the splitter gets; the rest is the text.
func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeRawBufferPointer(start: start, count: count)
    guard let choice = input.first else { return 0 }
    let text = UnsafeRawBufferPointer(rebasing: input.dropFirst())
    let isValid = tree(text)
    outline(text, isValid)
    for mode in [JSONSplitter.Mode.values, .items] {
        let whole = split(text, mode, pieces: max(text.count, 1))
        let pieces = split(text, mode, pieces: Int(choice) + 1)
        guard whole == pieces else { fail("the splitter, in pieces of \(Int(choice) + 1)") }
    }
    guard events(text, pieces: max(text.count, 1)) == events(text, pieces: Int(choice) + 1) else { fail("the events, in pieces of \(Int(choice) + 1)") }
    return 0
}

/// Whether the tree reader takes it; what it took must come back the same.
private func tree(_ text: UnsafeRawBufferPointer) -> Bool {
    guard let value = try? JSONValue.parse(text) else { return false }
    guard let again = try? JSONValue.parse(value.text), again == value else { fail("a tree that does not read back") }
    return true
}

private func outline(_ text: UnsafeRawBufferPointer, _ isValid: Bool) {
    let examiner = JSONExaminer()
    for shape in [JSONExaminer.Shape.document, .event] {
        guard let found = try? examiner.examine(text, shape) else {
            if isValid, shape == .document { fail("the examiner refuses what the reader takes") }
            continue
        }
        guard isValid else { fail("the examiner takes what the reader refuses") }
        guard !found.object.isEmpty, let made = try? ObjectBlob.make(text, found, cutManagedFields: true) else { continue }
        guard (try? JSONValue.parse(made.json)) != nil else { fail("an object without managedFields that is no JSON") }
        _ = made.key + made.uid + made.resourceVersion
        for pointer in ["", "/metadata/name", "/a~1b/0", "/items/0"] { _ = try? made.string(pointer) }
    }
}

/// What the splitter hands out of the text, and whether it refused it.
private func split(_ text: UnsafeRawBufferPointer, _ mode: JSONSplitter.Mode, pieces: Int) -> [[UInt8]] {
    var splitter = JSONSplitter(mode, maxObjectBytes: 1 << 20)
    var out: [[UInt8]] = []
    do throws(KubeError) {
        for from in stride(from: 0, to: text.count, by: pieces) {
            let piece = UnsafeRawBufferPointer(rebasing: text[from..<min(from + pieces, text.count)])
            try splitter.feed(piece) { object in out.append(Array(object)) }
        }
        try splitter.finish()
        out.append(splitter.envelope)
    } catch {
        // Where in its piece the refusal comes decides what was handed out before it.
        return [Array("refused".utf8)]
    }
    return out
}

/// The events that are read out of the text before the first that is none.
private func events(_ text: UnsafeRawBufferPointer, pieces: Int) -> [[UInt8]] {
    var reader = EventReader(maxObjectBytes: 1 << 20)
    var out: [[UInt8]] = []
    do throws(KubeError) {
        for from in stride(from: 0, to: text.count, by: pieces) {
            let piece = UnsafeRawBufferPointer(rebasing: text[from..<min(from + pieces, text.count)])
            try reader.feed(piece) { event, outline in out.append(Array(event[outline.type.range]) + Array(event[outline.object])) }
        }
    } catch { out.append(Array("refused".utf8)) }
    return out
}

private func fail(_ text: String) -> Never { fatalError(text) }
