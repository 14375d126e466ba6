// Server-side apply of a manifest: does what ApplyMachine says, one request after the other.
package import KubeCore
import KubeSystem

/// The list of what the server made of each object, in the manifest's order, is the result.
package final class ManifestApply: ClientCall {
    private let client: Client
    private let options: ApplyOptions
    private let entries: [Manifest.Entry]
    private var machine: ApplyMachine
    private var done: ((Result<CallResult, KubeError>) -> Void)?
    private var resources: [ResourceQuery: ResourceInfo] = [:]
    private var results: [ObjectBlob?]
    private var lookup: ResourceLookup?
    private var exchange: Exchange?
    private var pause: LoopTimer?
    private var deadline: LoopTimer?
    private var isWriting = false

    /// Throws `.argument` for options, a manifest or a name that can't be applied.
    package init(_ client: Client, _ request: CallRequest, done: @escaping (Result<CallResult, KubeError>) -> Void) throws(KubeError) {
        self.client = client
        self.done = done
        var options = try ApplyOptions(request.options)
        guard request.resource.isEmpty, (request.name ?? "").isEmpty else { throw KubeError(.argument, "apply takes its resources and names from the manifest") }
        if let namespace = request.namespace {
            if options.namespace != nil { throw KubeError(.argument, "apply was given two namespaces") }
            try PathSegment.check(namespace, "namespace")
            options.namespace = namespace
        }
        self.options = options
        guard let body = request.body else { throw KubeError(.argument, "apply needs a manifest") }
        let entries: [Manifest.Entry]
        do {
            entries = try Manifest(body).entries
        } catch {
            throw KubeError(error.code == .decode ? .argument : error.code, error.message)
        }
        for entry in entries where entry.object.name.isEmpty {
            throw KubeError(.argument, "\(entry.place): apply needs a metadata.name, generateName is for create")
        }
        self.entries = entries
        results = Array(repeating: nil, count: entries.count)
        machine = ApplyMachine(
            entries.map { ApplyMachine.Subject($0) }, isDryRun: options.isDryRun, patienceMs: options.timeoutMs ?? client.options.timeoutMs)
    }

    package override func start() { client.loop.post { [self] in startNow() } }

    override func startNow() {
        guard done != nil else { return }
        client.counters.calls += 1
        client.adopt(self)
        guard done != nil else { return }
        if let whole = options.timeoutMs {
            deadline = client.loop.after(whole) { [self] in
                finish(.failure(machine.ended(KubeError(.timeout, "the apply was not done within \(whole) ms", isRetryable: true))))
            }
        }
        perform(machine.next())
    }

    package override func cancel() { client.loop.post { [self] in endNow() } }

    override var isWrite: Bool { isWriting }

    override func endNow() { finish(.failure(machine.ended(KubeError(.cancelled, "the call was cancelled")))) }

    private func finish(_ result: Result<CallResult, KubeError>) {
        guard let done else { return }
        self.done = nil
        lookup?.cancel()
        exchange?.cancel()
        pause?.cancel()
        deadline?.cancel()
        (lookup, exchange, pause, deadline) = (nil, nil, nil, nil)
        client.drop(self)
        done(result)
    }

    // MARK: On the loop

    private func perform(_ action: ApplyMachine.Action) {
        guard done != nil else { return }
        switch action {
        case .resolve(let index): resolve(index)
        case .apply(let index): apply(index)
        case .check(let index): check(index)
        case .pause(let milliseconds):
            pause = client.loop.after(milliseconds) { [self] in
                pause = nil
                perform(machine.next())
            }
        case .done: finish(.success(CallResult(list: ObjectList(results.compactMap { $0 }), httpStatus: 200)))
        case .fail(let error): finish(.failure(error))
        }
    }

    private var now: Int64 { client.loop.now }
    private var timeoutMs: Int64 { options.timeoutMs ?? client.options.timeoutMs }

    private func query(_ index: Int) -> ResourceQuery { .kind(entries[index].kind, entries[index].version) }

    private func resolve(_ index: Int) {
        let query = query(index)
        let lookup = ResourceLookup(client, query, timeoutMs: timeoutMs) { [self] result in
            self.lookup = nil
            // Not from inside of `start`: a known kind is told at once, and a manifest may hold thousands.
            client.loop.post { [self] in
                guard done != nil else { return }
                switch result {
                case .success(let info):
                    resources[query] = info
                    perform(machine.resolved(nil, now: now))
                case .failure(let error): perform(machine.resolved(error, now: now))
                }
            }
        }
        self.lookup = lookup
        lookup.start()
    }

    private func path(_ index: Int) throws(KubeError) -> ResourcePath {
        let object = entries[index].object
        guard let info = resources[query(index)] else { throw KubeError(.internal, "a kind that was not looked up") }
        // What has no namespace may state one all the same, and the server ignores it.
        let namespace = !info.namespaced ? "" : !object.namespace.isEmpty ? object.namespace : options.namespace ?? client.namespace
        return try ResourcePath(info.gvr, namespace: namespace, name: object.name)
    }

    private func apply(_ index: Int) {
        isWriting = true
        send(index, "PATCH") { [self] result in
            isWriting = false
            switch result {
            case .success(let object):
                results[index] = object
                perform(machine.applied(machine.isDefinition(index) ? DefinitionState(object) : nil))
            case .failure(let error): perform(machine.notApplied(error, now: now))
            }
        }
    }

    private func check(_ index: Int) {
        send(index, "GET") { [self] result in
            switch result {
            case .success(let object):
                results[index] = object
                perform(machine.checked(.success(DefinitionState(object)), now: now))
            case .failure(let error): perform(machine.checked(.failure(error), now: now))
            }
        }
    }

    private func send(_ index: Int, _ method: String, _ then: @escaping (Result<ObjectBlob, KubeError>) -> Void) {
        let http: HTTPRequest
        do {
            let isPatch = method == "PATCH"
            var request = HTTPRequest(method, try path(index).target(isPatch ? options.query : Query()), headers: [HTTPField("Accept", "application/json")])
            if isPatch {
                request.headers.append(HTTPField("Content-Type", PatchType.apply.contentType))
                request.body = Array(entries[index].object.json)
            }
            http = request
        } catch {
            isWriting = false
            return finish(.failure(machine.ended(error)))
        }
        let sink = BufferSink(limit: client.options.maxObjectBytes)
        let exchange = Exchange(client, http, sink: sink, limit: .total(timeoutMs), maxRetries: client.options.maxRetries) { [self] result in
            self.exchange = nil
            switch result {
            case .failure(let error): then(.failure(error))
            case .success: then(object(sink.bytes, http))
            }
        }
        self.exchange = exchange
        exchange.start()
    }

    private func object(_ bytes: [UInt8], _ http: HTTPRequest) -> Result<ObjectBlob, KubeError> {
        do throws(KubeError) {
            let blob = try ObjectBlob.parse(bytes)
            guard blob.json.first == UInt8(ascii: "{") else { throw KubeError(.decode, "the answer is no JSON object") }
            return .success(blob)
        } catch {
            return .failure(KubeError(.decode, "\(http.method) \(http.target.prefix { $0 != "?" }): \(error.message)"))
        }
    }
}
