// The files our certificates came from: looked at again, and what is new in them is used for new connections (T3).
import KubeConfig
import KubeCore
import KubeSystem
import KubeTransport

/// Belongs to the loop.
final class TLSFiles {
    /// All files are read at least so often, whatever their times say.
    static let periodMs: Int64 = 300_000
    /// Requests ask whether the files have changed; not more often than this.
    static let pauseMs: Int64 = 1000

    private struct File {
        var path: String
        /// Where it is named, for messages.
        var place: String
    }

    private let loop: Loop
    private unowned let transport: Transport
    private let log: (LogLevel, String) -> Void
    private var authority: File?
    private var certificate: File?
    private var key: File?
    private var stamps: [RegularFile.Stamp?] = []
    private var nextLook: Int64 = .min
    private var hasTimer = false

    /// nil: no file can change. A pair of which one half is inline never does, as in the reference. `transport` holds this.
    init?(_ config: ClientConfig, loop: Loop, transport: Transport, log: @escaping (LogLevel, String) -> Void = { Log.write($0, $1) }) {
        self.loop = loop
        self.transport = transport
        self.log = log
        authority = config.certificateAuthorityFile.map { File(path: $0, place: config.certificateAuthorityPlace) }
        if let path = config.clientCertificateFile, let keyPath = config.clientKeyFile {
            certificate = File(path: path, place: config.clientCertificatePlace)
            key = File(path: keyPath, place: config.clientKeyPlace)
        }
        if authority == nil, certificate == nil { return nil }
    }

    /// Before a request: its connection may be a new one.
    func look() {
        if !hasTimer { startTimer() }
        guard loop.now >= nextLook else { return }
        nextLook = loop.now + Self.pauseMs
        let found = [authority, certificate, key].map { $0.flatMap { RegularFile.Stamp($0.path) } }
        guard found != stamps else { return }
        // Taken before the reading: what is written meanwhile is seen the next time.
        stamps = found
        read()
    }

    /// For those that send no request for long: a watch on an old certificate must not live on.
    private func startTimer() {
        hasTimer = true
        loop.after(Self.periodMs) { [weak self] in
            guard let self else { return }
            startTimer()
            read()
        }
    }

    private func read() {
        var identity = transport.identity
        keepingTheOld { () throws(KubeError) in
            guard let authority else { return }
            let text = try RegularFile.read(authority.path)
            guard KeyPair.holdsCertificate(text) else { throw KubeError(.config, "\(authority.place): holds no PEM certificate") }
            identity.caPEM = text
        }
        keepingTheOld { () throws(KubeError) in
            guard let certificate, let key else { return }
            let pair = ClientCertificate(certificatePEM: try RegularFile.read(certificate.path), keyPEM: try RegularFile.read(key.path))
            try KeyPair.requireWhole(certificate: pair.certificatePEM, key: pair.keyPEM, certificate.place, key.place)
            identity.certificate = pair
        }
        let old = transport.identity
        guard identity != old else { return }
        keepingTheOld { () throws(KubeError) in
            try transport.use(identity)
            if identity.caPEM != old.caPEM, let authority { log(.info, "\(authority.place): was read anew for new connections") }
            if identity.certificate != old.certificate, let certificate { log(.info, "\(certificate.place): was read anew for new connections") }
        }
    }

    private func keepingTheOld(_ body: () throws(KubeError) -> Void) {
        do { try body() } catch { log(.warn, "\(error.message); what was read before stays in use") }
    }
}
