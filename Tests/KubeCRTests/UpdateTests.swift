// update and wait: what needs more than one request.
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
        let error = await failure { try await server.projects.update("a", maxTries: 3) { $0.spec.replicas = 2 } }
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

    // MARK: wait

    private let oneList = "GET \(one)?fieldSelector=metadata.name%3Da&limit=500"
    private func oneStream(_ revision: Int) -> String {
        "GET \(one)?fieldSelector=metadata.name%3Da&watch=true&allowWatchBookmarks=true&resourceVersion=\(revision)"
    }

    @Test func waitSeesEveryState() async throws {
        let server = try Scripted {
            $0.expect(oneList, list([], 5))
            $0.expect(oneStream(5), .stream(
                Sample.event("ADDED", object("a", 6, replicas: 1)), Sample.event("MODIFIED", object("a", 7, replicas: 2)),
                Sample.event("DELETED", object("a", 8, replicas: 2))))
        }
        var seen: [Int?] = []
        let last = try await server.projects.wait("a", timeout: .seconds(60)) { project in
            seen.append(project?.spec.replicas)
            return project == nil && seen.count > 1
        }
        #expect(last == nil && seen == [nil, 1, 2, nil])
        #expect(await server.leftOver == [])
    }

    @Test func waitListsAnewAfterGone() async throws {
        let server = try Scripted {
            $0.expect(oneList, list([object("a", 3)], 5))
            $0.expect(oneStream(5), .stream(Sample.event("ERROR", Sample.status(410, "Expired"))))
            $0.expect(oneList, list([object("a", 9, replicas: 4)], 10))
        }
        #expect(try await server.projects.wait("a", timeout: .seconds(60)) { $0?.spec.replicas == 4 }?.metadata.resourceVersion == "9")
    }

    @Test func waitTellsOfFailuresAndEndsWithItsClient() async throws {
        let server = try Scripted {
            $0.expect(oneList, list([], 5))
            $0.expect(oneStream(5), Answer.stream().ended)
            $0.otherwise = { _ in .status(401, "Unauthorized", "no") }
        }
        let error = await failure { try await server.projects.wait("a", timeout: .seconds(3)) { $0 != nil } }
        #expect(error?.code == .timeout && error?.message.contains("UNAUTHORIZED") == true)
        let other = try Scripted { $0.expect(oneList, list([], 5)); $0.expect(oneStream(5), .stream()) }
        let task = Task { try await other.projects.wait("a") { $0 != nil } }
        #expect(await eventually { await other.lines.count == 2 })
        await other.client.close()
        #expect(await failure { _ = try await task.value }?.code == .cancelled)
    }

    @Test func waitEndsInTime() async throws {
        let server = try Scripted {
            $0.expect(oneList, list([object("a", 3)], 5))
            $0.expect(oneStream(5), .stream())
            $0.expect(oneList, .status(403, "Forbidden", "no"))
        }
        #expect(await failure { try await server.projects.wait("a", timeout: .milliseconds(50)) { $0 == nil } }?.code == .timeout)
        #expect(await failure { try await server.projects.wait("a", timeout: .seconds(60)) { $0 == nil } }?.code == .forbidden)
    }
}
