// A watch from the version of a list, so that nothing between the two is missed.
import KubeCR
import Story

await Story.tell("watch") { story in
    try await story.create("story-watch-1", replicas: 1)
    let listed = try await story.projects.list(labelSelector: story.selector)
    print("listed \(listed.count) project, watching from there")

    let events = try story.projects.watch(labelSelector: story.selector, resourceVersion: listed.resourceVersion, timeout: .seconds(20))
    async let changes: Void = makeChanges(story)
    watching: for try await event in events {
        switch event {
        case .added(let project): print("ADDED \(project.name) replicas \(project.spec.replicas)")
        case .modified(let project): print("MODIFIED \(project.name) replicas \(project.spec.replicas)")
        case .deleted(let project):
            print("DELETED \(project.name)")
            break watching
        // Nothing happened up to here; and a failure after which the watch goes on by itself.
        case .bookmark, .error: break
        }
    }
    try await changes
    print("done")
}

func makeChanges(_ story: Story) async throws {
    try await story.create("story-watch-2", replicas: 2)
    try await story.projects.patch("story-watch-1", ["spec": ["replicas": 7]])
    try await story.projects.delete("story-watch-2")
}
