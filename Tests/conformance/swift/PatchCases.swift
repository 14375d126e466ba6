// Cases: patches and applies of one object.
import KubeCR

extension Case {
    fileprivate func jsonPatch(_ operations: JSON) async throws -> ObjectMeta { try await projects.patch(name, .json(operations)).metadata }
}

let patchCases: [String: Play] = [
    "patch-dry-run-changes-nothing": { one in
        let made = try await one.make()
        let applied: JSON = [
            "apiVersion": "example.sealyun.com/v1alpha1", "kind": "Project", "metadata": ["name": .string(one.name)], "spec": ["replicas": 7],
        ]
        for patch: Patch in [["spec": ["replicas": 7]], .json([["op": "replace", "path": "/spec/replicas", "value": 7]])] {
            try same(try await one.projects.patch(one.name, patch, dryRun: true).spec.replicas, 7, "the answer")
        }
        try same(try await one.projects.patch(one.name, .apply(applied), dryRun: true, fieldManager: "one", force: true).spec.replicas, 7, "the answer")
        try same(try await one.projects.get(one.name).metadata.resourceVersion, made.metadata.resourceVersion, "the version")
    },
    "json-patch-edits-anything": { one in
        try await one.make()
        let finalizers = "/metadata/finalizers", annotations = "/metadata/annotations"
        let lists = try await one.jsonPatch([
            ["op": "add", "path": .string(finalizers), "value": ["example.com/b"]],
            ["op": "add", "path": .string("\(finalizers)/-"), "value": "example.com/d"],
            ["op": "add", "path": .string("\(finalizers)/0"), "value": "example.com/a"],
            ["op": "replace", "path": .string("\(finalizers)/2"), "value": "example.com/c"],
            ["op": "test", "path": .string(finalizers), "value": ["example.com/a", "example.com/b", "example.com/c"]],
            ["op": "remove", "path": .string("\(finalizers)/1")],
        ])
        try same(lists.finalizers ?? [], ["example.com/a", "example.com/c"], "the list")
        try await failure(.invalid, "a test of an element", http: 422) {
            _ = try await one.jsonPatch([["op": "test", "path": .string("\(finalizers)/1"), "value": "example.com/a"], ["op": "remove", "path": .string(finalizers)]])
        }
        _ = try await one.jsonPatch([["op": "remove", "path": .string(finalizers)]])
        let keys = try await one.jsonPatch([
            ["op": "add", "path": .string(annotations), "value": ["example.com/a": "1"]],
            ["op": "test", "path": .string("\(annotations)/example.com~1a"), "value": "1"],
            ["op": "copy", "from": .string("\(annotations)/example.com~1a"), "path": .string("\(annotations)/b")],
            ["op": "move", "from": .string("\(annotations)/example.com~1a"), "path": .string("\(annotations)/example.com~1c")],
        ])
        try same(keys.annotations ?? [:], ["b": "1", "example.com/c": "1"], "the keys")
        let error = try await failure(.invalid, "the key a~b", http: 422) {
            _ = try await one.jsonPatch([["op": "add", "path": .string("\(annotations)/a~0b"), "value": "1"]])
        }
        try expect(error.message.contains("a~b"), error.message)
    },
    "merge-patch-at-a-version": { one in
        let made = try await one.make()
        let changed = try await one.projects.patch(one.name, ["spec": ["replicas": 2]])
        func at(_ version: String?) async throws -> Project {
            try await one.projects.patch(one.name, ["metadata": ["resourceVersion": .string(version ?? "")], "spec": ["replicas": 9]])
        }
        try await failure(.conflict, "an old version", http: 409, reason: "Conflict") { _ = try await at(made.metadata.resourceVersion) }
        try same(try await one.projects.get(one.name).spec.replicas, 2, "replicas")
        try same(try await at(changed.metadata.resourceVersion).spec.replicas, 9, "replicas in the end")
    },
    "apply-removes-what-it-no-longer-states": { one in
        var project = one.project()
        project.metadata.annotations = ["a": "1", "b": "2"]
        try await one.projects.apply(project, fieldManager: "one")
        try await one.projects.patch(one.name, ["metadata": ["annotations": ["c": "3"]]])
        project.metadata.annotations = ["b": "2"]
        let changed = try await one.projects.apply(project, fieldManager: "one")
        try same(changed.metadata.annotations ?? [:], ["b": "2", "c": "3"], "the annotations")
    },
]
