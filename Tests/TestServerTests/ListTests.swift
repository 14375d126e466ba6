// list: selectors, pages, revisions of the past, and the parameters that do not go together.
import KubeCore
import Testing
import TestServer

@Suite struct ListTests {
    private func filled(_ count: Int = 7, historyLimit: Int = 10_000) throws -> Harness {
        var harness = try Harness(historyLimit: historyLimit)
        for index in 0..<count { try harness.make("t\(index)", #","labels":{"n":"\#(index)","odd":"\#(index % 2 == 1)"}"#) }
        return harness
    }

    @Test func pagesShowOneState() throws {
        var harness = try filled()
        let first = try harness.ask("GET", things + "?limit=3")
        #expect(first.names == ["t0", "t1", "t2"] && first["metadata", "remainingItemCount"] == 4)
        _ = try harness.ask("DELETE", things + "/t3")
        _ = try harness.ask("PATCH", things + "/t4", #"{"spec":{"size":9}}"#, merge)
        try harness.make("t31")
        var token = first["metadata", "continue"]?.string ?? ""
        let second = try harness.ask("GET", things + "?limit=3&continue=" + token)
        #expect(second.names == ["t3", "t4", "t5"] && second.version == first.version)
        #expect(second["items"]?.array?[1].at("spec", "size") == 1)
        token = second["metadata", "continue"]?.string ?? ""
        let third = try harness.ask("GET", things + "?limit=3&continue=" + token)
        #expect(third.names == ["t6"] && third["metadata", "continue"] == nil && third["metadata", "remainingItemCount"] == nil)
        #expect(try harness.ask("GET", things).names == ["t0", "t1", "t2", "t31", "t4", "t5", "t6"])
    }

    @Test func anExpiredPageOffersAnInconsistentRest() throws {
        var harness = try filled()
        let first = try harness.ask("GET", things + "?limit=5")
        try harness.make("t9")
        _ = try harness.ask("POST", "/_test/compact")
        let expired = try harness.ask("GET", things + "?limit=5&continue=" + (first["metadata", "continue"]?.string ?? ""))
        #expect(expired.status == 410 && expired.reason == "Expired" && expired.message.hasPrefix("The provided continue parameter is too old"))
        let rest = try harness.ask("GET", things + "?limit=5&continue=" + (expired["metadata", "continue"]?.string ?? ""))
        #expect(rest.names == ["t5", "t6", "t9"])
    }

    @Test func thePastIsThereUntilItIsForgotten() throws {
        var harness = try filled(2)
        let then = harness.server.revision
        _ = try harness.ask("DELETE", things + "/t0")
        try harness.make("t9")
        let exact = "?resourceVersionMatch=Exact&resourceVersion=\(then)"
        #expect(try harness.ask("GET", things + exact).names == ["t0", "t1"])
        #expect(try harness.ask("GET", things + exact).version == String(then))
        #expect(try harness.ask("GET", things + "?limit=1&resourceVersion=\(then)").names == ["t0"], "with a limit and without a match it is exact")
        #expect(try harness.ask("GET", things + "?resourceVersion=\(then)").names == ["t1", "t9"])
        #expect(try harness.ask("GET", things + "?resourceVersion=0&limit=1").names == ["t1"])
        _ = try harness.ask("POST", "/_test/compact")
        #expect(try harness.ask("GET", things + exact).message == "The resourceVersion for the provided list is too old.")
    }

    @Test func historyHasALimit() throws {
        var harness = try filled(1, historyLimit: 10)
        let then = harness.server.revision
        for _ in 0..<9 { _ = try harness.ask("PATCH", things + "/t0", #"{"spec":{"size":\#(harness.server.revision % 9 + 1)}}"#, merge) }
        let exact = "?resourceVersionMatch=Exact&resourceVersion=\(then)"
        #expect(try harness.ask("GET", things + exact).status == 200)
        for _ in 0..<20 { _ = try harness.ask("PATCH", things + "/t0", #"{"spec":{"size":\#(harness.server.revision % 9 + 1)}}"#, merge) }
        #expect(try harness.ask("GET", things + exact).status == 410)
        #expect(try harness.ask("GET", things + "?resourceVersionMatch=Exact&resourceVersion=\(harness.server.revision - 9)").status == 200)
    }

    @Test(arguments: [
        ("odd=true", ["t1", "t3"]), ("odd==true", ["t1", "t3"]), ("odd!=true", ["t0", "t2"]), ("n in (0, 3)", ["t0", "t3"]), ("n notin (0,3)", ["t1", "t2"]),
        ("odd", ["t0", "t1", "t2", "t3"]), ("!odd", []), ("none", []), ("!none", ["t0", "t1", "t2", "t3"]), ("n>1,n<3", ["t2"]), ("odd=true,n=3", ["t3"]),
        ("odd = true , n in (1)", ["t1"]), ("none!=x", ["t0", "t1", "t2", "t3"]), ("none notin (x)", ["t0", "t1", "t2", "t3"]), ("", ["t0", "t1", "t2", "t3"]), ("n in (,0)", ["t0"]),
    ])
    func labelSelectors(_ selector: String, names: [String]) throws {
        var harness = try filled(4)
        let encoded = selector.replacing(" ", with: "%20").replacing("=", with: "%3D").replacing(">", with: "%3E").replacing("<", with: "%3C")
        #expect(try harness.ask("GET", things + "?labelSelector=" + encoded).names == names)
    }

    @Test(arguments: ["a b", "a in", "a in x", "a in (x", "=", "a=b=c", "a,,b", "a>x", "a=/", "a/b/c=1", "-a", "a notin", "/a=b", "a===b"])
    func badLabelSelectors(_ selector: String) throws {
        var harness = try filled(1)
        let reply = try harness.ask("GET", things + "?labelSelector=" + selector.replacing(" ", with: "+").replacing("=", with: "%3D"))
        #expect(reply.status == 400 && reply.message.hasPrefix("unable to parse requirement: "), "\(reply.message)")
    }

    @Test func fieldSelectors() throws {
        var harness = try filled(2)
        _ = try harness.ask("PATCH", things + "/t1", #"{"spec":{"node":"n1"}}"#, merge)
        for (selector, names) in [
            ("metadata.name=t0", ["t0"]), ("metadata.name!=t0", ["t1"]), ("metadata.namespace==default", ["t0", "t1"]), ("metadata.namespace=x", []),
            ("spec.node=n1", ["t1"]), ("spec.node!=n1", ["t0"]), ("spec.node=", ["t0"]), ("spec.node=n1,metadata.name=t0", []),
        ] {
            #expect(try harness.ask("GET", things + "?fieldSelector=" + selector.replacing("=", with: "%3D")).names == names, "\(selector)")
        }
        #expect(try harness.ask("GET", things + "?fieldSelector=spec.size%3D1").message == "field label not supported: spec.size")
        #expect(try harness.ask("GET", "/apis/test.kubecr.io/v1/places?fieldSelector=metadata.namespace%3Dx").status == 400)
        #expect(try harness.ask("GET", things + "?fieldSelector=x").message == "invalid selector: 'x'; can't understand 'x'")
    }

    @Test(arguments: [
        ("resourceVersionMatch=Exact", 422), ("resourceVersionMatch=Exact&resourceVersion=0", 422), ("resourceVersionMatch=Other&resourceVersion=5", 422),
        ("sendInitialEvents=true", 422), ("resourceVersion=x", 400), ("limit=x", 400), ("continue=x", 400), ("continue=eyJ9", 400), ("limit=-1", 200),
        ("watch=false", 200), ("resourceVersion=0", 200), ("resourceVersion=999999", 504), ("resourceVersion=999999&resourceVersionMatch=Exact", 504),
    ])
    func parametersThatDoNotGoTogether(_ query: String, status: Int) throws {
        var harness = try filled(1)
        #expect(try harness.ask("GET", things + "?" + query).status == status)
    }

    @Test func aFutureRevisionIsTooLarge() throws {
        var harness = try Harness()
        let reply = try harness.ask("GET", things + "?resourceVersion=999999")
        #expect(reply.reason == "Timeout" && reply.message == "Timeout: Too large resource version: 999999, current: \(harness.server.revision)")
        #expect(reply["details", "causes"]?.array?.first?["reason"] == "ResourceVersionTooLarge" && reply.response.headers["retry-after"] == "1")
    }

    @Test func namespacesAndVersionsShareATable() throws {
        var harness = try filled(1)
        _ = try harness.ask("POST", "/apis/test.kubecr.io/v1/namespaces/kube-public/things", Harness.thing("other"))
        let all = try harness.ask("GET", "/apis/test.kubecr.io/v1beta1/things")
        #expect(all.names == ["t0", "other"] && all["apiVersion"] == "test.kubecr.io/v1beta1")
        #expect(all["items"]?.array?.allSatisfy { $0["apiVersion"] == "test.kubecr.io/v1beta1" } == true)
        #expect(try harness.ask("GET", things).names == ["t0"])
    }

    @Test func onlyTheMetadataWhenAskedFor() throws {
        var harness = try filled(1)
        let one = try harness.ask("GET", things + "/t0", accept: "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1")
        #expect(one["kind"] == "PartialObjectMetadata" && one["apiVersion"] == "meta.k8s.io/v1" && one["spec"] == nil && one["metadata", "name"] == "t0")
        let list = try harness.ask("GET", things, accept: "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json")
        #expect(list["kind"] == "PartialObjectMetadataList" && list["items"]?.array?.first?["kind"] == "PartialObjectMetadata")
        #expect(try harness.ask("GET", things, accept: "application/json;as=Table;g=meta.k8s.io;v=v1").status == 406)
        #expect(try harness.ask("GET", things, accept: "application/json;as=Table;g=meta.k8s.io;v=v1, application/json")["kind"] == "ThingList")
        #expect(try harness.ask("GET", things, accept: "text/html").reason == "NotAcceptable")
        #expect(try harness.ask("GET", things, accept: "*/*").status == 200)
    }

    @Test func aGetLooksAtItsVersion() throws {
        var harness = try Harness()
        let made = try harness.make("a")
        for version in ["0", made.version, ""] { #expect(try harness.ask("GET", things + "/a?resourceVersion=\(version)").json == made.json) }
        let future = try harness.ask("GET", things + "/a?resourceVersion=999999999")
        #expect(future.status == 504 && future.reason == "Timeout" && future.response.headers["retry-after"] == "1")
        let wrong = try harness.ask("GET", things + "/a?resourceVersion=many")
        #expect(wrong.status == 500 && wrong.message == #"resourceVersion: Invalid value: "many": strconv.ParseUint: parsing "many": invalid syntax"#)
    }
}
