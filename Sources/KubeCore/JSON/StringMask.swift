// Which bytes of a block lie inside JSON strings, carried from block to block. Knows quotes and escapes, nothing else.
internal import CScan

/// The carry between two blocks of 64 bytes, and the step from one to the next.
struct StringMask {
    /// 1 when the first byte of the next block is escaped.
    private var escape: UInt64 = 0
    /// All ones when the next block begins inside a string.
    private var inside: UInt64 = 0

    var endsInString: Bool { inside != 0 }

    struct Masks {
        /// Unescaped quotes.
        var quotes: UInt64
        /// From an opening quote (included) to its closing quote (not included).
        var strings: UInt64
        /// Bytes that stand behind a backslash which escapes them.
        var escaped: UInt64
    }

    /// Takes a block of which `count` bytes are real; the rest must hold neither quotes nor backslashes.
    @inline(__always)
    mutating func next(quote: UInt64, backslash: UInt64, count: Int) -> Masks {
        var escaped = escape
        if backslash == 0 {
            escape = 0
        } else {
            // Runs of backslashes escape what follows when their length is odd (simdjson, find_escaped).
            let runs = backslash & ~escape
            let follows = runs &<< 1 | escape
            let even: UInt64 = 0x5555_5555_5555_5555
            let oddStarts = runs & ~even & ~follows
            let (sums, overflow) = oddStarts.addingReportingOverflow(runs)
            escaped = (even ^ (sums &<< 1)) & follows
            escape = count < 64 ? (escaped &>> UInt64(truncatingIfNeeded: count)) & 1 : (overflow ? 1 : 0)
        }
        let quotes = quote & ~escaped
        let strings = quotes == 0 ? inside : kcr_prefix_xor(quotes) ^ inside
        inside = UInt64(bitPattern: Int64(bitPattern: strings) &>> 63)
        return Masks(quotes: quotes, strings: strings, escaped: escaped)
    }
}
