// Cases: server-side apply of whole manifests.
import KubeCR

extension Case {
    fileprivate func yaml(_ number: Int, _ replicas: Int) -> String {
        """
        apiVersion: example.sealyun.com/v1alpha1
        kind: Project
        metadata:
          name: \(name(number))
          labels: {conformance: \(name)}
        spec: {replicas: \(replicas)}

        """
    }

    fileprivate func numbers(_ objects: [KubeObject]) -> String { objects.map { number($0.name) }.joined(separator: " ") }
}

let manifestCases: [String: Play] = [
    "manifest-applies-many": { one in
        var third = try one.object(3, spec: ["replicas": 3])
        try third.set("example.sealyun.com/v1alpha1", at: "/apiVersion")
        try third.set("Project", at: "/kind")
        let items = #"{"kind":"List","apiVersion":"v1","items":[\#(third.text)]}"#
        let first = try await one.client.apply("# a manifest\n\(one.yaml(2, 2))---\n---\n\(one.yaml(1, 1))---\n\(items)\n", fieldManager: "one")
        try same(one.numbers(first), "2 1 3", "what was applied")
        try same(one.numbers(try await one.projects.list(labelSelector: one.selector)), "1 2 3", "what is there")
        let again = try await one.client.apply(one.yaml(2, 5), fieldManager: "one", namespace: "default")
        try same(try again.map { try $0.int(at: "/spec/replicas") }, [5], "the second apply")
        try same(again.map(\.uid), [first[0].uid], "uid")
    },
    "manifest-dry-run-makes-nothing": { one in
        try same(one.numbers(try await one.client.apply("\(one.yaml(1, 1))---\n\(one.yaml(2, 2))", dryRun: true)), "1 2", "what would be applied")
        try same(try await one.projects.list(labelSelector: one.selector).count, 0, "objects")
    },
    "manifest-makes-its-crd-first": { one in
        let things = Things(of: one)
        try await things.remove()
        var thing = try one.object(1, spec: ["replicas": 1])
        try thing.set(.string("\(things.group)/v1"), at: "/apiVersion")
        try thing.set("Thing", at: "/kind")
        let made = try await one.client.apply([thing, try KubeObject(things.definition)], timeout: .seconds(60))
        try same(made.map(\.kind), ["Thing", "CustomResourceDefinition"], "what was applied")
        try same(try await things.resource.get(one.name(1)).uid, made[0].uid, "uid")
        try await things.remove()
    },
    "manifest-error-names-the-document": { one in
        let error = try await failure(.invalid, "an invalid document", http: 422, reason: "Invalid") {
            try await one.client.apply("\(one.yaml(1, 1))---\n\(one.yaml(2, 0))---\n\(one.yaml(3, 3))")
        }
        for words in ["document 2", one.name(2), one.name(1)] { try expect(error.message.contains(words), error.message) }
        try same(one.numbers(try await one.projects.list(labelSelector: one.selector)), "1", "what was applied before it")
        let unknown = try await failure(.notFound, "an unknown kind") {
            try await one.client.apply("\(one.yaml(4, 1))---\napiVersion: nothing.example.com/v1\nkind: Nothing\nmetadata: {name: a}\n")
        }
        try expect(unknown.message.contains("Nothing"), unknown.message)
        do {
            try await one.client.apply("\(one.yaml(4, 1))---\na: [1\n")
            throw Failed("a broken document was applied")
        } catch let error as KubeError {
            try expect(error.httpStatus == 0 && error.message.contains("document 2"), error.message)
        }
        try await failure(.notFound, "what stands before it", http: 404) { _ = try await one.projects.get(one.name(4)) }
    },
]
