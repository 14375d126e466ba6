// Cases: raw requests, discovery, large bodies, many calls at once, and a call that is cancelled.
import KubeCR

private let collection = "/apis/example.sealyun.com/v1alpha1/namespaces/default/projects"

extension Case {
    /// A VirtulMachine whose memory is so many characters.
    fileprivate func machine(_ length: Int) throws -> KubeObject {
        try object(spec: ["cpu": "1", "memory": .string(String(repeating: "x", count: length))])
    }

    fileprivate var machines: Resource<KubeObject> { client.resource("infra.sealyun.com/v1/virtulmachines", namespace: "default") }
}

let requestCases: [String: Play] = [
    "discover-finds-a-new-crd": { one in
        let things = Things(of: one)
        try await things.remove()
        let client = try KubeClient(config: .load(kubeconfig: Environment.value("KUBECONFIG")))
        try expect(!(try await things.areFound(by: client, as: "things")), "found before it was made")
        try await things.make(1)
        try await one.eventually("the plural", within: .seconds(30)) { try await things.areFound(by: client, as: "things") }
        for name in ["thing", "th", "Thing", "things.v1"] { try expect(try await things.areFound(by: client, as: name), "\(name) is not found") }
        try same(try await client.resource("th.\(things.group)", namespace: "default").get(one.name(1)).kind, "Thing", "got by its short name")
        try await things.remove()
    },
    "request-carries-any-method": { one in
        var object = try one.object(spec: ["replicas": 1])
        try object.set("example.sealyun.com/v1alpha1", at: "/apiVersion")
        try object.set("Project", at: "/kind")
        let path = "\(collection)/\(one.name)"
        let posted = try await one.client.request("POST", collection, body: object.json)
        try same(posted.httpStatus, 201, "POST, HTTP status")
        let patch = Array(#"{"spec":{"replicas":2}}"#.utf8)
        var changed = try KubeObject(json: try await one.client.request("PATCH", path, body: patch, contentType: "application/merge-patch+json").body)
        try same(try changed.int(at: "/spec/replicas"), 2, "PATCH")
        try changed.set(3, at: "/spec/replicas")
        let put = try KubeObject(json: try await one.client.request("PUT", path, body: changed.json).body)
        try same(try put.int(at: "/spec/replicas"), 3, "PUT")
        try same(try KubeObject(json: try await one.client.request("GET", path).body).resourceVersion, put.resourceVersion, "GET")
        try await one.client.request("DELETE", path)
        try await failure(.notFound, "GET after the DELETE", http: 404) { try await one.client.request("GET", path) }
    },
    "request-gives-text": { one in
        try same(try await one.client.request("GET", "/healthz").text, "ok", "/healthz")
    },
    "three-mebibytes-go-out-whole": { one in
        try await one.machines.deleteCollection(labelSelector: one.selector)
        do {
            try await one.machines.create(try one.machine(3_099_000))
            try same(try await one.machines.get(one.name).string(at: "/spec/memory").count, 3_099_000, "characters")
            try await one.machines.delete(one.name)
        } catch let error as KubeError where error.code == .server {
            try expect(error.httpStatus == 500 && error.message.contains("larger than max"), error.message)
            try await failure(.notFound, "get", http: 404) { _ = try await one.machines.get(one.name) }
        }
    },
    "body-too-large-is-refused-with-words": { one in
        let error = try await failure(.badRequest, "4,000,000 bytes", http: 413, reason: "RequestEntityTooLarge") {
            try await one.machines.create(try one.machine(4_000_000))
        }
        try expect(error.message.contains("limit is 3145728"), error.message)
        _ = try await one.projects.list(labelSelector: one.selector)
    },
    "sixty-four-calls-in-flight": { one in
        let answers = try await withThrowingTaskGroup(of: (Int, Int).self) { group in
            for number in 1...64 { group.addTask { (number, try await one.make(number, number).spec.replicas) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        try expect(answers.count == 64 && answers.allSatisfy { $0 == $1 }, "\(answers)")
        try same(try await one.projects.list(labelSelector: one.selector).count, 64, "objects")
    },
    "calls-are-cancelled": { one in
        let silent = try SilentServer()
        let client = try KubeClient(config: .load(source: .none, server: "http://127.0.0.1:\(silent.port)"))
        let task = Task { try await client.resource(Project.self, namespace: "default").get("a") }
        try await one.eventually("a caller") { silent.isCalled }
        let took = try await ContinuousClock().measure {
            task.cancel()
            try await failure(.cancelled, "a cancelled get", http: 0, reason: "") { _ = try await task.value }
        }
        try expect(took < patient(.milliseconds(250)), "it took \(took)")
    },
]
