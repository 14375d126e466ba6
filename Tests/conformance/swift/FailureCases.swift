// Cases: what a failure says, and failures without a server's answer.
import Glibc
import KubeCR

let failureCases: [String: Play] = [
    "failure-carries-the-status": { one in
        let error = try await failure(.notFound, "get", http: 404, reason: "NotFound") { _ = try await one.projects.get(one.name) }
        guard let status = error.status else { throw Failed("no Status") }
        try expect(status.kind == "Status" && status.status == "Failure" && status.code == 404, "\(status)")
        let details = status.details
        try expect(details?.name == one.name && details?.group == "example.sealyun.com" && details?.kind == "projects", "\(status)")
    },
    "unreachable-is-connect": { one in
        let lonely = try KubeClient(config: .load(source: .none, server: "https://127.0.0.1:1"))
        let error = try await failure(.connect, "get", http: 0, reason: "") { _ = try await lonely.resource(Project.self, namespace: "default").get(one.name) }
        try expect(error.message.contains("127.0.0.1:1"), error.message)
    },
    "silence-is-a-time-out": { one in
        let silent = try SilentServer()
        let config = try ClientConfig.load(source: .none, server: "https://127.0.0.1:\(silent.port)", insecureSkipTLSVerify: true)
        let client = try KubeClient(config: config, timeout: .milliseconds(500))
        let took = try await ContinuousClock().measure {
            try await failure(.timeout, "get", http: 0, reason: "") { _ = try await client.resource(Project.self, namespace: "default").get(one.name) }
        }
        try expect(took >= .milliseconds(490) && took < patient(.seconds(5)), "it took \(took)")
        withExtendedLifetime(silent) {}
    },
    "names-stay-in-their-path": { one in
        for name in ["..", "a/b", "%2e%2e", ""] {
            try await failure(.argument, "a get of \"\(name)\"", http: 0, reason: "") { _ = try await one.projects.get(name) }
        }
    },
]

/// Accepts connections (the kernel does) and never says a word.
final class SilentServer {
    let port: UInt16
    private let listener: Int32

    init() throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let isUp = withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 8) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        if !isUp { throw Failed("a listening socket could not be made") }
    }

    /// Somebody has connected.
    var isCalled: Bool {
        var one = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
        return poll(&one, 1, 0) == 1
    }

    deinit { close(listener) }
}
