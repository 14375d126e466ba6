// A mailbox that is told from only when somebody asks.
import KubeCore
import KubeTesting
@testable import KubeClient
import Testing

struct DeliveryPullTests {
    let pull = DeliveryPull()
    let log = DeliveryLog()

    private func mailbox(maxQueued: Int = 1000) -> Mailbox { Mailbox(log.makeConsumer(), runner: pull, maxQueued: maxQueued) }

    private func delivery(_ name: String, _ revision: Int, _ type: EventType = .added) throws -> Delivery {
        Delivery(type, try ObjectBlob.parse(Array(Sample.object(name, revision).utf8)))
    }

    @Test func nothingIsToldBeforeItIsAskedFor() throws {
        let mailbox = mailbox()
        mailbox.post([try delivery("a", 1), try delivery("b", 2)])
        #expect(log.lines == [])
        pull.pull()
        #expect(log.lines == ["ADDED ns/a@1"] && mailbox.queued == 1)
        pull.pull()
        #expect(log.lines == ["ADDED ns/a@1", "ADDED ns/b@2"])
    }

    @Test func whatWasAskedForIsToldWhenItComes() throws {
        let mailbox = mailbox()
        pull.pull()
        pull.pull()
        mailbox.post([try delivery("a", 1), try delivery("b", 2), try delivery("c", 3)])
        #expect(log.lines == ["ADDED ns/a@1", "ADDED ns/b@2"] && mailbox.queued == 1)
    }

    @Test func whatWasMergedAwayDoesNotCount() throws {
        let mailbox = mailbox(maxQueued: 1)
        mailbox.post(try delivery("a", 1))
        mailbox.post(try delivery("a", 2, .deleted))
        #expect(mailbox.queued == 0)
        pull.pull()
        #expect(log.lines == [])
        mailbox.post(try delivery("b", 3))
        #expect(log.lines == ["ADDED ns/b@3"])
        mailbox.post(try delivery("c", 4))
        #expect(log.lines == ["ADDED ns/b@3"])
    }

    @Test func theLastWordIsAskedForToo() throws {
        let mailbox = mailbox()
        mailbox.post(try delivery("a", 1))
        mailbox.close(Delivery(.end))
        #expect(log.lines == [] && !mailbox.finished.isDone)
        pull.pull()
        #expect(log.lines == ["END"] && log.releases == 1 && mailbox.finished.isDone)
        pull.pull()
        #expect(log.lines == ["END"] && log.faults == 0)
    }

    @Test func aWatchIsNotReadWhileNobodyAsks() throws {
        let drive = ManualDrive()
        drive.server.expect(stream(5), Answer.stream(added("a", 6), added("b", 7), added("c", 8), added("d", 9)))
        let watch = try Watch(
            drive.client, resource: projects, namespace: nil, options: json(#"{"resourceVersion":"5","maxQueued":2}"#),
            consumer: log.makeConsumer(), runner: pull)
        watch.start()
        drive.settle()
        #expect(drive.server.exchanges.first?.isPaused == true && log.lines == [] && watch.mailbox.queued == 2)
        for _ in 0..<4 {
            pull.pull()
            drive.settle()
        }
        #expect(log.lines == ["ADDED ns/a@6", "ADDED ns/b@7", "ADDED ns/c@8", "ADDED ns/d@9"])
        #expect(drive.server.exchanges.first?.isPaused == false && drive.leftOver == [])
    }

    @Test func aHandlerCanBePulled() throws {
        let drive = ManualDrive()
        drive.server.expect(firstList, list([("a", 3)], 10))
        drive.server.expect(stream(10), emptyStream)
        let informer = try drive.informer()
        try informer.start()
        drive.settle()
        _ = try informer.addHandler(log.makeConsumer(), runner: pull)
        drive.settle()
        #expect(log.lines == [])
        pull.pull()
        pull.pull()
        #expect(log.lines == ["ADDED ns/a@3 initial", "SYNCED"])
    }
}
