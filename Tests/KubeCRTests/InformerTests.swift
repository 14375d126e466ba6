// An informer: reading its cache, waiting for it, and its events for any number of consumers at any pace.
@testable import KubeCR
import KubeCore
import KubeTesting
import Testing

struct InformerTests {
    private func line(_ event: InformerEvent<Project>) -> String {
        func shown(_ project: Project) -> String { "\(project.metadata.name ?? "")@\(project.metadata.resourceVersion ?? "")" }
        return switch event {
        case .added(let project, let isInitial): "ADDED \(shown(project))\(isInitial ? " initial" : "")"
        case .modified(let project, let old): "MODIFIED \(shown(project)) from \(old.metadata.resourceVersion ?? "")"
        case .deleted(let project, let isStale): "DELETED \(shown(project))\(isStale ? " stale" : "")"
        case .synced: "SYNCED"
        case .resync(let project): "RESYNC \(shown(project))"
        }
    }

    /// The next `count` events, sorted up to SYNCED.
    private func take(_ count: Int, _ iterator: inout InformerEvents<Project>.AsyncIterator) async throws -> [String] {
        var lines: [String] = []
        for _ in 0..<count { lines.append(try await iterator.next().map(line) ?? "END") }
        return lines
    }

    private func synced(_ more: (ScriptedTransport) -> Void = { _ in }) throws -> Scripted {
        try Scripted {
            $0.expect(firstList, list([object("a", 3, replicas: 2)], 5))
            $0.expect(stream(5), .stream())
            more($0)
        }
    }

    @Test func anInformerOfMetadataAlone() async throws {
        func partial(_ revision: Int) -> String {
            #"{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"a","namespace":"ns","resourceVersion":"\#(revision)"}}"#
        }
        let server = try Scripted {
            $0.expect(firstList, .text(Sample.list([partial(3)], 5, kind: "PartialObjectMetadataList", apiVersion: "meta.k8s.io/v1")))
            $0.expect(stream(5), .stream(Sample.event("MODIFIED", partial(6))))
        }
        let informer = try server.everywhere.metadataInformer()
        #expect(try await eventually { try informer["ns/a"]?.metadata.resourceVersion == "6" })
        #expect(await server.onLoop { $0.exchanges.allSatisfy { $0.header("Accept")?.contains("PartialObjectMetadata") == true } })
        await informer.stop()
    }

    @Test func theCacheIsReadWithoutTheServer() async throws {
        let server = try synced()
        let informer = try server.everywhere.informer()
        try await informer.waitUntilSynced(timeout: .seconds(60))
        try await informer.waitUntilSynced()
        #expect(informer.isSynced && informer.count == 1 && informer.keys == ["ns/a"])
        #expect(try informer["ns/a"]?.spec.replicas == 2 && informer["ns/b"] == nil && informer["a"] == nil)
        #expect(try informer.list().map(\.metadata.name) == ["a"] && informer.list().resourceVersion == "5" && informer.list(namespace: "x").isEmpty)
        #expect(try #require(informer.staleness) < .seconds(60) && informer.lastError == nil)
        #expect(try informer.stats().objects == 1 && informer.stats().lists == 1 && informer.stats().synced)
        #expect(await eventually { await server.leftOver == [] })
    }

    @Test func eventsBeginWithWhatIsThere() async throws {
        let server = try synced()
        let informer = try server.everywhere.informer()
        var early = informer.events.makeAsyncIterator()
        #expect(try await take(2, &early) == ["ADDED a@3 initial", "SYNCED"])
        #expect(await eventually { await server.lines.count == 2 })
        await server.send(Sample.event("MODIFIED", object("a", 6)))
        await server.send(Sample.event("ADDED", object("b", 7)))
        #expect(try await take(2, &early) == ["MODIFIED a@6 from 3", "ADDED b@7"])
        var late = informer.events.makeAsyncIterator()
        #expect(try await take(3, &late).sorted() == ["ADDED a@6 initial", "ADDED b@7 initial", "SYNCED"])
        await server.send(Sample.event("DELETED", object("a", 8)))
        #expect(try await take(1, &early) == ["DELETED a@8"])
        #expect(try await take(1, &late) == ["DELETED a@8"])
        #expect(try informer["ns/a"] == nil && informer.stats().handlers == 2)
    }

    @Test func aSlowConsumerIsToldWhatIsLeft() async throws {
        let server = try synced()
        let informer = try server.everywhere.informer(maxQueued: 2)
        try await informer.waitUntilSynced()
        var slow = informer.events.makeAsyncIterator()
        #expect(try await take(2, &slow) == ["ADDED a@3 initial", "SYNCED"])
        #expect(await eventually { await server.lines.count == 2 })
        for revision in 6..<106 { await server.send(Sample.event("MODIFIED", object("a", revision))) }
        await server.send(Sample.event("ADDED", object("z", 200)))
        #expect(try await eventually { try informer["ns/z"] != nil })
        #expect(try informer.stats().queued <= 3 && informer.stats().coalesced > 90)
        var lines: [String] = []
        repeat { lines += try await take(1, &slow) } while lines.last != "ADDED z@200"
        #expect(lines.count <= 4 && lines.dropLast().last?.hasPrefix("MODIFIED a@105") == true)
    }

    @Test func stoppingEndsTheEventsAndKeepsTheCache() async throws {
        let server = try synced()
        let informer = try server.everywhere.informer()
        let task = Task {
            var lines: [String] = []
            for try await event in informer.events { lines.append(line(event)) }
            return lines
        }
        try await informer.waitUntilSynced()
        #expect(await eventually { (try? informer.stats().handlers) == 1 })
        await informer.stop()
        await informer.stop()
        #expect(try await task.value.count <= 2)
        #expect(try informer["ns/a"] != nil)
        #expect(try await server.client.stats().running == 0)
        #expect(await failure { for try await _ in informer.events {} }?.code == .state)
    }

    @Test func waitingTellsWhyItIsNotSynced() async throws {
        let server = try Scripted {
            $0.expect(firstList, .nothing)
            $0.expect(firstList, .status(403, "Forbidden", "you may not"))
        }
        let silent = try server.everywhere.informer()
        #expect(await failure { try await silent.waitUntilSynced(timeout: .milliseconds(20)) }?.code == .timeout)
        #expect(silent.staleness == nil && !silent.isSynced && silent.count == 0)
        let task = Task { try await silent.waitUntilSynced() }
        task.cancel()
        #expect(await failure { try await task.value }?.code == .cancelled)
        let stopped = Task { try await silent.waitUntilSynced() }
        await silent.stop()
        #expect(await failure { try await stopped.value }?.code == .cancelled)

        let forbidden = try server.everywhere.informer()
        #expect(await eventually { forbidden.lastError != nil })
        #expect(await failure { try await forbidden.waitUntilSynced(timeout: .milliseconds(20)) }?.code == .forbidden)
        #expect(await failure { _ = try server.everywhere.informer(resync: .milliseconds(1)) }?.code == .argument)
    }

    @Test func resyncTellsEverythingAgain() async throws {
        let server = try synced()
        let informer = try server.everywhere.informer(resync: .seconds(1))
        var events = informer.events.makeAsyncIterator()
        #expect(try await take(3, &events) == ["ADDED a@3 initial", "SYNCED", "RESYNC a@3"])
        #expect(await server.lines.count == 2)
    }

    @Test func aDynamicInformerHoldsObjects() async throws {
        let server = try synced()
        let informer = try server.client.resource("example.sealyun.com/v1alpha1/projects").informer()
        try await informer.waitUntilSynced()
        #expect(try informer["ns/a"]?.int(at: "/spec/replicas") == 2)
    }
}
