// T3: a new identity is used by new connections, and what ran on the old one ends as it should. T2: which authorities count.
import Glibc
import KubeCore
import KubeSystem
@testable import KubeTransport
import Testing

@Suite(.enabled(if: Nginx.path != nil, Comment(rawValue: Nginx.isAbsent)))
struct RotationTests {
    let nginx: Nginx
    let loop: EpollLoop
    let transport: RotatingTransport

    init() throws {
        nginx = try #require(Nginx.shared)
        loop = try EpollLoop()
        var settings = TransportSettings(secure: true, host: "127.0.0.1", port: nginx.strictPort)
        settings.identity = TLSIdentity(caPEM: Fixtures.file(Fixtures.certificates + "/ca.pem"), certificate: Fixtures.certificate("client"))
        transport = try RotatingTransport(loop: loop, settings: settings)
    }

    private func start(_ target: String, isStream: Bool = false) -> (Recorder, Transfer) {
        let recorder = Recorder()
        return (recorder, transport.start(HTTPRequest("GET", target), options: TransferOptions(isStream: isStream), receiver: recorder.receiver))
    }

    private func turn(until condition: () -> Bool) -> Bool {
        let deadline = MonotonicClock.nowMs + 10_000
        while !condition() {
            if MonotonicClock.nowMs > deadline { return false }
            loop.turn(waitMs: 20)
        }
        return true
    }

    private func get(_ target: String = "/") -> Recorder {
        let (recorder, _) = start(target)
        #expect(turn { !recorder.ends.isEmpty })
        return recorder
    }

    @Test func T3_aNewCertificateIsShownAtOnceAndTheOldConnectionIsClosed() throws {
        defer { transport.shutDown() }
        #expect(get().text == "HTTP/2.0 CN=client")
        #expect(get().text == "HTTP/2.0 CN=client" && transport.stats.connections == 1)
        let old = transport.current
        #expect(old.sockets.count == 1)
        try transport.use(Fixtures.certificate("second"))
        #expect(turn { old.sockets.isEmpty && transport.retired.isEmpty }, "the idle connection stays open")
        #expect(get().text == "HTTP/2.0 CN=second")
        #expect(transport.stats.connections == 2 && transport.stats.requests == 3)
        try transport.use(Fixtures.certificate("second"))
        #expect(get().isComplete && transport.stats.connections == 2, "the same certificate made a new connection")
        try transport.use(nil)
        #expect(get().head?.status == 400)
        #expect(transport.identity.caPEM != nil && transport.identity.certificate == nil)
    }

    @Test func T3_streamsOnTheOldCertificateEndAsLostOthersGoOn() throws {
        defer { transport.shutDown() }
        let (stream, _) = start("/upstream/trickle", isStream: true)
        let (other, running) = start("/upstream/trickle")
        #expect(turn { !stream.bytes.isEmpty && !other.bytes.isEmpty })
        let old = transport.current
        // The end of the stream starts the next one, on the new certificate.
        var again: Recorder?
        stream.onEnd = { again = start("/", isStream: true).0 }
        try transport.use(Fixtures.certificate("second"))
        #expect(stream.ends.isEmpty, "told inside the call")
        #expect(turn { again?.isComplete == true })
        #expect(stream.kind == .lost && stream.failure?.error.code == .connect && stream.failure?.error.isRetryable == true)
        #expect(again?.text == "HTTP/2.0 CN=second")
        let heard = other.bytes.count
        #expect(turn { other.bytes.count > heard } && other.ends.isEmpty)
        #expect(old.sockets.count == 1 && transport.stats.active == 1)
        running.cancel()
        #expect(turn { old.sockets.isEmpty && transport.retired.isEmpty }, "the old connection outlives its last request")
        #expect(transport.stats.active == 0 && transport.stats.requests == 3)
    }

    @Test func T3_changedInsideAReceiver() throws {
        defer { transport.shutDown() }
        let (recorder, _) = start("/upstream/host")
        var failure: (any Error)?
        recorder.onHead = {
            do { try transport.use(Fixtures.certificate("second")) } catch { failure = error }
        }
        #expect(turn { recorder.isComplete } && failure == nil)
        #expect(get().text == "HTTP/2.0 CN=second")
    }

    @Test func T2_aNewAuthorityIsUsedByNewConnections() throws {
        defer { transport.shutDown() }
        #expect(get().isComplete)
        try transport.use(TLSIdentity(caPEM: Fixtures.file(Fixtures.certificates + "/other.pem")))
        #expect(get().kind == .tls)
        try transport.use(TLSIdentity(caPEM: Fixtures.file(Fixtures.certificates + "/ca.pem"), certificate: Fixtures.certificate("client")))
        #expect(get().isComplete)
    }

    @Test func whatStartsARequestIsAskedFirst() throws {
        transport.willStart = { [transport] in try? transport.use(Fixtures.certificate("second")) }
        #expect(get().text == "HTTP/2.0 CN=second")
        let (recorder, _) = start("/upstream/trickle")
        #expect(turn { !recorder.bytes.isEmpty })
        transport.shutDown()
        #expect(transport.willStart == nil && recorder.ends.isEmpty)
    }

    // MARK: The system's authorities

    @Test func T2_theSystemsRootsCountWithoutAnAuthorityOnly() throws {
        let folder = Fixtures.certificates
        let named = SystemRoots(file: folder + "/ca.pem")
        #expect(try nginx.harness { $0.identity.caPEM = nil; $0.systemRoots = named }.get().isComplete)
        #expect(try nginx.harness { $0.identity.caPEM = nil }.get().kind == .tls)
        let replaced = try nginx.harness { $0.identity.caPEM = Fixtures.file(folder + "/other.pem"); $0.systemRoots = named }.get()
        #expect(replaced.kind == .tls, "the system's roots were trusted beside the configured authority")
        let hashed = SystemRoots(folders: "/nowhere:" + folder + "/hashed")
        #expect(try nginx.harness { $0.identity.caPEM = nil; $0.systemRoots = hashed }.get().isComplete)
    }

    @Test(arguments: ["/nowhere.pem", "server.key", "empty.pem"]) func T2_unusableRootsAreAnErrorNotNoVerification(name: String) throws {
        let path = name.hasPrefix("/") ? name : Fixtures.certificates + "/" + name
        let recorder = try nginx.harness { $0.identity.caPEM = nil; $0.systemRoots = SystemRoots(file: path) }.get()
        #expect(recorder.kind == .tls && recorder.failure?.error.code == .config, "\(recorder.ends)")
    }

    @Test func T2_bundleIsFoundWhereTheSystemHasIt() {
        let debian = SystemRoots.places[0], redHat = SystemRoots.places[1]
        #expect(SystemRoots().bundle(builtIn: debian) { $0 == debian } == nil)
        #expect(SystemRoots().bundle(builtIn: debian) { $0 == redHat } == redHat)
        #expect(SystemRoots().bundle(builtIn: nil) { $0 == "/etc/ssl/cert.pem" } == "/etc/ssl/cert.pem")
        #expect(SystemRoots().bundle(builtIn: debian) { _ in false } == nil)
        #expect(SystemRoots(file: "/mine").bundle(builtIn: debian) { _ in true } == "/mine")
    }
}
