// The end of a certificate's validity, read from its text: both forms of time, and what is none.
import Foundation
@testable import KubeConfig
import Testing

struct CertificateExpiryTests {
    /// A certificate as far as its validity, in DER, wrapped as PEM.
    private func pem(_ time: String, tag: UInt8, versioned: Bool = true) -> [UInt8] {
        func value(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] { [tag, 0x82, UInt8(content.count >> 8), UInt8(content.count & 255)] + content }
        let validity = value(0x30, value(0x17, Array("200101000000Z".utf8)) + value(tag, Array(time.utf8)))
        let body = (versioned ? value(0xa0, value(2, [2])) : []) + value(2, [1]) + value(0x30, []) + value(0x30, []) + validity
        let text = Data(value(0x30, value(0x30, body))).base64EncodedString()
        return Array("noise\n-----BEGIN CERTIFICATE-----\n\(text)\n-----END CERTIFICATE-----\n".utf8)
    }

    @Test(arguments: [
        ("270131120000Z", 0x17, "2027-01-31T12:00:00Z"), ("491231235959Z", 0x17, "2049-12-31T23:59:59Z"), ("500101000000Z", 0x17, "1950-01-01T00:00:00Z"),
        ("20500101000000Z", 0x18, "2050-01-01T00:00:00Z"), ("99991231235959Z", 0x18, "9999-12-31T23:59:59Z"), ("2701311200Z", 0x17, nil),
        ("270131120000+0100", 0x17, nil), ("270131120000", 0x17, nil), ("20270131120000Z", 0x17, nil), ("270131120000Z", 0x18, nil), ("", 0x17, nil),
        ("27013112000\u{e9}Z", 0x17, nil), ("270131120000Z", 0x0c, nil),
    ] as [(String, UInt8, String?)])
    func bothFormsOfTimeAreRead(time: String, tag: UInt8, text: String?) {
        #expect(CertificateExpiry.text(ofPEM: pem(time, tag: tag)) == text)
        #expect(CertificateExpiry.text(ofPEM: pem(time, tag: tag, versioned: false)) == text)
    }

    @Test func whatIsNoCertificateHasNoEnd() {
        for text in ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n"] {
            #expect(CertificateExpiry.text(ofPEM: Array(text.utf8)) == nil)
        }
        let whole = pem("270131120000Z", tag: 0x17)
        for length in 0..<whole.count { _ = CertificateExpiry.text(ofPEM: Array(whole.prefix(length))) }
    }
}
