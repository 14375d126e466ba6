// When a certificate stops being valid, as its text says. It compares with no clock and verifies nothing.

package enum CertificateExpiry {
    /// notAfter of the first certificate of a PEM text, as RFC 3339 ("2027-01-31T12:00:00Z"); nil: none can be read.
    package static func text(ofPEM pem: [UInt8]) -> String? {
        PEMText.blocks(pem).first { $0.label.hasSuffix("CERTIFICATE") }.flatMap { text(certificate: $0.bytes) }
    }

    /// RFC 5280, section 4.1.2.5: UTCTime up to 2049, GeneralizedTime from then on, both in seconds and UTC.
    private static func text(certificate: [UInt8]) -> String? {
        var outer = DER(certificate[...])
        var whole = outer.enter(DER.sequence)
        var body = whole?.enter(DER.sequence)
        body?.skip(0xa0)
        guard body?.take(DER.integer) != nil else { return nil }
        // Signature, issuer.
        for _ in 0..<2 { guard body?.take(DER.sequence) != nil else { return nil } }
        guard var validity = body?.enter(DER.sequence), let first = validity.tag, validity.take(first) != nil, let tag = validity.tag,
              let time = validity.take(tag) else { return nil }
        var digits = Array(time)
        guard digits.popLast() == UInt8(ascii: "Z"), digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        switch (tag, digits.count) {
        case (DER.utcTime, 12): digits = Array((digits[0] >= UInt8(ascii: "5") ? "19" : "20").utf8) + digits
        case (DER.generalizedTime, 14): break
        default: return nil
        }
        func part(_ range: Range<Int>) -> String { String(decoding: digits[range], as: UTF8.self) }
        return "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(8..<10)):\(part(10..<12)):\(part(12..<14))Z"
    }
}
