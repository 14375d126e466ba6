// Base64, DNS labels, names shown in messages, PEM labels.
import KubeCore
import Testing

@testable import KubeConfig

@Test(arguments: ["", "a", "ab", "abc", "abcd", "hello, world", "\u{0}\u{FF}é"])
func base64ReadsBackWhatWasWritten(_ text: String) {
    #expect(Base64.decode(base64(text)) == Array(text.utf8))
    let broken = base64(text).map { "\($0)\r\n" }.joined()
    #expect(Base64.decode(broken) == Array(text.utf8))
}

@Test(arguments: ["a", "YQ", "YQ=", "YQ===", "Y===", "====", "YWI=YWI=", "YQ==YQ==", "YW I=", "YWI=\t", "Y-_=", "YW*=", "=", "YWJj=", "é"])
func otherTextIsNotBase64(_ text: String) { #expect(Base64.decode(text) == nil) }

@Test func namespacesAreDNSLabels() {
    for good in ["a", "kube-system", "0", String(repeating: "a", count: 63)] { #expect(TextRules.isDNSLabel(good)) }
    for bad in ["", "-a", "a-", "A", "a.b", "a_b", "a/b", "..", "é", "a\n", String(repeating: "a", count: 64)] {
        #expect(!TextRules.isDNSLabel(bad))
    }
}

@Test func namesInMessagesStayOnOneLineAndShort() {
    #expect(ShownText.quote("a\nb\u{1B}[0m\u{202E}") == "\"a?b?[0m?\"")
    #expect(ShownText.plain(String(repeating: "x", count: 500)).count == 203)
}

@Test func pemTextIsKnownByItsLabels() {
    #expect(PEMText.hasCertificate(Array(certificatePEM.utf8)))
    #expect(PEMText.hasCertificate(Array("Subject: x\r\n\(pem("TRUSTED CERTIFICATE", "x"))".utf8)))
    #expect(!PEMText.hasCertificate(Array(keyPEM.utf8)))
    #expect(PEMText.hasKey(Array(pem("EC PRIVATE KEY", "x").utf8)))
    #expect(!PEMText.hasKey(Array("x -----BEGIN PRIVATE KEY-----".utf8)))
    #expect(PEMText.hasEncryptedKey(Array(pem("ENCRYPTED PRIVATE KEY", "x").utf8)))
    #expect(PEMText.hasEncryptedKey(Array(pem("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\r\nDEK-Info: x").utf8)))
    #expect(!PEMText.hasEncryptedKey(Array(keyPEM.utf8)))
}
