// A CRD of the case's own, that comes and goes: things.CASE.example.com, kind Thing, short name th.
import KubeCR

struct Things {
    let group: String
    let resource: Resource<KubeObject>
    private let one: Case
    private let definitions: Resource<KubeObject>

    init(of one: Case) {
        self.one = one
        group = "\(one.name).example.com"
        resource = one.client.resource("\(group)/v1/things", namespace: "default")
        definitions = one.client.resource("apiextensions.k8s.io/v1/customresourcedefinitions")
    }

    var definition: JSON {
        let schema: JSON = ["type": "object", "properties": ["spec": ["type": "object", "properties": ["replicas": ["type": "integer"]]]]]
        let names: JSON = ["plural": "things", "singular": "thing", "kind": "Thing", "listKind": "ThingList", "shortNames": ["th"]]
        return [
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": ["name": "things.\(group)"],
            "spec": [
                "group": "\(group)", "scope": "Namespaced", "names": names,
                "versions": [["name": "v1", "served": true, "storage": true, "schema": ["openAPIV3Schema": schema]]],
            ],
        ]
    }

    /// Makes the CRD, if need be, and an object. An API server may answer 404 for a second after its CRD is made.
    func make(_ number: Int) async throws {
        let definition = try KubeObject(definition)
        try await one.eventually("the CRD", within: .seconds(60)) { (try? await definitions.create(definition)) != nil }
        let thing = try one.object(number, spec: ["replicas": .int(Int64(number))])
        try await one.eventually("thing \(number)", within: .seconds(60)) { (try? await resource.create(thing)) != nil }
    }

    /// Whether a client finds them by this name.
    func areFound(by client: KubeClient, as name: String) async throws -> Bool {
        do {
            return try await client.discover("\(name).\(group)").kind == "Thing"
        } catch let error as KubeError where error.code == .notFound { return false }
    }

    func remove() async throws {
        try await one.eventually("an end of the CRD", within: .seconds(60)) {
            do {
                try await definitions.delete("things.\(group)")
                return false
            } catch let error as KubeError where error.code == .notFound { return true }
        }
    }
}
