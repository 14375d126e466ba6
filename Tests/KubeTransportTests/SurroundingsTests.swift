// The process around the transport: environment, forks, signals, limits, slow name lookups. Each in a fresh process.
import Glibc
import KubeCore
import KubeSystem
@testable import KubeTransport
import Testing

@Suite struct SurroundingsTests {
    @Test func proxyVariablesAreNotFollowed() async {
        await #expect(processExitsWith: .success) {
            let server = ByteServer(each: { connection, _, _ in connection.answer("direct"); return true })
            for name in ["http_proxy", "https_proxy", "all_proxy", "ALL_PROXY", "HTTPS_PROXY"] { setenv(name, "http://127.0.0.1:1", 1) }
            let harness = try Harness(port: server.port)
            #expect(harness.get().text == "direct")
        }
    }

    @Test func configuredProxyIsUsedWhateverNoProxySays() async {
        await #expect(processExitsWith: .success) {
            for name in ["no_proxy", "NO_PROXY"] { setenv(name, "*", 1) }
            let proxy = ByteProxy.http(to: 1, log: Shared([]))
            let harness = try Harness(port: 8001) { $0.host = "server.test"; $0.proxy = Proxy(.http, host: "127.0.0.1", port: proxy.port) }
            #expect(harness.get().text == "proxied")
        }
    }

    @Test func keyLogIsNoticed() async {
        await #expect(processExitsWith: .success) {
            setenv("SSLKEYLOGFILE", "/dev/null", 1)
            _ = try Harness(port: 1)
            #expect(CurlTransport.keyLogIsOn)
        }
        await #expect(processExitsWith: .success) {
            unsetenv("SSLKEYLOGFILE")
            _ = try Harness(port: 1)
            #expect(!CurlTransport.keyLogIsOn)
        }
    }

    /// The server resets while a large body is on its way: the writes after that would raise SIGPIPE.
    @Test func brokenPipeRaisesNoSignal() async {
        await #expect(processExitsWith: .success) {
            signal(SIGPIPE, SIG_DFL)
            let server = ByteServer { connection in
                usleep(10_000)
                connection.reset()
            }
            let harness = try Harness(port: server.port)
            for _ in 0..<20 {
                let recorder = harness.run(HTTPRequest("POST", "/", body: [UInt8](repeating: 1, count: 8 << 20)))
                #expect(recorder.kind == .lost || recorder.kind == .connect, "\(recorder.ends)")
            }
            for _ in 0..<20 {
                let secure = try Harness(port: server.port) { $0.secure = true }
                #expect(secure.get().ends.count == 1, "no end")
            }
        }
    }

    @Test func descriptorsExhaustedIsAnErrorThatPasses() async {
        await #expect(processExitsWith: .success) {
            let server = ByteServer(each: { connection, _, _ in connection.answer(); return true })
            let harness = try Harness(port: server.port)
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            // Every number below the limit is taken; the test runner may give one back meanwhile.
            var taken: [Int32] = []
            var low = limit
            low.rlim_cur = 64
            var failed = Recorder()
            for _ in 0..<10 where failed.kind != .resources {
                setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &low)
                while true {
                    let copy = dup(0)
                    if copy < 0 { break }
                    taken.append(copy)
                }
                failed = harness.get()
            }
            #expect(failed.kind == .resources, "\(failed.ends)")
            #expect(failed.failure?.error.code == .noMemory, "\(failed.ends)")
            #expect((try? EpollLoop()) == nil, "a loop without descriptors")
            for descriptor in taken { close(descriptor) }
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            let recovered = harness.get()
            #expect(recovered.isComplete, "\(recovered.ends)")
        }
    }

    @Test func childLeavesTheParentsConnectionAloneAndHasItsOwn() async {
        await #expect(processExitsWith: .success) {
            let server = ByteServer(each: { connection, _, _ in connection.answer("alive"); return true })
            let harness = try Harness(port: server.port)
            let port = server.port
            #expect(harness.get().text == "alive")
            let waiting = Recorder()
            let transfer = harness.start(HTTPRequest("GET", "/"), waiting)
            let status = statusOfChild {
                transfer.cancel()
                let ignored = Recorder()
                harness.start(HTTPRequest("GET", "/"), ignored)
                harness.loop.turn(waitMs: 10)
                harness.transport.shutDown()
                guard let own = try? Harness(port: port) else { return 1 }
                return own.get().text == "alive" ? 0 : 2
            }
            #expect(status == 0)
            #expect(harness.turn { !waiting.ends.isEmpty })
            #expect(waiting.text == "alive")
            #expect(harness.get().text == "alive")
            #expect(harness.transport.stats.connections == 1)
        }
    }

}

/// A name server that never answers, for one process: a mount namespace of its own with another resolv.conf.
enum SilentNameServer {
    static let isPossible = getuid() == 0 && system("unshare -m true 2>/dev/null") == 0
    static let isAbsent = "not root, or no mount namespaces: slow name lookups are NOT tested"

    /// From here on, lookups of this thread and of threads it starts take 10 s and find nothing.
    static func install() -> Bool {
        let server = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_004d).bigEndian
        address.sin_port = UInt16(53).bigEndian
        let isBound = withUnsafeBytes(of: &address) {
            bind(server, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count)) == 0
        }
        // Another process of the tests may have it: any silent one will do.
        guard isBound || errno == EADDRINUSE, unshareNamespace(0x0002_0000) == 0 else { return false }
        let script = """
            mount --make-rprivate / && file=$(mktemp) && printf 'nameserver 127.0.0.77\noptions timeout:2 attempts:5\n' > $file \
            && mount --bind $file /etc/resolv.conf && rm -f $file
            """
        return system(script) == 0
    }
}

/// Decision 11: removing a handle must not wait for a lookup under way.
@Suite(.enabled(if: SilentNameServer.isPossible, Comment(rawValue: SilentNameServer.isAbsent)))
struct SlowLookupTests {
    @Test func cancelAndShutDownDoNotWaitForALookup() async {
        await #expect(processExitsWith: .success) {
            #expect(SilentNameServer.install())
            for byCancel in [true, false] {
                let harness = try Harness(port: 80) { $0.host = "slow.kubecr.test"; $0.connectTimeoutMs = 20_000 }
                let recorder = Recorder()
                let transfer = harness.start(HTTPRequest("GET", "/"), recorder)
                #expect(!harness.turn(limitMs: 200) { !recorder.ends.isEmpty }, "the lookup is not slow")
                let start = MonotonicClock.nowMs
                if byCancel { transfer.cancel() } else { harness.transport.shutDown() }
                #expect(MonotonicClock.nowMs - start < 100)
                harness.transport.shutDown()
                #expect(MonotonicClock.nowMs - start < 200)
                #expect(recorder.ends.isEmpty)
            }
        }
    }

    @Test func slowLookupEndsWithTheConnectTimeoutOrTheIdleLimit() async {
        await #expect(processExitsWith: .success) {
            #expect(SilentNameServer.install())
            let harness = try Harness(port: 80) { $0.host = "slow.kubecr.test"; $0.connectTimeoutMs = 300 }
            let start = MonotonicClock.nowMs
            #expect(harness.get().kind == .timeout)
            #expect(MonotonicClock.nowMs - start < 1200)
            let patient = try Harness(port: 80) { $0.host = "slow.kubecr.test"; $0.connectTimeoutMs = 20_000 }
            let idle = patient.get("/", idleMs: 300)
            #expect(idle.kind == .timeout)
            #expect(MonotonicClock.nowMs - start < 2400)
        }
    }
}

@_silgen_name("unshare") private func unshareNamespace(_ flags: Int32) -> Int32
