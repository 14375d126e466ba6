// Cases: replace, patch, apply, subresources, delete, many calls at once, awkward values.
import KubeCR

let changeCases: [String: Play] = [
    "replace-counts-generations": { one in
        let made = try await one.make()
        var changed = made
        changed.spec.replicas = 2
        changed = try await one.projects.replace(changed)
        try same(changed.metadata.generation, 2, "generation after a change of the spec")
        try expect(changed.metadata.resourceVersion != made.metadata.resourceVersion, "the resourceVersion is the old one")
        var labelled = changed
        labelled.metadata.labels?["more"] = "yes"
        labelled = try await one.projects.replace(labelled)
        try same(labelled.metadata.generation, 2, "generation after a change of a label")
        try expect(labelled.metadata.resourceVersion != changed.metadata.resourceVersion, "the resourceVersion is the old one")
    },
    "replace-of-an-old-version-is-conflict": { one in
        var old = try await one.make()
        try await one.setReplicas(0, 2)
        old.spec.replicas = 3
        let stale = old
        try await failure(.conflict, "replace", http: 409, reason: "Conflict") { try await one.projects.replace(stale) }
        try same(try await one.projects.get(one.name).spec.replicas, 2, "replicas")
    },
    "update-settles-conflicts": { one in
        try await one.make()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<5 { try await one.projects.update(one.name, attempts: 50) { $0.spec.replicas += 1 } }
                }
            }
            try await group.waitForAll()
        }
        try same(try await one.projects.get(one.name).spec.replicas, 21, "replicas")
    },
    "merge-patch-sets-and-removes": { one in
        try await one.projects.create(one.project(labels: ["old": "1"]))
        let patched = try await one.projects.patch(one.name, ["metadata": ["labels": ["old": nil, "new": "2"]], "spec": ["replicas": 5]])
        try same(patched.spec.replicas, 5, "replicas")
        try same(patched.metadata.labels, ["conformance": one.name, "new": "2"], "labels")
    },
    "json-patch-tests-first": { one in
        try await one.make()
        func operations(_ expected: Int64, _ new: Int64) -> Patch {
            .json([["op": "test", "path": "/spec/replicas", "value": .int(expected)], ["op": "replace", "path": "/spec/replicas", "value": .int(new)]])
        }
        try same(try await one.projects.patch(one.name, operations(1, 4)).spec.replicas, 4, "replicas")
        let error = try await failure(.invalid, "a test that fails", http: 422) { try await one.projects.patch(one.name, operations(1, 5)) }
        try expect(error.status != nil, "no Status")
        try same(try await one.projects.get(one.name).spec.replicas, 4, "replicas after it")
    },
    "apply-creates-and-changes": { one in
        try same(try await one.projects.apply(one.project(), fieldManager: "one").spec.replicas, 1, "replicas")
        try same(try await one.projects.apply(one.project(0, 2), fieldManager: "one").spec.replicas, 2, "replicas applied again")
        try same(try await one.projects.get(one.name).spec.replicas, 2, "replicas got")
    },
    "status-is-apart": { one in
        try await one.make()
        let patched = try await one.projects.patchStatus(one.name, ["status": ["phase": "Ready"], "spec": ["replicas": 9]])
        try expect(patched.status?.phase == "Ready" && patched.spec.replicas == 1 && patched.metadata.generation == 1, "\(patched)")
        var changed = patched
        changed.status?.phase = "Other"
        changed.spec.replicas = 2
        let replaced = try await one.projects.replace(changed)
        try expect(replaced.status?.phase == "Ready" && replaced.spec.replicas == 2, "\(replaced)")
        changed = replaced
        changed.status?.phase = "Done"
        try same(try await one.projects.replaceStatus(changed).status?.phase, "Done", "a replaced status")
        try same(try await one.projects.getStatus(one.name).status?.phase, "Done", "the status")
    },
    "scale-reads-and-sets": { one in
        try await one.make()
        try same(try await one.projects.scale(one.name).spec?.replicas, 1, "the scale")
        try same(try await one.projects.scale(one.name, to: 3).spec?.replicas, 3, "the new scale")
        try same(try await one.projects.get(one.name).spec.replicas, 3, "replicas")
    },
    "delete-removes": { one in
        try await one.make()
        try await one.projects.delete(one.name)
        try await failure(.notFound, "get", http: 404) { _ = try await one.projects.get(one.name) }
        try await failure(.notFound, "a second delete", http: 404) { try await one.projects.delete(one.name) }
    },
    "delete-with-preconditions": { one in
        let made = try await one.make()
        try await failure(.conflict, "a wrong uid", http: 409) { try await one.projects.delete(one.name, preconditions: Preconditions(uid: "other")) }
        _ = try await one.projects.get(one.name)
        try await one.projects.delete(
            one.name, preconditions: Preconditions(uid: made.metadata.uid, resourceVersion: made.metadata.resourceVersion))
        try await failure(.notFound, "get", http: 404) { _ = try await one.projects.get(one.name) }
    },
    "delete-waits-for-finalizers": { one in
        var project = one.project()
        project.metadata.finalizers = ["example.com/wait"]
        try await one.projects.create(project)
        try await one.projects.delete(one.name)
        let waiting = try await one.projects.get(one.name)
        let stays = waiting.metadata.deletionTimestamp != nil
        try await one.projects.update(one.name) { $0.metadata.finalizers = nil }
        try expect(stays, "no deletionTimestamp")
        let gone = try await one.projects.wait(one.name, timeout: patient(.seconds(10))) { $0 == nil }
        try expect(gone == nil, "it is still there")
    },
    "delete-collection-by-label": { one in
        for (number, colour) in [(1, "red"), (2, "red"), (3, "blue")] { try await one.projects.create(one.project(number, labels: ["colour": colour])) }
        try await one.projects.deleteCollection(labelSelector: "\(one.selector),colour=red")
        try same(one.numbers(try await one.projects.list(labelSelector: one.selector)), "3", "what is left")
    },
    "many-calls-at-once": { one in
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for number in task * 10 + 1...task * 10 + 10 {
                        try await one.make(number, number)
                        try same(try await one.projects.get(one.name(number)).spec.replicas, number, "replicas")
                        try await one.projects.delete(one.name(number))
                    }
                }
            }
            try await group.waitForAll()
        }
        try same(try await one.projects.list(labelSelector: one.selector).count, 0, "objects left")
    },
    "odd-text-survives": { one in
        let odd = "\"quotes\" \\back\\slash\\ line\nbreak\r\ttab \u{1} äöüß 漢字 \u{1F600} </script>"
        var project = one.project()
        project.metadata.annotations = ["odd": odd]
        try await one.projects.create(project)
        try same(try await one.projects.get(one.name).metadata.annotations?["odd"], odd, "from get")
        try same(try await one.objects.get(one.name).string(at: "/metadata/annotations/odd"), odd, "from get, without a type")
        try same(try await one.projects.list(labelSelector: one.selector).first?.metadata.annotations?["odd"], odd, "from list")
        let informer = try one.projects.informer(labelSelector: one.selector)
        try await informer.waitUntilSynced(timeout: patient(.seconds(10)))
        try same(try informer["default/\(one.name)"]?.metadata.annotations?["odd"], odd, "from the informer")
        await informer.stop()
    },
    "big-integers-survive": { one in
        try same(try await one.make(0, 2_147_483_647).spec.replicas, 2_147_483_647, "replicas")
        let error = try await failure(.invalid, "2^53 + 1", http: 422, reason: "Invalid") { try await one.make(1, 9_007_199_254_740_993) }
        try expect(error.message.contains("9007199254740993"), error.message)
    },
    "big-object-survives": { one in
        let big = String(repeating: "x", count: 200_000)
        let watch = try one.projects.watch(labelSelector: one.selector)
        var project = one.project()
        project.metadata.annotations = ["big": big]
        try await one.projects.create(project)
        try expect(try await one.projects.get(one.name).metadata.annotations?["big"] == big, "from get")
        for try await event in watch {
            guard case .added(let project) = event else { continue }
            try expect(project.metadata.annotations?["big"] == big, "from the watch")
            break
        }
    },
]
