// Where the certificate authorities of the system are. libcurl knows the place of the system it was built for.
import Glibc

package struct SystemRoots: Equatable, Sendable {
    /// $SSL_CERT_FILE takes the place of the system's bundle; nil: the bundle.
    package var file: String?
    /// $SSL_CERT_DIR, folders with hashed names separated by ":", takes the place of the system's folder; nil: the folder.
    package var folders: String?

    package init(file: String? = nil, folders: String? = nil) {
        self.file = file
        self.folders = folders
    }

    package static let standard = SystemRoots()

    /// The bundles of Debian and Alpine, RHEL and its kin, SUSE, and others.
    static let places = [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem",
    ]

    /// The bundle to use instead of `builtIn`, libcurl's own; nil: that one.
    func bundle(builtIn: String?, isThere: (String) -> Bool = { access($0, R_OK) == 0 }) -> String? {
        if let file { return file }
        if let builtIn, isThere(builtIn) { return nil }
        return SystemRoots.places.first(where: isThere)
    }
}
