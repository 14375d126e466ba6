// Cases: the options of get, list, create, replace and delete.
import KubeCR

/// What the log has told.
private actor Heard {
    var lines: [String] = []
    func add(_ line: String) { lines.append(line) }
}

let optionCases: [String: Play] = [
    "metadata-only": { one in
        for number in 1...2 { try await one.make(number) }
        let got = try await one.projects.getMetadata(one.name(1))
        try same(got.metadata.labels ?? [:], ["conformance": one.name], "the labels")
        let listed = try await one.projects.listMetadata(labelSelector: one.selector)
        try same(listed.map { one.number($0.metadata.name ?? "") }, ["1", "2"], "the list")
        let page = try await one.projects.listMetadata(labelSelector: one.selector, limit: 1)
        try expect(page.count == 1 && !page.continue.isEmpty, "a page of \(page.count), continue \(page.continue)")
        try await failure(.notFound, "a get of nothing", http: 404) { _ = try await one.projects.getMetadata(one.name) }
    },
    "list-by-odd-selectors": { one in
        let tier = "example.com/tier"
        for (number, labels) in [(1, [tier: "v1.2_3-x"]), (2, [tier: ""]), (3, [tier: "9", "in": "notin"]), (4, ["x": "y"])] {
            try await one.projects.create(one.project(number, labels: labels))
        }
        for (selector, wanted) in [
            ("\(tier)=v1.2_3-x", "1"), ("\(tier) in (v1.2_3-x,)", "1 2"), ("\(tier)=", "2"), ("\(tier)!=", "1 3 4"),
            ("\(tier) notin ( v1.2_3-x , 9 )", "2 4"), ("\(tier)>8", "3"), ("\(tier)<8", ""), ("\(tier) in ()", "2"),
            ("in in (notin)", "3"), ("\(tier),!in", "1 2"), (" x = y ", "4"),
        ] {
            try same(one.numbers(try await one.projects.list(labelSelector: "\(one.selector),\(selector)")), wanted, selector)
        }
    },
    "list-refuses-bad-selectors": { one in
        for (selector, words) in [
            ("colour=a&b", "\"a&b\""), ("colour=a&limit=1", "\"a&limit\""), ("colour=größe", "\"größe\""), ("colour=50%25", "50%25"),
            ("colour=a+b", "a+b"), ("colour=a#b", "a#b"), ("colour in", "unable to parse"), ("a/b/c=d", "a/b/c"),
        ] {
            let error = try await failure(.badRequest, selector, http: 400, reason: "BadRequest") { _ = try await one.projects.list(labelSelector: selector) }
            try expect(error.message.contains(words), "\(selector): \(error.message)")
        }
    },
    "longest-names-work": { one in
        let begin = "\(one.name).1."
        let name = begin + String(repeating: "x", count: 253 - begin.count)
        var project = one.project()
        project.metadata.name = name
        try await one.projects.create(project)
        try same(try await one.projects.get(name).metadata.name, name, "the name")
        try same(try await one.projects.list(fieldSelector: "metadata.name=\(name)").count, 1, "listed by its name")
        try same(try await one.projects.patch(name, ["spec": ["replicas": 2]]).spec.replicas, 2, "replicas")
        try await one.projects.delete(name)
        project.metadata.name = name + "x"
        let tooLong = project
        let error = try await failure(.invalid, "254 characters", http: 422, reason: "Invalid") { try await one.projects.create(tooLong) }
        try same(error.status?.details?.causes?.first?.field, "metadata.name", "the field")
    },
    "create-ignores-the-status": { one in
        var project = one.project()
        project.status = .init(phase: "Ready")
        try expect(try await one.projects.create(project).status == nil, "it has a status")
    },
    "writes-warn-of-unknown-fields": { one in
        let heard = Heard()
        let (lines, told) = AsyncStream.makeStream(of: String.self)
        KubeLog.listen(upTo: .warn) { told.yield($1) }
        defer { KubeLog.silence() }
        let client = try KubeClient(config: .load(kubeconfig: Environment.value("KUBECONFIG")))
        let objects = client.resource("example.sealyun.com/v1alpha1/projects", namespace: "default")
        for number in 1...2 {
            let made = try await objects.create(try one.object(number, spec: ["replicas": 1, "colour": "red", "taste": "sour"]), fieldValidation: .warn)
            try expect((try? made.value(at: "/spec/colour")) == nil, "the unknown field is kept")
        }
        try await objects.create(try one.object(3, spec: ["replicas": 1, "smell": 1]), fieldValidation: .ignore)
        await client.close()
        KubeLog.silence()
        told.finish()
        for await line in lines { await heard.add(line) }
        let all = await heard.lines
        for field in ["colour", "taste"] {
            try same(all.filter { $0.contains("unknown field \"spec.\(field)\"") }.count, 1, "warnings of \(field)")
        }
        try expect(!all.contains { $0.contains("smell") }, "a warning in spite of Ignore")
    },
    "writes-tell-their-field-manager": { one in
        func owns(_ project: Project, _ manager: String, _ field: String) throws {
            let fields = project.metadata.managedFields?.first { $0.manager == manager }?.fieldsV1?.text ?? ""
            try expect(fields.contains(field), "\(manager) owns \(fields)")
        }
        try owns(try await one.projects.create(one.project(), fieldManager: "who-creates"), "who-creates", "f:replicas")
        var changed = try await one.projects.patch(one.name, ["metadata": ["annotations": ["a": "1"]]], fieldManager: "who-patches")
        try owns(changed, "who-patches", "f:a")
        changed.spec.replicas = 5
        try owns(try await one.projects.replace(changed, fieldManager: "who-replaces"), "who-replaces", "f:replicas")
        let client = try KubeClient(config: .load(kubeconfig: Environment.value("KUBECONFIG")), userAgent: "conformance-agent")
        let made = try await client.resource(Project.self, namespace: "default").create(one.project(1))
        try expect(made.metadata.managedFields?.first?.manager?.hasPrefix("conformance-agent") == true, "the agent is not the manager")
    },
    "replace-dry-run-changes-nothing": { one in
        let made = try await one.make()
        var changed = made
        changed.spec.replicas = 5
        try same(try await one.projects.replace(changed, dryRun: true).spec.replicas, 5, "the answer")
        try same(try await one.projects.get(one.name).metadata.resourceVersion, made.metadata.resourceVersion, "the version")
        changed.spec.replicas = 0
        let invalid = changed
        try await failure(.invalid, "what is invalid", http: 422) { try await one.projects.replace(invalid, dryRun: true) }
    },
    "bodies-that-disagree-are-refused": { one in
        try await one.make()
        var project = one.project()
        project.metadata.namespace = "another"
        let elsewhere = project
        try await failure(.argument, "another namespace", http: 0, reason: "") { try await one.projects.replace(elsewhere) }
        try await failure(.argument, "another namespace", http: 0, reason: "") { try await one.projects.create(elsewhere) }
        project.metadata = ObjectMeta(labels: ["conformance": one.name])
        let nameless = project
        try await failure(.argument, "no name", http: 0, reason: "") { try await one.projects.replace(nameless) }
    },
    "status-is-replaced-alone": { one in
        let made = try await one.make()
        var changed = made
        changed.spec.replicas = 9
        changed.status = .init(phase: "Ready")
        let ready = changed
        let replaced = try await one.projects.replaceStatus(ready)
        try expect(replaced.status?.phase == "Ready" && replaced.spec.replicas == 1 && replaced.metadata.generation == 1, "\(replaced)")
        try await failure(.conflict, "an old version", http: 409, reason: "Conflict") { try await one.projects.replaceStatus(ready) }
        try same(try await one.projects.getStatus(one.name).metadata.resourceVersion, replaced.metadata.resourceVersion, "the version that is got")
    },
    "delete-dry-run-removes-nothing": { one in
        for number in 1...2 { try await one.make(number) }
        try await one.projects.delete(one.name(1), dryRun: true)
        try await one.projects.deleteCollection(labelSelector: one.selector, dryRun: true)
        try same(one.numbers(try await one.projects.list(labelSelector: one.selector)), "1 2", "what is left")
        try await failure(.notFound, "of nothing", http: 404) { try await one.projects.delete(one.name(3), dryRun: true) }
    },
    "delete-propagates": { one in
        for (number, policy, finalizer) in [(1, PropagationPolicy.foreground, "foregroundDeletion"), (2, .orphan, "orphan")] {
            try await one.make(number)
            try await one.projects.delete(one.name(number), gracePeriod: .zero, propagationPolicy: policy)
            try same(try await one.projects.get(one.name(number)).metadata.finalizers, [finalizer], policy.rawValue)
            try await one.projects.patch(one.name(number), ["metadata": ["finalizers": nil]])
        }
        try await one.make(3)
        try await one.projects.delete(one.name(3), propagationPolicy: .background)
        try same(try await one.projects.list(labelSelector: one.selector).count, 0, "objects left")
    },
]
