// What the Swift API asks of a client and an informer without blocking: counters, the end of everything, being synced.
import KubeCore
import KubeTesting
@testable import KubeClient
import Testing

struct ClientHookTests {
    @Test func countersAreToldOnTheLoop() throws {
        let drive = ManualDrive()
        drive.server.expect("GET \(root)/namespaces/ns/projects/a", .text(Sample.object("a", 1)))
        _ = try drive.call(.get, name: "a")
        var told: JSONValue?
        drive.client.stats { told = $0 }
        #expect(told == nil)
        drive.settle()
        #expect(told?["calls"]?.int == 1 && told?["requests"]?.int == 1 && told?["running"]?.int == 0)
    }

    @Test func endAllEndsWhatRunsAndWhatIsStartedLater() throws {
        let drive = ManualDrive()
        let log = DeliveryLog()
        drive.server.expect(firstList, .nothing)
        drive.server.expect("GET \(root)/namespaces/ns/projects/a", .nothing)
        let informer = try drive.started(log)
        let call = try drive.call(.get, name: "a")
        var isDone = false
        drive.client.endAll { isDone = true }
        drive.settle()
        #expect(isDone && call.error?.code == .cancelled && log.lines == ["END"])
        #expect(code { try informer.checkSynced(after: 0) } == .cancelled)
        #expect(try drive.call(.get, name: "b").error?.code == .cancelled)
        #expect(drive.leftOver == [] && drive.server.exchanges.allSatisfy(\.isCancelled))
    }

    @Test func whenSyncedIsToldOnceAndAtOnceLater() throws {
        let drive = ManualDrive()
        drive.server.expect(firstList, list([("a", 3)], 10))
        drive.server.expect(stream(10), emptyStream)
        let informer = try drive.informer()
        var told = 0
        informer.whenSyncedOrOver { told += 1 }
        try informer.start()
        #expect(told == 0)
        drive.settle()
        #expect(told == 1 && informer.isSynced)
        try informer.checkSynced(after: 0)
        informer.whenSyncedOrOver { told += 1 }
        #expect(told == 2)
    }

    @Test func whatKeepsItFromBeingSyncedIsTold() throws {
        let drive = ManualDrive()
        drive.server.expect(firstList, .status(403, "Forbidden", "no"))
        let informer = try drive.informer()
        #expect(code { try informer.checkSynced(after: 5) } == .timeout)
        try informer.start()
        drive.settle()
        #expect(code { try informer.checkSynced(after: 5) } == .forbidden)
    }

    @Test func aPageSaysHowManyAreLeft() throws {
        let drive = ManualDrive()
        let page = #"{"kind":"ProjectList","metadata":{"resourceVersion":"5","continue":"t","remainingItemCount":7},"items":[]}"#
        drive.server.expect("GET \(root)/namespaces/ns/projects?limit=2", .text(page))
        #expect(try drive.call(.list, options: #"{"limit":2}"#).value?.list?.remainingItemCount == 7)
    }
}
