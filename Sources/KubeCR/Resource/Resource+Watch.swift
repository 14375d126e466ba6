// The verbs that follow: watch and informer.
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
        var options = informerOptions(labelSelector, fieldSelector, resync, initialList, pageSize, maxQueued, keepManagedFields)
        options.set("keep", keep)
        options.set("indexes", indexes)
        return try Informer(client, name, namespace ?? "", options.json)
    }

    func informerOptions(
        _ labelSelector: String?, _ fieldSelector: String?, _ resync: Duration?, _ initialList: InitialList, _ pageSize: Int, _ maxQueued: Int,
        _ keepManagedFields: Bool
    ) -> CallOptions {
        var options = CallOptions()
        options.set("labelSelector", labelSelector)
        options.set("fieldSelector", fieldSelector)
        options.setMilliseconds("resyncMs", resync)
        options.set("initialList", initialList.rawValue)
        options.set("pageSize", pageSize)
        options.set("maxQueued", maxQueued)
        options.set("keepManagedFields", keepManagedFields)
        return options
    }
}
