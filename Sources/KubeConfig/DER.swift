// A reader of DER, the binary form of certificates and keys: just enough to find a public key and an end of validity in them.

/// Takes values off the front of some bytes.
struct DER {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    static let integer: UInt8 = 0x02, bitString: UInt8 = 0x03, octetString: UInt8 = 0x04, oid: UInt8 = 0x06, utcTime: UInt8 = 0x17, generalizedTime: UInt8 = 0x18,
        sequence: UInt8 = 0x30

    /// The tag of the next value; nil at the end.
    var tag: UInt8? { rest.first }

    /// The contents of the next value if it has this tag. Lengths up to 4 bytes; tags of one byte.
    mutating func take(_ wanted: UInt8) -> ArraySlice<UInt8>? {
        guard rest.popFirst() == wanted, let first = rest.popFirst() else { return nil }
        var length = Int(first)
        if first >= 0x80 {
            let count = Int(first & 0x7f)
            guard (1...4).contains(count), rest.count >= count else { return nil }
            length = rest.prefix(count).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(count)
        }
        guard length <= rest.count else { return nil }
        let content = rest.prefix(length)
        rest = rest.dropFirst(length)
        return content
    }

    /// The same as a reader of what is inside.
    mutating func enter(_ wanted: UInt8) -> DER? { take(wanted).map { DER($0) } }

    /// Leaves out the next value if it has this tag.
    mutating func skip(_ wanted: UInt8) { if tag == wanted { _ = take(wanted) } }
}
