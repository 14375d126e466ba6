// Whom a transport trusts and whom it says it is: the part of its settings that may change while it runs.

/// PEM texts that belong together.
package struct ClientCertificate: Equatable, Sendable {
    /// The certificate, then its chain.
    package var certificatePEM: [UInt8]
    package var keyPEM: [UInt8]

    package init(certificatePEM: [UInt8], keyPEM: [UInt8]) {
        self.certificatePEM = certificatePEM
        self.keyPEM = keyPEM
    }
}

package struct TLSIdentity: Equatable, Sendable {
    /// Replaces the system's roots entirely (T2). nil: the system's roots.
    package var caPEM: [UInt8]?
    package var certificate: ClientCertificate?

    package init(caPEM: [UInt8]? = nil, certificate: ClientCertificate? = nil) {
        self.caPEM = caPEM
        self.certificate = certificate
    }
}
