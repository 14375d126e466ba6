// An IP address as a value that can be compared. Names are not addresses; no lookup.
import Glibc

/// IPv4 addresses are held as IPv6 (::ffff:a.b.c.d), so that both spellings are equal. A zone is left out.
struct IPAddress: Equatable {
    /// 16 of them.
    private let bytes: [UInt8]

    /// nil: not an address.
    init?(_ text: String) {
        var out = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &out) == 1 {
            bytes = IPAddress.mapped + out[..<4]
        } else if inet_pton(AF_INET6, String(text.prefix { $0 != "%" }), &out) == 1 {
            bytes = out
        } else {
            return nil
        }
    }

    private static let mapped = [UInt8](repeating: 0, count: 10) + [0xff, 0xff]

    var isIPv4: Bool { bytes.starts(with: IPAddress.mapped) }

    /// 127.0.0.0/8 and ::1.
    var isLoopback: Bool { isIPv4 ? bytes[12] == 127 : bytes[..<15].allSatisfy { $0 == 0 } && bytes[15] == 1 }

    /// Whether the first `bits` (0...128) of both are the same, and both are of one kind.
    func contains(_ other: IPAddress, bits: Int) -> Bool {
        // A network shorter than the prefix of IPv4 addresses holds IPv6 ones only.
        guard (isIPv4 && bits >= 96) == other.isIPv4 else { return false }
        return (0..<bits).allSatisfy { bit in (bytes[bit / 8] ^ other.bytes[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0 }
    }
}
