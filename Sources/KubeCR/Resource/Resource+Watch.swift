// The verbs that follow: watch, informer, and waiting for a state of one object.
import KubeClient
import KubeCore

/// Which state an informer's first list may have.
public enum InitialList: String, Sendable {
    case newest
    /// Any that the server has at hand: for herds of clients.
    case any
}

extension Resource {
    /// Follows the resource. Without `resourceVersion` it lists, gives `.added` for each object and one bookmark, then watches
    /// from there. `timeout` ends the watch; `requestTimeout` is that of one request (whole seconds, 300 to 600 unless set);
    /// at `maxQueued` events that nobody has asked for, reading pauses.
    /// Throws `.argument` at once; what the server says, from the sequence.
    public func watch(
        labelSelector: String? = nil, fieldSelector: String? = nil, resourceVersion: String? = nil, timeout: Duration? = nil,
        requestTimeout: Duration? = nil, maxQueued: Int = 1000
    ) throws -> WatchEvents<Object> {
        try checkScope()
        var options = CallOptions()
        options.set("labelSelector", labelSelector)
        options.set("fieldSelector", fieldSelector)
        options.set("resourceVersion", resourceVersion)
        options.setMilliseconds("timeoutMs", timeout)
        options.setSeconds("timeoutSeconds", requestTimeout)
        options.set("maxQueued", maxQueued)
        return WatchEvents(run: try WatchRun(client, name, namespace ?? "", options.json))
    }

    /// Makes and starts a local copy of the resource. `resync` tells consumers of every object again each so often, without a
    /// request (at least a second); beyond `maxQueued` waiting events a consumer's are merged by object. `keep` are JSON pointers
    /// ("/spec/replicas"): only what they lead to is stored, and what identifies an object, its type and labels. `indexes` are
    /// names and JSON pointers, for `Informer.list(index:value:)`: an object stands under the string, number or boolean there, and
    /// under each of an array's. Throws `.argument`.
    public func informer(
        labelSelector: String? = nil, fieldSelector: String? = nil, resync: Duration? = nil, initialList: InitialList = .newest,
        pageSize: Int = 500, maxQueued: Int = 1000, keepManagedFields: Bool = false, keep: [String]? = nil, indexes: [String: String] = [:]
    ) throws -> Informer<Object> {
        try checkScope()
        var options = CallOptions()
        options.set("labelSelector", labelSelector)
        options.set("fieldSelector", fieldSelector)
        options.setMilliseconds("resyncMs", resync)
        options.set("initialList", initialList.rawValue)
        options.set("pageSize", pageSize)
        options.set("maxQueued", maxQueued)
        options.set("keepManagedFields", keepManagedFields)
        options.set("keep", keep)
        options.set("indexes", indexes)
        return try Informer(client, name, namespace ?? "", options.json)
    }

    /// Waits until the object of that name (nil: there is none) is as `condition` wants it, and returns it. Follows the object
    /// by a watch, so every state is judged that the server tells. `.timeout`: it did not come to that.
    @discardableResult
    public nonisolated(nonsending) func wait(
        _ name: String, timeout: Duration? = nil, until condition: (Object?) throws -> Bool
    ) async throws -> Object? {
        let deadline = timeout.map { ContinuousClock.now + $0 }
        let one = Resource(client, self.name, scope: scope, namespace: try await singleNamespace())
        while true {
            let left = deadline.map { max($0 - .now, .milliseconds(1)) }
            do {
                var object: Object?
                var lastError: KubeError?
                for try await event in try one.watch(fieldSelector: "metadata.name=\(name)", timeout: left) {
                    switch event {
                    case .added(let new), .modified(let new): object = new
                    case .deleted: object = nil
                    // The first one ends the list: only now is it known that there is no such object.
                    case .bookmark: if object != nil { continue }
                    case .error(let error):
                        lastError = error
                        continue
                    }
                    if try condition(object) { return object }
                }
                guard let timeout, client.isOpen else { throw KubeError(.cancelled, "the client was closed") }
                let failed = lastError.map { "; a failure meanwhile: \($0)" } ?? ""
                throw KubeError(.timeout, "\(self.name) \"\(name)\" did not become what was waited for within \(timeout)\(failed)")
            } catch let error as KubeError where error.code == .gone {
                // Lists anew, and so knows again.
                continue
            }
        }
    }

    /// Where a single object of this resource is looked for.
    private func singleNamespace() async throws -> String {
        if let namespace = ownNamespace { return namespace }
        return try await client.discover(name).namespaced ? client.namespace : ""
    }
}
