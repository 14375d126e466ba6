// The events of a watch out of its body, which comes in any pieces: each whole, valid, and with its outline.
internal import CScan

/// Of one stream. A line is tried as it is, since servers send each event as one; what is no whole line, or not one value, is cut by the
/// splitter (W12).
package struct EventReader {
    private let examiner = JSONExaminer()
    private let maxObjectBytes: Int
    private var splitter: JSONSplitter
    /// While every line was one value.
    private var triesLines = true

    package init(maxObjectBytes: Int) {
        self.maxObjectBytes = maxObjectBytes
        splitter = JSONSplitter(.values, maxObjectBytes: maxObjectBytes)
    }

    /// Takes the next piece and hands out each value that ends in it, examined as an event; the bytes are valid during the call. Throws
    /// `.decode` for what is no JSON object, and what `emit` throws; the reader is of no use afterwards.
    package mutating func feed(
        _ chunk: UnsafeRawBufferPointer, _ emit: (UnsafeRawBufferPointer, JSONOutline) throws(KubeError) -> Void
    ) throws(KubeError) {
        var rest = chunk
        while triesLines, let start = rest.baseAddress, case let end = kcr_line_end(start, rest.count), end > 0 {
            let line = UnsafeRawBufferPointer(rebasing: rest[..<end])
            rest = UnsafeRawBufferPointer(rebasing: rest[end...])
            if !splitter.isInObject, end <= maxObjectBytes, line[0] == UInt8(ascii: "{") {
                if let outline = try? examiner.examine(line, .event) {
                    try emit(line, outline)
                    continue
                }
                triesLines = false
            }
            try cut(line, emit)
            if splitter.isInObject { triesLines = false }
        }
        try cut(rest, emit)
    }

    private mutating func cut(
        _ piece: UnsafeRawBufferPointer, _ emit: (UnsafeRawBufferPointer, JSONOutline) throws(KubeError) -> Void
    ) throws(KubeError) {
        let examiner = examiner
        try splitter.feed(piece) { (text: UnsafeRawBufferPointer) throws(KubeError) in try emit(text, examiner.examine(text, .event)) }
    }
}
