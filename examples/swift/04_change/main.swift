// One object's life: create, patch, replace, a conflict and the retry that settles it, status, delete.
import KubeCR
import Story

await Story.tell("change") { story in
    let projects = story.projects
    let created = try await story.create("story-change", replicas: 1)
    print("created \(created.name): replicas \(created.spec.replicas)")

    let patched = try await projects.patch("story-change", ["spec": ["replicas": 2]])
    print("patched: replicas \(patched.spec.replicas)")

    var old = created
    old.spec.replicas = 3
    do {
        try await projects.replace(old)
        throw Unexpected("an old version was not refused")
    } catch let error as KubeError where error.code == .conflict {
        print("replaced an old version: \(error.code)")
    }

    // Reads, changes, replaces; and again as long as somebody else was faster.
    let settled = try await projects.update("story-change") { $0.spec.replicas = 3 }
    print("replaced after reading it anew: replicas \(settled.spec.replicas)")

    let ready = try await projects.patchStatus("story-change", ["status": ["phase": "Ready"]])
    print("status: phase \(ready.status?.phase ?? "-"), replicas still \(ready.spec.replicas)")

    try await projects.delete("story-change")
    print("deleted")
    do {
        _ = try await projects.get("story-change")
        throw Unexpected("it is still there")
    } catch let error as KubeError where error.code == .notFound {
        print("get: \(error.code)")
    }
}
