// A CA and a server certificate, made anew at every start, and whose client certificates are believed.
import Crypto
import NIOSSL
import SwiftASN1
import X509
import struct Foundation.Date

struct TLSSetup: Sendable {
    let configuration: TLSConfiguration
    /// The CA's certificate in PEM.
    let authority: String
    let knowsClients: Bool

    /// The certificate is good for localhost, 127.0.0.1, ::1 and `host`.
    init(host: String, clientCA: String?) throws {
        let now = Date()
        let (start, end) = (now.addingTimeInterval(-3600), now.addingTimeInterval(365 * 24 * 3600))
        let authorityKey = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let authorityName = try DistinguishedName { CommonName("kubecr-testserver CA") }
        let authority = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: authorityKey.publicKey, notValidBefore: start, notValidAfter: end,
            issuer: authorityName, subject: authorityName, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true))
                SubjectKeyIdentifier(hash: authorityKey.publicKey)
            },
            issuerPrivateKey: authorityKey)
        let serverKey = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let server = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: serverKey.publicKey, notValidBefore: start, notValidAfter: end,
            issuer: authorityName, subject: DistinguishedName { CommonName("kubecr-testserver") }, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames(Self.names(host))
                AuthorityKeyIdentifier(keyIdentifier: SubjectKeyIdentifier(hash: authorityKey.publicKey).keyIdentifier)
            },
            issuerPrivateKey: authorityKey)
        self.authority = try authority.serializeAsPEM().pemString + "\n"
        var configuration = try TLSConfiguration.makeServerConfiguration(
            certificateChain: [.certificate(NIOSSLCertificate(bytes: Array(server.serializeAsPEM().pemString.utf8), format: .pem))],
            privateKey: .privateKey(NIOSSLPrivateKey(bytes: Array(serverKey.serializeAsPEM().pemString.utf8), format: .pem)))
        configuration.minimumTLSVersion = .tlsv12
        if let clientCA {
            configuration.certificateVerification = .optionalVerification
            configuration.trustRoots = .certificates(try InputFiles.certificates(clientCA))
        }
        self.configuration = configuration
        knowsClients = clientCA != nil
    }

    private static func names(_ host: String) -> [GeneralName] {
        var names: [GeneralName] = [.dnsName("localhost"), address([127, 0, 0, 1]), address(Array(repeating: 0, count: 15) + [1])]
        if let bytes = InputFiles.addressBytes(host) {
            if !names.contains(address(bytes)) { names.append(address(bytes)) }
        } else if host != "localhost" {
            names.append(.dnsName(host))
        }
        return names
    }

    private static func address(_ bytes: [UInt8]) -> GeneralName { .ipAddress(ASN1OctetString(contentBytes: bytes[...])) }
}
