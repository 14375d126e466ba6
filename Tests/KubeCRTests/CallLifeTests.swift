// How a call ends when it is not answered: cancelled, timed out, with the client closed. And that nothing outlives its use.
@testable import KubeCR
import KubeClient
import KubeCore
import KubeTesting
import Testing

struct CallLifeTests {
    @Test func cancellingTheTaskCancelsTheCallAtOnce() async throws {
        let server = try Scripted { $0.expect("GET \(one)/a", .nothing) }
        let task = Task { try await server.projects.get("a") }
        #expect(await eventually { await server.lines.count == 1 })
        task.cancel()
        #expect(await failure { _ = try await task.value }?.code == .cancelled)
        #expect(await eventually { await server.onLoop { $0.exchanges[0].isCancelled } })
        #expect(try await server.client.stats().running == 0)
    }

    @Test func aTaskThatIsCancelledAlreadyAsksNothing() async throws {
        let server = try Scripted()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await server.projects.get("a")
        }
        #expect(await failure { _ = try await task.value }?.code == .cancelled)
        #expect(await server.lines == [])
    }

    @Test func aCallsTimeoutGoesOverTheClients() async throws {
        let server = try Scripted { $0.expect("GET \(one)/a", .nothing) }
        #expect(await failure { _ = try await server.projects.get("a", timeout: .milliseconds(20)) }?.code == .timeout)
        #expect(await failure { _ = try await server.projects.get("a", timeout: .zero) }?.code == .argument)
    }

    @Test func closingEndsEverything() async throws {
        let server = try Scripted {
            $0.expect("GET \(one)/a", .nothing)
            $0.expect(firstList, .nothing)
        }
        let task = Task { try await server.projects.get("a") }
        let informer = try server.everywhere.informer()
        #expect(await eventually { await server.lines.count == 2 })
        await server.client.close()
        await server.client.close()
        #expect(await failure { _ = try await task.value }?.code == .cancelled)
        #expect(await failure { try await informer.waitUntilSynced() }?.code == .cancelled)
        #expect(await failure { _ = try await server.projects.get("a") }?.code == .state)
        #expect(await failure { _ = try server.everywhere.watch() }?.code == .state)
        #expect(await failure { _ = try server.everywhere.informer() }?.code == .state)
        #expect(await failure { _ = try await server.client.stats() }?.code == .state)
    }

    @Test func nothingOutlivesItsUse() async throws {
        weak var engine: Engine.Client?
        do {
            let server = try Scripted {
                $0.expect("GET \(one)/a", .text(object("a", 1)))
                $0.expect(firstList, list([object("a", 1)], 5))
                $0.expect(stream(5), .stream())
                $0.expect(stream(5), .stream(Sample.event("ADDED", object("b", 6)), Sample.event("ADDED", object("c", 7))))
            }
            engine = server.client.engine.value
            _ = try await server.projects.get("a")
            let informer = try server.everywhere.informer()
            try await informer.waitUntilSynced()
            // Never asked for what waits, and asked for some of it.
            let unread = informer.events
            var read = informer.events.makeAsyncIterator()
            _ = try await read.next()
            var watch = try server.everywhere.watch(resourceVersion: "5").makeAsyncIterator()
            _ = try await watch.next()
            let waiting = Task { [informer] in
                for try await _ in informer.events {}
            }
            waiting.cancel()
            _ = await waiting.result
            withExtendedLifetime(unread) {}
        }
        #expect(await eventually { engine == nil })
    }

    @Test func anInformerKeepsItsClientRunning() async throws {
        let informer = try {
            let late = list([object("a", 1)], 5)
            return try Scripted { $0.expect(firstList, Answer([.silence(50)] + late.steps)) }.everywhere.informer()
        }()
        try await informer.waitUntilSynced(timeout: .seconds(60))
        #expect(informer.count == 1)
    }
}
