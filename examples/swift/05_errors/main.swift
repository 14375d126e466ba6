// What goes wrong, and how a program tells one failure from another: a code, the HTTP status, the server's reason and Status.
import KubeCR
import Story

await Story.tell("errors") { story in
    let created = try await story.create("story-errors", replicas: 1)

    try await failing("get what is not there") { _ = try await story.projects.get("story-errors-nothing") }
    try await failing("create it twice") { try await story.create("story-errors", replicas: 1) }
    try await failing("create with replicas 0") { try await story.create("story-errors-bad", replicas: 0) }

    try await story.projects.patch("story-errors", ["spec": ["replicas": 2]]) // now `created` is old
    try await failing("replace an old version") { try await story.projects.replace(created) }

    let lonely = try KubeClient(config: .load(source: .none, server: "https://127.0.0.1:1"))
    try await failing("ask a server that is not there") {
        _ = try await lonely.resource(Project.self, namespace: "default").get("story-errors")
    }
}

/// One line for a failure that is expected.
func failing(_ what: String, _ body: @Sendable () async throws -> Void) async throws {
    do {
        try await body()
    } catch let error as KubeError {
        // The server's whole Status tells which fields it means.
        let field = error.code == .invalid ? error.status?.details?.causes?.first?.field : nil
        print("\(what): \(error.code) \(error.httpStatus) \(error.status?.reason ?? "-")\(field.map { ", field \($0)" } ?? "")")
        return
    }
    throw Unexpected("\(what): it did not fail")
}
