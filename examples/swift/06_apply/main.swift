// Server-side apply of a manifest: a CRD and what is of its kind in one, fields that belong to somebody else, and a mistake.
import KubeCR
import Story

await Story.tell("apply") { story in
    let client = story.client
    let definitions = client.resource("apiextensions.k8s.io/v1/customresourcedefinitions")
    try await forget(definitions) // what an interrupted run has left

    let applied = try await client.apply(Manifests.good, fieldManager: "admin", timeout: .seconds(60))
    print("applied as an admin: \(applied.count)")
    for one in applied { print("  \(one.kind) \(one.name)") }

    // What is as the manifest says is not changed.
    let again = try await client.apply(Manifests.good, fieldManager: "admin")[2].decode(Project.self)
    print("again: replicas \(again.spec.replicas), generation still \(again.metadata.generation ?? 0)")

    // A field belongs to who applied it; a manifest is text, or objects.
    let scaled = try KubeObject([
        "apiVersion": "example.sealyun.com/v1alpha1", "kind": "Project", "metadata": ["name": "story-apply", "labels": ["story": "apply"]],
        "spec": ["replicas": 5],
    ])
    do {
        try await client.apply([scaled], fieldManager: "scaler", namespace: "default")
        throw Unexpected("somebody else's field was taken")
    } catch let error as KubeError where error.code == .conflict {
        print("as a scaler, replicas 5: \(error.code)\(error.message.contains("admin") ? " with admin" : "")")
    }
    let forced = try await client.apply([scaled], fieldManager: "scaler", force: true, namespace: "default")[0]
    print("as a scaler, with force: replicas \(try forced.int(at: "/spec/replicas"))")

    // All of a manifest is checked before anything is sent.
    do {
        try await client.apply(Manifests.bad)
        throw Unexpected("a document without an apiVersion was applied")
    } catch let error as KubeError where error.code == .argument {
        print("a manifest that is bad in its \(error.message.contains("document 2") ? "second" : "other") document: \(error.code)")
    }
    do {
        _ = try await story.projects.get("story-apply-bad")
    } catch let error as KubeError where error.code == .notFound {
        print("nothing of it was applied: \(error.code)")
    }
    try await forget(definitions)
}

/// A CRD takes all of its objects with it.
func forget(_ definitions: Resource<KubeObject>) async throws {
    let name = "tasks.story.example.sealyun.com"
    do {
        try await definitions.delete(name)
    } catch let error as KubeError where error.code == .notFound {
        return
    }
    try await definitions.wait(name, until: .deleted, timeout: .seconds(60))
}

enum Manifests {
    /// In any order: CRDs go first, and are there before what is of their kind.
    static let good = """
        apiVersion: story.example.sealyun.com/v1
        kind: Task
        metadata: {name: story-apply, namespace: default}
        spec: {text: sweep}
        ---
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: tasks.story.example.sealyun.com}
        spec:
          group: story.example.sealyun.com
          scope: Namespaced
          names: {plural: tasks, singular: task, kind: Task, listKind: TaskList}
          versions:
            - name: v1
              served: true
              storage: true
              schema:
                openAPIV3Schema:
                  type: object
                  properties:
                    spec: {type: object, properties: {text: {type: string}}}
        ---
        apiVersion: example.sealyun.com/v1alpha1
        kind: Project
        metadata: {name: story-apply, namespace: default, labels: {story: apply}}
        spec: {replicas: 2}
        """

    static let bad = """
        apiVersion: example.sealyun.com/v1alpha1
        kind: Project
        metadata: {name: story-apply-bad, namespace: default, labels: {story: apply}}
        spec: {replicas: 1}
        ---
        kind: Project
        metadata: {name: story-apply-worse}
        """
}
