// The pages of one list (L5 to L7): pure. It says what to ask for next and what an answer means.

package struct Pager {
    /// The query parameters of one page, beside the caller's own.
    package struct Page: Equatable {
        package var limit: Int64?
        package var continueToken: String?
        package var resourceVersion: String?
        package var resourceVersionMatch: String?
    }

    private let resourceVersion: String
    private let resourceVersionMatch: String
    private let limit: Int64
    private var token = ""
    private var isFullList = false
    /// The revision of the whole list: that of its first page.
    package private(set) var revision: String?
    /// The server cut the list into pages.
    package private(set) var wasPaged = false

    /// `limit` 0: one page with all. `pagesAtRevisions`: the server has no cache that could answer at a concrete revision.
    package init(
        limit: Int64, resourceVersion: String = "", resourceVersionMatch: String = "", continueToken: String = "", pagesAtRevisions: Bool = false
    ) {
        self.resourceVersion = resourceVersion
        self.resourceVersionMatch = resourceVersionMatch
        // L5: with a concrete revision the first attempt must not page, so that the server's cache can answer.
        self.limit = resourceVersion.isEmpty || resourceVersion == "0" || pagesAtRevisions ? limit : 0
        token = continueToken
    }

    package var page: Page {
        var page = Page()
        if limit > 0, !isFullList { page.limit = limit }
        if !token.isEmpty {
            // L6: the server refuses a revision beside a token.
            page.continueToken = token
        } else {
            if !resourceVersion.isEmpty { page.resourceVersion = resourceVersion }
            if !resourceVersionMatch.isEmpty { page.resourceVersionMatch = resourceVersionMatch }
        }
        return page
    }

    package enum Step { case done, nextPage }

    package mutating func pageArrived(continueToken: String, revision: String) -> Step {
        if self.revision == nil { self.revision = revision }
        // A full list that is paged nevertheless is read to its end: half of it would pass for the whole (L8).
        token = continueToken
        if token.isEmpty { return .done }
        wasPaged = true
        return .nextPage
    }

    /// Whether a failed page means: throw away all pages and ask once for the full list (L7, pager.go FullListIfExpired).
    package mutating func startsOver(after error: KubeError) -> Bool {
        guard error.code == .gone, !token.isEmpty, !isFullList else { return false }
        isFullList = true
        token = ""
        revision = nil
        return true
    }
}
