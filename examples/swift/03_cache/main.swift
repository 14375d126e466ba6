// An informer: a live local copy that answers without the server, and the sequence of its changes.
import KubeCR
import Story

await Story.tell("cache") { story in
    try await story.create("story-cache-1", replicas: 1)
    let informer = try story.projects.informer(labelSelector: story.selector)
    try await informer.waitUntilSynced(timeout: .seconds(20)) // says why, if it can't

    // Everything in the cache first, then each change, after the cache holds it.
    var events = informer.events.makeAsyncIterator()
    func next() async throws {
        switch try await events.next() {
        case .added(let project, let wasThere): print("added \(project.name) replicas \(project.spec.replicas)\(wasThere ? " (was there)" : "")")
        case .modified(let project, let old): print("modified \(project.name) replicas \(old.spec.replicas) -> \(project.spec.replicas)")
        case .deleted(let project, _): print("deleted \(project.name)")
        case .synced: print("synced, objects in the cache: \(informer.count)")
        case .resync, nil: throw Unexpected("the events have ended")
        }
    }
    try await next()
    try await next()

    for key in ["default/story-cache-1", "default/nothing"] {
        if let project = try informer[key] { print("\(key): replicas \(project.spec.replicas)") } else { print("\(key): not in the cache") }
    }

    try await story.projects.patch("story-cache-1", ["spec": ["replicas": 4]])
    try await next()
    try await story.create("story-cache-2", replicas: 2)
    try await next()
    try await story.projects.delete("story-cache-1")
    try await next()

    print("in the cache: \(informer.keys.sorted().joined(separator: " "))")
    let staleness = informer.staleness ?? .seconds(3600)
    print("server heard within the last minute: \(staleness < .seconds(60) ? "yes" : "no")")
    await informer.stop()
}
