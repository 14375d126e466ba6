// Manifests: objects read from a text, and server-side apply of them all.
import KubeClient
import KubeCore

extension KubeClient {
    /// Server-side apply of a manifest: YAML or JSON with any number of objects, lists of objects included. CRDs and namespaces go
    /// first, and are there before what needs them. Gives what the server made of each object, in the manifest's order.
    ///
    /// - Parameters:
    ///   - fieldManager: who owns the fields from then on.
    ///   - force: takes fields over that another manager owns.
    ///   - namespace: for namespaced objects that name none; nil: the client's.
    ///   - timeout: of the whole; nil: each request, and each wait for a CRD, has the client's.
    ///
    /// Of a manifest that is bad (`.argument`), or holds a kind that neither the server knows nor a CRD of it brings (`.notFound`),
    /// nothing is sent. It stops at the first failure: the message names the document, the object, and what was applied before.
    /// `.conflict`: another manager owns a field, and `force` is not set. To apply the same again is safe.
    @discardableResult
    public func apply(
        _ manifest: String, fieldManager: String = "kubecr", force: Bool = false, dryRun: Bool = false, fieldValidation: FieldValidation? = nil,
        namespace: String? = nil, timeout: Duration? = nil
    ) async throws -> [KubeObject] {
        try await apply(Array(manifest.utf8), fieldManager, force, dryRun, fieldValidation, namespace, timeout)
    }

    /// The same with objects that are there already.
    @discardableResult
    public func apply(
        _ objects: [KubeObject], fieldManager: String = "kubecr", force: Bool = false, dryRun: Bool = false, fieldValidation: FieldValidation? = nil,
        namespace: String? = nil, timeout: Duration? = nil
    ) async throws -> [KubeObject] {
        let items = Array(objects.map(\.json).joined(separator: [UInt8(ascii: ",")]))
        let list = Array(#"{"apiVersion":"v1","kind":"List","items":["#.utf8) + items + Array("]}".utf8)
        return try await apply(list, fieldManager, force, dryRun, fieldValidation, namespace, timeout)
    }

    private func apply(
        _ manifest: [UInt8], _ fieldManager: String, _ force: Bool, _ dryRun: Bool, _ fieldValidation: FieldValidation?, _ namespace: String?,
        _ timeout: Duration?
    ) async throws -> [KubeObject] {
        var options = CallOptions()
        options.set("fieldManager", fieldManager)
        options.set("force", force ? true : nil)
        options.set("dryRun", dryRun ? "All" : nil)
        options.set("fieldValidation", fieldValidation?.rawValue)
        options.set("namespace", namespace)
        options.setMilliseconds("timeoutMs", timeout)
        guard let list = try await call(Engine.Request(.apply, body: manifest, options: options.json)).list else {
            throw KubeError(.internal, "an apply without a list")
        }
        return list.value.objects.map { KubeObject($0) }
    }
}

extension KubeObject {
    /// The objects of a manifest, in its order: many documents, lists taken apart, YAML 1.1 as kubectl reads it. Nothing is asked
    /// of a server. Throws `.decode`, which names document, line and what is wrong.
    public static func parse(manifest: String) throws -> [KubeObject] {
        let objects = try KubeError.translating { () throws(Engine.Failure) in try Engine.Manifest(Array(manifest.utf8)).list.objects }
        return objects.map { KubeObject($0) }
    }
}
