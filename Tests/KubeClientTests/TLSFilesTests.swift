// T3: files of certificates that change under a client: when they are looked at, what counts, what is kept. A clock turned by hand.
import Glibc
@testable import KubeClient
import KubeConfig
import KubeCore
import KubeSystem
import KubeTesting
import KubeTransport
import Testing

/// A folder of certificates: ca1, ca2, pair1, pair2, each .pem and .key.
private let made: String = {
    var name = Array("/tmp/kubecr-files-XXXXXX".utf8CString)
    let folder = name.withUnsafeMutableBufferPointer { buffer in buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? "" }
    let script = """
        cd '\(folder)' && for name in ca1 ca2 pair1 pair2; do
          openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $name.key -out $name.pem -days 2 -subj /CN=$name 2>/dev/null || exit 1
        done
        """
    if system(script) != 0 { Issue.record("openssl could not make the certificates") }
    return folder
}()

/// Three files and a transport that writes down what it is told to use.
private final class Scene {
    let clock = ManualLoop()
    let transport: Transport
    var used: [TLSIdentity] = []
    var refusal: KubeError?
    /// Each line with its level in front.
    private var log: [String] = []
    let folder: String
    var files: TLSFiles?

    init(_ change: (inout ClientConfig) -> Void = { _ in }) throws {
        var name = Array("/tmp/kubecr-files-XXXXXX".utf8CString)
        folder = name.withUnsafeMutableBufferPointer { buffer in buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? "" }
        final class Weak { weak var scene: Scene? }
        let weak = Weak()
        transport = TransportSeam(start: { _, _, _ in Transfer() }, stats: { TransportStats() }, use: { (identity) throws(KubeError) in
            if let refusal = weak.scene?.refusal { throw refusal }
            weak.scene?.used.append(identity)
        }, shutDown: {})
        weak.scene = self
        put("ca1.pem", "ca")
        putPair(1)
        var config = ClientConfig(server: ClientConfig.Server(scheme: .https, host: "host", port: 6443))
        (config.certificateAuthorityFile, config.certificateAuthorityPlace) = (folder + "/ca", "the CA's place")
        (config.clientCertificateFile, config.clientCertificatePlace) = (folder + "/cert", "the certificate's place")
        (config.clientKeyFile, config.clientKeyPlace) = (folder + "/key", "the key's place")
        change(&config)
        try transport.use(identity(ca: 1, pair: 1))
        used = []
        files = TLSFiles(config, loop: clock.makeLoop(), transport: transport) { weak.scene?.log.append("\($0.rawValue) \($1)") }
    }

    deinit { system("rm -rf '\(folder)'") }

    /// As most programs do it: a new file takes the place of the old one.
    func put(_ source: String, _ name: String) { #expect(system("cp '\(made)/\(source)' '\(folder)/new' && mv '\(folder)/new' '\(folder)/\(name)'") == 0) }
    func write(_ text: String, _ name: String) { #expect(system("printf '%s' '\(text)' > '\(folder)/\(name)'") == 0) }

    func putPair(_ number: Int) {
        put("pair\(number).pem", "cert")
        put("pair\(number).key", "key")
    }

    func identity(ca: Int, pair: Int) throws -> TLSIdentity {
        func text(_ name: String) throws -> [UInt8] { try RegularFile.read("\(made)/\(name)") }
        return TLSIdentity(
            caPEM: try text("ca\(ca).pem"),
            certificate: ClientCertificate(certificatePEM: try text("pair\(pair).pem"), keyPEM: try text("pair\(pair).key")))
    }

    /// The lines of the log meanwhile.
    func captured(_ body: () -> Void) -> [String] {
        log = []
        body()
        return log
    }

    /// A request starts after so many milliseconds.
    func request(after milliseconds: Int64 = TLSFiles.pauseMs) {
        clock.advance(milliseconds)
        files?.look()
    }
}

@Suite(.serialized) struct TLSFilesTests {
    @Test func T3_aChangedFileIsUsedByTheNextRequest() throws {
        let scene = try Scene()
        scene.request()
        #expect(scene.used.isEmpty)
        scene.put("ca2.pem", "ca")
        scene.request()
        #expect(scene.used == [try scene.identity(ca: 2, pair: 1)])
        scene.putPair(2)
        scene.request()
        #expect(scene.used.last == (try scene.identity(ca: 2, pair: 2)) && scene.used.count == 2)
        scene.put("ca1.pem", "ca")
        scene.putPair(1)
        scene.request()
        #expect(scene.used.last == (try scene.identity(ca: 1, pair: 1)) && scene.used.count == 3, "one step for what changed together")
        scene.request()
        #expect(scene.used.count == 3)
    }

    @Test func T3_filesAreNotLookedAtMoreOftenThanThePause() throws {
        let scene = try Scene()
        scene.request()
        scene.putPair(2)
        scene.request(after: TLSFiles.pauseMs - 1)
        #expect(scene.used.isEmpty)
        scene.request(after: 1)
        #expect(scene.used.count == 1)
    }

    @Test func T3_withoutRequestsTheyAreReadAfterFiveMinutes() throws {
        let scene = try Scene()
        scene.request()
        scene.putPair(2)
        scene.clock.advance(300_000 - 1)
        #expect(scene.used.isEmpty)
        scene.clock.advance(1)
        #expect(scene.used == [try scene.identity(ca: 1, pair: 2)])
        scene.putPair(1)
        scene.clock.advance(300_000)
        #expect(scene.used.count == 2)
        scene.files = nil
        scene.clock.advance(300_000)
        #expect(scene.clock.pendingTimers == 0)
    }

    @Test func T3_aFileThatChangedBeforeTheClientWasMadeCounts() throws {
        let scene = try Scene()
        scene.putPair(2)
        scene.request()
        #expect(scene.used == [try scene.identity(ca: 1, pair: 2)])
    }

    /// Certificate first, key later: between the two the old pair stays in use.
    @Test func T3_aPairThatIsHalfWrittenIsNotUsed() throws {
        let scene = try Scene()
        scene.request()
        scene.put("pair2.pem", "cert")
        let log = scene.captured { scene.request() }
        #expect(scene.used.isEmpty)
        #expect(log == ["2 the key's place: is not the key of the certificate that the certificate's place gives; what was read before stays in use"])
        scene.put("pair2.key", "key")
        scene.request()
        #expect(scene.used == [try scene.identity(ca: 1, pair: 2)])
    }

    @Test(arguments: [
        ("ca", ""), ("ca", "nothing"), ("ca", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), ("cert", ""), ("cert", "nothing"),
        ("key", ""), ("key", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"),
    ])
    func T3_aBrokenFileKeepsTheOldOneWithALine(name: String, text: String) throws {
        let scene = try Scene()
        scene.request()
        scene.write(text, name)
        let log = scene.captured { scene.request() }
        #expect(scene.used.isEmpty)
        let place = ["ca": "the CA's place", "cert": "the certificate's place", "key": "the key's place"][name] ?? "?"
        #expect(log.count == 1 && log.first?.hasPrefix("2 \(place): ") == true, "\(log)")
        #expect(scene.captured { scene.request() }.isEmpty, "said again without a change")
        scene.put("ca2.pem", "ca")
        scene.putPair(2)
        scene.request()
        #expect(scene.used == [try scene.identity(ca: 2, pair: 2)])
    }

    @Test func T3_aBrokenFileDoesNotHoldUpTheOther() throws {
        let scene = try Scene()
        scene.request()
        scene.write("nothing", "ca")
        scene.putPair(2)
        scene.request()
        #expect(scene.used == [try scene.identity(ca: 1, pair: 2)])
    }

    @Test func T3_aMissingFileKeepsTheOldOne() throws {
        let scene = try Scene()
        scene.request()
        unlink(scene.folder + "/ca")
        #expect(scene.captured { scene.request() }.first?.contains("no such file") == true)
        #expect(scene.used.isEmpty)
        scene.put("ca2.pem", "ca")
        scene.request()
        #expect(scene.used == [try scene.identity(ca: 2, pair: 1)])
    }

    @Test func T3_whatTheTransportRefusesIsTriedAgain() throws {
        let scene = try Scene()
        scene.request()
        scene.putPair(2)
        scene.refusal = KubeError(.noMemory, "no memory")
        #expect(scene.captured { scene.request() } == ["2 no memory; what was read before stays in use"])
        scene.refusal = nil
        scene.clock.advance(TLSFiles.periodMs)
        #expect(scene.used.count == 1)
    }

    @Test func T3_aPairWithAnInlineHalfAndInlineDataAreNeverReadAnew() throws {
        let half = try Scene { $0.clientKeyFile = nil }
        half.request()
        half.putPair(2)
        half.request()
        #expect(half.used.isEmpty)
        half.put("ca2.pem", "ca")
        half.request()
        #expect(half.used.count == 1)
        #expect(try Scene { $0.clientKeyFile = nil; $0.certificateAuthorityFile = nil }.files == nil)
    }

    @Test func whatWasReadAnewIsSaid() throws {
        let scene = try Scene()
        scene.request()
        scene.put("ca2.pem", "ca")
        scene.putPair(2)
        #expect(scene.captured { scene.request() } == [
            "3 the CA's place: was read anew for new connections", "3 the certificate's place: was read anew for new connections",
        ])
    }
}
