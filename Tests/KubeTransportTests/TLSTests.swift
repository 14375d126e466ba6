// TLS, client certificates and HTTP/2, against nginx.
import Glibc
import KubeCore
import KubeSystem
@testable import KubeTransport
import Testing

@Suite(.enabled(if: Nginx.path != nil, Comment(rawValue: Nginx.isAbsent)))
struct TLSTests {
    let nginx: Nginx
    init() throws { nginx = try #require(Nginx.shared) }

    @Test func http2IsSpokenOverTLSAndHTTP1WhenAskedFor() throws {
        #expect(try nginx.harness().get().text == "HTTP/2.0 ")
        #expect(try nginx.harness { $0.http2 = false }.get().text == "HTTP/1.1 ")
    }

    /// libcurl loses what a server says to a body that it refuses early, when the body goes by HTTP/2.
    @Test func largeBodiesGoByHTTP1SoThatNoRefusalIsLost() throws {
        let harness = try nginx.harness()
        var request = HTTPRequest("POST", "/")
        for _ in 0..<10 {
            request.body = Array(repeating: UInt8(ascii: "x"), count: 1000)
            #expect(harness.run(request).text == "HTTP/2.0 ")
            // nginx takes no more than 1 MiB.
            request.body = Array(repeating: UInt8(ascii: "x"), count: 3 << 20)
            let refused = harness.run(request)
            #expect(refused.head?.status == 413 && refused.isComplete && refused.text == "refused over HTTP/1.1", "\(refused.head?.status ?? 0) \(refused.text)")
            #expect(harness.get().text == "HTTP/2.0 ")
        }
    }

    @Test func unknownAuthorityIsRefused() throws {
        let recorder = try nginx.harness { $0.identity.caPEM = Fixtures.file(Fixtures.certificates + "/other.pem") }.get()
        #expect(recorder.kind == .tls)
        #expect(recorder.failure?.error.code == .tls)
        #expect(recorder.failure?.error.message.hasPrefix("https://127.0.0.1:\(nginx.port): ") == true)
        #expect(recorder.failure?.error.isRetryable == false)
        #expect(try nginx.harness { $0.identity.caPEM = nil }.get().kind == .tls)
    }

    @Test func withoutVerificationAnyAuthorityWillDo() throws {
        #expect(try nginx.harness { $0.identity.caPEM = nil; $0.skipVerification = true }.get().isComplete)
        #expect(throws: KubeError.self) { try nginx.harness { $0.skipVerification = true } }
    }

    @Test func emptyAuthorityIsNotNoVerification() throws {
        for content in [[], Array("nothing".utf8)] as [[UInt8]] {
            let recorder = try nginx.harness { $0.identity.caPEM = content }.get()
            #expect(recorder.kind == .tls, "\(content.count) bytes")
            #expect(recorder.failure?.error.code == .config)
        }
    }

    @Test func wrongHostNameIsRefused() throws {
        // ip6-localhost is not in the certificate; it resolves to ::1 where nginx doesn't listen, so 127.0.0.2 is asked.
        let recorder = try nginx.harness { $0.tlsServerName = "wrong.test" }.get()
        #expect(recorder.kind == .tls)
        #expect(recorder.failure?.error.message.contains("wrong.test") == true)
    }

    @Test func serverNameIsCheckedAndTheHostHeaderStaysTheRealOne() throws {
        for http2 in [true, false] {
            let harness = try nginx.harness { $0.tlsServerName = "kubernetes.test"; $0.http2 = http2 }
            let recorder = harness.get("/upstream/host")
            #expect(recorder.isComplete, "\(String(describing: recorder.failure))")
            #expect(recorder.text.lowercased() == "host: 127.0.0.1:\(nginx.port)")
        }
        let failed = try nginx.harness { $0.tlsServerName = "kubernetes.tes" }.get()
        #expect(failed.kind == .tls)
    }

    @Test func clientCertificateIsShownWhenThereIsOne() throws {
        let directory = Fixtures.certificates
        let without = try nginx.harness(strict: true).get()
        #expect(without.head?.status == 400)
        let with = try nginx.harness(strict: true) {
            $0.identity.certificate = Fixtures.certificate("client")
        }.get()
        #expect(with.text == "HTTP/2.0 CN=client")
    }

    @Test(arguments: ["server.key", "locked.key", "ca.pem"])
    func keyThatDoesNotFitIsAConfigErrorAndNothingIsAsked(key: String) throws {
        let directory = Fixtures.certificates
        let harness = try nginx.harness(strict: true) {
            $0.identity.certificate = ClientCertificate(
                certificatePEM: Fixtures.file(directory + "/client.pem"), keyPEM: Fixtures.file(directory + "/" + key))
        }
        let recorder = harness.get()
        #expect(recorder.kind == .tls)
        #expect(recorder.failure?.error.code == .config, "\(String(describing: recorder.failure))")
    }

    @Test func manyTransfersShareOneConnection() throws {
        let harness = try nginx.harness()
        let recorders = (0..<100).map { _ in Recorder() }
        for recorder in recorders { harness.start(HTTPRequest("GET", "/"), recorder) }
        #expect(harness.turn { recorders.allSatisfy { !$0.ends.isEmpty } })
        for recorder in recorders { #expect(recorder.isComplete && recorder.text == "HTTP/2.0 ") }
        #expect(harness.transport.stats.connections == 1)
        #expect(harness.transport.sockets.count == 1)
    }

    @Test func largeBodiesArriveWhole() throws {
        let expected = Fixtures.file(Fixtures.certificates + "/big")
        for http2 in [true, false] {
            let harness = try nginx.harness { $0.http2 = http2 }
            let recorders = (0..<3).map { _ in Recorder() }
            for recorder in recorders { harness.start(HTTPRequest("GET", "/big"), recorder) }
            #expect(harness.turn(limitMs: 30_000) { recorders.allSatisfy { !$0.ends.isEmpty } })
            for recorder in recorders {
                let isSame = recorder.bytes == expected
                #expect(recorder.isComplete && isSame)
            }
        }
    }

    /// Fault 17: a dead connection must not be used again, by any of its streams.
    @Test func silentStreamShutsTheConnectionForAllItsStreams() throws {
        let harness = try nginx.harness()
        let silent = Recorder(), lively = Recorder(), next = Recorder()
        silent.onEnd = { harness.start(HTTPRequest("GET", "/"), next) }
        harness.start(HTTPRequest("GET", "/upstream/trickle"), lively, idleMs: 10_000)
        #expect(harness.turn { !lively.bytes.isEmpty })
        let start = MonotonicClock.nowMs
        harness.start(HTTPRequest("GET", "/upstream/silent"), silent, idleMs: 500)
        #expect(harness.turn { silent.text == "hi" })
        #expect(harness.transport.stats.connections == 1)
        #expect(harness.turn { !silent.ends.isEmpty && !lively.ends.isEmpty && !next.ends.isEmpty })
        #expect(MonotonicClock.nowMs - start < 2000)
        #expect(silent.kind == .timeout)
        #expect(lively.kind == .lost)
        // Started in the very moment of the end: on a new connection.
        #expect(next.isComplete, "\(String(describing: next.failure))")
        #expect(harness.transport.stats.connections == 2)
        #expect(harness.transport.sockets.count == 1)
    }

    /// R8: what took too long costs the connection, unless another request is on it.
    @Test func R8_whatIsGivenUpClosesItsConnectionUnlessItIsShared() throws {
        let harness = try nginx.harness()
        let alone = Recorder(), beside = Recorder(), lively = Recorder()
        let first = harness.start(HTTPRequest("GET", "/upstream/silent"), alone)
        #expect(harness.turn { alone.text == "hi" })
        first.giveUp()
        #expect(harness.turn { harness.transport.sockets.isEmpty } && alone.ends.isEmpty)
        let trickle = harness.start(HTTPRequest("GET", "/upstream/trickle"), lively)
        let second = harness.start(HTTPRequest("GET", "/upstream/silent"), beside)
        #expect(harness.turn { beside.text == "hi" && !lively.bytes.isEmpty })
        second.giveUp()
        second.giveUp()
        let heard = lively.bytes.count
        #expect(harness.turn { lively.bytes.count > heard + 3 })
        #expect(lively.ends.isEmpty && harness.transport.stats.connections == 2 && harness.transport.sockets.count == 1)
        trickle.cancel()
    }

    @Test func countersTellOfHTTP2AndOfOpenConnections() throws {
        for http2 in [true, false] {
            let harness = try nginx.harness { $0.http2 = http2 }
            for _ in 0..<3 { #expect(harness.get().isComplete) }
            let stats = harness.transport.stats
            #expect(stats.http2Requests == (http2 ? 3 : 0) && stats.requests == 3 && stats.connections == 1 && stats.openConnections == 1)
        }
    }

    @Test func pausedStreamHoldsUpNoOther() throws {
        let harness = try nginx.harness()
        let paused = Recorder()
        var pauses = 0
        var isPaused = false
        paused.onBody = { _ in
            if pauses == 0 { pauses = 1; isPaused = true; return .pause }
            return .proceed
        }
        let transfer = harness.start(HTTPRequest("GET", "/big"), paused)
        #expect(harness.turn { isPaused })
        for _ in 0..<20 { #expect(harness.get().text == "HTTP/2.0 ") }
        #expect(paused.bytes.isEmpty)
        let big = harness.run(HTTPRequest("GET", "/big"))
        #expect(big.bytes.count == 3_000_000)
        #expect(harness.transport.stats.connections == 1)
        transfer.resume()
        #expect(harness.turn { !paused.ends.isEmpty })
        let isSame = paused.bytes == big.bytes
        #expect(isSame)
    }

    @Test func cancelledStreamLeavesTheConnectionToTheOthers() throws {
        let harness = try nginx.harness()
        let lively = Recorder()
        harness.start(HTTPRequest("GET", "/upstream/trickle"), lively)
        #expect(harness.turn { !lively.bytes.isEmpty })
        for _ in 0..<20 {
            let recorder = Recorder()
            let transfer = harness.start(HTTPRequest("GET", "/upstream/silent"), recorder)
            #expect(harness.turn { !recorder.bytes.isEmpty })
            transfer.cancel()
        }
        let before = lively.bytes.count
        #expect(harness.turn { lively.bytes.count > before })
        #expect(harness.transport.stats.connections == 1)
        #expect(harness.transport.stats.active == 1)
    }

    /// A TLS word of goodbye from a forked child would end the parent's connection.
    @Test func childDoesNotCloseTheParentsTLSConnection() async {
        await #expect(processExitsWith: .success) {
            let nginx = try #require(Nginx.shared)
            let harness = try nginx.harness()
            let lively = Recorder()
            harness.start(HTTPRequest("GET", "/upstream/trickle"), lively)
            #expect(harness.turn { !lively.bytes.isEmpty })
            #expect(statusOfChild { harness.transport.shutDown(); return 0 } == 0)
            #expect(harness.get().isComplete)
            let before = lively.bytes.count
            #expect(harness.turn { lively.bytes.count > before })
            #expect(lively.ends.isEmpty)
            #expect(harness.transport.stats.connections == 1)
        }
    }
}
