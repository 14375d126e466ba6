// Certificates made by the openssl program, an nginx of our own, and packed data: what the tests need from other programs.
import Glibc
import KubeSystem
import KubeTransport
import Testing

enum Fixtures {
    static func gzip(repeating byte: UInt8, count: Int) -> [UInt8] {
        output("head -c \(count) /dev/zero | tr '\\000' '\\\(String(byte, radix: 8))' | gzip -nc")
    }

    /// What a shell command prints.
    static func output(_ command: String) -> [UInt8] {
        guard let pipe = popen(command, "r") else { return [] }
        defer { pclose(pipe) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = fread(&buffer, 1, buffer.count, pipe)
            if count == 0 { return bytes }
            bytes += buffer[0..<count]
        }
    }

    /// A certificate of `certificates` and its key.
    static func certificate(_ name: String) -> ClientCertificate {
        ClientCertificate(certificatePEM: file("\(certificates)/\(name).pem"), keyPEM: file("\(certificates)/\(name).key"))
    }

    static func file(_ path: String) -> [UInt8] { output("cat '\(path)'") }

    static let directory: String = {
        var template = Array("/tmp/kubecr-transport-XXXXXX".utf8CString)
        return mkdtemp(&template).map { String(cString: $0) } ?? "/tmp"
    }()

    /// A directory of certificates: ca, other (a CA nobody trusts), server (localhost, kubernetes.test, 127.0.0.1, ::1), client, second,
    /// hashed (a folder with ca), empty.pem, locked.key (the client's key under a password).
    static let certificates: String = {
        let script = """
            set -e; cd '\(directory)'
            for ca in ca other; do
              openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $ca.key -out $ca.pem -days 2 -subj /CN=$ca 2>/dev/null
            done
            printf 'subjectAltName=DNS:localhost,DNS:kubernetes.test,IP:127.0.0.1,IP:::1\\n' > server.ext
            printf 'extendedKeyUsage=clientAuth\\n' | tee client.ext > second.ext
            for name in server client second; do
              openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $name.key -out $name.csr -subj /CN=$name 2>/dev/null
              openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile $name.ext -out $name.pem 2>/dev/null
            done
            mkdir hashed; cp ca.pem hashed/$(openssl x509 -hash -noout -in ca.pem).0; : > empty.pem
            openssl ec -in client.key -aes128 -passout pass:secret -out locked.key 2>/dev/null
            """
        if system(script) != 0 { Issue.record("openssl could not make the certificates") }
        return directory
    }()
}

/// A program that runs in the background as long as this object lives, and not longer than this process.
final class Program {
    private let input: UnsafeMutablePointer<FILE>

    init?(_ command: String) {
        // The shell waits for the end of its input, which is ours.
        guard let input = popen("\(command) >/dev/null & read line; kill -9 $!", "w") else { return nil }
        self.input = input
    }

    deinit { pclose(input) }
}

/// One nginx for all tests: HTTP/2 and HTTP/1.1 over TLS, in front of a byte server. nil where it is not installed.
final class Nginx {
    static let path: String? = (["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx"] as [String]).first { access($0, X_OK) == 0 }
    static let isAbsent = "nginx is not installed (apt-get install nginx-light): HTTP/2 and TLS are NOT tested"
    // Not changed after it was made, but for the log of its upstream, which has a lock.
    nonisolated(unsafe) static let shared: Nginx? = path.map { Nginx($0) }

    let port = ByteServer.freePort()
    /// Demands a client certificate.
    let strictPort = ByteServer.freePort()
    /// Behind "/upstream/": "/silent" says a head and one piece and falls silent, "/trickle" says a piece every 20 ms,
    /// "/host" says the Host header it got.
    let upstream = ByteServer(each: { connection, head, _ in
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n"
        if head.contains("/silent") {
            connection.say(chunked)
            _ = connection.waitForEnd(30_000)
            return false
        }
        if head.contains("/trickle") {
            connection.say(chunked)
            while connection.say("1\r\n.\r\n") { usleep(20_000) }
            return false
        }
        let host = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("host:") } ?? ""
        connection.answer(String(host))
        return true
    })
    private(set) var isReady = false

    private init(_ program: String) {
        let directory = Fixtures.certificates
        func server(_ port: Int, _ extra: String) -> String {
            """
            server {
              listen 127.0.0.1:\(port) ssl http2;
              ssl_certificate \(directory)/server.pem;
              ssl_certificate_key \(directory)/server.key;
              \(extra)
              location / { default_type text/plain; return 200 "$server_protocol $ssl_client_s_dn"; }
              error_page 413 /refused;
              location = /refused { internal; default_type text/plain; return 413 "refused over $server_protocol"; }
              location /big { default_type text/plain; root \(directory); }
              location /upstream/ { proxy_pass http://127.0.0.1:\(upstream.port)/; proxy_buffering off; proxy_http_version 1.1; proxy_set_header Host $http_host; proxy_read_timeout 60s; }
            }
            """
        }
        let configuration = """
            daemon off; worker_processes 1; pid \(directory)/nginx.pid; error_log \(directory)/error.log warn; \(getuid() == 0 ? "user root;" : "")
            events { worker_connections 256; }
            http {
              access_log off; keepalive_requests 100000; http2_max_concurrent_streams 200;
              client_body_temp_path \(directory)/body; proxy_temp_path \(directory)/proxy; fastcgi_temp_path \(directory)/f; uwsgi_temp_path \(directory)/u; scgi_temp_path \(directory)/s;
              \(server(port, ""))
              \(server(strictPort, "ssl_client_certificate \(directory)/ca.pem; ssl_verify_client on;"))
            }
            """
        let file = "\(directory)/nginx.conf"
        guard let handle = fopen(file, "w") else { return }
        fputs(configuration, handle)
        fclose(handle)
        system("head -c 3000000 /dev/urandom > '\(directory)/big'")
        // Ends with this process: the shell waits for the end of its input, which is ours.
        let command = "'\(program)' -c '\(file)' -p '\(directory)' 2>'\(directory)/start.log' & read line; kill $!"
        guard popen(command, "w") != nil else { return }
        let port = port
        isReady = eventually(10_000) {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            address.sin_port = UInt16(port).bigEndian
            let probe = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(probe) }
            return withUnsafeBytes(of: &address) { connect(probe, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count)) == 0 }
        }
    }

    func harness(strict: Bool = false, _ change: (inout TransportSettings) -> Void = { _ in }) throws -> Harness {
        #expect(isReady, "nginx does not answer")
        var settings = TransportSettings(secure: true, host: "127.0.0.1", port: strict ? strictPort : port)
        settings.identity.caPEM = Fixtures.file(Fixtures.certificates + "/ca.pem")
        change(&settings)
        return try Harness(settings)
    }
}
