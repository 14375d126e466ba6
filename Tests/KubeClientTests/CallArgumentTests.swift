// Contract rule 5 and the refusal of what can't be asked: namespaces, names, bodies, discovery, options.
import KubeConfig
import KubeCore
import KubeTesting
@testable import KubeClient
import Testing

struct CallArgumentTests {
    let drive = ManualDrive { $0.namespace = "mine" }
    let project = Answer.text(Sample.object("web", 7))

    // MARK: Namespaces

    @Test func noNamespaceForOneObjectIsTheConfigsIfTheResourceHasAny() throws {
        drive.server.expect(discoveryLine, .text(Sample.discovery))
        drive.server.expect("GET \(root)/namespaces/mine/projects/web", project)
        #expect(try drive.call(.get, ns: nil, name: "web").value != nil)
        // Remembered: no second look-up.
        drive.server.expect("DELETE \(root)/namespaces/mine/projects/web", project)
        #expect(try drive.call(.delete, ns: nil, name: "web").value != nil)
        // And with it all that its document says.
        drive.server.expect("GET \(root)/clusters/c", .text(Sample.object("c", 1, namespace: "", kind: "Cluster")))
        #expect(try drive.call(.get, "example.sealyun.com/v1alpha1/clusters", ns: nil, name: "c").value != nil)
        #expect(drive.leftOver == [])
    }

    @Test func noNamespaceForAListIsAllOfThem() throws {
        drive.server.expect(firstList, list([], 1))
        #expect(try drive.call(.list, ns: nil).value?.list != nil)
        drive.server.expect(firstList, list([], 1))
        #expect(try drive.call(.list, ns: "").value?.list != nil)
        #expect(drive.leftOver == [])
    }

    @Test func noNamespaceForDeleteCollectionIsRefusedWhereItWouldMeanAll() throws {
        drive.server.expect(discoveryLine, .text(Sample.discovery))
        #expect(try drive.call(.deleteCollection, ns: nil).error?.code == .argument)
        drive.server.expect("DELETE \(root)/clusters", .text(Sample.status(200, "")))
        #expect(try drive.call(.deleteCollection, "example.sealyun.com/v1alpha1/clusters", ns: nil).value != nil)
        drive.server.expect("DELETE \(all)", .text(Sample.status(200, "")))
        #expect(try drive.call(.deleteCollection, ns: "").value != nil)
        #expect(drive.leftOver == [])
    }

    @Test func theBodysNamespaceFillsIn() throws {
        drive.server.expect("POST \(root)/namespaces/theirs/projects", project)
        #expect(try drive.call(.create, ns: nil, body: Sample.object("web", 0, namespace: "theirs")).value != nil)
        #expect(drive.leftOver == [])
    }

    @Test func aBodyThatDisagreesIsRefused() {
        let body = Sample.object("web", 0, namespace: "theirs")
        for (verb, ns, name) in [
            (Verb.create, "ns", nil), (.create, "", nil), (.replace, "theirs", "other"), (.create, "theirs", "other"), (.replace, "ns", "web"),
        ] as [(Verb, String?, String?)] {
            #expect(drive.refusal(verb, ns: ns, name: name, body: body)?.code == .argument, "\(verb) \(ns ?? "") \(name ?? "")")
        }
        #expect(drive.refusal(.replace, body: #"{"kind":"Project"}"#)?.code == .argument)
        #expect(drive.server.exchanges.isEmpty)
    }

    // MARK: apiVersion and kind

    @Test func aBodyWithoutTypeGetsTheResourcesWithOneLookUp() throws {
        drive.server.expect(discoveryLine, .text(Sample.discovery))
        drive.server.expect("POST \(root)/namespaces/ns/projects", project)
        #expect(try drive.call(.create, body: #" { "metadata": {"name": "web"} }"#).value != nil)
        let sent = try json(drive.server.exchanges[1].body)
        #expect(sent["apiVersion"] == "example.sealyun.com/v1alpha1")
        #expect(sent["kind"] == "Project")
        #expect(sent["metadata"]?["name"] == "web")
        drive.server.expect("PUT \(root)/namespaces/ns/projects/web", project)
        #expect(try drive.call(.replace, body: #"{"apiVersion":"example.sealyun.com/v1alpha1","metadata":{"name":"web"}}"#).value != nil)
        #expect(try json(drive.server.exchanges[2].body)["kind"] == "Project")
        drive.server.expect("POST \(root)/namespaces/ns/projects", project)
        #expect(try drive.call(.create, body: "{}").value != nil)
        #expect(try json(drive.server.exchanges[3].body).members?.count == 2)
        #expect(drive.leftOver == [])
    }

    @Test func aBodyWithKindButNoVersionCostsNoRoundTrip() throws {
        drive.server.expect("POST \(root)/namespaces/ns/projects", project)
        #expect(try drive.call(.create, body: #"{"kind":"Project"}"#).value != nil)
        #expect(try json(drive.server.exchanges[0].body)["apiVersion"] == "example.sealyun.com/v1alpha1")
        #expect(drive.leftOver == [])
    }

    // MARK: Discovery

    @Test(arguments: ["projects", "project", "proj", "Project", "Project.example.sealyun.com", "projects.v1alpha1.example.sealyun.com"])
    func kubectlsNamesAreLookedUpOnce(name: String) throws {
        let group = #"{"kind":"APIGroup","name":"example.sealyun.com","versions":[{"version":"v1alpha1"}],"preferredVersion":{"version":"v1alpha1"}}"#
        drive.server.otherwise = { exchange in
            switch exchange.line {
            case "GET /api": .text(#"{"kind":"APIVersions","versions":["v1"]}"#)
            case "GET /apis": .text(#"{"kind":"APIGroupList","groups":[\#(group)]}"#)
            case "GET /api/v1": .text(#"{"kind":"APIResourceList","resources":[{"name":"pods","kind":"Pod","namespaced":true}]}"#)
            case discoveryLine: .text(Sample.discovery)
            case "GET \(root)/namespaces/mine/projects/web": Answer.text(Sample.object("web", 7))
            default: nil
            }
        }
        #expect(try drive.call(.get, name, ns: nil, name: "web").value?.object?.name == "web")
        let before = drive.server.exchanges.count
        #expect(try drive.call(.get, name, ns: nil, name: "web").value != nil)
        #expect(drive.server.exchanges.count == before + 1)
        let info = try drive.call(.discover, name, ns: nil).value?.object
        #expect(try info?.string("/kind") == Array("Project".utf8))
        #expect(drive.server.exchanges.count == before + 1)
        #expect(drive.server.open.isEmpty)
    }

    @Test func anUnknownNameIsNotFoundAndAskedAgainTheNextTime() throws {
        for _ in 0..<2 {
            drive.server.expect(discoveryLine, .text(Sample.discovery))
            let error = try drive.call(.get, "example.sealyun.com/v1alpha1/nothing", ns: nil, name: "x").error
            #expect(error?.code == .notFound)
            #expect(error?.message.contains("nothing") == true)
        }
        #expect(drive.leftOver == [])
    }

    // MARK: What can't be asked

    @Test func unknownOptionsAndWrongTypesNameTheKey() throws {
        let verbs: [(Verb, String?, String?)] = [
            (.get, "web", nil), (.list, nil, nil), (.create, nil, "{\"kind\":\"P\"}"), (.patch(.merge), "web", "{}"), (.delete, "web", nil),
            (.deleteCollection, nil, nil), (.discover, nil, nil),
        ]
        for (verb, name, body) in verbs {
            let error = drive.refusal(verb, name: name, body: body, options: #"{"colour":1}"#)
            #expect(error?.code == .argument && error?.message.contains("\"colour\"") == true, "\(verb)")
        }
        for (verb, name, options) in [
            (Verb.list, nil, #"{"limit":"5"}"#), (.list, nil, #"{"labelSelector":5}"#), (.get, "web", #"{"timeoutMs":0}"#), (.get, "web", "[]"),
            (.delete, "web", #"{"preconditions":{"name":"x"}}"#), (.delete, "web", #"{"gracePeriodSeconds":-1}"#),
        ] as [(Verb, String?, String)] {
            #expect(drive.refusal(verb, name: name, options: options)?.code == .argument, "\(options)")
        }
        #expect(drive.server.exchanges.isEmpty)
    }

    @Test(arguments: ["..", ".", "a/b", "%2e", "a\nb"])
    func fault106_R7_namesThatAreNoSegmentNeverLeave(name: String) {
        #expect(drive.refusal(.get, name: name)?.code == .argument)
        #expect(drive.refusal(.get, ns: name, name: "web")?.code == .argument)
        #expect(drive.refusal(.get, "v1/pods/\(name)", name: "web")?.code == .argument)
        #expect(drive.server.exchanges.isEmpty)
    }

    @Test func fault107_headersCantBeSmuggledIn() {
        for options in [
            #"{"headers":{"X":"a\r\nY: b"}}"#, #"{"headers":{"A b":"c"}}"#, #"{"headers":{"Authorization":"Bearer x"}}"#,
            #"{"headers":{"X\r\nY":"b"}}"#, #"{"accept":"a\nb"}"#, #"{"contentType":"a\u0000"}"#,
        ] {
            #expect(throws: KubeError.self) { _ = try drive.call(CallRequest(.request(method: "GET", path: "/x"), options: json(options))) }
        }
        for (method, path) in [("GET", "x"), ("GET", "/a b"), ("GET", "/a\r\nX: y"), ("GE T", "/"), ("", "/"), ("GET", "/#a")] {
            #expect(throws: KubeError.self) { _ = try drive.call(CallRequest(.request(method: method, path: path))) }
        }
        #expect(drive.server.exchanges.isEmpty)
    }

    @Test func aBodyMustBeAnObject() {
        for body in [nil, "", "[]", "null", "{\"a\":}", "\u{1}"] as [String?] {
            #expect(drive.refusal(.create, body: body)?.code == .argument, "\(body ?? "none")")
        }
        #expect(drive.refusal(.get)?.code == .argument)
        #expect(drive.refusal(.list, name: "web")?.code == .argument)
        #expect(drive.refusal(.patch(.merge), name: "web")?.code == .argument)
    }
}
