// Callbacks on real threads: one consumer is told by one thread at a time, and one that sleeps keeps nobody waiting.
import KubeCore
import KubeSystem
import KubeTesting
@testable import KubeClient
import Testing

@Suite struct CallbackThreadsTests {
    private func mailbox(_ log: DeliveryLog, _ runner: CallbackRunner) -> Mailbox { Mailbox(log.makeConsumer(), runner: runner, maxQueued: 1_000_000) }

    private func object(_ revision: Int) throws -> ObjectBlob { try ObjectBlob.parse(Array(Sample.object("a", revision).utf8)) }

    @Test func noConsumerIsToldTwiceAtOnce() throws {
        let threads = CallbackThreads(limit: 4)
        defer { threads.end() }
        let logs = (0..<6).map { _ in DeliveryLog() }
        let mailboxes = logs.map { mailbox($0, threads) }
        let object = try object(1)
        let posters = (0..<4).map { _ in Completion() }
        for poster in posters {
            #expect(WorkerThread.start(name: "test-poster") {
                for _ in 0..<500 { for mailbox in mailboxes { mailbox.post(Delivery(.added, object)) } }
                poster.finish()
            })
        }
        for poster in posters { #expect(poster.wait(deadlineMs: MonotonicClock.nowMs + 60_000)) }
        for mailbox in mailboxes { mailbox.closeAfterRest(Delivery(.end)) }
        for mailbox in mailboxes { #expect(mailbox.finished.wait(deadlineMs: MonotonicClock.nowMs + 60_000)) }
        for log in logs { #expect(log.lines.count == 2001 && log.lines.last == "END" && log.faults == 0 && log.releases == 1) }
    }

    @Test func orderIsKeptOverTurnsAndThreads() throws {
        let threads = CallbackThreads(limit: 4)
        defer { threads.end() }
        let log = DeliveryLog()
        let mailbox = mailbox(log, threads)
        for revision in 0..<1000 { mailbox.post(Delivery(.added, try object(revision))) }
        mailbox.closeAfterRest(nil)
        #expect(mailbox.finished.wait(deadlineMs: MonotonicClock.nowMs + 60_000))
        #expect(log.lines == (0..<1000).map { "ADDED ns/a@\($0)" })
    }

    /// Row 94.
    @Test func whileFewerThanTheLimitSleepNobodyWaits() throws {
        let threads = CallbackThreads(limit: 4)
        defer { threads.end() }
        let awake = Completion()
        defer { awake.finish() }
        let (sleepers, quick) = ((0..<3).map { _ in DeliveryLog() }, DeliveryLog())
        for log in sleepers {
            log.onDelivery = { _ in awake.wait(deadlineMs: MonotonicClock.nowMs + 60_000) }
        }
        let object = try object(1)
        let sleeping = sleepers.map { mailbox($0, threads) }
        for mailbox in sleeping { mailbox.post(Delivery(.added, object)) }
        #expect(eventually { sleepers.allSatisfy { $0.lines.count == 1 } })
        let awakeOne = mailbox(quick, threads)
        for count in 1...100 {
            awakeOne.post(Delivery(.added, object))
            #expect(eventually { quick.lines.count == count })
        }
        #expect(sleepers.allSatisfy { $0.lines.count == 1 } && !awake.isDone)
    }

    /// A fourth sleeper takes the last thread; what comes then waits, and is told when one wakes.
    @Test func whenAsManySleepAsMayRunTheRestWaitsAndIsTold() throws {
        let threads = CallbackThreads(limit: 2)
        defer { threads.end() }
        let awake = Completion()
        let (sleepers, late) = ((0..<2).map { _ in DeliveryLog() }, DeliveryLog())
        for log in sleepers {
            log.onDelivery = { _ in awake.wait(deadlineMs: MonotonicClock.nowMs + 60_000) }
        }
        let object = try object(1)
        let all = (sleepers + [late]).map { mailbox($0, threads) }
        for mailbox in all.prefix(2) { mailbox.post(Delivery(.added, object)) }
        #expect(eventually { sleepers.allSatisfy { $0.lines.count == 1 } })
        all[2].post(Delivery(.added, object))
        #expect(late.lines.isEmpty && !threads.isInCallback)
        awake.finish()
        #expect(eventually { late.lines.count == 1 })
    }

    @Test func onlyACallbackIsInsideACallback() throws {
        let threads = CallbackThreads(limit: 2)
        defer { threads.end() }
        let log = DeliveryLog()
        let seen = Completion()
        var wasInside = false
        log.onDelivery = { _ in
            wasInside = threads.isInCallback
            seen.finish()
            return true
        }
        mailbox(log, threads).post(Delivery(.synced))
        #expect(seen.wait(deadlineMs: MonotonicClock.nowMs + 10_000))
        #expect(wasInside && !threads.isInCallback)
    }

    @Test func whatIsQueuedAtTheEndIsToldAndTheThreadsGo() throws {
        var threads: CallbackThreads? = CallbackThreads(limit: 3)
        // Each thread holds it while it lives.
        weak let seen = threads
        let logs = (0..<3).map { _ in DeliveryLog() }
        do {
            let runner = try #require(threads)
            let mailboxes = logs.map { mailbox($0, runner) }
            for mailbox in mailboxes { mailbox.post(Delivery(.synced)) }
            runner.end()
            for mailbox in mailboxes { mailbox.closeAfterRest(Delivery(.end)) }
            for mailbox in mailboxes { #expect(mailbox.finished.wait(deadlineMs: MonotonicClock.nowMs + 10_000)) }
        }
        #expect(logs.allSatisfy { $0.lines == ["SYNCED", "END"] && $0.releases == 1 })
        threads = nil
        #expect(eventually { seen == nil })
    }
}
