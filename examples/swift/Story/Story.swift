// What the stories share: the Swift type of a Project, the client that the command line names, and what a failure looks like.
import Glibc
public import KubeCR

/// The type that the CRD describes. It may leave out fields: a replace keeps what it does not know.
public struct Project: CustomResource {
    public static let resource = ResourceName(group: "example.sealyun.com", version: "v1alpha1", plural: "projects", kind: "Project")

    public struct Spec: Codable, Sendable { public var replicas: Int }
    public struct Status: Codable, Sendable {
        public var phase: String?
        public var replicas: Int?
    }

    public var metadata: ObjectMeta
    public var spec: Spec
    public var status: Status?

    public var name: String { metadata.name ?? "" }
}

/// A story's own objects, and what it does with them.
public struct Story: Sendable {
    public let client: KubeClient
    public let projects: Resource<Project>
    /// Selects the story's objects.
    public let selector: String
    private let name: String

    /// Tells a story on a clean table, and leaves one behind. What it throws ends the program with status 1.
    public static func tell(_ name: String, _ tell: @Sendable (Story) async throws -> Void) async {
        do {
            let story = try Story(name)
            try await story.clearUp()
            try await tell(story)
            try await story.clearUp()
        } catch {
            fail("\(name): \(error)", status: 1)
        }
    }

    private init(_ name: String) throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard arguments.isEmpty || arguments.count == 2 && arguments.first == "--kubeconfig" else {
            fail("usage: \(CommandLine.arguments[0]) [--kubeconfig PATH]", status: 2)
        }
        client = try KubeClient(config: .load(kubeconfig: arguments.dropFirst().first))
        projects = client.resource(Project.self, namespace: "default")
        selector = "story=\(name)"
        self.name = name
    }

    private func clearUp() async throws { try await projects.deleteCollection(labelSelector: selector) }

    @discardableResult
    public func create(_ project: String, replicas: Int) async throws -> Project {
        let labels = ["story": name, "parity": replicas.isMultiple(of: 2) ? "even" : "odd"]
        return try await projects.create(Project(metadata: ObjectMeta(name: project, labels: labels), spec: .init(replicas: replicas)))
    }
}

/// Something that must not happen in a story.
public struct Unexpected: Error, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

private func fail(_ line: String, status: Int32) -> Never {
    let text = Array((line + "\n").utf8)
    write(STDERR_FILENO, text, text.count)
    exit(status)
}
