// What discovery documents say in both forms, reduced to what is kept.
import KubeCore
import Testing

private func json(_ text: String) throws -> JSONValue { try JSONValue.parse(text) }

struct DiscoveryDocumentTests {
    @Test func aLegacyRootGivesVersionsThePreferredOneFirst() throws {
        let core = DiscoveryContent(legacy: try json(#"{"kind":"APIVersions","versions":["v1"]}"#), of: .core)
        #expect(core == .versions([GroupVersion(group: "", version: "v1")]))
        let groups = DiscoveryContent(legacy: try json("""
            {"kind":"APIGroupList","groups":[
             {"name":"b.io","versions":[{"version":"v1beta1"},{"version":"v1"},{"version":"v2"}],"preferredVersion":{"version":"v1"}},
             {"name":"a.io","versions":[{"version":"v3"}],"preferredVersion":{"version":"v9"}}]}
            """), of: .groups)
        #expect(groups == .versions(["b.io/v1", "b.io/v1beta1", "b.io/v2", "a.io/v3"].compactMap { GroupVersion(apiVersion: $0) }))
    }

    @Test func aVersionsDocumentGivesResourcesWithTheirSubresources() throws {
        let content = DiscoveryContent(legacy: try json("""
            {"resources":[{"name":"pods","singularName":"","namespaced":true,"kind":"Pod","verbs":["get"],"shortNames":["po"]},
             {"name":"pods/log","kind":"Pod"},{"name":"podsy/x","kind":"X"},{"name":"nodes","kind":"Node"}]}
            """), of: .version(GroupVersion(group: "", version: "v1")))
        #expect(content == .list([
            ResourceInfo(gvr: GVR(group: "", version: "v1", resource: "pods"), kind: "Pod", namespaced: true, verbs: ["get"], shortNames: ["po"], subresources: ["log"]),
            ResourceInfo(gvr: GVR(group: "", version: "v1", resource: "nodes"), kind: "Node", namespaced: false),
        ]))
    }

    @Test func anAggregatedGroupGivesTheSame() throws {
        let versions = DiscoveryContent.versions(aggregated: try json("""
            {"metadata":{"name":"example.io","creationTimestamp":null},"versions":[
             {"version":"v1","freshness":"Current","resources":[
              {"resource":"projects","responseKind":{"group":"example.io","version":"v1","kind":"Project"},"scope":"Namespaced",
               "singularResource":"project","verbs":["get"],"shortNames":["proj"],
               "subresources":[{"subresource":"status","responseKind":{"kind":"Project"},"verbs":["get"]}]},
              {"resource":"clusters","responseKind":{"kind":"Cluster"},"scope":"Cluster","singularResource":"cluster","verbs":[]},
              {"resource":"onlysubs","subresources":[{"subresource":"x"}]},
              {"resource":"nokind","responseKind":{"kind":""},"scope":"Cluster"}]},
             {"version":"v1beta1","freshness":"Stale","resources":[{"resource":"old","responseKind":{"kind":"Old"}}]}]}
            """))
        func gvr(_ resource: String) -> GVR { GVR(group: "example.io", version: "v1", resource: resource) }
        #expect(versions == [
            .init(GroupVersion(group: "example.io", version: "v1"), [
                ResourceInfo(gvr: gvr("projects"), kind: "Project", namespaced: true, singular: "project", verbs: ["get"], shortNames: ["proj"], subresources: ["status"]),
                ResourceInfo(gvr: gvr("clusters"), kind: "Cluster", namespaced: false, singular: "cluster"),
            ]),
            .init(GroupVersion(group: "example.io", version: "v1beta1"), nil),
        ])
    }

    /// R7: group, version and name stand in a path.
    @Test(arguments: ["..", "a/b", "%2e", ""])
    func whatIsNoSegmentIsLeftOut(text: String) throws {
        let version = GroupVersion(group: "example.io", version: "v1")
        #expect(DiscoveryContent(legacy: try json(#"{"versions":["\#(text)"]}"#), of: .core) == .versions([]))
        #expect(DiscoveryContent(legacy: try json(#"{"groups":[{"name":"\#(text)","versions":[{"version":"v1"}]}]}"#), of: .groups) == .versions([]))
        #expect(DiscoveryContent(legacy: try json(#"{"resources":[{"name":"\#(text)","kind":"A"}]}"#), of: .version(version)) == .list([]))
        let group = try json(#"{"metadata":{"name":"g"},"versions":[{"version":"\#(text)"},{"version":"v1","resources":[{"resource":"\#(text)","responseKind":{"kind":"A"}}]}]}"#)
        #expect(DiscoveryContent.versions(aggregated: group) == [.init(GroupVersion(group: "g", version: "v1"), [])])
    }

    @Test(arguments: [("v1", "", "v1"), ("apps/v1", "apps", "v1"), ("a.b/v1beta1", "a.b", "v1beta1")])
    func anAPIVersionIsAGroupAndAVersion(text: String, group: String, version: String) {
        #expect(GroupVersion(apiVersion: text) == GroupVersion(group: group, version: version))
        #expect(GroupVersion(apiVersion: text)?.apiVersion == text)
    }

    @Test(arguments: ["", "/", "/v1", "apps/", "a/b/c", "..", "../v1", "a%/v1", "v 1\n"])
    func anythingElseIsNone(text: String) { #expect(GroupVersion(apiVersion: text) == nil) }
}
