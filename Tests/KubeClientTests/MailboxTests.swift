// One consumer's serial queue: order, fullness, refusal, and one last word on every path. Run by hand, without a thread.
import KubeCore
import KubeTesting
@testable import KubeClient
import Testing

struct MailboxTests {
    let runner = CallbackQueue()
    let log = DeliveryLog()

    private func mailbox(maxQueued: Int = 1000) -> Mailbox { Mailbox(log.makeConsumer(), runner: runner, maxQueued: maxQueued) }

    private func delivery(_ name: String, _ revision: Int, _ type: EventType = .added) throws -> Delivery {
        Delivery(type, try ObjectBlob.parse(Array(Sample.object(name, revision).utf8)))
    }

    private func runAll() { while !runner.isEmpty { runner.runPending() } }

    // MARK: Order

    @Test func whatIsPostedIsToldInOrderAndOnlyWhenItIsRun() throws {
        let mailbox = mailbox()
        mailbox.post(try delivery("a", 1))
        mailbox.post([try delivery("b", 2), try delivery("c", 3)])
        #expect(log.lines.isEmpty && mailbox.queued == 3)
        runAll()
        #expect(log.lines == ["ADDED ns/a@1", "ADDED ns/b@2", "ADDED ns/c@3"] && mailbox.queued == 0 && mailbox.coalesced == 0)
        mailbox.post([])
        #expect(runner.isEmpty)
    }

    @Test func aTurnIsLimitedSoThatOthersGetTheirs() throws {
        let other = DeliveryLog()
        let (first, second) = (mailbox(), Mailbox(other.makeConsumer(), runner: runner, maxQueued: 10))
        for revision in 0..<200 { first.post(try delivery("a", revision)) }
        second.post(try delivery("b", 1))
        runner.runPending()
        #expect(log.lines.count == 64 && other.lines.count == 1)
        runAll()
        #expect(log.lines.count == 200 && log.faults == 0)
    }

    @Test func whatIsPostedInsideADeliveryFollowsIt() throws {
        let mailbox = mailbox()
        let more = try delivery("b", 2)
        log.onDelivery = { delivery in
            if delivery.object?.name == "a" { mailbox.post(more) }
            return true
        }
        mailbox.post(try delivery("a", 1))
        runAll()
        #expect(log.lines == ["ADDED ns/a@1", "ADDED ns/b@2"] && log.faults == 0)
    }

    // MARK: The last word

    @Test func closeDropsWhatIsQueuedAndTellsTheLastWord() throws {
        let mailbox = mailbox()
        mailbox.post(try delivery("a", 1))
        mailbox.close(Delivery(.end))
        mailbox.close(Delivery(.synced))
        mailbox.closeAfterRest(Delivery(.synced))
        mailbox.post(try delivery("b", 2))
        mailbox.post([try delivery("b", 2)])
        mailbox.postResync([try #require(delivery("b", 2).object)])
        #expect(!mailbox.finished.isDone && log.releases == 0)
        runAll()
        #expect(log.lines == ["END"] && log.releases == 1 && mailbox.finished.isDone && log.faults == 0)
        mailbox.close(Delivery(.end))
        mailbox.post(try delivery("c", 3))
        runAll()
        #expect(log.lines == ["END"] && log.releases == 1)
    }

    @Test func closeAfterRestTellsWhatIsQueuedFirst() throws {
        let mailbox = mailbox()
        for revision in 0..<130 { mailbox.post(try delivery("a", revision)) }
        mailbox.closeAfterRest(Delivery(.end))
        mailbox.post(try delivery("late", 2))
        runAll()
        #expect(log.lines.count == 131 && log.lines.last == "END" && !log.lines.contains("ADDED ns/late@2") && log.releases == 1)
    }

    @Test func aCloseAfterACloseAfterRestDropsTheRest() throws {
        let mailbox = mailbox()
        mailbox.post(try delivery("a", 1))
        mailbox.closeAfterRest(Delivery(.end))
        mailbox.close(Delivery(.synced))
        runAll()
        #expect(log.lines == ["END"] && log.releases == 1)
    }

    @Test func withoutALastWordTheConsumerIsReleasedAllTheSame() {
        let mailbox = mailbox()
        mailbox.close(nil)
        runAll()
        #expect(log.lines.isEmpty && log.releases == 1 && mailbox.finished.isDone)
    }

    @Test func aLastWordAtTheEndOfATurnIsNotForgotten() throws {
        let mailbox = mailbox()
        for revision in 0..<64 { mailbox.post(try delivery("a", revision)) }
        mailbox.closeAfterRest(Delivery(.end))
        runner.runPending()
        #expect(log.lines.count == 64 && !mailbox.finished.isDone)
        runAll()
        #expect(log.lines.count == 65 && log.releases == 1)
    }

    @Test func closingInsideADeliveryEndsAfterIt() throws {
        let mailbox = mailbox()
        log.onDelivery = { delivery in
            if delivery.type == .added { mailbox.close(Delivery(.end)) }
            return true
        }
        mailbox.post([try delivery("a", 1), try delivery("b", 2)])
        runAll()
        #expect(log.lines == ["ADDED ns/a@1", "END"] && log.releases == 1 && log.faults == 0)
    }

    @Test func theConsumerIsLetGo() throws {
        final class Token {}
        var token: Token? = Token()
        weak let seen = token
        let mailbox = Mailbox(Consumer(deliver: { [token] _ in token != nil }), runner: runner, maxQueued: 10)
        mailbox.onStop = { [token] in withExtendedLifetime(token) {} }
        mailbox.onRoom = { [token] in withExtendedLifetime(token) {} }
        token = nil
        mailbox.post(try delivery("a", 1))
        runAll()
        #expect(seen != nil)
        mailbox.close(Delivery(.end))
        runAll()
        #expect(seen == nil && mailbox.finished.isDone)
    }

    // MARK: Refusal

    @Test func aConsumerThatWantsNoMoreHearsOnlyTheEnd() throws {
        let mailbox = mailbox()
        var stops = 0
        mailbox.onStop = { stops += 1 }
        log.onDelivery = { $0.object?.name != "b" }
        mailbox.post([try delivery("a", 1), try delivery("b", 2), try delivery("c", 3)])
        runAll()
        #expect(log.lines == ["ADDED ns/a@1", "ADDED ns/b@2"] && stops == 1 && mailbox.queued == 0)
        mailbox.post(try delivery("d", 4))
        mailbox.postResync([try #require(delivery("d", 4).object)])
        runAll()
        #expect(log.lines.count == 2 && log.releases == 0)
        mailbox.close(Delivery(.end))
        runAll()
        #expect(log.lines.last == "END" && log.lines.count == 3 && log.releases == 1 && stops == 1)
    }

    // MARK: Full

    @Test func aFullMailboxSaysWhenItHasHalfEmptied() throws {
        let mailbox = mailbox()
        var rooms: [Int] = []
        mailbox.onRoom = { rooms.append(mailbox.queued) }
        for revision in 0..<9 { mailbox.post(try delivery("a", revision)) }
        #expect(!mailbox.isFull(maxQueued: 10, maxBytes: .max))
        mailbox.post(try delivery("a", 10))
        #expect(mailbox.isFull(maxQueued: 10, maxBytes: .max))
        runAll()
        // Once, at the half.
        #expect(rooms == [5] && log.lines.count == 10)
        mailbox.post(try delivery("a", 11))
        runAll()
        #expect(rooms == [5])
    }

    @Test func bytesFillAMailboxToo() throws {
        let mailbox = mailbox()
        var rooms = 0
        mailbox.onRoom = { rooms += 1 }
        let size = try #require(delivery("a", 1).object?.json.count)
        mailbox.post([try delivery("a", 1), try delivery("b", 2)])
        #expect(!mailbox.isFull(maxQueued: 100, maxBytes: size * 2 + 1))
        #expect(mailbox.isFull(maxQueued: 100, maxBytes: size * 2))
        runAll()
        #expect(rooms == 1)
        #expect(!mailbox.isFull(maxQueued: 1, maxBytes: 1))
    }

    @Test func aSingleEntryThatFillsItMakesRoomWhenItIsTaken() throws {
        let mailbox = mailbox()
        var rooms = 0
        mailbox.onRoom = { rooms += 1 }
        mailbox.post(try delivery("a", 1))
        #expect(mailbox.isFull(maxQueued: 1, maxBytes: .max))
        runAll()
        #expect(rooms == 1)
    }

    // MARK: Resync

    @Test func aResyncLeavesOutWhatHasAChangePending() throws {
        let mailbox = mailbox()
        let (a, b) = (try #require(delivery("a", 1).object), try #require(delivery("b", 2).object))
        mailbox.post(try delivery("a", 7, .modified))
        mailbox.postResync([a, b])
        mailbox.postResync([a, b])
        runAll()
        #expect(log.take() == ["MODIFIED ns/a@7", "MODIFIED ns/b@2 from 2 resync"])
        mailbox.postResync([])
        #expect(runner.isEmpty)
    }

    // MARK: Merging, against a model

    /// Whatever waits and whatever is merged: an object's states are told in their order, the last one always, and a handler that
    /// follows what it is told ends with the truth. With an even seed it lags all the time and its queue is never empty.
    @Test(arguments: 1...30) func aHandlerThatFollowsEndsWithTheTruth(seed: UInt64) throws {
        var random = SplitMix(seed)
        let lags = seed.isMultiple(of: 2)
        let mailbox = mailbox(maxQueued: lags ? 100 : Int.random(in: 1...80, using: &random))
        var truth: [String: ObjectBlob] = [:]
        var followed: [String: Int] = [:]
        var faults: [String] = []
        log.onDelivery = { delivery in
            guard let object = delivery.object, let revision = Int(object.resourceVersion) else { return true }
            let before = followed[object.name]
            if let before, revision <= before { faults.append("\(object.name)@\(revision) after \(before)") }
            switch delivery.type {
            case .added where before != nil: faults.append("\(object.name) added twice")
            case .modified where before == nil, .deleted where before == nil: faults.append("\(object.name) changed before it was added")
            default: break
            }
            followed[object.name] = delivery.type == .deleted ? nil : revision
            return true
        }
        for revision in 1...(lags ? 9000 : 3000) {
            let name = "p\(Int.random(in: 0..<30, using: &random))"
            let object = try #require(delivery(name, revision).object)
            if let old = truth[name] {
                if Bool.random(using: &random) {
                    mailbox.post(Delivery(.modified, object, old: old))
                    truth[name] = object
                } else {
                    mailbox.post(Delivery(.deleted, object))
                    truth[name] = nil
                }
            } else {
                mailbox.post(Delivery(.added, object))
                truth[name] = object
            }
            if lags {
                if mailbox.queued > 90, Int.random(in: 0..<20, using: &random) == 0 { runner.runPending() }
                continue
            }
            if Int.random(in: 0..<70, using: &random) == 0 { runner.runPending() }
            if Int.random(in: 0..<900, using: &random) == 0 { runAll() }
        }
        runAll()
        #expect(faults == [])
        #expect(followed == truth.mapValues { Int($0.resourceVersion) ?? -1 })
    }
}
