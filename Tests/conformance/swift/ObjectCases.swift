// Cases: configuration and users, get, list, create, the core API.
import KubeCR

let objectCases: [String: Play] = [
    "config-hides-secrets": { one in
        guard let path = Environment.value("KUBECONFIG"), let text = Files.text(path) else { throw Failed("no kubeconfig") }
        let config = try ClientConfig.load(kubeconfig: path)
        let other = try ClientConfig.load(source: .none, server: "https://127.0.0.1:1", token: "a-secret-token")
        var secrets = ["a-secret-token"]
        for field in ["token", "password", "client-key-data"] {
            for part in text.split(separator: "\n") where part.split(separator: ":").first?.hasSuffix(field) == true {
                secrets += [part.split(separator: ":").last.map { $0.filter { !" \"".contains($0) } } ?? ""].filter { $0.count > 4 }
            }
        }
        var printed = ""
        for thing: Any in [config, other, one.client, try KubeClient(config: other)] {
            dump(thing, to: &printed)
            printed += "\(thing) \(String(reflecting: thing))"
        }
        for secret in secrets { try expect(!printed.contains(secret), "a secret is printed") }
        try expect(config.description.contains(config.server) && config.server.contains("://"), "the address is not shown: \(config)")
    },
    "wrong-token-is-unauthorized": { one in
        let error = try await failure(.unauthorized, "get", http: 401, reason: "Unauthorized") { _ = try await one.user("KUBECR_WRONG_TOKEN").get(one.name) }
        try expect(!"\(error)".contains("kubecr-wrong-token"), "the token is in the message")
    },
    "reader-may-not-write": { one in
        let reader = try one.user("KUBECR_READONLY")
        try await one.make()
        try same(try await reader.list(labelSelector: one.selector).count, 1, "the reader's list")
        try await failure(.forbidden, "create", http: 403, reason: "Forbidden") { try await reader.create(one.project(1)) }
        try await failure(.notFound, "get", http: 404) { _ = try await one.projects.get(one.name(1)) }
    },
    "denied-may-nothing": { one in
        let denied = try one.user("KUBECR_DENIED")
        try await failure(.forbidden, "list", http: 403, reason: "Forbidden") { _ = try await denied.list() }
        let informer = try denied.informer()
        try await failure(.forbidden, "wait", http: 403) { try await informer.waitUntilSynced(timeout: patient(.seconds(2))) }
        await informer.stop()
    },
    "resource-by-any-name": { one in
        try await one.make()
        for name in [
            "example.sealyun.com/v1alpha1/projects", "projects.example.sealyun.com", "projects", "proj", "Project.example.sealyun.com",
            "project.v1alpha1.example.sealyun.com",
        ] {
            try same(try await one.client.resource(name, namespace: "default").get(one.name).name, one.name, name)
        }
    },
    "unknown-resource-is-not-found": { one in
        try await failure(.notFound, "by discovery") { _ = try await one.client.resource("unknowns.example.sealyun.com").list() }
        try await failure(.notFound, "by its path", http: 404) { _ = try await one.client.resource("example.sealyun.com/v1alpha1/unknowns").list() }
    },
    "get-one-whole": { one in
        let created = try await one.objects.create(try one.object(spec: ["replicas": 3]))
        let got = try await one.objects.get(one.name)
        try same(try got.value(at: ""), try created.value(at: ""), "what was got")
        try same(got.apiVersion, "example.sealyun.com/v1alpha1", "apiVersion")
        try same(got.kind, "Project", "kind")
        try same(got.key, "default/\(one.name)", "key")
        let typed = try await one.projects.get(one.name)
        try expect(typed.metadata.uid == got.uid && !got.uid.isEmpty && typed.metadata.resourceVersion == got.resourceVersion, "uid or resourceVersion")
        try expect(typed.metadata.generation == 1 && typed.metadata.creationTimestamp != nil && typed.spec.replicas == 3, "\(typed)")
    },
    "get-missing-is-not-found": { one in
        let error = try await failure(.notFound, "get", http: 404, reason: "NotFound") { _ = try await one.projects.get(one.name) }
        try expect(error.message.contains("projects.example.sealyun.com \"\(one.name)\" not found"), error.message)
    },
    "list-complete-and-versioned": { one in
        for number in [2, 3, 1] { try await one.make(number) }
        let list = try await one.projects.list(labelSelector: one.selector)
        try same(one.numbers(list), "1 2 3", "the list")
        try expect(!list.resourceVersion.isEmpty && list.continue.isEmpty, "its metadata")
        for object in try await one.objects.list(labelSelector: one.selector) {
            try expect(object.kind == "Project" && object.apiVersion == "example.sealyun.com/v1alpha1", "\(object.kind) \(object.apiVersion)")
        }
    },
    "list-by-label": { one in
        for (number, colour) in [(1, "red"), (2, "green"), (3, "blue")] {
            try await one.projects.create(one.project(number, labels: ["example.com/colour": colour]))
        }
        try await one.make(4)
        for (selector, wanted) in [
            ("example.com/colour=red", "1"), ("example.com/colour!=red", "2 3 4"), ("example.com/colour in (red, blue)", "1 3"),
            ("example.com/colour notin (red,blue)", "2 4"), ("example.com/colour", "1 2 3"), ("!example.com/colour", "4"),
        ] {
            try same(one.numbers(try await one.projects.list(labelSelector: "\(one.selector),\(selector)")), wanted, selector)
        }
    },
    "list-in-pages": { one in
        for number in 1...5 { try await one.make(number) }
        var pages: [ResourceList<Project>] = []
        for try await page in one.projects.pages(limit: 2, labelSelector: one.selector) { pages.append(page) }
        try same(pages.map { one.numbers($0) }, ["1 2", "3 4", "5"], "the pages")
        try same(Set(pages.map(\.resourceVersion)).count, 1, "resourceVersions")
        try same(pages.map { $0.continue.isEmpty }, [false, false, true], "which page is the last")
    },
    "list-all-namespaces": { one in
        try await one.make()
        let everywhere = one.client.resource(Project.self)
        try same(try await everywhere.list(labelSelector: one.selector).map(\.metadata.namespace), ["default"], "the list")
        let informer = try everywhere.informer(labelSelector: one.selector)
        try await informer.waitUntilSynced(timeout: patient(.seconds(10)))
        try same(informer.keys, ["default/\(one.name)"], "the informer's keys")
        await informer.stop()
    },
    "create-answers-the-object": { one in
        let made = try await one.objects.create(try one.object(spec: ["replicas": 2]))
        try expect(!made.uid.isEmpty && !made.resourceVersion.isEmpty, "what the server adds")
        try same("\(made.apiVersion) \(made.kind) \(made.namespace)", "example.sealyun.com/v1alpha1 Project default", "what was completed")
    },
    "create-generates-a-name": { one in
        var names: Set<String> = []
        for _ in 0..<2 {
            let meta = ObjectMeta(generateName: "\(one.name)-", labels: ["conformance": one.name])
            names.insert(try await one.projects.create(Project(metadata: meta, spec: .init(replicas: 1))).metadata.name ?? "")
        }
        try expect(names.count == 2 && names.allSatisfy { $0.hasPrefix("\(one.name)-") && $0.count > one.name.count + 1 }, "\(names)")
    },
    "create-twice-is-already-exists": { one in
        try await one.make(0, 1)
        try await failure(.alreadyExists, "create", http: 409, reason: "AlreadyExists") { try await one.make(0, 2) }
        try same(try await one.projects.get(one.name).spec.replicas, 1, "replicas")
    },
    "create-invalid-names-the-field": { one in
        for bad: JSON in [["replicas": 0], ["replicas": "many"]] {
            let error = try await failure(.invalid, "replicas \(bad.text)", http: 422, reason: "Invalid") { try await one.objects.create(try one.object(spec: bad)) }
            try same(error.status?.details?.causes?.first?.field, "spec.replicas", "the field")
        }
        var object = try one.object(spec: [:])
        try object.remove(at: "/spec")
        let bare = object
        try await failure(.invalid, "without spec", http: 422, reason: "Invalid") { try await one.objects.create(bare) }
    },
    "create-dry-run-makes-nothing": { one in
        try expect(try await one.projects.create(one.project(), dryRun: true).metadata.uid?.isEmpty == false, "no uid")
        try await failure(.notFound, "get", http: 404) { _ = try await one.projects.get(one.name) }
    },
    "core-objects": { one in
        let maps = one.client.resource("v1/configmaps", namespace: "default")
        try await maps.deleteCollection(labelSelector: one.selector)
        var map = try one.object(spec: nil)
        try map.remove(at: "/spec")
        try map.set(["a": "1", "b": "2"], at: "/data")
        try await maps.create(map)
        let patched = try await maps.patch(one.name, ["data": ["a": nil, "c": "3"]])
        try same(try patched.value(at: "/data"), ["b": "2", "c": "3"], "data")
        try same(try await maps.list(labelSelector: one.selector).map(\.name), [one.name], "the list")
        try await maps.delete(one.name)
        try await failure(.notFound, "get", http: 404) { _ = try await maps.get(one.name) }
        try same(try await one.client.resource("v1/namespaces").get("default").key, "default", "the Namespace")
    },
]
