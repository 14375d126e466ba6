// A watch as a sequence: events, its ends, cancelling, and that it reads no more than is asked for.
@testable import KubeCR
import KubeCore
import KubeTesting
import Testing

struct WatchEventsTests {
    private func line(_ event: WatchEvent<Project>) -> String {
        switch event {
        case .added(let project): "ADDED \(project.metadata.name ?? "")"
        case .modified(let project): "MODIFIED \(project.metadata.name ?? "")"
        case .deleted(let project): "DELETED \(project.metadata.name ?? "")"
        case .bookmark(let revision): "BOOKMARK \(revision)"
        case .error(let error): "ERROR \(error.code)"
        }
    }

    @Test func eventsInOrderThroughAFailure() async throws {
        let server = try Scripted {
            $0.expect("GET \(one)?labelSelector=x&limit=500", list([object("a", 3)], 5))
            $0.expect("GET \(one)?labelSelector=x&watch=true&allowWatchBookmarks=true&resourceVersion=5", Answer.stream(Sample.event("MODIFIED", object("a", 6))).ended)
            $0.expect("GET \(one)?labelSelector=x&watch=true&allowWatchBookmarks=true&resourceVersion=6", .status(403, "Forbidden", "no"))
            $0.expect(
                "GET \(one)?labelSelector=x&watch=true&allowWatchBookmarks=true&resourceVersion=6",
                .stream(Sample.bookmark(8), Sample.event("DELETED", object("a", 9))))
        }
        var lines: [String] = []
        for try await event in try server.projects.watch(labelSelector: "x") {
            lines.append(line(event))
            if case .deleted = event { break }
        }
        #expect(lines == ["ADDED a", "BOOKMARK 5", "MODIFIED a", "ERROR FORBIDDEN", "BOOKMARK 8", "DELETED a"])
        #expect(await eventually { await server.onLoop { $0.open.isEmpty } })
        #expect(await server.leftOver == [])
    }

    @Test func itEndsByTimeAndByRefusal() async throws {
        let server = try Scripted {
            $0.expect(stream(5), .stream(Sample.event("ADDED", object("a", 6))))
            $0.expect(stream(1), .stream(Sample.event("ERROR", Sample.status(410, "Expired", "old"))))
        }
        var count = 0
        for try await _ in try server.everywhere.watch(resourceVersion: "5", timeout: .milliseconds(200)) { count += 1 }
        #expect(count == 1)
        let events = try server.everywhere.watch(resourceVersion: "1")
        for _ in 0..<2 { #expect(await failure { for try await _ in events {} }?.code == .gone) }
        #expect(await failure { _ = try server.everywhere.watch(maxQueued: 0) }?.code == .argument)
    }

    @Test func aCancelledConsumerLosesNothing() async throws {
        let server = try Scripted { $0.expect(stream(5), .stream()) }
        let events = try server.everywhere.watch(resourceVersion: "5")
        let task = Task { for try await _ in events {} }
        #expect(await eventually { await server.lines.count == 1 })
        task.cancel()
        #expect(await failure { try await task.value }?.code == .cancelled)
        await server.send(Sample.event("ADDED", object("a", 6)))
        await server.send(Sample.event("ADDED", object("b", 7)))
        var iterator = events.makeAsyncIterator()
        #expect(try await iterator.next().map(line) == "ADDED a")
        #expect(try await iterator.next().map(line) == "ADDED b")
    }

    @Test func whatDoesNotFitIsThrownAndTheNextFollows() async throws {
        let server = try Scripted {
            $0.expect(stream(5), .stream(
                Sample.event("ADDED", Sample.object("a", 6, spec: #"{"replicas":"many"}"#)), Sample.event("ADDED", object("b", 7))))
        }
        var iterator = try server.everywhere.watch(resourceVersion: "5").makeAsyncIterator()
        #expect(await failure { _ = try await iterator.next() }?.code == .decode)
        #expect(try await iterator.next().map(line) == "ADDED b")
    }

    @Test func nothingIsReadAheadOfAConsumerThatIsFull() async throws {
        let server = try Scripted {
            $0.expect(stream(5), .stream((6..<106).map { Sample.event("ADDED", object("a\($0)", $0)) }))
        }
        let events = try server.everywhere.watch(resourceVersion: "5", maxQueued: 10)
        #expect(await eventually { await server.onLoop { $0.exchanges.first?.isPaused == true } })
        #expect(await server.onLoop { $0.exchanges[0].taken } == 10)
        var names: [String] = []
        for try await event in events {
            names.append(line(event))
            if names.count == 100 { break }
        }
        #expect(names == (6..<106).map { "ADDED a\($0)" })
        #expect(await server.onLoop { $0.exchanges[0].pauses } > 1)
    }

    @Test func severalTasksShareWhatComes() async throws {
        let server = try Scripted { $0.expect(stream(5), .stream()) }
        let events = try server.everywhere.watch(resourceVersion: "5")
        let tasks = (0..<4).map { _ in
            Task {
                var iterator = events.makeAsyncIterator()
                guard let event = try await iterator.next() else { return "END" }
                return line(event)
            }
        }
        #expect(await eventually { await server.lines.count == 1 })
        for revision in 6..<10 { await server.send(Sample.event("ADDED", object("a\(revision)", revision))) }
        var seen: Set<String> = []
        for task in tasks { seen.insert(try await task.value) }
        #expect(seen == ["ADDED a6", "ADDED a7", "ADDED a8", "ADDED a9"])
    }
}
