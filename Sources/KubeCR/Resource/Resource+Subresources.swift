// The subresources that custom resources have: status and scale.
import KubeClient
import KubeCore

/// autoscaling/v1 Scale: how many replicas an object wants and has.
public struct Scale: Codable, Sendable, Hashable {
    public struct Spec: Codable, Sendable, Hashable { public var replicas: Int? }
    public struct Status: Codable, Sendable, Hashable {
        public var replicas: Int?
        public var selector: String?
    }

    public var metadata: ObjectMeta
    public var spec: Spec?
    public var status: Status?
}

extension Resource {
    /// The object, read through its status subresource.
    public func getStatus(_ name: String, timeout: Duration? = nil) async throws -> Object {
        var options = CallOptions()
        options.setMilliseconds("timeoutMs", timeout)
        return try object(try await call(.get, options, name: name, namespace: ownNamespace, subresource: "status"))
    }

    /// Replaces the status; what else the object says is ignored by the server. Otherwise as `replace`.
    @discardableResult
    public func replaceStatus(_ object: Object, dryRun: Bool = false, fieldManager: String? = nil, timeout: Duration? = nil) async throws -> Object {
        let body = try object.encoded(onOriginal: true)
        let name = try KubeObject(json: body).name
        let options = writeOptions(dryRun, fieldManager, nil, timeout)
        return try self.object(try await call(.replace, options, name: name, namespace: bodyNamespace, body: body, subresource: "status"))
    }

    /// `patchStatus("demo", ["status": ["phase": "Ready"]])`.
    @discardableResult
    public func patchStatus(
        _ name: String, _ patch: Patch, dryRun: Bool = false, fieldManager: String? = nil, force: Bool? = nil, timeout: Duration? = nil
    ) async throws -> Object {
        try object(try await call(name, patch, "status", force, writeOptions(dryRun, fieldManager, nil, timeout)))
    }

    /// As `update`, for the status: gets the object, changes its status, replaces that; anew after a conflict.
    @discardableResult
    public nonisolated(nonsending) func updateStatus(
        _ name: String, attempts: Int = 5, fieldManager: String? = nil, timeout: Duration? = nil, _ change: (inout Object) throws -> Void
    ) async throws -> Object {
        try await afterConflicts(attempts) {
            var object = try await getStatus(name, timeout: timeout)
            try change(&object)
            return try await replaceStatus(object, fieldManager: fieldManager, timeout: timeout)
        }
    }

    /// How many replicas the object wants and has.
    public func scale(_ name: String, timeout: Duration? = nil) async throws -> Scale {
        var options = CallOptions()
        options.setMilliseconds("timeoutMs", timeout)
        return try scale(try await call(.get, options, name: name, namespace: ownNamespace, subresource: "scale"))
    }

    /// Sets how many it wants.
    @discardableResult
    public func scale(_ name: String, to replicas: Int, fieldManager: String? = nil, timeout: Duration? = nil) async throws -> Scale {
        let patch: Patch = ["spec": ["replicas": .int(Int64(replicas))]]
        return try scale(try await call(name, patch, "scale", nil, writeOptions(false, fieldManager, nil, timeout)))
    }

    private func scale(_ answer: CallAnswer) throws -> Scale {
        guard let object = answer.object else { throw KubeError(.internal, "an answer without an object") }
        return try object.decode(Scale.self)
    }
}
