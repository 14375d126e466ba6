// One discovery document under way: asked for in the aggregated form where there is one, reduced to what is kept while it arrives.
import KubeCore

/// Belongs to the loop. Ends with exactly one call of `done`, unless it is cancelled first.
final class DiscoveryFetch {
    /// client-go discovery/discovery_client.go: the server takes the first form that it has.
    private static let aggregated = ["v2", "v2beta1"].map { "application/json;g=apidiscovery.k8s.io;v=\($0);as=APIGroupDiscoveryList" }.joined(separator: ",")
        + ",application/json"

    let document: DiscoveryDocument
    /// Its number.
    let request: UInt64
    var waiting: [ResourceLookup] = []
    private let client: Client
    private var done: ((DiscoveryFetch, Result<DiscoveryContent, KubeError>) -> Void)?
    private var exchange: Exchange?

    init(
        _ client: Client, _ document: DiscoveryDocument, request: UInt64, done: @escaping (DiscoveryFetch, Result<DiscoveryContent, KubeError>) -> Void
    ) {
        self.client = client
        self.document = document
        self.request = request
        self.done = done
    }

    /// Idempotent.
    func start() {
        guard exchange == nil, done != nil else { return }
        ask(document.isRoot ? Self.aggregated : "application/json")
    }

    func cancel() {
        done = nil
        exchange?.cancel()
        exchange = nil
    }

    private func ask(_ accept: String) {
        let sink = DiscoverySink(document, maxObjectBytes: client.options.maxObjectBytes)
        let http = HTTPRequest("GET", document.path, headers: [HTTPField("Accept", accept)])
        let exchange = Exchange(
            client, http, sink: sink, limit: .total(client.options.timeoutMs), maxRetries: client.options.maxRetries
        ) { [self] result in
            switch result {
            case .success: finish(.success(sink.content))
            // A proxy or a very old server may not like the list of forms.
            case .failure(let error) where error.httpStatus == 406 && accept == Self.aggregated: ask("application/json")
            case .failure(let error): finish(.failure(error))
            }
        }
        self.exchange = exchange
        exchange.start()
    }

    private func finish(_ result: Result<DiscoveryContent, KubeError>) {
        let done = self.done
        self.done = nil
        exchange = nil
        done?(self, result)
    }
}

/// Of an aggregated document one group at a time is held as a tree, however many there are.
private final class DiscoverySink: BodySink {
    private let document: DiscoveryDocument
    private let maxObjectBytes: Int
    private var splitter: JSONSplitter
    private var versions: [DiscoveryContent.Version] = []
    private(set) var content = DiscoveryContent.list([])

    init(_ document: DiscoveryDocument, maxObjectBytes: Int) {
        self.document = document
        self.maxObjectBytes = maxObjectBytes
        splitter = JSONSplitter(.items, maxObjectBytes: maxObjectBytes)
    }

    override func begin() {
        splitter = JSONSplitter(.items, maxObjectBytes: maxObjectBytes)
        versions = []
    }

    override func take(_ bytes: UnsafeRawBufferPointer) throws(KubeError) {
        try splitter.feed(bytes) { (text: UnsafeRawBufferPointer) throws(KubeError) in
            versions.append(contentsOf: DiscoveryContent.versions(aggregated: try JSONValue.parse(text)))
        }
    }

    override func finish() throws(KubeError) {
        try splitter.finish()
        let envelope = try JSONValue.parse(splitter.envelope)
        let isAggregated = document.isRoot && envelope["kind"]?.string == "APIGroupDiscoveryList"
        content = isAggregated ? .resources(versions) : DiscoveryContent(legacy: envelope, of: document)
    }
}
