// Waiting for an informer, and how it ends together with its client: the last failure, TIMEOUT, CANCELLED, and no callback lost.
import KubeConfig
import KubeCore
import KubeSystem
import KubeTesting
import KubeTransport
@testable import KubeClient
import Testing

struct InformerWaitTests {
    let drive = ManualDrive()
    let log = DeliveryLog()

    // MARK: waitSynced

    @Test func aSyncedInformerIsNotWaitedFor() throws {
        drive.server.expect(firstList, list([], 10))
        drive.server.expect(stream(10), emptyStream)
        let informer = try drive.started(log)
        #expect(throws: Never.self) { try informer.waitSynced(timeoutMs: 5000) }
        // It was synced once, so it stays so.
        informer.stop()
        drive.settle()
        #expect(throws: Never.self) { try informer.waitSynced(timeoutMs: 0) }
    }

    @Test func timeIsUpWithTheLastFailureOrWithTimeout() throws {
        drive.server.expect(firstList, .nothing)
        let informer = try drive.started(log)
        #expect(code { try informer.waitSynced(timeoutMs: 1) } == .timeout)
        drive.server.exchanges[0].answer(.status(403, "Forbidden", "projects is forbidden"))
        drive.settle()
        let error = #expect(throws: KubeError.self) { try informer.waitSynced(timeoutMs: 1) }
        #expect(error?.code == .forbidden && error?.message == "projects is forbidden" && error?.httpStatus == 403)
    }

    @Test func aStoppedInformerIsCancelled() throws {
        drive.server.expect(firstList, .status(403, "Forbidden"))
        let informer = try drive.started(log)
        informer.stop()
        #expect(code { try informer.waitSynced(timeoutMs: 5000) } == .cancelled)
        drive.settle()
        #expect(code { try informer.waitSynced(timeoutMs: 5000) } == .cancelled)
    }

    /// What ended it is the reason, then and later.
    @Test func anInformerThatCantGoOnSaysWhy() throws {
        drive.server.expect(firstList, .nothing)
        let informer = try drive.started(log)
        let reason = KubeError(.unsupported, "there is no such thing")
        informer.reflectorEnded(reason)
        drive.settle()
        #expect(log.lines == ["END"] && log.releases == 1 && drive.client.childCount == 0 && drive.server.open.isEmpty)
        let error = #expect(throws: KubeError.self) { try informer.waitSynced(timeoutMs: 5000) }
        #expect(error == reason && informer.lastFailure?.error == reason)
        #expect(code { try informer.start() } == .state)
        drive.advance(600_000)
        #expect(drive.leftOver == [] && drive.loop.pendingTimers == 0)
    }

    @Test func aWaitingThreadIsWokenByTheListAndByAStop() throws {
        for stops in [false, true] {
            let drive = ManualDrive()
            drive.server.expect(firstList, .nothing)
            let informer = try drive.started(DeliveryLog())
            let waiting = Completion()
            var result: KubeError.Code?
            let began = Completion()
            let isStarted = WorkerThread.start(name: "test-wait") {
                began.finish()
                result = code { try informer.waitSynced(timeoutMs: 5000) }
                waiting.finish()
            }
            #expect(isStarted && began.wait())
            if stops {
                informer.stop()
            } else {
                drive.server.expect(stream(10), emptyStream)
                drive.server.exchanges[0].answer(list([], 10))
            }
            drive.settle()
            #expect(waiting.wait(deadlineMs: MonotonicClock.nowMs + 10_000))
            #expect(result == (stops ? .cancelled : nil))
        }
    }

    // MARK: A stop that overtakes the start

    /// The job that starts it may come to the loop after the one that stops it; nothing may be left behind.
    @Test func aStopThatOvertakesTheStartLeavesNothing() throws {
        let loop = ManualLoop()
        let inner = loop.makeLoop()
        var beforePost: (() -> Void)?
        let seam = LoopSeam(now: { inner.now }, after: { inner.after($0, $1) }, post: { job in
            let other = beforePost
            beforePost = nil
            other?()
            inner.post(job)
        })
        let server = ScriptedTransport(loop: seam)
        let callbacks = CallbackQueue()
        let client = Client(
            options: ClientOptions(), drive: Drive.byHand(loop: seam, callbacks: callbacks), transport: server.makeTransport(),
            config: ClientConfig(server: ClientConfig.Server(scheme: .http, host: "scripted", port: 80)))
        let informer = try Informer(client, resource: projects, namespace: nil, options: nil)
        _ = try informer.addHandler(log.makeConsumer())
        beforePost = { informer.stop() }
        try informer.start()
        loop.settle()
        callbacks.runPending()
        #expect(client.childCount == 0 && server.exchanges.isEmpty)
        #expect(log.lines == ["END"] && log.releases == 1)
    }

    // MARK: The client is freed

    private func externalClient() throws -> (Client, ScriptedTransport, ExternalDrive) {
        let drive = try ExternalDrive()
        let server = ScriptedTransport(loop: drive.loop)
        let config = ClientConfig(server: ClientConfig.Server(scheme: .http, host: "scripted", port: 80))
        var options = ClientOptions()
        options.streamsLists = false
        return (Client(options: options, drive: drive, transport: server.makeTransport(), config: config), server, drive)
    }

    /// Rule 8: in external mode everything of the client ends and the final callbacks run.
    @Test func freeingAnExternalClientEndsAllThatRuns() throws {
        let (client, server, _) = try externalClient()
        server.otherwise = { exchange in exchange.options.isStream ? emptyStream : list([("a", 3)], 10) }
        let informer = try Informer(client, resource: projects, namespace: nil, options: json(#"{"resyncMs":1000}"#))
        _ = try informer.addHandler(log.makeConsumer())
        try informer.start()
        let watched = DeliveryLog()
        let watch = try Watch(client, resource: projects, namespace: nil, options: nil, consumer: watched.makeConsumer())
        watch.start()
        var results: [Result<CallResult, KubeError>] = []
        let synced = try eventually { try client.process(); return log.lines.contains("SYNCED") && watched.lines.count == 2 }
        #expect(synced)
        server.otherwise = { _ in .nothing }
        let call = try Call(client, CallRequest(.get, resource: projects, namespace: "ns", name: "web")) { results.append($0) }
        call.start()
        try client.process()
        client.endExternal()
        #expect(log.lines.last == "END" && log.releases == 1 && log.faults == 0)
        #expect(watched.lines.last == "END" && watched.releases == 1)
        #expect(results.count == 1)
        if case .failure(let error)? = results.first { #expect(error.code == .cancelled) } else { Issue.record("the call went on") }
        #expect(client.childCount == 0 && server.open.isEmpty && server.isShutDown)
        #expect(try informer.content == "a@3")
        // The handle of an informer may outlive the client's: it can't be started any more.
        #expect(code { try informer.start() } == .state)
    }

    /// Rule 8: inside a callback it never waits, and what must follow follows.
    @Test func freeingAnExternalClientInsideACallbackWorks() throws {
        let (client, server, _) = try externalClient()
        server.otherwise = { exchange in exchange.options.isStream ? .stream(added("b", 11)) : list([("a", 3)], 10) }
        let informer = try Informer(client, resource: projects, namespace: nil, options: nil)
        log.onDelivery = { delivery in
            if delivery.type == .synced { client.endExternal() }
            return true
        }
        _ = try informer.addHandler(log.makeConsumer())
        try informer.start()
        let ended = try eventually { try client.process(); return log.isReleased }
        #expect(ended && log.lines.last == "END" && log.releases == 1 && log.faults == 0)
        #expect(client.childCount == 0 && server.open.isEmpty && server.isShutDown)
    }

    @Test func blockingCallsOfAnExternalClientTurnTheLoopAndTellNothing() throws {
        let (client, server, _) = try externalClient()
        server.otherwise = { exchange in exchange.options.isStream ? emptyStream : list([("a", 3)], 10) }
        let informer = try Informer(client, resource: projects, namespace: nil, options: nil)
        _ = try informer.addHandler(log.makeConsumer())
        try informer.start()
        try informer.waitSynced(timeoutMs: 10_000)
        #expect(informer.isSynced && log.lines.isEmpty && client.timeoutMs == 0)
        let result = try client.perform(CallRequest(.list, resource: projects))
        #expect(result.list?.objects.count == 1 && log.lines.isEmpty)
        try client.process()
        #expect(log.lines == ["ADDED ns/a@3 initial", "SYNCED"])
        client.endExternal()
        #expect(log.lines.last == "END" && log.releases == 1)
    }
}
