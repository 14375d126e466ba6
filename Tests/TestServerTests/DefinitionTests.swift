// CustomResourceDefinitions, discovery, loading from files, and the order of versions.
import KubeCore
import Testing
import TestServer

@Suite struct DefinitionTests {
    private func definition(_ changes: (String, JSONValue?)...) throws -> String {
        var object = try JSONValue.parse(Harness.definition("cars", "Namespaced", #"{"type":"object"}"#))
        for (path, value) in changes { object.set(path.split(separator: ".").map(String.init), value) }
        return object.text
    }

    @Test func itIsEstablishedAndServedAtOnce() throws {
        var harness = try Harness()
        let made = try harness.ask("POST", definitions, definition())
        #expect(made.status == 201 && made["spec", "names", "singular"] == "car" && made["spec", "names", "listKind"] == "CarList")
        let conditions = made["status", "conditions"]?.array ?? []
        #expect(conditions.map { $0["type"]?.string } == ["NamesAccepted", "Established"] && conditions.allSatisfy { $0["status"] == "True" })
        #expect(made["status", "storedVersions"] == ["v1"])
        #expect(try harness.ask("GET", "/apis/test.kubecr.io/v1/cars")["kind"] == "CarList")
        #expect(try harness.ask("POST", definitions, definition()).status == 409)
    }

    @Test func refusals() throws {
        var harness = try Harness()
        let table: [([(String, JSONValue?)], String)] = [
            ([("metadata.name", "x.test.kubecr.io")], #"must be spec.names.plural+"."+spec.group"#), ([("spec.group", nil)], "spec.group: Required value"),
            ([("spec.scope", "All")], "spec.scope: Unsupported value"), ([("spec.scope", nil)], "spec.scope: Required value"), ([("spec.names.kind", nil)], "spec.names.listKind: Required value"),
            ([("spec.versions", [])], "must have exactly one version marked as storage version"), ([("spec.conversion.strategy", "Webhook")], "spec.conversion.strategy: Unsupported value"),
            ([("spec.versions", [try JSONValue.parse(#"{"name":"v1","served":true,"storage":true}"#)])], "spec.versions[0].schema.openAPIV3Schema: Required value"),
            ([("spec.versions", [try JSONValue.parse(#"{"served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"string"}}}"#)])], "must be object at the root"),
        ]
        for (changes, fragment) in table {
            var object = try JSONValue.parse(definition())
            for (path, value) in changes { object.set(path.split(separator: ".").map(String.init), value) }
            let reply = try harness.ask("POST", definitions, object.text)
            #expect(reply.status == 422 && reply.message.contains(fragment), "\(reply.message)")
        }
    }

    @Test func aNewSchemaCounts() throws {
        var harness = try Harness()
        try harness.make("a", size: 9)
        let patch = #"[{"op":"replace","path":"/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/size/maximum","value":5}]"#
        let changed = try harness.ask("PATCH", definitions + "/things.test.kubecr.io", patch, jsonPatch)
        #expect(changed.status == 200 && changed["metadata", "generation"] == 2)
        #expect(try harness.make("b", size: 9).status == 422)
        #expect(try harness.ask("GET", things + "/a")["spec", "size"] == 9)
        #expect(try harness.ask("PATCH", definitions + "/things.test.kubecr.io", #"{"spec":{"scope":"Cluster"}}"#, merge).message.contains("field is immutable"))
    }

    @Test func theOldFormIsTakenAsItWas() throws {
        var harness = try Harness()
        let old = #"""
            {"apiVersion":"apiextensions.k8s.io/v1beta1","kind":"CustomResourceDefinition","metadata":{"name":"cars.test.kubecr.io"},"spec":{"group":"test.kubecr.io",
             "version":"v1","scope":"Namespaced","names":{"plural":"cars","kind":"Car"},"subresources":{"status":{}},
             "additionalPrinterColumns":[{"name":"A","type":"string","JSONPath":".spec.a"}],"validation":{"openAPIV3Schema":{"required":["spec"]}}}}
            """#
        let made = try harness.ask("POST", "/apis/apiextensions.k8s.io/v1beta1/customresourcedefinitions", old)
        #expect(made.status == 201 && made["apiVersion"] == "apiextensions.k8s.io/v1")
        #expect(made["spec", "versions"]?.array?.first?["additionalPrinterColumns"]?.array?.first?["jsonPath"] == ".spec.a")
        let cars = "/apis/test.kubecr.io/v1/namespaces/default/cars"
        let car = try harness.ask("POST", cars, #"{"apiVersion":"test.kubecr.io/v1","kind":"Car","metadata":{"name":"a"},"spec":{"any":1}}"#)
        #expect(car["spec", "any"] == 1, "without pruning")
        #expect(try harness.ask("POST", cars, #"{"apiVersion":"test.kubecr.io/v1","kind":"Car","metadata":{"name":"b"}}"#).message.contains("spec: Required value"))
        #expect(try harness.ask("GET", cars + "/a/status").status == 200)
        #expect(try harness.ask("GET", "/apis/apiextensions.k8s.io/v1beta1/customresourcedefinitions").status == 405)
    }

    @Test func rulesInCELAreSaidNotToBeEvaluated() throws {
        var harness = try Harness()
        let schema = #"{"type":"object","properties":{"spec":{"type":"object","x-kubernetes-validations":[{"rule":"self.a > 1"}]}}}"#
        let made = try harness.ask("POST", definitions, Harness.definition("cars", "Namespaced", schema))
        #expect(made.response.warnings == ["kubecr-testserver does not evaluate x-kubernetes-validations"])
    }

    @Test func discovery() throws {
        var harness = try Harness()
        #expect(try harness.ask("GET", "/api")["versions"] == ["v1"])
        let groups = try harness.ask("GET", "/apis")["groups"]?.array ?? []
        #expect(groups.map { $0["name"]?.string } == ["apiextensions.k8s.io", "test.kubecr.io"])
        let group = try harness.ask("GET", "/apis/test.kubecr.io")
        #expect(group["kind"] == "APIGroup" && group["preferredVersion", "version"] == "v1" && group["versions"]?.array?.count == 2)
        let resources = try harness.ask("GET", "/apis/test.kubecr.io/v1")["resources"]?.array ?? []
        #expect(resources.map { $0["name"]?.string } == ["places", "places/status", "places/scale", "things", "things/status", "things/scale"])
        #expect(resources.first?["namespaced"] == false && resources.last?["kind"] == "Scale")
        #expect(try harness.ask("GET", "/api/v1")["resources"]?.array?.map { $0["name"]?.string } == ["configmaps", "namespaces", "namespaces/status", "secrets"])
        for path in ["/apis/none", "/apis/test.kubecr.io/v2", "/apis/none/v1", "/api/v2", "/none", "/apis/test.kubecr.io/v1/none", "/openapi/v2"] {
            let reply = try harness.ask("GET", path)
            #expect(reply.status == 404 && String(decoding: reply.response.body, as: UTF8.self) == "404 page not found\n", "\(path)")
        }
        #expect(try harness.ask("POST", "/apis").status == 405)
    }

    @Test(arguments: ["v2", "v2beta1"])
    func aggregatedDiscovery(_ version: String) throws {
        var harness = try Harness()
        let accept = "application/json;g=apidiscovery.k8s.io;v=\(version);as=APIGroupDiscoveryList,application/json"
        let reply = try harness.ask("GET", "/apis", accept: accept)
        #expect(reply["kind"] == "APIGroupDiscoveryList" && reply["apiVersion"] == .string("apidiscovery.k8s.io/" + version))
        #expect(reply.response.contentType == "application/json;g=apidiscovery.k8s.io;v=\(version);as=APIGroupDiscoveryList")
        let group = reply["items"]?.array?.last
        #expect(group?.at("metadata", "name") == "test.kubecr.io")
        let thing = group?["versions"]?.array?.first?["resources"]?.array?.last
        #expect(thing?["resource"] == "things" && thing?["scope"] == "Namespaced" && thing?.at("responseKind", "kind") == "Thing")
        #expect(thing?["subresources"]?.array?.map { $0["subresource"]?.string } == ["status", "scale"])
        #expect(try harness.ask("GET", "/api", accept: accept)["items"]?.array?.count == 1)
        #expect(try harness.ask("GET", "/apis", accept: "application/json;g=apidiscovery.k8s.io;v=v9;as=APIGroupDiscoveryList").status == 406)
    }

    @Test func versionsStandInTheirOrder() throws {
        var harness = try Harness()
        let versions = ["v1alpha1", "v10", "zeta", "v1", "v2beta1", "v2", "alpha", "v1beta10", "v1beta2"]
        var object = try JSONValue.parse(definition(("metadata.name", "cars.order.io"), ("spec.group", "order.io")))
        object.set(["spec", "versions"], .array(try versions.enumerated().map { index, name in
            try JSONValue.parse(#"{"name":"\#(name)","served":true,"storage":\#(index == 0),"schema":{"openAPIV3Schema":{"type":"object"}}}"#)
        }))
        #expect(try harness.ask("POST", definitions, object.text).status == 201)
        #expect(try harness.ask("GET", "/apis/order.io")["versions"]?.array?.compactMap { $0["version"]?.string }
            == ["v10", "v2", "v1", "v2beta1", "v1beta10", "v1beta2", "v1alpha1", "alpha", "zeta"])
    }

    @Test func filesMeetTheSameRules() throws {
        var harness = try Harness()
        let list = #"{"kind":"List","items":[{"apiVersion":"test.kubecr.io/v1","kind":"Thing","metadata":{"name":"a","namespace":"new"},"spec":{"size":1},"status":{"phase":"Up"}}]}"#
        try harness.server.load(JSONValue.parse(list), now: harness.now)
        #expect(try harness.ask("GET", "/apis/test.kubecr.io/v1/namespaces/new/things/a")["status", "phase"] == "Up")
        for (text, message) in [
            (Harness.thing("b", size: 99), "spec.size: Invalid value"), (#"{"kind":"Bus","apiVersion":"x/v1"}"#, #"no matches for kind "Bus" in version "x/v1""#),
        ] {
            do throws(APIServer.LoadFailure) {
                try harness.server.load((try? JSONValue.parse(text)) ?? .null, now: harness.now)
                Issue.record("loaded: \(text)")
            } catch { #expect(error.message.contains(message)) }
        }
    }
}
