// watch: where it begins, what it shows, bookmarks, and every way in which it ends.
import KubeCore
import Testing
import TestServer

@Suite struct WatchTests {
    @Test func fromTheStartComesWhatIsThereThenEachChange() throws {
        var harness = try Harness()
        try harness.make("a")
        var watcher = try harness.watch(things + "?watch=1")
        try harness.make("b")
        _ = try harness.ask("PATCH", things + "/a", #"{"spec":{"size":2}}"#, merge)
        let deleted = try harness.ask("DELETE", things + "/b")
        #expect(deleted.status == 200)
        let seen = try harness.read(&watcher)
        #expect(seen.events.map(\.description) == ["ADDED a", "ADDED b", "MODIFIED a", "DELETED b"] && !seen.ends)
        #expect(seen.events.last?.version == String(harness.server.revision), "a delete has the revision at which it is gone")
        #expect(try harness.read(&watcher).events == [])
    }

    @Test func fromARevisionComesOnlyWhatIsLater() throws {
        var harness = try Harness()
        try harness.make("a")
        let then = harness.server.revision
        try harness.make("b")
        var watcher = try harness.watch(things + "?watch=true&resourceVersion=\(then)")
        #expect(try harness.read(&watcher).events.map(\.description) == ["ADDED b"])
        var zero = try harness.watch(things + "?watch=1&resourceVersion=0")
        #expect(try harness.read(&zero).events.map(\.description) == ["ADDED a", "ADDED b"])
        var future = try harness.watch(things + "?watch=1&resourceVersion=\(harness.server.revision + 1)")
        try harness.make("c")
        try harness.make("d")
        #expect(try harness.read(&future).events.map(\.description) == ["ADDED d"])
    }

    @Test func selectedObjectsComeAndGo() throws {
        var harness = try Harness()
        try harness.make("a", #","labels":{"on":"no"}"#)
        try harness.make("elsewhere")
        var watcher = try harness.watch(things + "?watch=1&labelSelector=on%3Dyes")
        for value in ["yes", "yes", "no", "no"] { _ = try harness.ask("PATCH", things + "/a", #"{"metadata":{"labels":{"on":"\#(value)"}},"spec":{"size":\#(harness.server.revision % 9 + 1)}}"#, merge) }
        _ = try harness.ask("DELETE", things + "/a")
        let events = try harness.read(&watcher).events
        #expect(events.map(\.description) == ["ADDED a", "MODIFIED a", "DELETED a"])
        #expect(events.last?.object.at("metadata", "labels", "on") == "yes", "what leaves is shown as it was when it was selected")
        var byField = try harness.watch(things + "?watch=1&fieldSelector=spec.node%3Dn")
        _ = try harness.ask("PATCH", things + "/elsewhere", #"{"spec":{"node":"n"}}"#, merge)
        #expect(try harness.read(&byField).events.map(\.description) == ["ADDED elsewhere"])
    }

    @Test func aWatchSeesItsNamespaceAndResourceOnly() throws {
        var harness = try Harness()
        var watcher = try harness.watch(things + "?watch=1")
        _ = try harness.ask("POST", "/apis/test.kubecr.io/v1/namespaces/kube-public/things", Harness.thing("other"))
        _ = try harness.ask("POST", "/apis/test.kubecr.io/v1/places", #"{"kind":"Place","apiVersion":"test.kubecr.io/v1","metadata":{"name":"p"}}"#)
        #expect(try harness.read(&watcher).events == [])
        var all = try harness.watch("/apis/test.kubecr.io/v1beta1/things?watch=1")
        let seen = try harness.read(&all).events
        #expect(seen.map(\.description) == ["ADDED other"] && seen.first?.object["apiVersion"] == "test.kubecr.io/v1beta1")
    }

    @Test func aForgottenRevisionIsGone() throws {
        var harness = try Harness()
        var old = try harness.watch(things + "?watch=1&resourceVersion=1")
        let seen = try harness.read(&old)
        #expect(seen.ends && seen.events.map(\.type) == ["ERROR"])
        #expect(seen.events.first?.object["code"] == 410 && seen.events.first?.object["reason"] == "Expired")
        #expect(seen.events.first?.object["message"]?.string?.hasPrefix("too old resource version: 1 (") == true)
        var behind = try harness.watch(things + "?watch=1")
        var current = try harness.watch(things + "?watch=1")
        _ = try harness.read(&behind)
        try harness.make("a")
        #expect(try harness.read(&current).events.map(\.description) == ["ADDED a"])
        _ = try harness.ask("POST", "/_test/compact")
        #expect(try harness.read(&behind).ends, "it was behind")
        #expect(try harness.read(&current).ends == false, "it was not")
    }

    @Test func bookmarksComeInTime() throws {
        var harness = try Harness()
        var quiet = try harness.watch(things + "?watch=1&timeoutSeconds=300")
        var watcher = try harness.watch(things + "?watch=1&timeoutSeconds=300&allowWatchBookmarks=true")
        #expect(try harness.read(&watcher).events == [])
        _ = try harness.ask("POST", "/api/v1/namespaces", #"{"metadata":{"name":"n"}}"#)
        harness.now += 60_000
        let events = try harness.read(&watcher).events
        #expect(events.map(\.type) == ["BOOKMARK"] && events.first?.version == String(harness.server.revision))
        #expect(events.first?.object["kind"] == "Thing" && events.first?.object.at("metadata", "annotations") == nil)
        #expect(try harness.read(&quiet).events == [])
        #expect(try harness.read(&watcher).events == [])
        harness.now += 238_000
        #expect(try harness.read(&watcher).events.map(\.type) == ["BOOKMARK"], "two seconds before the end")
        harness.now += 2000
        #expect(try harness.read(&watcher).ends)
        #expect(try harness.read(&quiet).ends)
        _ = try harness.ask("POST", "/_test/bookmarks?milliseconds=100")
        var often = try harness.watch(things + "?watch=1&allowWatchBookmarks=1")
        #expect(harness.server.next(&often, now: harness.now).wakeAt == harness.now + 100)
        harness.now += 100
        #expect(try harness.read(&often).events.map(\.type) == ["BOOKMARK"])
    }

    @Test func aStreamingListEndsInABookmark() throws {
        var harness = try Harness()
        for name in ["a", "b"] { try harness.make(name) }
        let query = "?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
        var watcher = try harness.watch(things + query + "&allowWatchBookmarks=true")
        let events = try harness.read(&watcher).events
        #expect(events.map(\.type) == ["ADDED", "ADDED", "BOOKMARK"])
        #expect(events.last?.object.at("metadata", "annotations", "k8s.io/initial-events-end") == "true" && events.last?.version == String(harness.server.revision))
        var none = try harness.watch(things + "?watch=1&sendInitialEvents=false&resourceVersionMatch=NotOlderThan")
        #expect(try harness.read(&none).events == [])
        #expect(try harness.ask("GET", things + query + "&resourceVersion=99999").status == 504)
        #expect(try harness.ask("GET", things + "?watch=1&sendInitialEvents=true").status == 422)
        #expect(try harness.ask("GET", things + "?watch=1&resourceVersion=5&resourceVersionMatch=NotOlderThan").status == 422)
        #expect(try harness.ask("GET", things + "?watch=1&resourceVersion=x").status == 500)
    }

    @Test func timeoutSecondsEndIt() throws {
        var harness = try Harness()
        var short = try harness.watch(things + "?watch=1&timeoutSeconds=2")
        #expect(harness.server.next(&short, now: harness.now).wakeAt == harness.now + 2000)
        harness.now += 1999
        #expect(try harness.read(&short).ends == false)
        try harness.make("last")
        harness.now += 1
        let end = try harness.read(&short)
        #expect(end.ends && end.events.map(\.description) == ["ADDED last"], "what came before the end is sent")
        var unbounded = try harness.watch(things + "?watch=1")
        #expect(try harness.read(&unbounded).events.count == 1)
        let wake = harness.server.next(&unbounded, now: harness.now).wakeAt - harness.now
        #expect((1_800_000...3_600_000).contains(wake))
    }

    @Test func manyChangesComeInBatches() throws {
        var harness = try Harness()
        var watcher = try harness.watch(things + "?watch=1")
        for index in 0..<1201 { try harness.make("t\(index)") }
        #expect(harness.server.next(&watcher, now: harness.now).hasMore)
        #expect(try harness.read(&watcher).events.count == 701)
        var fromStart = try harness.watch(things + "?watch=1")
        #expect(try harness.read(&fromStart).events.count == 1201)
    }

    @Test func watchesAreCountedAndDropped() throws {
        var harness = try Harness()
        var watcher = try harness.watch(things + "?watch=1")
        #expect(try harness.ask("GET", "/_test/state")["watches"] == 1)
        _ = try harness.ask("POST", "/_test/drop-watches")
        #expect(try harness.read(&watcher).ends)
        harness.server.end(watcher)
        #expect(try harness.ask("GET", "/_test/state")["watches"] == 0)
        var next = try harness.watch(things + "?watch=1")
        #expect(try harness.read(&next).ends == false)
    }

    @Test func onlyTheMetadataWhenAskedFor() throws {
        var harness = try Harness()
        try harness.make("a")
        var watcher = try harness.watch(things + "?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true",
                                        accept: "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1")
        let events = try harness.read(&watcher).events
        #expect(events.map { $0.object["kind"]?.string } == ["PartialObjectMetadata", "PartialObjectMetadata"] && events.allSatisfy { $0.object["spec"] == nil })
    }
}
