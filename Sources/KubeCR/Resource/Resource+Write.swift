// The verbs that create and change: create, replace, patch, apply; and update, which settles conflicts.
import KubeClient
import KubeCore

/// What a server does with fields that it does not know (Kubernetes 1.25 and newer).
public enum FieldValidation: String, Sendable {
    case ignore = "Ignore"
    case warn = "Warn"
    case strict = "Strict"
}

/// A change to an object, in one of the forms that servers take. A literal is a merge patch: `["spec": ["replicas": 3]]`.
public enum Patch: Sendable, ExpressibleByDictionaryLiteral {
    /// RFC 7396: what is there is set, null removes.
    case merge(JSON)
    /// RFC 6902: a list of operations, such as test and replace; all or none.
    case json(JSON)
    /// For built-in kinds only.
    case strategic(JSON)
    /// Server-side apply of one object, by the call's `fieldManager`.
    case apply(JSON)

    public init(dictionaryLiteral elements: (String, JSON)...) { self = .merge(.object(Dictionary(elements) { $1 })) }

    var content: (type: PatchType, body: JSON) {
        switch self {
        case .merge(let body): (.merge, body)
        case .json(let body): (.json, body)
        case .strategic(let body): (.strategic, body)
        case .apply(let body): (.apply, body)
        }
    }
}

extension Resource {
    func writeOptions(_ dryRun: Bool, _ fieldManager: String?, _ fieldValidation: FieldValidation?, _ timeout: Duration?) -> CallOptions {
        var options = CallOptions()
        options.set("dryRun", dryRun ? "All" : nil)
        options.set("fieldManager", fieldManager)
        options.set("fieldValidation", fieldValidation?.rawValue)
        options.setMilliseconds("timeoutMs", timeout)
        return options
    }

    /// Creates the object; what the server made of it is the result. With `dryRun` nothing is made.
    @discardableResult
    public func create(
        _ object: Object, dryRun: Bool = false, fieldManager: String? = nil, fieldValidation: FieldValidation? = nil, timeout: Duration? = nil
    ) async throws -> Object {
        let options = writeOptions(dryRun, fieldManager, fieldValidation, timeout)
        return try self.object(try await call(.create, options, namespace: bodyNamespace, body: try object.encoded(onOriginal: false)))
    }

    /// Replaces the object of that name. Fields that the type does not know stay as they were in the object it was decoded
    /// from. `.conflict`: it has changed since then; see `update`.
    @discardableResult
    public func replace(
        _ object: Object, dryRun: Bool = false, fieldManager: String? = nil, fieldValidation: FieldValidation? = nil, timeout: Duration? = nil
    ) async throws -> Object {
        let options = writeOptions(dryRun, fieldManager, fieldValidation, timeout)
        return try self.object(try await call(.replace, options, namespace: bodyNamespace, body: try object.encoded(onOriginal: true)))
    }

    /// The namespace of an object that may name its own.
    var bodyNamespace: String? { scope == .cluster ? "" : namespace }

    /// Gets the object, changes it, replaces it; and does it all again after a conflict, up to `attempts` times, about 10 ms apart.
    /// `change` may run several times, each time on the state of then. Throws the last conflict.
    @discardableResult
    public nonisolated(nonsending) func update(
        _ name: String, attempts: Int = 5, fieldManager: String? = nil, timeout: Duration? = nil, _ change: (inout Object) throws -> Void
    ) async throws -> Object {
        try await afterConflicts(attempts) {
            var object = try await get(name, timeout: timeout)
            try change(&object)
            return try await replace(object, fieldManager: fieldManager, timeout: timeout)
        }
    }

    /// R4: 10 ms and up to a tenth of it more between attempts (client-go, util/retry DefaultRetry).
    nonisolated(nonsending) func afterConflicts(
        _ attempts: Int, _ attempt: nonisolated(nonsending) () async throws -> Object
    ) async throws -> Object {
        for _ in 1..<max(attempts, 1) {
            do {
                return try await attempt()
            } catch let error as KubeError where error.code == .conflict {
                do { try await Task.sleep(for: .milliseconds(10) * Double.random(in: 1...1.1)) } catch { throw KubeError.taskCancelled }
            }
        }
        return try await attempt()
    }

    /// Changes a part of the object: `patch("demo", ["spec": ["replicas": 3]])`. `force` goes with `.apply`.
    @discardableResult
    public func patch(
        _ name: String, _ patch: Patch, dryRun: Bool = false, fieldManager: String? = nil, force: Bool? = nil,
        fieldValidation: FieldValidation? = nil, timeout: Duration? = nil
    ) async throws -> Object {
        try object(try await call(name, patch, "", force, writeOptions(dryRun, fieldManager, fieldValidation, timeout)))
    }

    func call(_ name: String, _ patch: Patch, _ subresource: String, _ force: Bool?, _ options: CallOptions) async throws -> CallAnswer {
        var options = options
        options.set("force", force)
        let (type, body) = patch.content
        return try await call(.patch(type), options, name: name, namespace: ownNamespace, body: body.tree.bytes(), subresource: subresource)
    }

    /// Server-side apply of what `object` says, and of nothing else: the manager owns these fields from then on. `.conflict`:
    /// another manager owns one of them; `force` takes it.
    @discardableResult
    public func apply(_ object: Object, fieldManager: String, force: Bool = false, dryRun: Bool = false, timeout: Duration? = nil) async throws -> Object {
        let body = try KubeObject(json: try object.encoded(onOriginal: false))
        var options = writeOptions(dryRun, fieldManager, nil, timeout)
        options.set("force", force)
        let namespace = body.namespace.isEmpty || scope == .cluster ? ownNamespace : namespace ?? body.namespace
        return try self.object(try await call(.patch(.apply), options, name: body.name, namespace: namespace, body: body.json))
    }
}
