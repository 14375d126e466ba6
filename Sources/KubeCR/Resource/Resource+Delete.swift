// The verbs that delete: one object, or all that match.
import KubeClient
import KubeCore

/// What becomes of the objects that a deleted one owns.
public enum PropagationPolicy: String, Sendable {
    case orphan = "Orphan"
    case background = "Background"
    case foreground = "Foreground"
}

/// What must be true of an object for it to be deleted; else `.conflict`.
public struct Preconditions: Sendable {
    public var uid: String?
    public var resourceVersion: String?

    public init(uid: String? = nil, resourceVersion: String? = nil) {
        self.uid = uid
        self.resourceVersion = resourceVersion
    }
}

extension Resource {
    private func deleteOptions(
        _ dryRun: Bool, _ gracePeriod: Duration?, _ policy: PropagationPolicy?, _ preconditions: Preconditions?, _ timeout: Duration?
    ) -> CallOptions {
        var options = CallOptions()
        options.set("dryRun", dryRun ? "All" : nil)
        options.setSeconds("gracePeriodSeconds", gracePeriod)
        options.set("propagationPolicy", policy?.rawValue)
        if let preconditions {
            var inner = CallOptions()
            inner.set("uid", preconditions.uid)
            inner.set("resourceVersion", preconditions.resourceVersion)
            options.set("preconditions", inner.json)
        }
        options.setMilliseconds("timeoutMs", timeout)
        return options
    }

    /// Deletes the object. With finalizers it is gone only later: see `wait`. `gracePeriod` counts whole seconds.
    public func delete(
        _ name: String, dryRun: Bool = false, gracePeriod: Duration? = nil, propagationPolicy: PropagationPolicy? = nil,
        preconditions: Preconditions? = nil, timeout: Duration? = nil
    ) async throws {
        let options = deleteOptions(dryRun, gracePeriod, propagationPolicy, preconditions, timeout)
        _ = try await call(.delete, options, name: name, namespace: ownNamespace)
    }

    /// Deletes all objects that match; all of the namespace without selectors. A namespaced resource needs a namespace
    /// (`.argument`); "" is all of them.
    public func deleteCollection(
        labelSelector: String? = nil, fieldSelector: String? = nil, dryRun: Bool = false, gracePeriod: Duration? = nil,
        propagationPolicy: PropagationPolicy? = nil, timeout: Duration? = nil
    ) async throws {
        var options = deleteOptions(dryRun, gracePeriod, propagationPolicy, nil, timeout)
        options.set("labelSelector", labelSelector)
        options.set("fieldSelector", fieldSelector)
        _ = try await call(.deleteCollection, options, namespace: bodyNamespace)
    }
}
