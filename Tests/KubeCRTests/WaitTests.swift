// Waiting for a state of one object: the goals, what counts, and how it ends.
@testable import KubeCR
import KubeCore
import KubeTesting
import KubeTransport
import Testing

private let oneList = "GET \(one)?fieldSelector=metadata.name%3Da&limit=500"
private func oneStream(_ revision: Int) -> String {
    "GET \(one)?fieldSelector=metadata.name%3Da&watch=true&allowWatchBookmarks=true&resourceVersion=\(revision)"
}

/// An object with this status; in `metadata` a generation, finalizers, another uid.
private func with(_ status: String, metadata: String = "", _ revision: Int = 3) -> String {
    #"{"kind":"Project","apiVersion":"example.sealyun.com/v1alpha1","metadata":{"name":"a","namespace":"ns","resourceVersion":"\#(revision)"\#(metadata)},"spec":{"replicas":1},"status":\#(status)}"#
}

private func ready(_ status: String = "True", _ more: String = "") -> String {
    #"{"conditions":[{"type":"Other","status":"False"},{"type":"Ready","status":"\#(status)"\#(more)}]}"#
}

struct WaitGoalTests {
    private let generation2 = #","generation":2"#

    @Test func aConditionCountsAsForKubectl() throws {
        let reached = [
            with(ready()), with(ready("true")), with(ready(), metadata: generation2),
            with(ready("True", #","observedGeneration":2"#), metadata: generation2),
            with(#"{"observedGeneration":1,"conditions":[{"type":"Ready","status":"True","observedGeneration":2}]}"#, metadata: generation2),
            with(#"{"conditions":[{"type":"Ready"},{"type":"READY","status":"True"}]}"#),
            with(ready("True", #","observedGeneration":"1""#), metadata: generation2),
        ]
        for text in reached { #expect(WaitGoal.condition("ready").isReached(try KubeObject(json: text)), "\(text)") }
        let missed = [
            with("{}"), with(#"{"conditions":null}"#), with(#""Ready""#), with(#"{"conditions":[null,1,{}]}"#), with(ready("False")),
            with(ready("True", #","observedGeneration":1"#), metadata: generation2),
            with(#"{"observedGeneration":1,"conditions":[{"type":"Ready","status":"True"}]}"#, metadata: generation2),
            with(#"{"observedGeneration":2,"conditions":[{"type":"Ready","status":"True","observedGeneration":1}]}"#, metadata: generation2),
            with(#"{"conditions":[{"type":"Ready","status":"False"},{"type":"Ready","status":"True"}]}"#),
        ]
        for text in missed { #expect(!WaitGoal.condition("Ready").isReached(try KubeObject(json: text)), "\(text)") }
        #expect(!WaitGoal.condition("Ready").isReached(nil))
        #expect(WaitGoal.condition("Ready", "False").isReached(try KubeObject(json: with(ready("False")))))
    }

    @Test func aFieldIsComparedAsJSON() throws {
        let object = try KubeObject(json: with(#"{"phase":"Ready","on":true,"count":1,"none":null}"#))
        #expect(WaitGoal.field("/status/phase", equals: "Ready").isReached(object) && WaitGoal.field("/status/phase").isReached(object))
        #expect(WaitGoal.field("/status/count", equals: 1).isReached(object) && WaitGoal.field("/status/on", equals: true).isReached(object))
        #expect(!WaitGoal.field("/status/phase", equals: "ready").isReached(object) && !WaitGoal.field("/status/on", equals: 1).isReached(object))
        #expect(!WaitGoal.field("/status/none").isReached(object) && !WaitGoal.field("/status/phase/x").isReached(object))
        #expect(!WaitGoal.field("/no", equals: "x").isReached(object) && !WaitGoal.field("/status").isReached(nil))
        #expect(WaitGoal.field("status").fault?.code == .argument && WaitGoal.field("/status").fault == nil)
        #expect("\(WaitGoal.field("/status/phase", equals: "Ready")), \(WaitGoal.condition("Ready")), \(WaitGoal.deleted)"
            == #"/status/phase="Ready", condition Ready=True, deleted"#)
    }
}

struct WaitTests {
    @Test func everyStateIsJudged() async throws {
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

    @Test func aConditionOfAnObjectThatIsNotMadeYet() async throws {
        let server = try Scripted {
            $0.expect(oneList, list([], 5))
            $0.expect(oneStream(5), .stream(
                Sample.event("ADDED", with("{}", 6)),
                Sample.event("MODIFIED", with(ready("True", #","observedGeneration":1"#), metadata: #","generation":2"#, 7)),
                Sample.event("MODIFIED", with(ready("True", #","observedGeneration":2"#), metadata: #","generation":2"#, 8))))
        }
        let project = try await server.projects.wait("a", until: .condition("Ready"), timeout: .seconds(60))
        #expect(project?.metadata.resourceVersion == "8")
        #expect(await server.leftOver == [])
    }

    @Test func W6_afterGoneItListsAnewAndMissesNoDeletion() async throws {
        let server = try Scripted {
            $0.expect(oneList, list([with("{}", metadata: #","uid":"first""#)], 5))
            $0.expect(oneStream(5), .stream(Sample.event("ERROR", Sample.status(410, "Expired"))))
            $0.expect(oneList, list([with("{}", metadata: #","uid":"second""#, 9)], 10))
        }
        var seen: [String?] = []
        try await server.projects.wait("a", timeout: .seconds(60)) { project in
            seen.append(project?.metadata.uid)
            return project?.metadata.uid == "second"
        }
        #expect(seen == ["first", nil, "second"])
        let other = try Scripted {
            $0.expect(oneList, list([object("a", 3)], 5))
            $0.expect(oneStream(5), .stream(Sample.event("ERROR", Sample.status(410, "Expired"))))
            $0.expect(oneList, list([], 10))
        }
        #expect(try await other.projects.wait("a", until: .deleted, timeout: .seconds(60)) == nil)
    }

    @Test func goneAgainAndAgainIsPaced() async throws {
        let server = try Scripted {
            $0.otherwise = { $0.options.isStream ? .stream(Sample.event("ERROR", Sample.status(410, "Expired"))) : list([object("a", 3)], 5) }
        }
        let error = await failure { try await server.projects.wait("a", until: .deleted, timeout: .milliseconds(500)) }
        #expect(error?.code == .timeout)
        // Twice at once; the pause before the third is at least 0.8 s.
        #expect(await server.lines.filter { $0.contains("watch=true") }.count <= 3)
    }

    @Test func theTimeOutSaysItAll() async throws {
        func message(_ object: String?, _ goal: WaitGoal) async throws -> String? {
            let server = try Scripted { $0.expect(oneList, list(object.map { [$0] } ?? [], 5)); $0.expect(oneStream(5), .stream()) }
            return await failure { try await server.projects.wait("a", until: goal, timeout: .milliseconds(100)) }?.message
        }
        #expect(try await message(nil, .condition("Ready"))
            == #"example.sealyun.com/v1alpha1/projects ns/a did not come to "condition Ready=True" within 0.1 seconds; last seen: it is not there"#)
        func seen(_ object: String, _ goal: WaitGoal) async throws -> String? {
            try await message(object, goal)?.split(separator: "last seen: ").last.map { String($0) }
        }
        let leaving = #","deletionTimestamp":"2026-01-01T00:00:00Z","finalizers":["x/y"]"#
        #expect(try await seen(with("{}", metadata: leaving), .deleted) == "it is there, resourceVersion 3, being deleted, finalizers x/y")
        #expect(try await seen(with("{}"), .condition("Ready")) == "it has no condition Ready")
        #expect(try await seen(with("{}"), .field("/spec/replicas", equals: 7)) == "/spec/replicas is something else")
        #expect(try await seen(with("{}"), .field("/spec/other")) == "nothing is at /spec/other")
        let old = with(ready("False", #","reason":"Starting","observedGeneration":1"#), metadata: #","generation":2"#)
        #expect(try await seen(old, .condition("Ready")) == "condition Ready=False (Starting), of an older generation")
    }

    @Test func itTellsOfFailuresAndEndsWithItsClient() async throws {
        let server = try Scripted {
            $0.expect(oneList, list([], 5))
            $0.expect(oneStream(5), Answer.stream().ended)
            $0.otherwise = { _ in .status(401, "Unauthorized", "no") }
        }
        let error = await failure { try await server.projects.wait("a", timeout: .seconds(3)) { $0 != nil } }
        #expect(error?.code == .timeout && error?.isRetryable == true && error?.message.contains("last failure: UNAUTHORIZED") == true)
        let other = try Scripted { $0.expect(oneList, list([], 5)); $0.expect(oneStream(5), .stream()) }
        let task = Task { try await other.projects.wait("a") { $0 != nil } }
        #expect(await eventually { await other.lines.count == 2 })
        await other.client.close()
        #expect(await failure { _ = try await task.value }?.code == .cancelled)
    }

    @Test func itEndsInTimeOrByWhatIsRefused() async throws {
        let server = try Scripted {
            $0.expect(oneList, list([object("a", 3)], 5))
            $0.expect(oneStream(5), .stream())
            $0.expect(oneList, .status(403, "Forbidden", "no"))
        }
        #expect(await failure { try await server.projects.wait("a", timeout: .milliseconds(50)) { $0 == nil } }?.code == .timeout)
        #expect(await failure { try await server.projects.wait("a", until: .deleted, timeout: .seconds(60)) }?.code == .forbidden)
        for name in ["", "..", "a/b", "%2e"] {
            #expect(await failure { try await server.projects.wait(name, until: .deleted) }?.code == .argument)
        }
        #expect(await failure { try await server.projects.wait("a", until: .field("no pointer")) }?.code == .argument)
    }

    @Test func aCancelledTaskEndsIt() async throws {
        let server = try Scripted { $0.expect(oneList, list([], 5)); $0.expect(oneStream(5), .stream()) }
        let task = Task { try await server.projects.wait("a", until: .condition("Ready")) }
        #expect(await eventually { await server.lines.count == 2 })
        task.cancel()
        #expect(await failure { _ = try await task.value }?.code == .cancelled)
        #expect(await eventually { await server.onLoop { $0.open.isEmpty } })
    }
}
