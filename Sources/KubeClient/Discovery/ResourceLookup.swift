// One search for a resource: asks the catalog, has the documents fetched that it lacks, and reads once more what may have changed meanwhile.
import KubeCore
import KubeSystem

/// Belongs to the loop. Ends with exactly one call of `done`, unless it is cancelled first; at once when the answer is known.
final class ResourceLookup {
    private let client: Client
    private let query: ResourceQuery
    private let timeoutMs: Int64
    private var done: ((Result<ResourceInfo, KubeError>) -> Void)?
    private var fetches: [DiscoveryFetch] = []
    private var deadline: LoopTimer?
    private var pause: LoopTimer?
    /// Requests up to this number were sent before the search began: what they do not know may be there by now.
    private var began: UInt64 = 0
    private var atLeast: UInt64 = 0

    init(_ client: Client, _ query: ResourceQuery, timeoutMs: Int64, done: @escaping (Result<ResourceInfo, KubeError>) -> Void) {
        self.client = client
        self.query = query
        self.timeoutMs = timeoutMs
        self.done = done
    }

    func start() {
        began = client.discovery.requests
        step()
        guard done != nil else { return }
        deadline = client.loop.after(timeoutMs) { [self] in
            let what = fetches.first.map { "GET \($0.document.path)" } ?? "discovery"
            finish(.failure(KubeError(.timeout, "\(what): no answer within \(timeoutMs) ms", isRetryable: true)))
        }
    }

    func cancel() {
        done = nil
        release()
    }

    private func release() {
        deadline?.cancel()
        pause?.cancel()
        (deadline, pause) = (nil, nil)
        let fetches = self.fetches
        self.fetches = []
        for fetch in fetches { client.discovery.leave(self, fetch) }
    }

    private func finish(_ result: Result<ResourceInfo, KubeError>) {
        let done = self.done
        self.done = nil
        release()
        done?(result)
    }

    /// A document is there, or can't be had from anywhere (`failure`).
    func arrived(_ fetch: DiscoveryFetch, _ failure: KubeError?) {
        fetches.removeAll { $0 === fetch }
        guard done != nil else { return }
        if let failure { return finish(.failure(failure)) }
        if fetches.isEmpty { step() }
    }

    private func step() {
        let demand = ResourceCatalog.Demand(now: client.loop.now, atLeast: atLeast, began: began)
        switch client.discovery.catalog.find(query, demand) {
        case .found(let info): finish(.success(info))
        case .read(let documents):
            for document in documents { fetches.append(client.discovery.join(self, document, atLeast: atLeast, client: client)) }
        case .missing(let missing) where missing.oldest <= began: refresh()
        case .missing(let missing): finish(.failure(missing.error(what)))
        }
    }

    private func refresh() {
        let wait = client.discovery.refreshPause(now: client.loop.now)
        if wait == 0 { return readAgain() }
        Log.debug("\(what), looking again in \(wait) ms")
        pause = client.loop.after(wait) { [self] in readAgain() }
    }

    private func readAgain() {
        pause = nil
        // Everything that is asked for from here on was not known when this search began.
        atLeast = began + 1
        step()
    }

    private var what: String {
        switch query {
        case .exact(let gvr): "the server has no resource \"\(gvr.resource)\" in \(gvr.apiVersion)"
        case .kind(let kind, let id): "the server has no kind \"\(kind)\" in \(id.apiVersion)"
        case .word(let word, let version, let group):
            "the server has no resource \"\(word)\"" + (group.isEmpty ? "" : " in group \(group)") + (version.isEmpty ? "" : " of version \(version)")
        }
    }
}
