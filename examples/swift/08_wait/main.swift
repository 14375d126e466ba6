// Waiting for a state: a condition, a field, a condition of one's own, a deletion; and what does not come.
import KubeCR
import Story

await Story.tell("wait") { story in
    let (projects, name) = (story.projects, "story-wait")

    // As `kubectl wait --for=condition=Established`.
    let definitions = story.client.resource("apiextensions.k8s.io/v1/customresourcedefinitions")
    let definition = try await definitions.wait("projects.example.sealyun.com", until: .condition("Established"), timeout: .seconds(20))
    print("\(definition?.name ?? "-"): Established")

    // What is not made yet is waited for; every state that the server tells is judged, so none is missed.
    async let made: Void = make(story, name)
    let ready = try await projects.wait(name, until: .field("/status/phase", equals: "Ready"), timeout: .seconds(20))
    try await made
    print("while it is made: phase \(ready?.status?.phase ?? "-")")

    async let changed: Void = scale(story, name)
    let scaled = try await projects.wait(name, timeout: .seconds(20)) { ($0?.spec.replicas ?? 0) >= 3 }
    try await changed
    print("while it is changed: replicas \(scaled?.spec.replicas ?? 0)")

    do {
        try await projects.wait(name, until: .field("/status/phase", equals: "Lost"), timeout: .milliseconds(300))
        throw Unexpected("it came")
    } catch let error as KubeError where error.code == .timeout {
        // The message tells what was seen last, and what failed last.
        print("a phase that does not come: \(error.code)")
    }

    async let deleted: Void = projects.delete(name)
    let gone = try await projects.wait(name, until: .deleted, timeout: .seconds(20))
    try await deleted
    print("while it is deleted: \(gone == nil ? "gone" : "still there")")
}

func make(_ story: Story, _ name: String) async throws {
    try await story.create(name, replicas: 1)
    try await story.projects.patchStatus(name, ["status": ["phase": "Starting"]])
    try await story.projects.patchStatus(name, ["status": ["phase": "Ready"]])
}

func scale(_ story: Story, _ name: String) async throws {
    for replicas in [2, 3] { try await story.projects.scale(name, to: replicas) }
}
