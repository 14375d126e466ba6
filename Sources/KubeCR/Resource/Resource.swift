// The objects of one resource, in one namespace or all: the verbs that read. A value; nothing is asked before a verb is called.
import KubeClient
import KubeCore

/// The objects of a resource: of a Swift type, or `KubeObject`s. Made by `KubeClient.resource`.
///
/// Every verb asks the server and waits for its answer without blocking a thread; cancelling the task ends it at once with
/// `.cancelled`. `timeout` bounds the whole call, retries included (nil: the client's). What the server refuses is a `KubeError`
/// with its Status; an answer that does not fit the type is `.decode`.
public struct Resource<Object: ResourceObject>: Sendable {
    let client: KubeClient
    /// As the engine takes it.
    let name: String
    /// nil: the server knows.
    let scope: ResourceName.Scope?
    /// nil: all for list, watch and informer; the object's own or the client's for a single object.
    public let namespace: String?

    init(_ client: KubeClient, _ name: String, scope: ResourceName.Scope?, namespace: String?) {
        self.client = client
        self.name = name
        self.scope = scope
        self.namespace = namespace
    }

    /// A namespace for what has none is a mistake that the server would answer with a bare 404.
    func checkScope() throws {
        if scope == .cluster, let namespace, !namespace.isEmpty {
            throw KubeError(.argument, "\(name) is no namespaced resource, but the namespace \"\(namespace)\" was given")
        }
    }

    /// Whose namespace is not said anywhere gets the client's, without a look-up where the type says its scope.
    var ownNamespace: String? {
        switch scope {
        case .namespaced: namespace ?? client.namespace
        case .cluster: ""
        case nil: namespace
        }
    }

    func call(
        _ verb: Verb, _ options: CallOptions, name: String? = nil, namespace: String?, body: [UInt8]? = nil, subresource: String = ""
    ) async throws -> CallAnswer {
        try checkScope()
        return try await client.call(Engine.Request(
            verb, resource: subresource.isEmpty ? self.name : "\(self.name)/\(subresource)", namespace: namespace, name: name, body: body,
            options: options.json))
    }

    func object(_ answer: CallAnswer) throws -> Object {
        guard let object = answer.object else { throw KubeError(.internal, "an answer without an object") }
        return try Object(object: object)
    }

    /// One object. `resourceVersion` "0": any state of it that the server has at hand.
    public func get(_ name: String, resourceVersion: String? = nil, timeout: Duration? = nil) async throws -> Object {
        var options = CallOptions()
        options.set("resourceVersion", resourceVersion)
        options.setMilliseconds("timeoutMs", timeout)
        return try object(try await call(.get, options, name: name, namespace: ownNamespace))
    }

    /// All objects that match; or one page of them, with `limit` or `continue`. Given whole or not at all.
    /// `timeout` bounds the silence of the server, not the whole of a long list.
    public func list(
        labelSelector: String? = nil, fieldSelector: String? = nil, limit: Int? = nil, `continue`: String? = nil,
        resourceVersion: String? = nil, resourceVersionMatch: ResourceVersionMatch? = nil, timeout: Duration? = nil
    ) async throws -> ResourceList<Object> {
        let options = listOptions(labelSelector, fieldSelector, limit, `continue`, resourceVersion, resourceVersionMatch, timeout)
        return try ResourceList(try await list(options).value)
    }

    func listOptions(
        _ labelSelector: String?, _ fieldSelector: String?, _ limit: Int?, _ token: String?, _ resourceVersion: String?,
        _ resourceVersionMatch: ResourceVersionMatch?, _ timeout: Duration?
    ) -> CallOptions {
        var options = CallOptions()
        options.set("labelSelector", labelSelector)
        options.set("fieldSelector", fieldSelector)
        options.set("limit", limit)
        options.set("continue", token)
        options.set("resourceVersion", resourceVersion)
        options.set("resourceVersionMatch", resourceVersionMatch?.rawValue)
        options.setMilliseconds("timeoutMs", timeout)
        return options
    }

    func list(_ options: CallOptions) async throws -> AnyThread<Engine.List> {
        guard let list = try await call(.list, options, namespace: namespace ?? "").list else {
            throw KubeError(.internal, "an answer without a list")
        }
        return list
    }

    /// All objects that match, a page of at most `limit` at a time; each is asked for when it is wanted.
    public func pages(
        limit: Int, labelSelector: String? = nil, fieldSelector: String? = nil, timeout: Duration? = nil
    ) -> ResourcePages<Object> {
        ResourcePages { token in
            try await list(labelSelector: labelSelector, fieldSelector: fieldSelector, limit: limit, continue: token, timeout: timeout)
        }
    }
}

/// How a list's resourceVersion is meant.
public enum ResourceVersionMatch: String, Sendable {
    case exact = "Exact"
    case notOlderThan = "NotOlderThan"
}
