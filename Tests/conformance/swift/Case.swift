// What a case has to work with: a client, the Projects of the case, and ways to say what it expects.
import Glibc
import KubeCR

struct Project: CustomResource {
    static let resource = ResourceName(group: "example.sealyun.com", version: "v1alpha1", plural: "projects", kind: "Project")

    struct Spec: Codable, Sendable { var replicas: Int }
    struct Status: Codable, Sendable { var phase: String? }

    var metadata: ObjectMeta
    var spec: Spec
    var status: Status?
}

struct Failed: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

func expect(_ holds: Bool, _ why: @autoclosure () -> String) throws {
    if !holds { throw Failed(why()) }
}

func same<Value: Equatable>(_ got: Value, _ wanted: Value, _ what: String) throws {
    if got != wanted { throw Failed("\(what): \(got), not \(wanted)") }
}

/// What `body` fails with. Fails itself when that is of another code, HTTP status or reason (nil: any).
@discardableResult
func failure(
    _ code: KubeError.Code, _ what: String, http: Int? = nil, reason: String? = nil, _ body: () async throws -> Void
) async throws -> KubeError {
    do {
        try await body()
    } catch let error as KubeError {
        try same(error.code, code, "\(what) (\(error.message))")
        if let http { try same(error.httpStatus, http, "\(what), HTTP status") }
        if let reason { try same(error.status?.reason ?? "", reason, "\(what), reason") }
        return error
    }
    throw Failed("\(what): it did not fail")
}

enum Environment {
    static func value(_ name: String) -> String? { getenv(name).flatMap { $0.pointee == 0 ? nil : String(cString: $0) } }
    static let patience = value("PATIENCE").flatMap { Int($0) } ?? 1
}

func patient(_ time: Duration) -> Duration { time * max(1, Environment.patience) }

struct Case: Sendable {
    /// "swift-get-one".
    let name: String
    let client: KubeClient

    var projects: Resource<Project> { client.resource(Project.self, namespace: "default") }
    /// The same without a type.
    var objects: Resource<KubeObject> { client.resource("example.sealyun.com/v1alpha1/projects", namespace: "default") }
    var selector: String { "conformance=\(name)" }

    func name(_ number: Int) -> String { number == 0 ? name : "\(name)-\(number)" }

    func meta(_ number: Int = 0, labels: [String: String] = [:]) -> ObjectMeta {
        ObjectMeta(name: name(number), labels: labels.merging(["conformance": name]) { $1 })
    }

    func project(_ number: Int = 0, _ replicas: Int = 1, labels: [String: String] = [:]) -> Project {
        Project(metadata: meta(number, labels: labels), spec: .init(replicas: replicas))
    }

    /// An object without a type, with this spec.
    func object(_ number: Int = 0, spec: JSON) throws -> KubeObject {
        try KubeObject(["metadata": ["name": .string(name(number)), "labels": ["conformance": .string(name)]], "spec": spec])
    }

    @discardableResult
    func make(_ number: Int = 0, _ replicas: Int = 1) async throws -> Project { try await projects.create(project(number, replicas)) }

    func setReplicas(_ number: Int, _ replicas: Int) async throws {
        try await projects.patch(name(number), ["spec": ["replicas": .int(Int64(replicas))]])
    }

    /// "1 2": the numbers of the case's objects.
    func numbers(_ list: some Sequence<Project>) -> String { list.map { number($0) }.joined(separator: " ") }
    func number(_ project: Project) -> String { number(project.metadata.name ?? "") }
    func number(_ name: String) -> String { name == self.name ? "0" : String(name.dropFirst(self.name.count + 1)) }

    /// A client of another user, or with other options.
    func user(_ variable: String) throws -> Resource<Project> {
        guard let path = Environment.value(variable) else { throw Failed("\(variable) is not set") }
        return try KubeClient(config: .load(kubeconfig: path)).resource(Project.self, namespace: "default")
    }

    /// Waits until `condition` holds.
    func eventually(_ what: String, within limit: Duration = .seconds(10), _ condition: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + patient(limit)
        while try await !condition() {
            if ContinuousClock.now > deadline { throw Failed("\(what): not within \(limit)") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    func sweep() async throws {
        for left in try await projects.list(labelSelector: selector) where left.metadata.finalizers?.isEmpty == false {
            try await projects.patch(left.metadata.name ?? "", ["metadata": ["finalizers": nil]])
        }
        try await projects.deleteCollection(labelSelector: selector)
    }
}
