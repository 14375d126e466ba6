// Examines one whole JSON text: is it valid (grammar, UTF-8, depth), and where in it stand the few things an object is
// known by. One pass over block masks, no recursion, no tree, nothing allocated per text.
internal import CScan

/// What an examination found. Ranges are offsets into the examined text; strings are without their quotes, as written.
package struct JSONOutline {
    /// A string value that is worth keeping.
    package struct Text {
        package var range: Range<Int> = 0..<0
        /// A value of another type stood there.
        package var isWrongType = false

        package var isEmpty: Bool { range.isEmpty }
    }

    /// The event's "type"; only of `.event`.
    package var type = Text()
    /// The event's "object", or the whole text without blanks around it. Empty when an event has none.
    package var object: Range<Int> = 0..<0
    package var objectIsJSONObject = false
    package var apiVersion = Text()
    package var kind = Text()
    package var name = Text()
    package var namespace = Text()
    package var uid = Text()
    package var resourceVersion = Text()
    package var hasMetadata = false
    /// `metadata.labels`, an object.
    package var labels: Range<Int> = 0..<0
    /// `metadata.managedFields` with the comma that goes with it: what is left when it is cut out is valid.
    package var managedFields: Range<Int> = 0..<0

    // Of equal keys the last one counts as a whole: a text of an earlier one would lie outside the object.

    mutating func forgetObject() {
        let type = type
        self = JSONOutline()
        self.type = type
    }

    mutating func forgetMetadata() {
        (name, namespace, uid, resourceVersion) = (Text(), Text(), Text(), Text())
        (hasMetadata, labels, managedFields) = (false, 0..<0, 0..<0)
    }
}

/// A reusable workspace for examinations. One thread at a time.
package final class JSONExaminer {
    package enum Shape {
        /// A Kubernetes object, or any other JSON document.
        case document
        /// A watch event: `{"type": ..., "object": ...}`.
        case event
    }

    /// Deeper nesting is refused.
    package static let maxDepth = 512

    enum Expect { case value, valueOrClose, keyOrClose, key, colon, commaOrClose, nothing }
    enum Field { case none, type, object, apiVersion, kind, metadata, name, namespace, uid, resourceVersion, labels, managedFields }
    enum Role { case plain, event, object, metadata }

    /// A container that is worth looking into: the event, the object, its metadata. They nest in this order.
    struct Frame {
        var role = Role.plain
        var depth = -1
        var field = Field.none
        var keyStart = 0
        var valueStart = -1
        /// The last comma before the present key, -1 at the first.
        var comma = -1
    }

    private static let windowBlocks = 64

    let positions: UnsafeMutablePointer<UInt32>
    let isObject: UnsafeMutablePointer<Bool>
    let grammar = PlainGrammar()
    var outline = JSONOutline()
    var expect = Expect.value
    var depth = 0
    /// The innermost frame; the outer ones wait in `outer`.
    var frame = Frame()
    var outerFrame = Frame()
    var outermostFrame = Frame()
    var nextRole = Role.plain
    private var hasEscapes = false

    package init() {
        positions = .allocate(capacity: 64 * Self.windowBlocks)
        isObject = .allocate(capacity: Self.maxDepth + 1)
        isObject.initialize(repeating: false, count: Self.maxDepth + 1)
    }

    deinit {
        positions.deallocate()
        isObject.deallocate()
    }

    /// Examines a whole text. Throws `.decode`, naming the offset, for anything that is not exactly one valid JSON value.
    package func examine(_ text: UnsafeRawBufferPointer, _ shape: Shape) throws(KubeError) -> JSONOutline {
        guard let base = text.baseAddress?.assumingMemoryBound(to: UInt8.self), text.count > 0 else {
            throw KubeError(.decode, "the JSON text is empty")
        }
        guard text.count < Int(Int32.max) else { throw KubeError(.decode, "the JSON text is larger than 2 GiB") }
        outline = JSONOutline()
        (expect, depth) = (.value, 0)
        (frame, outerFrame, outermostFrame) = (Frame(), Frame(), Frame())
        nextRole = shape == .event ? .event : .object
        let end = text.count
        var mask = StringMask()
        var scalarCarry: UInt64 = 0
        var high: UInt64 = 0
        var at = 0
        while at < end {
            let windowEnd = min(end, at + 64 * Self.windowBlocks)
            var found = 0
            while at < windowEnd {
                let count = min(64, end - at)
                let block = count == 64 ? kcr_scan_tokens(base + at) : Self.partialBlock(base + at, count)
                let masks = mask.next(quote: block.quote, backslash: block.backslash, count: count)
                let tails = masks.strings ^ masks.quotes
                let inside = masks.strings & tails
                high |= block.high
                if block.control & inside != 0 { throw fault("a control character in a string", at + (block.control & inside).trailingZeroBitCount) }
                // The backslash may be the last byte of the block before.
                let escaped = masks.escaped & tails
                if escaped != 0 { try checkEscapes(base, at, escaped, end) }
                let scalars = ~(block.op | block.blank) & ~block.quote
                let starts = (block.op | (scalars & ~(scalars &<< 1 | scalarCarry)) | masks.quotes) & ~tails
                scalarCarry = scalars &>> 63
                var bits = count == 64 ? starts : starts & ((1 &<< UInt64(truncatingIfNeeded: count)) &- 1)
                while bits != 0 {
                    positions[found] = UInt32(truncatingIfNeeded: at &+ bits.trailingZeroBitCount)
                    found &+= 1
                    bits &= bits &- 1
                }
                at += count
            }
            try tokens(base, found, end)
        }
        if mask.endsInString { throw fault("a string without end", end) }
        guard expect == .nothing else { throw fault("the text ends early", end) }
        if high != 0, let bad = UTF8Check.firstInvalid(text) { throw fault("invalid UTF-8", bad) }
        if shape == .document { outline.object = trimmed(base, 0, end) }
        return outline
    }

    /// Where the last text that was refused stopped being valid.
    package private(set) var faultOffset = 0

    func fault(_ what: String, _ offset: Int) -> KubeError {
        faultOffset = offset
        return KubeError(.decode, "invalid JSON: \(what) at byte \(offset)")
    }

    /// The range without blanks at its ends.
    func trimmed(_ base: UnsafePointer<UInt8>, _ from: Int, _ to: Int) -> Range<Int> {
        var (from, to) = (from, to)
        while from < to, Self.isBlank(base[from]) { from &+= 1 }
        while from < to, Self.isBlank(base[to &- 1]) { to &-= 1 }
        return from..<to
    }

    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 }

    private func checkEscapes(_ base: UnsafePointer<UInt8>, _ at: Int, _ escaped: UInt64, _ end: Int) throws(KubeError) {
        var bits = escaped
        while bits != 0 {
            let index = at + bits.trailingZeroBitCount
            bits &= bits &- 1
            guard index < end else { return }
            switch base[index] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
                UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
                break
            case UInt8(ascii: "u"):
                guard index + 4 < end else { throw fault("a broken escape", index) }
                for digit in index + 1...index + 4 where JSONText.hexDigit(base[digit]) == nil { throw fault("a broken escape", index) }
            default:
                throw fault("a broken escape", index)
            }
        }
    }

    private static func partialBlock(_ from: UnsafePointer<UInt8>, _ count: Int) -> kcr_tokens {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64) { block in
            guard let start = block.baseAddress else { return kcr_tokens() }
            start.initialize(repeating: 0x20, count: 64)
            start.update(from: from, count: count)
            return kcr_scan_tokens(start)
        }
    }
}
