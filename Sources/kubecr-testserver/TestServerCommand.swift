// kubecr-testserver: an in-memory Kubernetes API server to test agents with. The command line, and the order of starting.
import ArgumentParser
@preconcurrency import Dispatch
import Glibc
import TestServer

@main
struct TestServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kubecr-testserver",
        abstract: "An in-memory Kubernetes API server to test agents with.",
        discussion: "Says \"listening on https://...\" when it is ready, and ends on SIGTERM or SIGINT. Everything is forgotten when it ends.")

    @Option(name: .long, help: ArgumentHelp("Define these CustomResourceDefinitions: YAML or JSON, any number of documents. Repeatable.", valueName: "file"))
    var crd: [String] = []
    @Option(name: .long, help: ArgumentHelp("Create these objects at the start: YAML or JSON, any number of documents. Repeatable.", valueName: "file"))
    var load: [String] = []
    @Option(name: .long, help: ArgumentHelp("The port; 0 takes a free one.", valueName: "number"))
    var port = 0
    @Option(name: .long, help: ArgumentHelp("The address to listen at.", valueName: "address"))
    var host = "127.0.0.1"
    @Option(name: .long, help: ArgumentHelp("A bearer token that may do everything. Repeatable. Without any, one is made.", valueName: "token"))
    var token: [String] = []
    @Option(name: .long, help: ArgumentHelp("A bearer token that may get, list and watch. Repeatable.", valueName: "token"))
    var readOnlyToken: [String] = []
    @Option(name: .long, help: ArgumentHelp("A bearer token of somebody who is known and may do nothing. Repeatable.", valueName: "token"))
    var deniedToken: [String] = []
    @Option(name: .long, help: ArgumentHelp("Also know clients by certificates of this CA; the organisation system:masters may do everything.", valueName: "file"))
    var clientCa: String?
    @Option(name: .long, help: ArgumentHelp("Write a kubeconfig with address, CA and token, readable by its owner only.", valueName: "file"))
    var kubeconfigOut: String?
    @Flag(name: .long, help: "No TLS: http and HTTP/1.1 only.")
    var plain = false

    func validate() throws {
        guard (0...65535).contains(port) else { throw ValidationError("--port must be from 0 to 65535") }
        if plain, clientCa != nil { throw ValidationError("--client-ca needs TLS; it does not go with --plain") }
        let tokens = token + readOnlyToken + deniedToken
        guard tokens.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x21...0x7E).contains($0) } }) else {
            throw ValidationError("a token must be printable ASCII without blanks")
        }
        guard Set(tokens).count == tokens.count else { throw ValidationError("the same token is given twice") }
    }

    func run() async throws {
        var settings = APIServer.Settings()
        let administrators = token.isEmpty ? [InputFiles.randomToken()] : token
        for token in administrators { settings.users[token] = User(name: "kubecr-admin", access: .all) }
        for token in readOnlyToken { settings.users[token] = User(name: "kubecr-readonly", access: .read) }
        for token in deniedToken { settings.users[token] = User(name: "kubecr-denied", access: .none) }
        var server = APIServer(settings, random: SystemRandomNumberGenerator(), now: ServerHost.now())
        for file in crd { try InputFiles.load(file, into: &server, definitionsOnly: true) }
        for file in load { try InputFiles.load(file, into: &server) }

        let listener = try Listener(host: host, port: port, tls: plain ? nil : TLSSetup(host: host, clientCA: clientCa), server: ServerHost(server))
        let signals = Self.endingSignals()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await listener.run { port in
                    let address = listener.address(port: port)
                    if let kubeconfigOut {
                        try Kubeconfig(server: address, authority: listener.authority, token: administrators.first ?? "").write(to: kubeconfigOut)
                    }
                    print("listening on \(address)")
                    fflush(nil)
                }
            }
            group.addTask {
                for await _ in signals { return }
            }
            // Whichever comes first: a signal, or a listener that failed.
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private static func endingSignals() -> AsyncStream<Void> {
        AsyncStream { continuation in
            for number in [SIGTERM, SIGINT] {
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number)
                // The source lives as long as its handler, which is until the program ends.
                source.setEventHandler { withExtendedLifetime(source) { _ = continuation.yield() } }
                source.activate()
            }
        }
    }
}
