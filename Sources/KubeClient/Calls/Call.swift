// One verb under way: from names to a path (through discovery where needed), to a request, to a result.
package import KubeCore
import KubeSystem

/// Any verb but apply.
package final class Call: ClientCall {
    private let client: Client
    private let request: CallRequest
    private let options: VerbOptions
    private let name: ResourceName?
    private let body: CallBody?
    private var done: ((Result<CallResult, KubeError>) -> Void)?
    private var lookup: ResourceLookup?
    /// The path is what discovery said.
    private var wasLookedUp = false
    private var exchange: Exchange?
    /// What discovery has left of `timeoutMs` for the request itself.
    private var leftMs: Int64
    private var listing: Listing?

    /// Throws at once what needs no server: `.argument` and `.unsupported`.
    package init(_ client: Client, _ request: CallRequest, done: @escaping (Result<CallResult, KubeError>) -> Void) throws(KubeError) {
        self.client = client
        self.request = request
        self.done = done
        options = try VerbOptions(request.verb, request.options)
        leftMs = options.timeoutMs ?? client.options.timeoutMs
        if case .request(let method, let path) = request.verb {
            try Self.check(method: method, path: path)
            name = nil
        } else {
            name = try ResourceName(request.resource)
        }
        if let namespace = request.namespace, !namespace.isEmpty { try PathSegment.check(namespace, "namespace") }
        if let name = request.name, !name.isEmpty { try PathSegment.check(name, "name") }
        switch request.verb {
        case .create, .replace:
            guard let bytes = request.body else { throw KubeError(.argument, "\(request.verb.name) needs a body") }
            body = try CallBody(object: bytes)
        case .patch(let type):
            guard let bytes = request.body, !bytes.isEmpty else { throw KubeError(.argument, "patch needs a body") }
            // An apply patch may be YAML, which the server reads.
            if type != .apply { try Self.checkPatch(bytes) }
            body = nil
        default: body = nil
        }
        super.init()
        try checkNames()
    }

    private static func checkPatch(_ bytes: [UInt8]) throws(KubeError) {
        do throws(KubeError) {
            _ = try ObjectBlob.parse(bytes)
        } catch {
            throw KubeError(.argument, "the patch: \(error.message)")
        }
    }

    private static func check(method: String, path: String) throws(KubeError) {
        guard !method.isEmpty, method.utf8.allSatisfy({ ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7a }) else {
            throw KubeError(.argument, "the method is no HTTP method")
        }
        guard path.hasPrefix("/"), path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "#") }) else {
            throw KubeError(.argument, "the path must begin with \"/\" and be percent-encoded")
        }
    }

    /// Rule 5: what the body says and what the caller says must agree.
    private func checkNames() throws(KubeError) {
        switch request.verb {
        case .get, .patch, .delete:
            if (request.name ?? "").isEmpty { throw KubeError(.argument, "\(request.verb.name) needs a name") }
        case .deleteCollection, .list:
            if !(request.name ?? "").isEmpty { throw KubeError(.argument, "\(request.verb.name) takes no name") }
        case .create, .replace:
            guard let body else { return }
            if let wanted = request.name, !wanted.isEmpty {
                let isSubresource = !(name?.subresource ?? "").isEmpty
                if !body.name.isEmpty, body.name != wanted { throw KubeError(.argument, "the body's name \"\(body.name)\" is not \"\(wanted)\"") }
                if body.name.isEmpty, !isSubresource { throw KubeError(.argument, "the body has no metadata.name, but the name \"\(wanted)\" was given") }
            } else if request.verb == .replace, body.name.isEmpty {
                throw KubeError(.argument, "replace needs a name, in the call or in the body")
            }
            if let wanted = request.namespace, !body.namespace.isEmpty, body.namespace != wanted {
                throw KubeError(.argument, "the body's namespace \"\(body.namespace)\" is not \"\(wanted)\"")
            }
        default: break
        }
    }

    // MARK: On the loop

    package override func start() { client.loop.post { [self] in startNow() } }

    override func startNow() {
        guard done != nil else { return }
        client.counters.calls += 1
        client.adopt(self)
        begin()
    }

    package override func cancel() {
        client.loop.post { [self] in endNow() }
    }

    override var isWrite: Bool { request.verb.method != "GET" }

    override func endNow() {
        finish(.failure(KubeError(.cancelled, "the call was cancelled")))
    }

    private func finish(_ result: Result<CallResult, KubeError>) {
        guard let done else { return }
        self.done = nil
        lookup?.cancel()
        exchange?.cancel()
        listing?.cancel()
        (lookup, exchange, listing) = (nil, nil, nil)
        // A 404 without a Status is of no object: the server does not know the path (any more).
        if case .failure(let error) = result {
            if error.httpStatus == 404, error.statusJSON == nil, wasLookedUp { client.discovery.forget() }
            client.counters.failures[error.code, default: 0] += 1
        }
        client.drop(self)
        done(result)
    }

    private func begin() {
        guard done != nil else { return }
        guard let name else { return sendRaw() }
        if needsInfo(name) {
            let began = client.loop.now
            let lookup = ResourceLookup(client, ResourceQuery(name.target), timeoutMs: timeoutMs) { [self] result in
                self.lookup = nil
                leftMs = timeoutMs - (client.loop.now - began)
                switch result {
                case .success(let info):
                    wasLookedUp = true
                    send(info.gvr, info)
                case .failure(let error): finish(.failure(error))
                }
            }
            self.lookup = lookup
            lookup.start()
        } else if case .exact(let gvr) = name.target {
            send(gvr, nil)
        }
    }

    /// A round trip for discovery only where rule 5 leaves no other way.
    private func needsInfo(_ name: ResourceName) -> Bool {
        guard case .exact = name.target else { return true }
        switch request.verb {
        case .discover: return true
        case .list: return false
        case .create, .replace:
            if let body, completesBody, !body.hasKind { return true }
            return request.namespace == nil && (body?.namespace ?? "").isEmpty
        default: return request.namespace == nil
        }
    }

    /// The bodies of subresources have kinds of their own, status excepted.
    private var completesBody: Bool { name?.subresource == "" || name?.subresource == "status" }

    private func namespace(_ info: ResourceInfo?) throws(KubeError) -> String {
        if let given = request.namespace { return given }
        if let body, !body.namespace.isEmpty { return body.namespace }
        switch request.verb {
        case .list: return ""
        case .deleteCollection where info?.namespaced == true:
            throw KubeError(.argument, "deleteCollection of a namespaced resource needs a namespace (\"\" for all)")
        default: return info?.namespaced == true ? client.namespace : ""
        }
    }

    private func send(_ gvr: GVR, _ info: ResourceInfo?) {
        guard done != nil else { return }
        do {
            if case .discover = request.verb {
                guard let info else { return }
                return finish(.success(CallResult(object: try ObjectBlob.parse(info.json.bytes()))))
            }
            let subresource = name?.subresource ?? ""
            let namespace = try namespace(info)
            var object = request.name ?? ""
            if case .create = request.verb, subresource.isEmpty { object = "" }
            if case .replace = request.verb, object.isEmpty { object = body?.name ?? "" }
            let path = try ResourcePath(gvr, namespace: namespace, name: object, subresource: subresource)
            if case .list = request.verb { return list(path) }
            var http = HTTPRequest(request.verb.method, path.target(options.query), headers: [options.form.accept(isList: false)])
            switch request.verb {
            case .create, .replace:
                http.body = completesBody ? body?.completed(apiVersion: gvr.apiVersion, kind: info?.kind ?? "") : body?.bytes
                http.headers.append(HTTPField("Content-Type", "application/json"))
            case .patch(let type):
                http.body = request.body
                http.headers.append(HTTPField("Content-Type", type.contentType))
            case .delete, .deleteCollection:
                if let json = options.deleteOptions {
                    http.body = json
                    http.headers.append(HTTPField("Content-Type", "application/json"))
                }
            default: break
            }
            perform(http)
        } catch {
            finish(.failure(error))
        }
    }

    private var timeoutMs: Int64 { options.timeoutMs ?? client.options.timeoutMs }

    private func perform(_ http: HTTPRequest) {
        guard leftMs > 0 else {
            return finish(.failure(KubeError(.timeout, "\(http.method) \(http.target.prefix { $0 != "?" }): no time is left of \(timeoutMs) ms", isRetryable: true)))
        }
        let sink = BufferSink(limit: client.options.maxObjectBytes)
        let exchange = Exchange(client, http, sink: sink, limit: .total(leftMs), maxRetries: client.options.maxRetries) { [self] result in
            self.exchange = nil
            switch result {
            case .failure(let error): finish(.failure(error))
            case .success(let head): arrived(head, sink.bytes, http)
            }
        }
        self.exchange = exchange
        exchange.start()
    }

    private func arrived(_ head: HTTPHead, _ bytes: [UInt8], _ http: HTTPRequest) {
        var result = CallResult(httpStatus: head.status)
        switch request.verb {
        case .request: result.bytes = bytes
        case .delete, .deleteCollection: break
        default:
            do throws(KubeError) {
                let blob = try ObjectBlob.parse(bytes, isPartial: options.form == .metadata)
                guard blob.json.first == UInt8(ascii: "{") else { throw KubeError(.decode, "the answer is no JSON object") }
                try options.form.check(blob)
                result.object = blob
            } catch {
                return finish(.failure(KubeError(.decode, "\(http.method) \(http.target.prefix { $0 != "?" }): \(error.message)")))
            }
        }
        finish(.success(result))
    }

    private func list(_ path: ResourcePath) {
        let sink = ObjectListSink(maxObjectBytes: client.options.maxObjectBytes, form: options.form)
        let onePage = options.limit != nil || !options.continueToken.isEmpty
        var query = options.query
        // Beside a token the server refuses a revision; what the caller asked for is sent as it is.
        if onePage {
            query.set("limit", options.limit)
            let texts = [
                ("continue", options.continueToken), ("resourceVersion", options.resourceVersion),
                ("resourceVersionMatch", options.resourceVersionMatch),
            ]
            for (key, text) in texts where !text.isEmpty { query.set(key, text) }
        }
        let pager = onePage
            ? Pager(limit: 0) : Pager(limit: 500, resourceVersion: options.resourceVersion, resourceVersionMatch: options.resourceVersionMatch)
        let listing = Listing(
            client, path, query: query, pager: pager, sink: sink, silenceMs: timeoutMs, maxRetries: client.options.maxRetries,
            form: options.form, onePage: onePage
        ) { [self] result in
            self.listing = nil
            switch result {
            case .failure(let error): finish(.failure(error))
            case .success(let envelope):
                let list = ObjectList(
                    sink.objects, resourceVersion: envelope.resourceVersion, continueToken: envelope.continueToken,
                    remainingItemCount: onePage ? envelope.remainingItemCount : nil)
                finish(.success(CallResult(list: list, httpStatus: 200)))
            }
        }
        listing.onStartOver = { sink.startOver() }
        self.listing = listing
        listing.start()
    }

    private func sendRaw() {
        guard case .request(let method, let path) = request.verb else { return }
        var target = path
        let query = options.query.text
        if !query.isEmpty { target += path.contains("?") ? "&" + query.dropFirst() : query }
        var http = HTTPRequest(method.uppercased(), target, headers: [HTTPField("Accept", options.accept ?? "application/json, */*")])
        http.headers.append(contentsOf: options.headers)
        if let bytes = request.body {
            http.body = bytes
            http.headers.append(HTTPField("Content-Type", options.contentType ?? "application/json"))
        }
        perform(http)
    }
}
