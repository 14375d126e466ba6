// A consumer that is too slow for its watch: reading pauses at maxQueued and goes on once it has caught up. Nothing is lost.
import KubeCore
import KubeTesting
@testable import KubeClient
import Testing

struct BackPressureTests {
    let drive = ManualDrive()
    let log = DeliveryLog()

    @Test func readingPausesWhenTheQueueIsFullAndGoesOnWhenItIsHalfEmpty() throws {
        let events = (0..<500).map { added("p\($0)", 100 + $0) }
        drive.server.expect(stream(5), .stream(events))
        drive.holdsCallbacks = true
        _ = try drive.watch(log, options: #"{"resourceVersion":"5","maxQueued":100}"#)
        let exchange = drive.server.exchanges[0]
        #expect(exchange.isPaused && exchange.taken == 100 && log.lines.isEmpty)
        // A paused stream is not a silent one.
        drive.advance(1_000_000)
        #expect(exchange.isPaused && exchange.isOpen)
        // One turn tells 64: the queue is below half, so reading goes on.
        drive.runCallbacksOnce()
        #expect(log.lines.count == 64 && exchange.taken > 100 && exchange.taken <= 164)
        drive.holdsCallbacks = false
        drive.settle()
        #expect(log.lines == (0..<500).map { "ADDED ns/p\($0)@\(100 + $0)" })
        #expect(!exchange.isPaused && exchange.pauses > 1)
        #expect(log.faults == 0 && drive.leftOver == [])
    }

    @Test func aSingleEventAtATimeIsEnough() throws {
        drive.server.expect(stream(5), .stream((0..<20).map { added("p\($0)", 100 + $0) }))
        drive.holdsCallbacks = true
        _ = try drive.watch(log, options: #"{"resourceVersion":"5","maxQueued":1}"#)
        #expect(drive.server.exchanges[0].taken == 1)
        drive.holdsCallbacks = false
        drive.settle()
        #expect(log.lines.count == 20)
    }

    @Test func manyBytesPauseToo() throws {
        let big = Sample.event("ADDED", Sample.object("big", 6, spec: "\"\(String(repeating: "x", count: 12 << 20))\""))
        drive.server.expect(stream(5), .stream([big, big, big, added("last", 7)]))
        drive.holdsCallbacks = true
        _ = try drive.watch(log, options: #"{"resourceVersion":"5"}"#)
        #expect(drive.server.exchanges[0].isPaused && drive.server.exchanges[0].taken == 3)
        drive.holdsCallbacks = false
        drive.settle()
        #expect(log.lines == ["ADDED ns/big@6", "ADDED ns/big@6", "ADDED ns/big@6", "ADDED ns/last@7"])
    }

    @Test func aStreamThatEndsWhilePausedLosesNothing() throws {
        drive.server.expect(stream(5), .stream((0..<10).map { added("p\($0)", 100 + $0) }).cut)
        drive.server.expect(stream(109), .stream(added("more", 200)))
        drive.holdsCallbacks = true
        _ = try drive.watch(log, options: #"{"resourceVersion":"5","maxQueued":4}"#)
        drive.holdsCallbacks = false
        drive.settle()
        #expect(log.lines == (0..<10).map { "ADDED ns/p\($0)@\(100 + $0)" } + ["ADDED ns/more@200"])
        #expect(drive.leftOver == [])
    }

    @Test func stoppingAPausedWatchEndsIt() throws {
        drive.server.expect(stream(5), .stream((0..<10).map { added("p\($0)", 100 + $0) }))
        drive.holdsCallbacks = true
        let watch = try drive.watch(log, options: #"{"resourceVersion":"5","maxQueued":4}"#)
        watch.stop()
        drive.settle()
        #expect(drive.server.exchanges[0].isCancelled)
        drive.holdsCallbacks = false
        drive.settle()
        #expect(log.lines == ["END"] && log.releases == 1)
    }

    /// H10, rows 92 and 94: an informer goes on reading; what waits for the slow handler is merged by key.
    @Test func aSlowHandlerOfAnInformerNeverStopsTheReader() throws {
        drive.server.expect(firstList, list([("a", 1)], 10))
        drive.server.expect(stream(10), emptyStream)
        let informer = try drive.started(log, options: #"{"maxQueued":10}"#)
        #expect(log.take() == ["ADDED ns/a@1 initial", "SYNCED"])
        drive.holdsCallbacks = true
        let events = drive.server.exchanges[1]
        for revision in 0..<300 { events.send(modified("a", 100 + revision)) }
        events.send(added("b", 400) + deleted("b", 401) + deleted("a", 402))
        drive.settle()
        #expect(!events.isPaused && informer.store.count == 0)
        #expect(informer.stat("queued") ?? 0 <= 12 && informer.stat("coalesced") ?? 0 > 280)
        drive.holdsCallbacks = false
        drive.settle()
        let told = log.lines
        #expect(told.count <= 12 && told.last(where: { $0.contains("ns/a@") }) == "DELETED ns/a@402")
        #expect(!told.contains { $0.contains("ns/b@") && !told.contains("DELETED ns/b@401") })
    }
}
