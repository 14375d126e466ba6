// The listening socket: TLS with HTTP/2 and HTTP/1.1, or neither TLS nor HTTP/2.
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix

struct Listener: Sendable {
    private let host: String
    private let port: Int
    private let tls: TLSSetup?
    private let responder: Responder
    /// What the project says to users goes to stdout and stderr; the libraries' logs go nowhere.
    private let logger = Logger(label: "kubecr-testserver") { _ in SwiftLogNoOpLogHandler() }

    init(host: String, port: Int, tls: TLSSetup?, server: ServerHost) throws {
        self.host = host
        self.port = port
        self.tls = tls
        responder = Responder(server: server, knowsCertificates: tls?.knowsClients == true)
    }

    /// The CA that clients must trust, in PEM; nil without TLS.
    var authority: String? { tls?.authority }

    func address(port: Int) -> String {
        let reachable = host == "0.0.0.0" ? "127.0.0.1" : host == "::" ? "::1" : host
        return "\(tls == nil ? "http" : "https")://\(reachable.contains(":") ? "[\(reachable)]" : reachable):\(port)"
    }

    /// Serves until the task is cancelled. `ready` is told the port; when it throws, so does this.
    func run(ready: @escaping @Sendable (Int) throws -> Void) async throws {
        let responder = responder
        let respond: HTTPChannelHandler.Responder = { request, writer, channel in
            try await responder.respond(to: request, writer, channel)
        }
        if let tls {
            try await run(SecureChannel(tls.configuration, HTTP1Channel(responder: respond)), ready)
        } else {
            try await run(HTTP1Channel(responder: respond), ready)
        }
    }

    private func run<Setup: ServerChildChannel>(_ setup: Setup, _ ready: @escaping @Sendable (Int) throws -> Void) async throws {
        let (failures, failed) = AsyncThrowingStream<Void, any Error>.makeStream()
        let server = Server(
            childChannelSetup: setup, configuration: ServerConfiguration(address: .hostname(host, port: port)),
            onServerRunning: { channel in
                do { try ready(channel.localAddress?.port ?? 0) } catch { failed.finish(throwing: error) }
            },
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            group.addTask { for try await _ in failures {} }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
