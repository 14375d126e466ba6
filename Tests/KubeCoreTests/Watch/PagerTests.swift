// The pages of one list: what is asked for and what an answer means (L5 to L7).
import KubeCore
import Testing

private extension Pager {
    /// The next request as a query.
    var asks: String {
        var query = Query()
        query.set("limit", page.limit)
        query.set("continue", page.continueToken)
        query.set("resourceVersion", page.resourceVersion)
        query.set("resourceVersionMatch", page.resourceVersionMatch)
        return query.text
    }
}

private let gone = answer(410, status(410, "Expired", "The provided continue parameter is too old"))

@Suite struct PagerTests {
    /// L5: pages for the newest state and for any; not at a concrete revision, so that the server's cache can answer.
    @Test(arguments: [("", "?limit=500"), ("0", "?limit=500&resourceVersion=0"), ("42", "?resourceVersion=42")])
    func theFirstPageIsLimitedOnlyWithoutAConcreteRevision(asked: String, query: String) {
        #expect(Pager(limit: 500, resourceVersion: asked).asks == query)
    }

    /// L5: a server that paged at "0" has no cache.
    @Test func aServerWithoutACacheIsPagedAtAConcreteRevisionToo() {
        #expect(Pager(limit: 500, resourceVersion: "42", pagesAtRevisions: true).asks == "?limit=500&resourceVersion=42")
    }

    @Test func whetherThereWereSeveralPagesIsKnown() {
        var pager = Pager(limit: 2, resourceVersion: "0")
        #expect(!pager.wasPaged && pager.pageArrived(continueToken: "a", revision: "7") == .nextPage && pager.wasPaged)
        #expect(pager.pageArrived(continueToken: "", revision: "7") == .done && pager.wasPaged)
        var whole = Pager(limit: 2, resourceVersion: "0")
        #expect(whole.pageArrived(continueToken: "", revision: "7") == .done && !whole.wasPaged)
    }

    @Test func withoutALimitOnePageHoldsAll() {
        #expect(Pager(limit: 0).asks == "")
    }

    /// L6: behind the first page the token alone; the revision of the whole is that of page one.
    @Test func laterPagesCarryTheTokenOnly() {
        var pager = Pager(limit: 2, resourceVersion: "0", resourceVersionMatch: "NotOlderThan")
        #expect(pager.asks == "?limit=2&resourceVersion=0&resourceVersionMatch=NotOlderThan")
        #expect(pager.pageArrived(continueToken: "a", revision: "7") == .nextPage && pager.asks == "?limit=2&continue=a")
        #expect(pager.pageArrived(continueToken: "b", revision: "8") == .nextPage && pager.asks == "?limit=2&continue=b")
        #expect(pager.pageArrived(continueToken: "", revision: "9") == .done && pager.revision == "7")
    }

    @Test func aTokenOfTheCallerComesFirst() {
        #expect(Pager(limit: 5, resourceVersion: "0", continueToken: "t").asks == "?limit=5&continue=t")
    }

    /// L7: one full list, without limit and token, at the revision that was asked for first.
    @Test(arguments: ["", "0"]) func aTokenThatExpiredMeansOneFullList(asked: String) {
        var pager = Pager(limit: 2, resourceVersion: asked, resourceVersionMatch: asked.isEmpty ? "" : "NotOlderThan")
        _ = pager.pageArrived(continueToken: "a", revision: "7")
        #expect(pager.startsOver(after: gone) && pager.revision == nil)
        #expect(pager.asks == (asked.isEmpty ? "" : "?resourceVersion=0&resourceVersionMatch=NotOlderThan"))
        #expect(pager.pageArrived(continueToken: "", revision: "9") == .done && pager.revision == "9")
    }

    /// L8: a server that pages a full list nevertheless is read to its end; half a list would delete the other half.
    @Test func aFullListThatIsPagedNeverthelessIsReadToItsEnd() {
        var pager = Pager(limit: 2)
        _ = pager.pageArrived(continueToken: "a", revision: "7")
        _ = pager.startsOver(after: gone)
        #expect(pager.pageArrived(continueToken: "b", revision: "9") == .nextPage && pager.asks == "?continue=b")
        #expect(pager.pageArrived(continueToken: "", revision: "10") == .done && pager.revision == "9")
    }

    @Test func itStartsOverOnlyOnce() {
        var pager = Pager(limit: 2)
        _ = pager.pageArrived(continueToken: "a", revision: "7")
        #expect(pager.startsOver(after: gone) && !pager.startsOver(after: gone))
        _ = pager.pageArrived(continueToken: "b", revision: "9")
        #expect(pager.startsOver(after: gone) == false)
    }

    /// L7: on page one it is an ordinary 410.
    @Test func onTheFirstPageItDoesNotStartOver() {
        for asked in ["", "0", "42"] {
            var pager = Pager(limit: 2, resourceVersion: asked)
            #expect(!pager.startsOver(after: gone) && pager.asks == Pager(limit: 2, resourceVersion: asked).asks)
        }
    }

    /// Fault 2: a page that failed otherwise fails the list.
    @Test(arguments: [400, 404, 429, 500, 503, 504]) func otherFailuresDoNotStartOver(number: Int) {
        var pager = Pager(limit: 2)
        _ = pager.pageArrived(continueToken: "a", revision: "7")
        #expect(pager.startsOver(after: answer(number)) == false && pager.asks == "?limit=2&continue=a")
    }
}
