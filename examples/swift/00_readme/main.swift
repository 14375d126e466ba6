// List, watch, cache: the story of README.md.
import KubeCR

struct Project: CustomResource {
    static let resource = ResourceName(group: "example.sealyun.com", version: "v1alpha1", plural: "projects", kind: "Project")

    struct Spec: Codable, Sendable { var replicas: Int }

    var metadata: ObjectMeta
    var spec: Spec
}

let client = try KubeClient(config: .load()) // $KUBECONFIG, in-cluster, ~/.kube/config
let projects = client.resource(Project.self, namespace: "default")
for project in try await projects.list() { print("project \(project.metadata.name ?? "")") }

for try await event in try projects.watch() {
    guard case .added(let project) = event else { continue }
    print("watched \(project.metadata.name ?? "")")
    break
}

// No type needed: all machines, in every namespace, kept up to date.
let machines = try client.resource("infra.sealyun.com/v1/virtulmachines").informer()
try await machines.waitUntilSynced(timeout: .seconds(30))
for key in machines.keys { print("machine \(key)") }
await machines.stop()
