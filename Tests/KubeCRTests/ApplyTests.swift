// Manifests: what is read of them, and what an apply asks and gives.
@testable import KubeCR
import KubeCore
import KubeTesting
import Testing

struct ApplyTests {
    private let manifest = """
        apiVersion: example.sealyun.com/v1alpha1
        kind: Project
        metadata: {name: a}
        spec: {replicas: 0x2}
        ---
        # nothing
        ---
        apiVersion: v1
        kind: List
        items:
        - {apiVersion: example.sealyun.com/v1alpha1, kind: Project, metadata: {name: b, namespace: other}, spec: {replicas: 1}}
        """

    @Test func aManifestIsReadWithoutAServer() throws {
        let objects = try KubeObject.parse(manifest: manifest)
        #expect(objects.map(\.key) == ["a", "other/b"])
        #expect(try objects[0].int(at: "/spec/replicas") == 2)
        let error = #expect(throws: KubeCR.KubeError.self) { try KubeObject.parse(manifest: manifest + "\n---\nkind: Project") }
        #expect(error?.code == .decode && error?.message.contains("document 4") == true)
    }

    /// A server that knows the demo group by its legacy discovery, and answers every patch.
    private func server(_ answer: Answer? = nil) throws -> Scripted {
        try Scripted {
            $0.otherwise = { exchange in
                if exchange.request.method == "PATCH" { return answer ?? .text(object("made", 3)) }
                return discovery(exchange) ?? .status(404, "NotFound", "no")
            }
        }
    }

    private func patches(_ server: Scripted) async -> [String] { await server.lines.filter { $0.hasPrefix("PATCH") } }

    @Test func everyObjectIsAppliedWithItsOptions() async throws {
        let server = try server()
        let all = "PATCH /apis/example.sealyun.com/v1alpha1/namespaces"
        let made = try await server.client.apply(manifest)
        #expect(made.map(\.name) == ["made", "made"])
        #expect(await patches(server) == ["\(all)/default/projects/a?fieldManager=kubecr", "\(all)/other/projects/b?fieldManager=kubecr"])
        try await server.client.apply(
            try KubeObject.parse(manifest: manifest), fieldManager: "me", force: true, dryRun: true, fieldValidation: .strict, namespace: "mine",
            timeout: .seconds(5))
        #expect(await patches(server).suffix(2).map { $0.replacing("?", with: " ").split(separator: " ")[1] }
            == ["\(all)/mine/projects/a".dropFirst(6), "\(all)/other/projects/b".dropFirst(6)])
        for option in ["fieldManager=me", "force=true", "dryRun=All", "fieldValidation=Strict"] {
            #expect(await patches(server).last?.contains(option) == true)
        }
        #expect(try await server.client.apply([]).isEmpty)
    }

    @Test func aFailureIsTheServersAndNothingOfABadManifestIsSent() async throws {
        let conflict = try server(.status(409, "Conflict", "Apply failed with 1 conflict"))
        let error = await failure { try await conflict.client.apply(manifest) }
        #expect(error?.code == .conflict && error?.status?.reason == "Conflict" && error?.message.contains("document 1") == true)
        #expect(await patches(conflict).count == 1)
        let other = try server()
        #expect(await failure { try await other.client.apply(manifest + "\n---\nkind: Project") }?.code == .argument)
        #expect(await failure { try await other.client.apply(manifest.replacing("kind: Project,", with: "kind: Nothing,")) }?.code == .notFound)
        #expect(await patches(other) == [])
    }
}
