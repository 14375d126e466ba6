// What a client knows of its server's resources: documents fetched once for all who wait, remembered, and read again when something is missed.
import KubeCore
import KubeSystem

/// Belongs to the loop. At most `maxParallel` documents are under way at once.
final class Discovery {
    private static let maxParallel = 8

    private(set) var catalog = ResourceCatalog()
    /// How many documents were asked for; each fetch has its number.
    private(set) var requests: UInt64 = 0
    /// A name that is not there is looked for anew each time, which a few may do at once, and then one in a second.
    private var refreshes = TokenBucket(qps: 1, burst: 5)
    /// Running ones first.
    private var fetches: [DiscoveryFetch] = []

    /// How long a search must wait before it may read again what was read already.
    func refreshPause(now: Int64) -> Int64 { refreshes.take(now: now) }

    /// A known resource answered as if it was not there: the next search reads all anew.
    func forget() { catalog.expire() }

    /// Lets the lookup wait for a document of a request with at least this number.
    func join(_ lookup: ResourceLookup, _ document: DiscoveryDocument, atLeast: UInt64, client: Client) -> DiscoveryFetch {
        if let running = fetches.first(where: { $0.document == document && $0.request >= atLeast }) {
            running.waiting.append(lookup)
            return running
        }
        requests += 1
        let fetch = DiscoveryFetch(client, document, request: requests) { [self] fetch, result in ended(fetch, result, now: client.loop.now) }
        fetch.waiting.append(lookup)
        fetches.append(fetch)
        if fetches.count <= Self.maxParallel { fetch.start() }
        return fetch
    }

    /// What nobody waits for any more is given up.
    func leave(_ lookup: ResourceLookup, _ fetch: DiscoveryFetch) {
        fetch.waiting.removeAll { $0 === lookup }
        guard fetch.waiting.isEmpty else { return }
        fetch.cancel()
        remove(fetch)
    }

    private func remove(_ fetch: DiscoveryFetch) {
        fetches.removeAll { $0 === fetch }
        for next in fetches.prefix(Self.maxParallel) { next.start() }
    }

    private func ended(_ fetch: DiscoveryFetch, _ result: Result<DiscoveryContent, KubeError>, now: Int64) {
        // No answer, or none to us, is the same for every document, and says nothing of this one.
        var failure: KubeError?
        switch result {
        case .success(let content): catalog.take(content, of: fetch.document, request: fetch.request, now: now)
        case .failure(let error) where error.httpStatus == 0 && error.code != .decode || error.code == .unauthorized: failure = error
        case .failure(let error): catalog.fail(fetch.document, error, request: fetch.request, now: now)
        }
        remove(fetch)
        let waiting = fetch.waiting
        fetch.waiting = []
        for lookup in waiting { lookup.arrived(fetch, failure) }
    }
}
