// The log in Swift: levels, and that it can be silenced.
@testable import KubeCR
import KubeCore
import KubeTesting
import KubeTransport
import Testing

struct KubeLogTests {
    /// The log is the process's: other tests may write to it, too.
    @Test func whoListensIsToldUpToALevel() async throws {
        let seen = Guarded<[(KubeLog.Level, String)]>([])
        KubeLog.listen(upTo: .info) { level, line in seen.withLock { $0.append((level, line)) } }
        defer { KubeLog.silence() }
        let path = "/apis/example.sealyun.com/v1alpha1/namespaces/logged/projects/a"
        let server = try Scripted {
            $0.expect("GET \(path)", .failure(.lost))
            $0.expect("GET \(path)", .text(object("a", 1)))
        }
        _ = try await server.client.resource(Project.self, namespace: "logged").get("a")
        #expect(seen.withLock { $0.contains { $0.0 == .info && $0.1.contains("/logged/") } })
        #expect(seen.withLock { $0.allSatisfy { $0.0 != .debug } })
        KubeLog.silence()
        let count = seen.withLock { $0.count }
        await server.onLoop { $0.expect("GET \(path)", .failure(.lost)); $0.expect("GET \(path)", .text(object("a", 1))) }
        _ = try await server.client.resource(Project.self, namespace: "logged").get("a")
        #expect(seen.withLock { $0.count } == count)
    }
}
