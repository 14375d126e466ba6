// Resources as text, in every form of the contract's rule 5, and what discovery says they are called.
import KubeCore
import Testing

private func exact(_ group: String, _ version: String, _ resource: String) -> ResourceName.Target {
    .exact(GVR(group: group, version: version, resource: resource))
}

private func lookUp(_ word: String, _ version: String = "", _ group: String = "") -> ResourceName.Target {
    .lookUp(word: word, version: version, group: group)
}

@Suite struct ResourceNameTests {
    @Test(arguments: [
        ("v1/pods", exact("", "v1", "pods"), ""), ("v1/pods/log", exact("", "v1", "pods"), "log"), ("v1beta2/things", exact("", "v1beta2", "things"), ""),
        ("v1/serviceaccounts/token", exact("", "v1", "serviceaccounts"), "token"),
        ("apps/v1/deployments", exact("apps", "v1", "deployments"), ""), ("apps/v1/deployments/scale", exact("apps", "v1", "deployments"), "scale"),
        ("example.sealyun.com/v1alpha1/projects", exact("example.sealyun.com", "v1alpha1", "projects"), ""),
        ("example.sealyun.com/v1alpha1/projects/status", exact("example.sealyun.com", "v1alpha1", "projects"), "status"),
        ("v1/v1/v1", exact("", "v1", "v1"), "v1"), ("group/v2/v1", exact("group", "v2", "v1"), ""),
    ])
    func aVersionInFrontOrSecondMakesItExact(text: String, target: ResourceName.Target, subresource: String) throws {
        let name = try ResourceName(text)
        #expect(name.target == target && name.subresource == subresource)
    }

    @Test(arguments: [
        ("projects", lookUp("projects"), ""), ("proj", lookUp("proj"), ""), ("Project", lookUp("Project"), ""), ("projects/status", lookUp("projects"), "status"),
        ("Project.example.sealyun.com", lookUp("Project", "", "example.sealyun.com"), ""), ("deployments.apps", lookUp("deployments", "", "apps"), ""),
        ("deployments.v1.apps", lookUp("deployments", "v1", "apps"), ""), ("deployments.apps/scale", lookUp("deployments", "", "apps"), "scale"),
        ("projects.v1alpha1.example.sealyun.com/status", lookUp("projects", "v1alpha1", "example.sealyun.com"), "status"),
        ("pods.v1", lookUp("pods", "v1"), ""), ("pods.v1.", lookUp("pods", "v1"), ""), ("pods.", lookUp("pods"), ""),
        ("x.v1beta", lookUp("x", "", "v1beta"), ""), ("x.io.v1", lookUp("x", "", "io.v1"), ""), ("vm", lookUp("vm"), ""), ("v", lookUp("v"), ""),
    ])
    func anythingElseIsLookedUp(text: String, target: ResourceName.Target, subresource: String) throws {
        let name = try ResourceName(text)
        #expect(name.target == target && name.subresource == subresource)
    }

    @Test(arguments: [
        "", "/", "v1", "v1/", "/v1", "v1//pods", "v1/pods/", "v1/pods/log/x", "apps/v1", "apps/v1/", "apps/v1/deployments/scale/x", "a/b/c", "/pods", "pods/",
        ".apps", "v1/..", "v1/.", "v1/%2e%2e", "../v1/pods", "pods/..", "v1/pods/..", "po\u{0}ds", "v1/po\nds", "\n/", "a\n//b", "v1/a%2fb", ".",
    ])
    func whatNamesNothingIsRefused(text: String) {
        #expect(failure { try ResourceName(text) }.code == .argument)
    }

    @Test(arguments: ["v1", "v2", "v10", "v01", "v1alpha1", "v1beta2", "v12alpha34", "v0"]) func versionsAreKnown(text: String) {
        #expect(ResourceName.isVersion(text))
    }

    @Test(arguments: [
        "", "v", "1", "V1", "v1alpha", "v1beta", "valpha1", "v1gamma1", "v1alpha1beta1", "v1 ", " v1", "v1.", "v-1", "v1alpha-1", "vm", "version1", "v1alphaalpha1",
        "v1\u{301}", "v1alpha\u{301}1", "v1alpha1\u{301}", "v\u{661}", "v1\n",
    ])
    func whatLooksLikeAVersionIsNone(text: String) {
        #expect(!ResourceName.isVersion(text))
    }

    @Test func groupVersionAndRootAreKubernetesOwn() {
        let core = GVR(group: "", version: "v1", resource: "pods")
        let other = GVR(group: "example.sealyun.com", version: "v1alpha1", resource: "projects")
        #expect(core.apiVersion == "v1")
        #expect(other.apiVersion == "example.sealyun.com/v1alpha1")
    }
}

@Suite struct ResourceInfoTests {
    private let projects = ResourceInfo(
        gvr: GVR(group: "example.sealyun.com", version: "v1alpha1", resource: "projects"), kind: "Project", namespaced: true, singular: "project",
        verbs: ["get", "list"], shortNames: ["proj", "pj"], subresources: ["status"])

    @Test func discoverAnswersInItsOwnWords() {
        #expect(
            projects.json.text
                == #"{"resource":"projects","kind":"Project","group":"example.sealyun.com","version":"v1alpha1","namespaced":true,"verbs":["get","list"],"shortNames":["proj","pj"],"subresources":["status"]}"#)
    }
}
