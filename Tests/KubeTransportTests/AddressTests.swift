// Addresses in every form, and the oldest TLS that is spoken: against openssl's own server.
import Glibc
import KubeCore
@testable import KubeTransport
import Testing

/// `openssl s_server`, which answers every GET with a page about the session.
private final class SessionServer {
    let port = ByteServer.freePort()
    private let program: Program?

    init(host: String = "127.0.0.1", _ options: String = "") {
        let folder = Fixtures.certificates
        program = Program("openssl s_server -accept \(host):\(port) -cert \(folder)/server.pem -key \(folder)/server.key -www -quiet \(options) 2>/dev/null")
    }

    /// Asks until the server listens.
    func get(_ change: (inout TransportSettings) -> Void = { _ in }) throws -> Recorder {
        var settings = TransportSettings(secure: true, host: "127.0.0.1", port: port)
        settings.identity.caPEM = Fixtures.file(Fixtures.certificates + "/ca.pem")
        change(&settings)
        var recorder = Recorder()
        let isThere = try eventuallyTrying {
            recorder = try Harness(settings).get()
            return recorder.kind != .refused
        }
        #expect(isThere)
        return recorder
    }

    private func eventuallyTrying(_ body: () throws -> Bool) throws -> Bool {
        for _ in 0..<500 {
            if try body() { return true }
            usleep(10_000)
        }
        return false
    }
}

@Suite struct AddressTests {
    static let hasIPv6 = access("/proc/net/if_inet6", R_OK) == 0 && !Fixtures.file("/proc/net/if_inet6").isEmpty

    @Test(.enabled(if: hasIPv6, "this machine has no IPv6: it is NOT tested"), arguments: ["::1", "[::1]", "0:0:0:0:0:0:0:1"])
    func IPv6AddressIsAskedForAndVerified(host: String) throws {
        let server = SessionServer(host: "[::1]")
        let recorder = try server.get { $0.host = host }
        #expect(recorder.head?.status == 200, "\(recorder.ends)")
        #expect(try server.get { $0.host = "::1"; $0.tlsServerName = "kubernetes.test" }.head?.status == 200)
        #expect(try server.get { $0.host = "::1"; $0.tlsServerName = "wrong.test" }.kind == .tls)
        #expect(try Harness(TransportSettings(secure: true, host: host, port: 1)).transport.origin == (host.hasPrefix("[") ? "https://\(host):1" : "https://[\(host)]:1"))
    }

    /// localhost is ::1 and 127.0.0.1 where a machine has both; the server listens on one of them.
    @Test func nameWithSeveralAddressesIsFoundAtAnyOfThem() throws {
        #expect(try SessionServer().get { $0.host = "localhost" }.head?.status == 200)
    }

    /// T1, in a process whose OpenSSL would speak anything.
    @Test func T1_nothingOlderThanTLS12IsSpoken() async {
        await #expect(processExitsWith: .success) {
            let file = Fixtures.certificates + "/openssl.cnf"
            let handle = try #require(fopen(file, "w"))
            fputs("openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\nMinProtocol = TLSv1\nCipherString = DEFAULT@SECLEVEL=0\n", handle)
            fclose(handle)
            setenv("OPENSSL_CONF", file, 1)
            let old = try SessionServer("-tls1_1 -cipher DEFAULT@SECLEVEL=0").get()
            #expect(old.kind == .tls, "\(old.ends)")
            let new = try SessionServer("-tls1_2").get()
            #expect(new.head?.status == 200, "\(new.ends)")
        }
    }
}
