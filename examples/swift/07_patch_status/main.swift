// Status and scale: what belongs to a controller, apart from what users want; by merge patches and JSON patches.
import KubeCR
import Story

await Story.tell("status") { story in
    let (projects, name) = (story.projects, "story-status")
    let made = try await story.create(name, replicas: 1)
    print("created \(name): replicas \(made.spec.replicas), generation \(made.metadata.generation ?? 0)")

    // Each change of the spec raises the generation.
    let wanted = try await projects.patch(name, ["spec": ["replicas": 2]])
    print("merge patch of the object: replicas \(wanted.spec.replicas), generation \(wanted.metadata.generation ?? 0)")

    // The status is written through its subresource only, and so is the rest only without it.
    let ignored = try await projects.patch(name, ["status": ["phase": "Lost"]])
    print("a status given with the object is ignored: \(ignored.status?.phase ?? "no phase")")
    var one = try await projects.patchStatus(name, ["status": ["phase": "Ready", "replicas": 1]])
    print(
        "merge patch of the status: phase \(one.status?.phase ?? "-"), replicas \(one.status?.replicas ?? 0) of \(one.spec.replicas),",
        "generation still \(one.metadata.generation ?? 0)")
    one = try await projects.patchStatus(name, ["spec": ["replicas": 9]])
    print("a spec given with the status is ignored: replicas \(one.spec.replicas)")

    var scale = try await projects.scale(name)
    print("scale: \(scale.status?.replicas ?? 0) of \(scale.spec?.replicas ?? 0)")
    scale = try await projects.scale(name, to: 4)
    let generation = try await projects.get(name).metadata.generation
    print("scaled: \(scale.status?.replicas ?? 0) of \(scale.spec?.replicas ?? 0), generation \(generation ?? 0)")

    // All operations of a JSON patch are done, or none: the test says what they build on.
    let operations: Patch = .json([
        ["op": "test", "path": "/spec/replicas", "value": 4], ["op": "replace", "path": "/spec/replicas", "value": 5],
    ])
    print("json patch with a test: replicas \(try await projects.patch(name, operations).spec.replicas)")
    do {
        try await projects.patch(name, operations)
        throw Unexpected("a test that does not hold was passed over")
    } catch let error as KubeError where error.code == .invalid {
        print("the same again: \(error.code)")
    }
    let busy = try await projects.patchStatus(name, .json([["op": "replace", "path": "/status/phase", "value": "Busy"]]))
    print("json patch of the status: phase \(busy.status?.phase ?? "-")")

    // Read, change, replace; and again as long as somebody else was faster.
    let done = try await projects.updateStatus(name) { $0.status?.phase = "Done" }
    print("read, changed, replaced: phase \(done.status?.phase ?? "-")")
}
