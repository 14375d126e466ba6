// Cuts the objects out of a response while it arrives: the items of a list, or the values of a stream. It knows strings
// and depth, not grammar: each piece is examined on its own (JSONExaminer), and so is what is left of a list.
internal import CScan

/// A streaming splitter. Feed it the body in any pieces; it hands out whole objects, each as one run of bytes, and never
/// holds more than one object and the list's envelope.
package struct JSONSplitter {
    package enum Mode {
        /// `{...}{...}`: JSON values one behind the other, separated by white space or nothing (W12).
        case values
        /// `{"kind": ..., "items": [{...}, {...}], ...}`.
        case items
    }

    private enum Phase { case envelope, items, after }

    private let mode: Mode
    private let maxObjectBytes: Int
    private let maxEnvelopeBytes = 1 << 22
    private var mask = StringMask()
    private var depth = 0
    private var phase: Phase
    private var inObject = false
    private var sawComma = false
    private var sawItem = false
    private var sawItems = false
    private var pending: [UInt8] = []

    /// Items mode: the list without its items, whole once `finish()` has returned.
    package private(set) var envelope: [UInt8] = []

    package init(_ mode: Mode, maxObjectBytes: Int) {
        self.mode = mode
        self.maxObjectBytes = maxObjectBytes
        phase = mode == .values ? .items : .envelope
    }

    private var objectDepth: Int { mode == .values ? 0 : 2 }

    /// Takes the next piece of the body and hands out each object that ends in it. The bytes handed out are valid during
    /// the call. Throws `.decode` for what can't be a body of this mode; the splitter is of no use afterwards.
    package mutating func feed(
        _ chunk: UnsafeRawBufferPointer, _ emit: (UnsafeRawBufferPointer) throws(KubeError) -> Void
    ) throws(KubeError) {
        guard let base = chunk.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
        var at = 0
        /// Where the bytes begin that are not yet accounted for: an object, the envelope, or the gap between objects.
        var from = 0
        let end = chunk.count
        while at < end {
            let count = min(64, end - at)
            let block = count == 64 ? kcr_scan_braces(base + at) : Self.partialBlock(base + at, count)
            let masks = mask.next(quote: block.quote, backslash: block.backslash, count: count)
            let open = block.open & ~masks.strings
            var braces = open | (block.close & ~masks.strings)
            if inObject {
                let closing = (braces & ~open).nonzeroBitCount
                if depth - closing > objectDepth {
                    depth += open.nonzeroBitCount - closing
                    braces = 0
                }
            }
            while braces != 0 {
                let bit = braces & (0 &- braces)
                let index = at + braces.trailingZeroBitCount
                braces &= braces - 1
                if open & bit != 0 {
                    try opened(base, index, &from)
                } else {
                    try closed(base, index, &from, emit)
                }
            }
            at += count
        }
        try keepRest(base, from, end)
    }

    /// Says that the body is over. Throws `.decode` when it ends in the middle.
    package mutating func finish() throws(KubeError) {
        switch mode {
        case .values:
            if inObject { throw KubeError(.decode, "the stream ended in the middle of an object") }
        case .items:
            if phase != .after { throw KubeError(.decode, envelope.isEmpty ? "the answer is empty, not a list" : "the list ended early") }
        }
    }

    /// Values mode: whether an object has begun and not ended.
    package var isInObject: Bool { inObject }

    private mutating func opened(_ base: UnsafePointer<UInt8>, _ index: Int, _ from: inout Int) throws(KubeError) {
        if inObject {
            depth += 1
            return
        }
        switch phase {
        case .items:
            try gap(base, from, index)
            guard base[index] == UInt8(ascii: "{") else { throw unexpected(base[index]) }
            if mode == .items && sawItem && !sawComma { throw KubeError(.decode, "a comma is missing between two items") }
            (inObject, sawComma, sawItem) = (true, false, true)
            depth = objectDepth + 1
            from = index
        case .envelope:
            depth += 1
            guard depth == 2, base[index] == UInt8(ascii: "[") else { return }
            try appendEnvelope(base, from, index + 1)
            from = index + 1
            guard envelopeEndsWithItemsKey() else { return }
            if sawItems { throw KubeError(.decode, "the list has two fields \"items\"") }
            (sawItems, sawItem, sawComma) = (true, false, false)
            phase = .items
        case .after:
            throw unexpected(base[index])
        }
    }

    private mutating func closed(
        _ base: UnsafePointer<UInt8>, _ index: Int, _ from: inout Int, _ emit: (UnsafeRawBufferPointer) throws(KubeError) -> Void
    ) throws(KubeError) {
        if inObject {
            depth -= 1
            guard depth == objectDepth else { return }
            inObject = false
            let piece = UnsafeRawBufferPointer(start: base + from, count: index + 1 - from)
            if pending.count + piece.count > maxObjectBytes { throw tooLarge }
            from = index + 1
            if pending.isEmpty {
                try emit(piece)
                return
            }
            pending.append(contentsOf: piece)
            var whole: [UInt8] = []
            swap(&whole, &pending)
            var failure: KubeError?
            whole.withUnsafeBytes { bytes in
                do throws(KubeError) { try emit(bytes) } catch { failure = error }
            }
            if let failure { throw failure }
            if whole.capacity <= 1 << 18 {
                whole.removeAll(keepingCapacity: true)
                swap(&whole, &pending)
            }
            return
        }
        switch phase {
        case .items:
            if mode == .values { throw unexpected(base[index]) }
            try gap(base, from, index)
            guard base[index] == UInt8(ascii: "]"), !sawComma else { throw unexpected(base[index]) }
            phase = .envelope
            depth = 1
            from = index
        case .envelope:
            depth -= 1
            if depth < 0 { throw unexpected(base[index]) }
            guard depth == 0 else { return }
            try appendEnvelope(base, from, index + 1)
            from = index + 1
            phase = .after
        case .after:
            throw unexpected(base[index])
        }
    }

    /// What of the chunk belongs to something that is not over yet.
    private mutating func keepRest(_ base: UnsafePointer<UInt8>, _ from: Int, _ end: Int) throws(KubeError) {
        guard from < end else { return }
        if inObject {
            if pending.count + (end - from) > maxObjectBytes { throw tooLarge }
            pending.append(contentsOf: UnsafeBufferPointer(start: base + from, count: end - from))
        } else if phase == .envelope {
            try appendEnvelope(base, from, end)
        } else {
            try gap(base, from, end)
        }
    }

    /// Between objects only white space may stand, and between items one comma.
    private mutating func gap(_ base: UnsafePointer<UInt8>, _ from: Int, _ to: Int) throws(KubeError) {
        var index = from
        while index < to {
            switch base[index] {
            case 0x20, 0x0a, 0x0d, 0x09: break
            case UInt8(ascii: ",") where mode == .items && phase == .items && sawItem && !sawComma: sawComma = true
            default: throw unexpected(base[index])
            }
            index += 1
        }
    }

    private mutating func appendEnvelope(_ base: UnsafePointer<UInt8>, _ from: Int, _ to: Int) throws(KubeError) {
        guard from < to else { return }
        if envelope.count + (to - from) > maxEnvelopeBytes { throw KubeError(.decode, "the answer is no list: too much stands outside its items") }
        envelope.append(contentsOf: UnsafeBufferPointer(start: base + from, count: to - from))
    }

    /// Whether the envelope ends with `"items" : [`, where "items" is a whole key.
    private func envelopeEndsWithItemsKey() -> Bool {
        var index = envelope.count - 2
        func skipBlanks() {
            while index >= 0, [0x20, 0x0a, 0x0d, 0x09].contains(envelope[index]) { index -= 1 }
        }
        skipBlanks()
        guard index >= 0, envelope[index] == UInt8(ascii: ":") else { return false }
        index -= 1
        skipBlanks()
        let key = Array("\"items\"".utf8)
        guard index >= key.count, envelope[(index + 1 - key.count)...index].elementsEqual(key) else { return false }
        return envelope[index - key.count] != UInt8(ascii: "\\")
    }

    private func unexpected(_ byte: UInt8) -> KubeError {
        let shown = byte > 0x20 && byte < 0x7f ? "\"\(Character(UnicodeScalar(byte)))\"" : "byte \(byte)"
        return KubeError(.decode, "unexpected \(shown) \(mode == .items ? "in the list" : "between two objects")")
    }

    private var tooLarge: KubeError {
        KubeError(.decode, "an object is larger than maxObjectBytes (\(maxObjectBytes))")
    }

    private static func partialBlock(_ from: UnsafePointer<UInt8>, _ count: Int) -> kcr_braces {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64) { block in
            guard let start = block.baseAddress else { return kcr_braces() }
            start.initialize(repeating: 0x20, count: 64)
            start.update(from: from, count: count)
            return kcr_scan_braces(start)
        }
    }
}
