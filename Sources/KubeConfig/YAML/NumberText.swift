// A floating-point number as JSON text, written as Go writes it, so that 1e3 in YAML is the 1000 a server expects.

/// Shortest digits that read back the same; an exponent only below 1e-6 and from 1e21 on.
enum NumberText {
    /// `value` must be finite.
    static func of(_ value: Double) -> String {
        // Swift gives the shortest digits too, but "1000.0" and "1e+16".
        var digits: [UInt8] = []
        var point: Int?
        var exponent = 0
        var rest = value.magnitude.description.utf8[...]
        while let byte = rest.first {
            rest = rest.dropFirst()
            switch byte {
            case UInt8(ascii: "."): point = digits.count
            case UInt8(ascii: "e"):
                exponent = Int(String(decoding: rest, as: UTF8.self)) ?? 0
                rest = rest.dropFirst(rest.count)
            default: digits.append(byte)
            }
        }
        var whole = (point ?? digits.count) &+ exponent
        let zeros = digits.prefix { $0 == UInt8(ascii: "0") }.count
        digits.removeFirst(zeros)
        whole = whole &- zeros
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        let sign = value.sign == .minus ? "-" : ""
        guard !digits.isEmpty else { return sign + "0" }
        return sign + (whole < -5 || whole > 21 ? scientific(digits, whole &- 1) : positional(digits, whole))
    }

    private static func positional(_ digits: [UInt8], _ whole: Int) -> String {
        let text = String(decoding: digits, as: UTF8.self)
        if whole <= 0 { return "0." + String(repeating: "0", count: 0 &- whole) + text }
        if whole >= digits.count { return text + String(repeating: "0", count: whole &- digits.count) }
        return text.prefix(whole) + "." + text.dropFirst(whole)
    }

    private static func scientific(_ digits: [UInt8], _ exponent: Int) -> String {
        let text = String(decoding: digits, as: UTF8.self)
        let fraction = digits.count > 1 ? "." + text.dropFirst(1) : ""
        return "\(text.prefix(1))\(fraction)e\(exponent < 0 ? "" : "+")\(exponent)"
    }
}
