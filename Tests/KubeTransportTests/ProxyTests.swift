// Proxies: what they are told, what they must not see, and whose fault a failure is.
import Glibc
import KubeCore
@testable import KubeTransport
import Testing

private let token = "Bearer s3cr3t-token"

@Suite(.enabled(if: Nginx.path != nil, Comment(rawValue: Nginx.isAbsent)))
struct ProxyTests {
    let nginx: Nginx
    let log = Shared<[String]>([])
    init() throws { nginx = try #require(Nginx.shared) }

    private func get(_ harness: Harness, _ target: String = "/") -> Recorder {
        harness.run(HTTPRequest("GET", target, headers: [HTTPField("Authorization", token)]))
    }

    private func message(_ recorder: Recorder) -> String {
        let text = recorder.failure?.error.message ?? ""
        let isClean = !text.contains("s3cr3t") && !text.contains("user")
        #expect(isClean, "a secret in the message")
        return text
    }

    @Test func httpProxyIsAskedToConnectAndSeesNoTokenNorPath() throws {
        let proxy = ByteProxy.http(to: nginx.port, log: log)
        let harness = try nginx.harness { $0.proxy = Proxy(.http, host: "127.0.0.1", port: proxy.port) }
        let recorder = get(harness, "/secrets")
        #expect(recorder.isComplete && recorder.text == "HTTP/2.0 ", "\(String(describing: recorder.failure))")
        #expect(recorder.heads == 1 && recorder.head?.first("x-proxy") == nil)
        let seen = log.get()
        #expect(seen.count == 1 && seen.first?.hasPrefix("CONNECT 127.0.0.1:\(nginx.port) HTTP/1.1\r\n") == true)
        let isClean = !seen.joined().contains("s3cr3t") && !seen.joined().contains("secrets") && !seen.joined().lowercased().contains("authorization")
        #expect(isClean)
        #expect(get(harness).isComplete && proxy.connections == 1)
    }

    @Test func userAndPasswordGoToTheProxyOnly() throws {
        let proxy = ByteProxy.http(to: nginx.port, log: log)
        let settings = Proxy(.http, host: "127.0.0.1", port: proxy.port, user: "user", password: "s3cr3t:%")
        #expect(get(try nginx.harness { $0.proxy = settings }).isComplete)
        // base64 of "user:s3cr3t:%"
        let isSent = log.get().first?.contains("\r\nProxy-Authorization: Basic dXNlcjpzM2NyM3Q6JQ==\r\n") == true
        #expect(isSent)
        let plain = ByteServer(each: { connection, head, _ in connection.answer(head); return true })
        let direct = try Harness(port: plain.port).get()
        #expect(direct.isComplete && !direct.text.contains("Proxy-"))
    }

    @Test func serverNameGoesThroughAProxy() throws {
        let proxy = ByteProxy.http(to: nginx.port, log: log)
        func harness(_ name: String) throws -> Harness {
            try nginx.harness { $0.proxy = Proxy(.http, host: "127.0.0.1", port: proxy.port); $0.tlsServerName = name }
        }
        #expect(try get(harness("kubernetes.test")).isComplete)
        #expect(log.get().first?.hasPrefix("CONNECT 127.0.0.1:\(nginx.port) ") == true)
        let wrong = try get(harness("wrong.test"))
        #expect(wrong.kind == .tls && wrong.failure?.error.code == .tls, "\(String(describing: wrong.failure))")
    }

    @Test func plainServerIsAskedForThroughTheProxy() throws {
        let proxy = ByteProxy.http(to: 1, log: log)
        let recorder = try Harness(port: 8001) {
            $0.host = "server.test"
            $0.pathPrefix = "/prefix"
            $0.proxy = Proxy(.http, host: "127.0.0.1", port: proxy.port)
        }.get("/path")
        #expect(recorder.text == "proxied")
        #expect(log.get().first?.hasPrefix("GET http://server.test:8001/prefix/path HTTP/1.1\r\n") == true)
    }

    @Test(arguments: [407, 403, 500, 502, 503]) func refusedCONNECTIsTheProxysFailure(status: Int) throws {
        let proxy = ByteProxy.http(to: nginx.port, status: "\(status) No", log: log)
        let recorder = get(try nginx.harness { $0.proxy = Proxy(.http, host: "127.0.0.1", port: proxy.port, user: "user", password: "s3cr3t") })
        #expect(recorder.kind == .proxy && recorder.failure?.error.code == .proxy, "\(recorder.ends)")
        #expect(message(recorder) == "https://127.0.0.1:\(nginx.port): proxy http://127.0.0.1:\(proxy.port): answered \(status) to CONNECT")
    }

    @Test func proxyThatIsNotThereIsTheProxysFailure() throws {
        let port = ByteServer.freePort()
        for scheme in [.http, .https, .socks5] as [Proxy.Scheme] {
            let recorder = get(try nginx.harness { $0.proxy = Proxy(scheme, host: "127.0.0.1", port: port, user: "user", password: "s3cr3t") })
            #expect(recorder.failure?.error.code == .proxy, "\(recorder.ends)")
            #expect(message(recorder).hasSuffix("proxy \(scheme.rawValue)://127.0.0.1:\(port): connection refused"))
            #expect(recorder.failure?.error.isRetryable == true)
            let unknown = get(try nginx.harness { $0.proxy = Proxy(scheme, host: "proxy.invalid", port: port, user: "user", password: "s3cr3t") })
            #expect(unknown.failure?.error.code == .proxy && message(unknown).contains("proxy.invalid"), "\(unknown.ends)")
        }
    }

    @Test func proxyThatHangsUpOrTalksNonsenseIsTheProxysFailure() throws {
        for words in ["", "nonsense\r\n\r\n"] {
            let proxy = ByteServer { connection in
                _ = connection.bytes(1)
                connection.say(words)
            }
            for scheme in [.http, .https, .socks5] as [Proxy.Scheme] {
                let recorder = get(try nginx.harness { $0.proxy = Proxy(scheme, host: "127.0.0.1", port: proxy.port) })
                #expect(recorder.failure?.error.code == .proxy, "\(scheme): \(recorder.ends)")
                #expect(message(recorder).contains("proxy \(scheme.rawValue)://127.0.0.1:\(proxy.port): "))
            }
        }
    }

    @Test func failureBehindTheProxyIsTheServers() throws {
        let other = { (settings: inout TransportSettings) in settings.identity.caPEM = Fixtures.file(Fixtures.certificates + "/other.pem") }
        let http = ByteProxy.http(to: nginx.port, log: log), socks = ByteProxy.socks(to: nginx.port, log: log)
        for proxy in [Proxy(.http, host: "127.0.0.1", port: http.port), Proxy(.socks5, host: "127.0.0.1", port: socks.port)] {
            let recorder = get(try nginx.harness { other(&$0); $0.proxy = proxy })
            #expect(recorder.kind == .tls && recorder.failure?.error.code == .tls, "\(recorder.ends)")
            #expect(!message(recorder).contains("proxy"))
        }
    }

    @Test func socksProxyResolvesTheNameAndTakesALogin() throws {
        let open = ByteProxy.socks(to: nginx.port, log: log)
        func harness(_ port: Int, _ user: String? = nil, _ password: String? = nil) throws -> Harness {
            try nginx.harness {
                $0.proxy = Proxy(.socks5, host: "127.0.0.1", port: port, user: user, password: password)
                $0.host = "kubernetes.test"
                $0.port = 6443
            }
        }
        let first = try get(harness(open.port))
        #expect(first.text == "HTTP/2.0 ", "\(first.ends)")
        #expect(log.get() == ["kubernetes.test:6443"])
        let closed = ByteProxy.socks(to: nginx.port, login: "user:s3cr3t", log: log)
        #expect(try get(harness(closed.port, "user", "s3cr3t")).isComplete)
        for (user, password) in [("user", "s3cr3t2"), (nil, nil)] as [(String?, String?)] {
            let refused = try get(harness(closed.port, user, password))
            #expect(refused.failure?.error.code == .proxy, "\(refused.ends)")
            #expect(message(refused).contains("proxy socks5://127.0.0.1:\(closed.port): "))
        }
        let unreachable = ByteProxy.socks(to: nginx.port, answer: 5, log: log)
        let failed = try get(harness(unreachable.port))
        #expect(failed.failure?.error.code == .proxy && !message(failed).isEmpty, "\(failed.ends)")
    }

    /// The proxy's own certificate: the cluster's authority or the system's will do, and it is checked.
    @Test(.enabled(if: Stunnel.path != nil, "stunnel is not installed (apt-get install stunnel4): https proxies are NOT tested"))
    func httpsProxyIsVerifiedAndSeesNoClientCertificate() throws {
        let inner = ByteProxy.http(to: nginx.strictPort, log: log)
        let stunnel = try #require(Stunnel(to: inner.port))
        func harness(_ change: (inout TransportSettings) -> Void) throws -> Harness {
            try nginx.harness(strict: true) {
                $0.proxy = Proxy(.https, host: "127.0.0.1", port: stunnel.port, user: "user", password: "s3cr3t")
                $0.identity.certificate = Fixtures.certificate("client")
                change(&$0)
            }
        }
        let recorder = try get(harness { _ in })
        #expect(recorder.text == "HTTP/2.0 CN=client", "\(recorder.ends)")
        let other = try get(harness { $0.identity.caPEM = Fixtures.file(Fixtures.certificates + "/other.pem") })
        #expect(other.failure?.error.code == .proxy && message(other).contains("proxy https://127.0.0.1"), "\(other.ends)")
        #expect(log.get().count == 1, "the proxy's certificate was not checked before CONNECT")
        let both = try get(harness { $0.identity.caPEM = nil; $0.systemRoots.file = Fixtures.certificates + "/ca.pem" })
        #expect(both.isComplete, "\(both.ends)")
        #expect(try get(harness { $0.identity.caPEM = nil; $0.skipVerification = true }).isComplete)
    }
}

/// TLS in front of a port, with the certificate "server"; ends with this object.
final class Stunnel {
    static let path: String? = (["/usr/bin/stunnel4", "/usr/bin/stunnel"] as [String]).first { access($0, X_OK) == 0 }
    let port = ByteServer.freePort()
    private let program: Program

    init?(to target: Int) {
        let folder = Fixtures.certificates, file = "\(folder)/stunnel-\(port).conf"
        guard let path = Stunnel.path, let handle = fopen(file, "w") else { return nil }
        fputs("foreground = yes\npid =\n[proxy]\naccept = 127.0.0.1:\(port)\nconnect = 127.0.0.1:\(target)\ncert = \(folder)/server.pem\nkey = \(folder)/server.key\n", handle)
        fclose(handle)
        guard let program = Program("'\(path)' '\(file)' 2>'\(file).log'") else { return nil }
        self.program = program
        let port = port
        let isReady = eventually(10_000) {
            let probe = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(probe) }
            return Connection(probe).dial(probe, port)
        }
        if !isReady { return nil }
    }
}
