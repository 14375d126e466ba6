// update: read, change, write; and again after a conflict.
@testable import KubeCR
import KubeCore
import KubeTesting
import Testing

struct UpdateTests {
    private let conflict = Answer.status(409, "Conflict", "changed")

    @Test func aConflictIsSettledOnTheNewState() async throws {
        let server = try Scripted {
            $0.expect("GET \(one)/a", .text(object("a", 1, replicas: 1)))
            $0.expect("PUT \(one)/a", conflict)
            $0.expect("GET \(one)/a", .text(object("a", 2, replicas: 5)))
            $0.expect("PUT \(one)/a", .text(object("a", 3, replicas: 6)))
        }
        var seen: [Int?] = []
        let settled = try await server.projects.update("a") { project in
            seen.append(project.spec.replicas)
            project.spec.replicas? += 1
        }
        #expect(seen == [1, 5] && settled.spec.replicas == 6)
        let bodies = await server.bodies
        #expect(bodies[3].contains(#""replicas":6"#) && bodies[3].contains(#""resourceVersion":"2""#))
        #expect(await server.leftOver == [])
    }

    @Test func itGivesUpAfterSoManyTries() async throws {
        let server = try Scripted {
            for _ in 0..<3 {
                $0.expect("GET \(one)/a", .text(object("a", 1)))
                $0.expect("PUT \(one)/a", conflict)
            }
        }
        let error = await failure { try await server.projects.update("a", attempts: 3) { $0.spec.replicas = 2 } }
        #expect(error?.code == .conflict)
        #expect(await server.leftOver == [])
    }

    @Test func otherFailuresAreNotRepeated() async throws {
        struct Mine: Error {}
        let server = try Scripted {
            $0.expect("GET \(one)/a", .status(404, "NotFound", "no"))
            $0.expect("GET \(one)/a", .text(object("a", 1)))
            $0.expect("PUT \(one)/a", .status(422, "Invalid", "no"))
            $0.expect("GET \(one)/a", .text(object("a", 1)))
        }
        #expect(await failure { try await server.projects.update("a") { _ in } }?.code == .notFound)
        #expect(await failure { try await server.projects.update("a") { $0.spec.replicas = 0 } }?.code == .invalid)
        await #expect(throws: Mine.self) { try await server.projects.update("a") { _ in throw Mine() } }
        #expect(await server.leftOver == [])
    }

    @Test func aDynamicObjectIsUpdatedByPointer() async throws {
        let server = try Scripted {
            $0.expect("GET \(one)/a", .text(object("a", 1)))
            $0.expect("PUT \(one)/a", .text(object("a", 2, replicas: 7)))
        }
        let projects = server.client.resource("example.sealyun.com/v1alpha1/projects", namespace: "ns")
        let settled = try await projects.update("a") { try $0.set(7, at: "/spec/replicas") }
        #expect(try settled.int(at: "/spec/replicas") == 7)
        #expect(await server.bodies[1] == object("a", 1, replicas: 7))
    }

    @Test func R4_fiveTriesTenMillisecondsApart() async throws {
        let server = try Scripted { $0.otherwise = { $0.request.method == "GET" ? .text(object("a", 1)) : conflict } }
        let began = ContinuousClock.now
        #expect(await failure { try await server.projects.update("a") { $0.spec.replicas = 2 } }?.code == .conflict)
        #expect(ContinuousClock.now - began >= .milliseconds(40))
        #expect(await server.lines.count == 10)
        #expect(await failure { try await server.projects.updateStatus("a", attempts: 1) { $0.spec.replicas = 2 } }?.code == .conflict)
        #expect(await server.lines.suffix(2) == ["GET \(one)/a/status", "PUT \(one)/a/status"])
    }
}
