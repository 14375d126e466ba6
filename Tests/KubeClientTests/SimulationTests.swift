// An informer against a model server with faults by chance: at each quiet point store, handler and truth are the same (row 108).
import KubeCore
import KubeTesting
@testable import KubeClient
import Testing

struct SimulationTests {
    /// A handler that does what it is told, and notes what it should not have been told.
    private final class Follower {
        private(set) var objects: [String: Int] = [:]
        private(set) var faults: [String] = []
        private let server: ModelServer
        private var hasSynced = false

        init(_ server: ModelServer) { self.server = server }

        func follow(_ delivery: Delivery) {
            guard let object = delivery.object, let revision = Int(object.resourceVersion) else {
                if delivery.type == .synced { hasSynced = true }
                return
            }
            let (name, before) = (object.name, objects[object.name])
            if !server.states.contains("\(name)@\(revision)") { faults.append("\(name)@\(revision) never was") }
            if delivery.flags.contains(.initial) == hasSynced { faults.append("\(name)@\(revision): initial is wrong") }
            switch delivery.type {
            case .added:
                if before != nil { faults.append("\(name) added twice") }
            case .modified:
                if before == nil || delivery.old?.resourceVersion != before.map(String.init) { faults.append("\(name)@\(revision) from another state") }
                if before == revision { faults.append("\(name)@\(revision) changed to itself") }
            case .deleted:
                if before == nil { faults.append("\(name) deleted twice") }
                if delivery.flags.contains(.stale), before != revision { faults.append("\(name)@\(revision) is not the last known state") }
            default: faults.append("\(delivery.type) of \(name)")
            }
            if let before, revision < before { faults.append("\(name)@\(revision) after \(before)") }
            objects[name] = delivery.type == .deleted ? nil : revision
        }
    }

    @Test(arguments: 1...40) func theStoreIsTheTruthAtEachQuietPoint(seed: UInt64) throws {
        var random = SplitMix(seed &* 0x1234_5678_9abc_def1)
        let server = ModelServer(seed)
        for _ in 0..<8 { server.change() }
        let drive = try ManualDrive(options: #"{"idleMs":5000,"timeoutMs":5000}"#, streamsLists: seed.isMultiple(of: 2))
        drive.server.otherwise = { server.answer($0) }
        let (log, follower) = (DeliveryLog(), Follower(server))
        log.onDelivery = {
            follower.follow($0)
            return true
        }
        let informer = try drive.informer(options: #"{"pageSize":3,"initialList":"\#(seed.isMultiple(of: 3) ? "any" : "newest")"}"#)
        _ = try informer.addHandler(log.makeConsumer())
        try informer.start()
        for round in 0..<15 {
            for _ in 0..<Int.random(in: 1...25, using: &random) {
                server.change()
                if Int.random(in: 0..<12, using: &random) == 0 { server.compact() }
                if Bool.random(using: &random) { drive.advance(Int64.random(in: 0...4000, using: &random)) }
            }
            // A quiet point: the longest pause, the silence of a stream, and a relist after it.
            server.misbehaves = false
            drive.advance(60_000 + 5000 + 60_000 + 5000)
            #expect(try content(informer) == server.objects, "round \(round), \(server.faults)")
            #expect(follower.objects == server.objects, "round \(round)")
            #expect(informer.isSynced && informer.lastFailure == nil && informer.stalenessMs <= 5000, "round \(round)")
            server.misbehaves = true
        }
        #expect(follower.faults == [])
        informer.stop()
        drive.settle()
        #expect(log.lines.last == "END" && log.releases == 1 && log.faults == 0 && !drive.loop.ranAway)
        #expect(drive.server.open.isEmpty && drive.client.childCount == 0 && drive.loop.pendingTimers == 0)
        #expect(try content(informer) == server.objects)
    }

    /// The simulation is worth something only if what it simulates happens.
    @Test func everyFaultHappens() throws {
        let wanted = ["cut", "end", "half and silent", "silent", "error 500", "error 410", "nonsense", "wrong kind", "token expired", "list cut", "streaming list cut"]
        let refusals = ["refused", "lost", "500", "unanswered", "429", "403", "404", "410", "HTML", "503", "{}", "204", "Status", "another list"]
        var missing = Set(wanted + refusals.flatMap { ["list " + $0, "watch " + $0] })
        // The jitter of pauses has no seed, so how many it takes is not always the same.
        for seed in 1...300 as ClosedRange<UInt64> where !missing.isEmpty {
            let server = ModelServer(seed)
            let drive = try ManualDrive(options: #"{"idleMs":5000,"timeoutMs":5000}"#, streamsLists: seed.isMultiple(of: 3))
            drive.server.otherwise = { server.answer($0) }
            let informer = try drive.informer(options: #"{"pageSize":3}"#)
            try informer.start()
            for _ in 0..<150 {
                server.change()
                drive.advance(2000)
            }
            missing.subtract(server.faults.keys)
        }
        #expect(missing == [])
    }

    private func content(_ informer: Informer) throws -> [String: Int] {
        Dictionary(uniqueKeysWithValues: try informer.list(nil).objects.map { ($0.name, Int($0.resourceVersion) ?? -1) })
    }
}
