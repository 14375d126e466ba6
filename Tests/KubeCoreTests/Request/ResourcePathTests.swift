// From a resource to a request target: what is escaped, what is refused, and that a name stays one segment (R7, fault 106).
import KubeCore
import Testing

private let projects = GVR(group: "example.sealyun.com", version: "v1alpha1", resource: "projects")
private let pods = GVR(group: "", version: "v1", resource: "pods")

@Suite struct ResourcePathTests {
    @Test(arguments: [
        (pods, "", "", "", "/api/v1/pods"), (pods, "kube-system", "", "", "/api/v1/namespaces/kube-system/pods"),
        (pods, "default", "web-0", "log", "/api/v1/namespaces/default/pods/web-0/log"),
        (projects, "", "", "", "/apis/example.sealyun.com/v1alpha1/projects"), (projects, "", "p", "", "/apis/example.sealyun.com/v1alpha1/projects/p"),
        (projects, "ns", "p", "status", "/apis/example.sealyun.com/v1alpha1/namespaces/ns/projects/p/status"),
    ])
    func pathsAreKubernetesOwn(gvr: GVR, namespace: String, name: String, subresource: String, target: String) throws {
        #expect(try ResourcePath(gvr, namespace: namespace, name: name, subresource: subresource).target() == target)
    }

    @Test(arguments: ["..", ".", "a/b", "/", "../x", "%2e", "%2E%2e", "a%", "a\u{0}b", "a\nb", "a\r", "\t", "a\u{7f}", "a\u{1f}"])
    func fault106_R7_whatIsNotOneSegmentIsRefusedEverywhere(text: String) {
        #expect(failure { try ResourcePath(pods, namespace: text) }.code == .argument)
        #expect(failure { try ResourcePath(pods, namespace: "ns", name: text) }.code == .argument)
        #expect(failure { try ResourcePath(pods, namespace: "ns", name: "p", subresource: text) }.code == .argument)
        #expect(failure { try PathSegment.check(text, "name") }.code == .argument)
    }

    @Test func theRefusalNamesTheSegment() {
        #expect(failure { try ResourcePath(pods, namespace: "..") } == KubeError(.argument, "\"..\" can't be a namespace"))
        #expect(failure { try ResourcePath(pods, namespace: "", name: "a/b") }.message.hasPrefix("the name must not contain"))
        #expect(failure { try PathSegment.check("", "name") } == KubeError(.argument, "the name is empty"))
    }

    @Test(arguments: [
        ("...", "..."), ("a b", "a%20b"), ("é", "%C3%A9"), ("🙂", "%F0%9F%99%82"), ("a?b", "a%3Fb"), ("a#b", "a%23b"), ("system:node:x", "system%3Anode%3Ax"),
        ("a;b", "a%3Bb"), ("a\\b", "a%5Cb"), ("..a", "..a"), ("a+b", "a%2Bb"), ("a&b=c", "a%26b%3Dc"), ("\u{2024}\u{2024}", "%E2%80%A4%E2%80%A4"),
    ])
    func fault106_R7_oddNamesAreEscapedIntoOneSegment(name: String, escaped: String) throws {
        let target = try ResourcePath(pods, namespace: name, name: name).target()
        #expect(target == "/api/v1/namespaces/\(escaped)/pods/\(escaped)")
        #expect(target.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f } && target.split(separator: "/").count == 6)
    }

    @Test func onlyUnreservedCharactersStayAsTheyAre() {
        for byte in UInt8.min...127 {
            let character = String(decoding: [byte], as: UTF8.self)
            let stays = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8.contains(byte)
            let hex = "0123456789ABCDEF".map { String($0) }
            #expect(PercentEncoding.encode(character) == (stays ? character : "%" + hex[Int(byte >> 4)] + hex[Int(byte & 15)]))
        }
        #expect(PercentEncoding.encode("") == "" && PercentEncoding.encode("\u{7ff}\u{ffff}") == "%DF%BF%EF%BF%BF")
    }
}

@Suite struct QueryTests {
    @Test func anEmptyQueryIsNoText() throws {
        #expect(Query().text == "" && Query().items == [])
        #expect(try ResourcePath(pods, namespace: "").target(Query()) == "/api/v1/pods")
    }

    /// Fault 4: escaped exactly once.
    @Test func fault4_keysAndValuesAreEscapedOnce() throws {
        var query = Query()
        query.set("labelSelector", "k=a&b")
        query.set("a b", "50%2F+é")
        query.set("continue", "eyJ2Ijoi/+==")
        #expect(query.text == "?labelSelector=k%3Da%26b&a%20b=50%252F%2B%C3%A9&continue=eyJ2Ijoi%2F%2B%3D%3D")
        #expect(try ResourcePath(pods, namespace: "n").target(query) == "/api/v1/namespaces/n/pods" + query.text)
    }

    @Test func whatIsNotSetIsLeftOut() {
        var query = Query()
        query.set("a", nil as String?)
        query.set("b", "" as String?)
        query.set("c", nil as Int64?)
        query.set("d", nil as Bool?)
        #expect(query.text == "")
        query.set("e", "")
        query.set("f", Int64.min)
        query.set("g", true)
        query.set("h", false)
        query.set("i", "x" as String?)
        #expect(query.text == "?e=&f=-9223372036854775808&g=true&h=false&i=x")
    }

    @Test func keysMayRepeatAndKeepTheirOrder() {
        var query = Query()
        query.set("dryRun", "b")
        query.set("dryRun", "a")
        #expect(query.text == "?dryRun=b&dryRun=a")
    }

    @Test func headerFieldsAreFoundWithoutRegardToCase() {
        let head = HTTPHead(status: 200, fields: [HTTPField("Retry-After", "1"), HTTPField("retry-after", "2")])
        #expect(head.first("RETRY-AFTER") == "1" && head.first("Retry") == nil)
    }
}
