// Whether a client certificate and a private key belong together (T3), found before any connection is made.
package import KubeCore

package enum KeyPair {
    /// Throws `.config` when the two are proven not to belong together; the message names both places. What can't be read here
    /// passes: libcurl refuses it in the handshake.
    package static func check(
        certificate: [UInt8], key: [UInt8], _ certificatePlace: String, _ keyPlace: String
    ) throws(KubeError) {
        guard let one = PEMText.blocks(certificate).lazy.filter({ $0.label.hasSuffix("CERTIFICATE") }).first,
              let leaf = PublicKey(certificate: one.bytes),
              let mine = PEMText.blocks(key).lazy.compactMap({ PublicKey(privateKey: $0.bytes, label: $0.label) }).first else { return }
        if leaf.differs(from: mine) {
            throw KubeError(.config, "\(keyPlace): is not the key of the certificate that \(certificatePlace) gives")
        }
    }

    /// The same for texts that were read from changed files; also throws when one of them holds nothing of use.
    package static func requireWhole(
        certificate: [UInt8], key: [UInt8], _ certificatePlace: String, _ keyPlace: String
    ) throws(KubeError) {
        guard holdsCertificate(certificate) else { throw KubeError(.config, "\(certificatePlace): holds no PEM certificate") }
        guard PEMText.hasKey(key), !PEMText.hasEncryptedKey(key) else {
            throw KubeError(.config, "\(keyPlace): holds no PEM private key, or an encrypted one")
        }
        try check(certificate: certificate, key: key, certificatePlace, keyPlace)
    }

    /// Whether at least one certificate can be read.
    package static func holdsCertificate(_ text: [UInt8]) -> Bool {
        PEMText.blocks(text).contains { $0.label.hasSuffix("CERTIFICATE") && PublicKey(certificate: $0.bytes) != nil }
    }
}
