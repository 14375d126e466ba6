// What the tests of this module share: a type, and a client over a scripted server on a real loop.
import KubeClient
import KubeConfig
@testable import KubeCR
import KubeCore
import KubeSystem
import KubeTesting
import Testing

struct Project: CustomResource, Equatable {
    static let resource = ResourceName(group: "example.sealyun.com", version: "v1alpha1", plural: "projects", kind: "Project")

    struct Spec: Codable, Sendable, Equatable {
        var replicas: Int?
    }

    var metadata: ObjectMeta
    var spec: Spec
}

struct Node: CustomResource {
    static let resource = ResourceName(group: "example.sealyun.com", version: "v1alpha1", plural: "nodes", kind: "Node", scope: .cluster)
    var metadata: ObjectMeta
}

let all = "/apis/example.sealyun.com/v1alpha1/projects"
let one = "/apis/example.sealyun.com/v1alpha1/namespaces/ns/projects"
let firstList = "GET \(all)?limit=500"
func stream(_ revision: Int) -> String { "GET \(all)?watch=true&allowWatchBookmarks=true&resourceVersion=\(revision)" }
func object(_ name: String, _ revision: Int, replicas: Int = 1) -> String { Sample.object(name, revision, spec: "{\"replicas\":\(replicas)}") }
func list(_ objects: [String], _ revision: Int) -> Answer { .text(Sample.list(objects, revision)) }
func tree(_ text: String) throws -> JSONValue { try JSONValue.parse(text) }

/// The discovery of the demo group, however it is asked for by a client that knows the legacy documents; nil: something else is asked.
func discovery(_ exchange: ScriptedExchange) -> Answer? {
    let group = #"{"name":"example.sealyun.com","versions":[{"groupVersion":"example.sealyun.com/v1alpha1","version":"v1alpha1"}]}"#
    return switch (exchange.request.method, exchange.request.target) {
    case ("GET", "/api"): .text(#"{"kind":"APIVersions","versions":[]}"#)
    case ("GET", "/apis"): .text(#"{"kind":"APIGroupList","groups":[\#(group)]}"#)
    case ("GET", "/apis/example.sealyun.com"): .text(group)
    case ("GET", "/apis/example.sealyun.com/v1alpha1"): .text(Sample.discovery)
    default: nil
    }
}

/// A client whose server is a script.
final class Scripted: Sendable {
    let client: KubeClient
    private let loop: AnyThread<EpollLoop>
    private let server: AnyThread<ScriptedTransport>

    /// `script` says what is asked and answered, before anything is.
    init(_ script: (ScriptedTransport) -> Void = { _ in }) throws {
        var made: (EpollLoop, ScriptedTransport)?
        let config = Engine.Config.scripted
        var options = Engine.Options()
        options.streamsLists = false
        let engine = try Engine.Client.make(config, options) { loop in
            let server = ScriptedTransport(loop: loop)
            made = (loop, server)
            return server.makeTransport()
        }
        let (loop, server) = try #require(made)
        script(server)
        (self.loop, self.server) = (AnyThread(loop), AnyThread(server))
        client = KubeClient(engine: engine, config: config)
    }

    var projects: Resource<Project> { client.resource(Project.self, namespace: "ns") }
    var everywhere: Resource<Project> { client.resource(Project.self) }

    /// Runs on the loop, to which the server belongs.
    @discardableResult
    func onLoop<Value: Sendable>(_ body: @escaping @Sendable (ScriptedTransport) -> Value) async -> Value {
        let server = server
        return await withCheckedContinuation { continuation in loop.value.post { continuation.resume(returning: body(server.value)) } }
    }

    /// What was asked, and what keeps the script from being used up whole.
    var lines: [String] { get async { await onLoop { $0.lines } } }
    var bodies: [String] { get async { await onLoop { $0.exchanges.map(\.body) } } }
    var leftOver: [String] { get async { await onLoop { $0.surprises + $0.linesLeft } } }

    /// One more event on the stream that is open.
    func send(_ text: String) async { await onLoop { $0.open.last?.send(text) } }
}

extension Engine.Config {
    static var scripted: Engine.Config { Engine.Config(server: Server(scheme: .http, host: "scripted", port: 80)) }
}

/// Waits until `condition` holds; false when it did not within a minute.
func eventually(_ condition: () async throws -> Bool) async rethrows -> Bool {
    let deadline = ContinuousClock.now + .seconds(60)
    while try await !condition() {
        if ContinuousClock.now > deadline { return false }
        try? await Task.sleep(for: .milliseconds(1))
    }
    return true
}

/// The error that is thrown, nil when none is.
func failure(_ body: () async throws -> Void) async -> KubeCR.KubeError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? KubeCR.KubeError
    }
}
