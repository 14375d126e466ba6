// One list with all its pages, or one page of it. Shared by the list verb and by reflectors.
import KubeCore
import KubeTransport

/// Belongs to the loop. Ends with exactly one call of `done`, unless it is cancelled first.
final class Listing {
    private let client: Client
    private let path: ResourcePath
    private let query: Query
    private let sink: ListSink
    private let silenceMs: Int64
    private let maxRetries: Int64
    private let form: ObjectForm
    private let onePage: Bool
    private var pager: Pager
    private var exchange: Exchange?
    private var done: ((Result<ListEnvelope, KubeError>) -> Void)?
    /// The server cut the list into pages.
    var wasPaged: Bool { pager.wasPaged }
    /// All pages so far are void (L7).
    var onStartOver: (() -> Void)?
    var onContact: (() -> Void)?

    /// `query` holds the caller's selectors; revision, limit and token are the pager's. With `onePage` the first page is
    /// the result, and its `continue` is the caller's.
    init(
        _ client: Client, _ path: ResourcePath, query: Query, pager: Pager, sink: ListSink, silenceMs: Int64, maxRetries: Int64,
        form: ObjectForm = .whole, onePage: Bool = false, done: @escaping (Result<ListEnvelope, KubeError>) -> Void
    ) {
        self.client = client
        self.path = path
        self.query = query
        self.pager = pager
        self.sink = sink
        self.silenceMs = silenceMs
        self.maxRetries = maxRetries
        self.form = form
        self.onePage = onePage
        self.done = done
    }

    func start() {
        var query = query
        let page = pager.page
        query.set("limit", page.limit)
        query.set("continue", page.continueToken)
        query.set("resourceVersion", page.resourceVersion)
        query.set("resourceVersionMatch", page.resourceVersionMatch)
        let request = HTTPRequest("GET", path.target(query), headers: [form.accept(isList: true)])
        let exchange = Exchange(client, request, sink: sink, limit: .silence(silenceMs), maxRetries: maxRetries) { [self] in arrived($0) }
        exchange.onContact = onContact
        self.exchange = exchange
        exchange.start()
    }

    func cancel() {
        done = nil
        exchange?.cancel()
        exchange = nil
    }

    private func arrived(_ result: Result<HTTPHead, KubeError>) {
        exchange = nil
        switch result {
        case .success:
            guard let envelope = sink.envelope else { return finish(.failure(KubeError(.internal, "a list without an envelope"))) }
            if onePage { return finish(.success(envelope)) }
            switch pager.pageArrived(continueToken: envelope.continueToken, revision: envelope.resourceVersion) {
            case .nextPage: start()
            case .done:
                var whole = envelope
                whole.resourceVersion = pager.revision ?? envelope.resourceVersion
                whole.continueToken = ""
                finish(.success(whole))
            }
        case .failure(let error):
            if !onePage, pager.startsOver(after: error) {
                Log.info("\(path.target()): the page token has expired, listing in full")
                onStartOver?()
                start()
            } else {
                finish(.failure(error))
            }
        }
    }

    private func finish(_ result: Result<ListEnvelope, KubeError>) {
        let done = self.done
        self.done = nil
        (onStartOver, onContact) = (nil, nil)
        done?(result)
    }
}
