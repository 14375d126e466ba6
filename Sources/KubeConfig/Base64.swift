// Base64 as kubeconfigs use it: standard alphabet, padded, line breaks allowed, nothing else.

enum Base64 {
    /// nil for anything that is not base64; CR and LF may stand anywhere, blanks and tabs nowhere.
    static func decode(_ text: String) -> [UInt8]? {
        var out: [UInt8] = []
        out.reserveCapacity(text.utf8.count / 4 * 3)
        var group: UInt32 = 0
        var count = 0
        var padding = 0
        for byte in text.utf8 where byte != 0x0A && byte != 0x0D {
            if byte == UInt8(ascii: "=") {
                padding &+= 1
                guard count &+ padding <= 4, count >= 2 else { return nil }
                continue
            }
            guard padding == 0, let bits = value(byte) else { return nil }
            group = group << 6 | bits
            count &+= 1
            guard count == 4 else { continue }
            out.append(UInt8(truncatingIfNeeded: group >> 16))
            out.append(UInt8(truncatingIfNeeded: group >> 8))
            out.append(UInt8(truncatingIfNeeded: group))
            group = 0
            count = 0
        }
        guard count == 0 ? padding == 0 : count &+ padding == 4 else { return nil }
        if count == 2 { out.append(UInt8(truncatingIfNeeded: group >> 4)) }
        if count == 3 {
            out.append(UInt8(truncatingIfNeeded: group >> 10))
            out.append(UInt8(truncatingIfNeeded: group >> 2))
        }
        return out
    }

    private static func value(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte &- UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte &- UInt8(ascii: "a")) &+ 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte &- UInt8(ascii: "0")) &+ 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
