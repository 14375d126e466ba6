// An informer's handlers: late ones, removed ones, slow ones, what they may do inside a callback; resync; several informers.
import KubeCore
import KubeTesting
import KubeTransport
@testable import KubeClient
import Testing

struct InformerHandlerTests {
    let drive = ManualDrive()
    let log = DeliveryLog()
    let second = DeliveryLog()

    private func synced(options: String? = nil) throws -> Informer {
        drive.server.expect(firstList, list([("a", 3), ("b", 4)], 10))
        drive.server.expect(stream(10), emptyStream)
        let informer = try drive.started(log, options: options)
        #expect(informer.isSynced && log.take().count == 3)
        return informer
    }

    private func send(_ texts: String...) {
        for text in texts { drive.server.exchanges[1].send(text) }
        drive.settle()
    }

    // MARK: Late

    /// H8.
    @Test func aLateHandlerFirstGetsAllThatIsThere() throws {
        let informer = try synced()
        send(modified("a", 11))
        _ = try informer.addHandler(second.makeConsumer())
        send(added("c", 12), deleted("b", 13))
        #expect(second.lines.prefix(2).sorted() == ["ADDED ns/a@11 initial", "ADDED ns/b@4 initial"])
        #expect(second.lines.dropFirst(2) == ["SYNCED", "ADDED ns/c@12", "DELETED ns/b@13"])
        #expect(log.lines == ["MODIFIED ns/a@11 from 3", "ADDED ns/c@12", "DELETED ns/b@13"])
    }

    @Test func aHandlerAddedBeforeTheListIsCompleteIsNotTooEarly() throws {
        drive.server.expect(firstList, list([("a", 3)], 10).split(into: 50).dropLast(2))
        let informer = try drive.started(log)
        _ = try informer.addHandler(second.makeConsumer())
        drive.settle()
        #expect(second.lines.isEmpty)
        drive.server.expect(stream(10), emptyStream)
        drive.server.exchanges[0].answer(Answer(Array(list([("a", 3)], 10).split(into: 50).steps.suffix(2))))
        drive.settle()
        #expect(log.lines == ["ADDED ns/a@3 initial", "SYNCED"] && second.lines == log.lines)
    }

    /// H8 and row 92: no gap and no duplicate when it comes between two events that wait to be told.
    @Test func aHandlerAddedInsideACallbackJoinsTheFlow() throws {
        let informer = try synced()
        var wasAdded = false
        log.onDelivery = { delivery in
            if delivery.object?.resourceVersion == "11", !wasAdded {
                wasAdded = true
                #expect(throws: Never.self) { try informer.addHandler(second.makeConsumer()) }
            }
            return true
        }
        drive.holdsCallbacks = true
        send(modified("a", 11), modified("a", 12))
        drive.holdsCallbacks = false
        send(modified("a", 13))
        #expect(log.lines == ["MODIFIED ns/a@11 from 3", "MODIFIED ns/a@12 from 11", "MODIFIED ns/a@13 from 12"])
        #expect(second.lines.count == 4 || second.lines.count == 3)
        // What it was told first and what came later is one unbroken line of states.
        let states = second.lines.filter { $0.contains("ns/a@") }
        #expect(states.first?.hasPrefix("ADDED") == true && states.last?.contains("ns/a@13") == true)
        for (one, next) in zip(states, states.dropFirst()) {
            let revision = one.split(separator: "@")[1].prefix { $0.isNumber }
            #expect(next.hasSuffix("from \(revision)"))
        }
        #expect(second.faults == 0 && log.faults == 0)
    }

    // MARK: Removed

    /// H9.
    @Test func aRemovedHandlerHearsTheEndAndNothingElse() throws {
        let informer = try synced()
        let handler = try informer.addHandler(second.makeConsumer())
        drive.settle()
        #expect(second.take().count == 3 && informer.stat("handlers") == 2)
        handler.remove()
        handler.remove()
        send(added("c", 12))
        #expect(second.lines == ["END"] && second.releases == 1 && second.faults == 0)
        #expect(log.lines == ["ADDED ns/c@12"] && informer.stat("handlers") == 1)
        informer.stop()
        drive.settle()
        #expect(second.lines == ["END"] && second.releases == 1)
    }

    @Test func whatIsQueuedForARemovedHandlerIsDropped() throws {
        let informer = try synced()
        drive.holdsCallbacks = true
        let handler = try informer.addHandler(second.makeConsumer())
        handler.remove()
        drive.holdsCallbacks = false
        drive.settle()
        #expect(second.lines == ["END"] && second.releases == 1)
    }

    /// H9 and row 93.
    @Test func aHandlerMayRemoveItselfInsideACallback() throws {
        let informer = try synced()
        var handler: InformerHandler?
        second.onDelivery = { delivery in
            if delivery.type == .synced { handler?.remove() }
            return true
        }
        drive.holdsCallbacks = true
        handler = try informer.addHandler(second.makeConsumer())
        send(added("c", 12))
        drive.holdsCallbacks = false
        drive.settle()
        #expect(second.lines.suffix(2) == ["SYNCED", "END"] && second.releases == 1 && second.faults == 0)
    }

    @Test func stopInsideACallbackEndsEveryHandlerOnce() throws {
        let informer = try synced()
        _ = try informer.addHandler(second.makeConsumer())
        drive.settle()
        log.onDelivery = { _ in
            informer.stop()
            return true
        }
        send(added("c", 12), added("d", 13))
        #expect(log.lines == ["ADDED ns/c@12", "END"] && log.releases == 1 && log.faults == 0)
        #expect(second.lines.last == "END" && second.releases == 1)
        #expect(drive.server.open.isEmpty && drive.client.childCount == 0)
    }

    /// Row 92: reads inside a callback.
    @Test func readsInsideACallbackDoNotBlock() throws {
        let informer = try synced()
        var seen = ""
        log.onDelivery = { _ in
            seen = ((try? informer.content) ?? "?") + " \(informer.stats["objects"]?.int ?? 0) \(informer.isSynced) \(informer.stalenessMs)"
            return true
        }
        send(added("c", 12))
        #expect(seen == "a@3 b@4 c@12 3 true 0")
    }

    // MARK: Slow

    /// H10: a merged queue keeps the order of each object's states and never loses a delete.
    @Test func mergingKeepsTheLastStateOfEachObject() throws {
        let informer = try synced(options: #"{"maxQueued":3}"#)
        drive.holdsCallbacks = true
        // The queue is too long, is emptied below its limit, and becomes too long again.
        send((0..<70).map { added("p\($0)", 100 + $0) }.joined())
        drive.runCallbacksOnce()
        #expect(log.lines.count == 64 && informer.stat("queued") == 6)
        send(modified("p69", 200))
        drive.runCallbacksOnce()
        #expect(informer.stat("queued") == 0)
        send(added("x", 300) + added("y", 301) + added("z", 302) + added("u", 303))
        drive.holdsCallbacks = false
        drive.settle()
        _ = log.take()
        drive.holdsCallbacks = true
        send((0..<66).map { modified("p\($0)", 400 + $0) }.joined())
        drive.runCallbacksOnce()
        // Two wait, which is below the limit: what comes now stands singly.
        #expect(informer.stat("queued") == 2)
        send(modified("p65", 500) + modified("p64", 501) + deleted("p65", 502))
        drive.holdsCallbacks = false
        drive.settle()
        let told = log.lines.filter { $0.contains("ns/p65@") }
        #expect(told.last == "DELETED ns/p65@502", "\(told)")
        #expect(log.lines.last { $0.contains("ns/p64@") }?.hasPrefix("MODIFIED ns/p64@501") == true)
        #expect(informer.stat("coalesced") ?? 0 > 0)
    }

    @Test func aSlowHandlerDoesNotDelayAnother() throws {
        let informer = try synced()
        var isNested = false
        log.onDelivery = { _ in
            // While this one is inside, the other's mailbox is emptied by another runner's turn.
            if !isNested {
                isNested = true
                drive.callbacks.runPending()
            }
            return true
        }
        _ = try informer.addHandler(second.makeConsumer())
        drive.settle()
        _ = second.take()
        send(added("c", 12))
        #expect(second.lines == ["ADDED ns/c@12"] && log.lines == ["ADDED ns/c@12"] && log.faults == 0)
    }

    // MARK: Resync

    /// H12.
    @Test func resyncTellsWhatIsThereWithoutTraffic() throws {
        let informer = try synced(options: #"{"resyncMs":5000}"#)
        drive.advance(4999)
        #expect(log.lines.isEmpty)
        drive.advance(1)
        #expect(log.take().sorted() == ["MODIFIED ns/a@3 from 3 resync", "MODIFIED ns/b@4 from 4 resync"])
        drive.advance(10_000)
        #expect(log.take().count == 4 && drive.server.exchanges.count == 2)
        informer.stop()
        drive.advance(100_000)
        #expect(log.lines == ["END"] && drive.loop.pendingTimers == 0)
    }

    @Test func resyncSkipsWhatHasAChangePending() throws {
        _ = try synced(options: #"{"resyncMs":5000}"#)
        drive.holdsCallbacks = true
        send(modified("a", 11))
        drive.advance(5000)
        drive.holdsCallbacks = false
        drive.settle()
        #expect(log.lines == ["MODIFIED ns/a@11 from 3", "MODIFIED ns/b@4 from 4 resync"])
    }

    @Test func noResyncBeforeTheFirstListAndNoneUnlessAskedFor() throws {
        drive.server.expect(firstList, .nothing)
        _ = try drive.started(log, options: #"{"resyncMs":1000}"#)
        drive.advance(30_000)
        #expect(log.lines.isEmpty)
        let (other, quiet) = (ManualDrive(), DeliveryLog())
        other.server.next(list([("a", 3)], 10))
        other.server.otherwise = { _ in emptyStream }
        _ = try other.started(quiet)
        other.advance(86_400_000)
        #expect(quiet.lines == ["ADDED ns/a@3 initial", "SYNCED"])
    }

    // MARK: Several

    @Test func informersOfOneClientAreApart() throws {
        drive.server.otherwise = { exchange in
            let name = exchange.request.target.contains("clusters") ? "c" : "p"
            return exchange.options.isStream ? .stream(added(name + "2", 20)) : list([(name, 3)], 10)
        }
        let first = try drive.started(log)
        let other = try drive.informer(resource: "example.sealyun.com/v1alpha1/clusters")
        _ = try other.addHandler(second.makeConsumer())
        try other.start()
        drive.settle()
        #expect(try first.content == "p2@20 p@3")
        #expect(try other.content == "c2@20 c@3")
        #expect(second.lines == ["ADDED ns/c@3 initial", "SYNCED", "ADDED ns/c2@20"])
        #expect(drive.client.childCount == 2)
        first.stop()
        drive.server.exchanges.last?.send(added("c3", 21))
        drive.settle()
        #expect(log.lines.last == "END" && second.lines.last == "ADDED ns/c3@21")
        #expect(drive.client.childCount == 1 && drive.server.open.count == 1)
    }
}
