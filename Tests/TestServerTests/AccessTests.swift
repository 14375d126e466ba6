// Who may do what, trouble on demand, paths that are no resources, times and tokens.
import KubeCore
import Testing
@testable import TestServer

@Suite struct AccessTests {
    @Test(arguments: ["Bearer nobody-knows", "Basic YWRtaW46eA==", "admin", "Bearer", ""])
    func unknownCredentialsAreUnauthorized(_ header: String) throws {
        let harness = try Harness()
        var server = harness.server
        guard case .response(let response) = server.answer(APIRequest("GET", things, headers: ["authorization": header]), now: harness.now) else { throw KubeError(.state, "") }
        #expect(response.status == 401)
        #expect(String(decoding: response.body, as: UTF8.self) == #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}"# + "\n")
    }

    @Test(arguments: [
        ("GET", things, "reader", 200, ""), ("GET", things + "/a", "reader", 404, ""), ("GET", "/api", "nobody", 200, ""), ("GET", "/version", "", 200, ""), ("GET", "/healthz", "", 200, ""),
        ("GET", things, "nobody", 403, #"things.test.kubecr.io is forbidden: User "bob" cannot list resource "things" in API group "test.kubecr.io" in the namespace "default""#),
        ("GET", things + "?watch=1", "nobody", 403, #"cannot watch resource "things""#),
        ("POST", things, "reader", 403, #"User "ann" cannot create resource "things""#), ("DELETE", things, "reader", 403, #"cannot deletecollection resource "things""#),
        ("DELETE", things + "/a", "reader", 403, #"things.test.kubecr.io "a" is forbidden: User "ann" cannot delete resource"#),
        ("PUT", things + "/a/status", "reader", 403, #"cannot update resource "things/status""#), ("PATCH", things + "/a", "reader", 403, "cannot patch"),
        ("GET", "/apis/test.kubecr.io/v1/things", "nobody", 403, "at the cluster scope"), ("GET", "/apis/none/v1/x", "nobody", 403, #"x.none is forbidden"#),
        ("GET", "/api", "", 403, #"forbidden: User "system:anonymous" cannot get path "/api""#), ("GET", "/none", "nobody", 403, #"cannot get path "/none""#),
        ("GET", "/_test/state", "reader", 403, #"cannot get path "/_test/state""#), ("POST", "/_test/compact", "nobody", 403, #"cannot post path "/_test/compact""#),
    ])
    func access(_ method: String, _ path: String, token: String, status: Int, fragment: String) throws {
        var harness = try Harness()
        let reply = try harness.ask(method, path, token: token.isEmpty ? nil : token)
        #expect(reply.status == status && reply.message.contains(fragment), "\(reply.status) \(reply.message)")
    }

    @Test(arguments: [
        ("admin", "ann", "", 200, ""), ("admin", "nobody", "", 403, #"things.test.kubecr.io is forbidden: User "nobody" cannot list resource "things""#),
        ("admin", "nobody", "others,system:masters", 200, ""),
        ("reader", "boss", "", 403, #"users "boss" is forbidden: User "ann" cannot impersonate resource "users" in API group "" at the cluster scope"#),
    ])
    func mastersMayAskAsSomebodyElse(token: String, user: String, groups: String, status: Int, fragment: String) throws {
        var harness = try Harness()
        var headers = ["authorization": "Bearer " + token, "impersonate-user": user]
        if !groups.isEmpty { headers["impersonate-group"] = groups }
        guard case .response(let response) = harness.server.answer(APIRequest("GET", things, headers: headers), now: harness.now) else { throw KubeError(.state, "") }
        let message = try JSONValue.parse(response.body)["message"]?.string ?? ""
        #expect(response.status == status && message.contains(fragment), "\(response.status) \(message)")
    }

    @Test func aCertificateNamesAUserWhenThereIsNoToken() throws {
        var harness = try Harness()
        func ask(_ user: User, token: String?) -> Int {
            var request = APIRequest("GET", things, headers: token.map { ["authorization": "Bearer " + $0] } ?? [:])
            request.certificateUser = user
            guard case .response(let response) = harness.server.answer(request, now: harness.now) else { return 0 }
            return response.status
        }
        #expect(ask(User(name: "c", access: .all), token: nil) == 200)
        #expect(ask(User(name: "c", access: .none), token: nil) == 403)
        #expect(ask(User(name: "c", access: .none), token: "admin") == 200)
        #expect(ask(User(name: "c", access: .all), token: "wrong") == 401)
    }

    @Test(arguments: [
        ("POST", "/version", 405), ("POST", things + "/a", 405), ("PUT", "/api/v1/namespaces", 405), ("DELETE", "/api/v1/namespaces", 405), ("TRACE", things, 405),
        ("GET", things + "/a/none", 404), ("POST", "/apis/test.kubecr.io/v1/things", 404), ("GET", "/apis/test.kubecr.io/v1/things/a", 404),
        ("GET", "/apis/test.kubecr.io/v1/namespaces/default/places", 404), ("GET", "/apis/test.kubecr.io/v1/namespaces/default/things/a/b/c", 404),
        ("GET", "/_test/none", 404), ("GET", "/_test/compact", 405), ("POST", "/_test/state", 405), ("GET", "/_test", 404), ("GET", things + "/%2e%2e", 404), ("HEAD", things, 200),
    ])
    func methodsAndPaths(_ method: String, _ path: String, status: Int) throws {
        var harness = try Harness()
        #expect(try harness.ask(method, path).status == status)
    }

    @Test func requestsFailAsTheyAreTold() throws {
        var harness = try Harness()
        #expect(try harness.ask("POST", "/_test/fail?count=2&status=503&retryAfter=3").json["faultsLeft"] == 2)
        let failed = try harness.ask("GET", things)
        #expect(failed.status == 503 && failed.reason == "ServiceUnavailable" && failed.response.headers["retry-after"] == "3" && failed["details", "retryAfterSeconds"] == 3)
        #expect(try harness.ask("GET", "/version").status == 503)
        #expect(try harness.ask("GET", things).status == 200)
        _ = try harness.ask("POST", "/_test/fail?verb=watch&path=/apis/test.kubecr.io")
        #expect(try harness.ask("GET", things).status == 200)
        #expect(try harness.ask("GET", "/api/v1/namespaces").status == 200)
        #expect(try harness.ask("GET", things + "?watch=1").status == 500)
        _ = try harness.watch(things + "?watch=1")
        _ = try harness.ask("POST", "/_test/fail?count=9")
        #expect(try harness.ask("POST", "/_test/fail?count=0").json["faultsLeft"] == 0)
        for bad in ["fail?status=200", "fail?count=x", "fail?colour=red", "bookmarks?milliseconds=1", "compact?x=1"] {
            #expect(try harness.ask("POST", "/_test/" + bad).status == 400, "\(bad)")
        }
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"), (951_782_400_000, "2000-02-29T00:00:00Z"), (1_709_251_199_999, "2024-02-29T23:59:59Z"), (1_767_225_600_000, "2026-01-01T00:00:00Z"),
        (4_102_444_799_000, "2099-12-31T23:59:59Z"), (1_740_787_200_000, "2025-03-01T00:00:00Z"),
    ] as [(Int64, String)])
    func timesAreWrittenAsKubernetesDoes(_ milliseconds: Int64, text: String) {
        #expect(Timestamp.text(milliseconds) == text)
    }

    @Test func base64GoesBothWays() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            #expect(Base64.encode(bytes.utf8) == text)
            #expect(Base64.decode(text) == Array(bytes.utf8))
        }
        let all = (0...255).map { UInt8($0) }
        #expect(Base64.decode(Base64.url(all)) == all && Base64.decode("a b") == nil)
        #expect(!Base64.url(all).contains { "+/=".contains($0) })
    }

    @Test func theQueryIsDecoded() {
        let request = APIRequest("GET", "/a%2Fb/c+d?x=1%3D2&y=a+b&z&w=%zz")
        #expect(request.segments == ["a/b", "c+d"])
        #expect(request.query.map(\.name) == ["x", "y", "z", "w"] && request.query.map(\.value) == ["1=2", "a b", "", "%zz"])
        #expect(request.flag("z") == true && request.flag("none") == nil)
    }

    @Test func uidsAreAllDifferent() throws {
        var harness = try Harness()
        var uids: Set<String> = []
        for index in 0..<300 { uids.insert(try harness.make("t\(index)")["metadata", "uid"]?.string ?? "") }
        #expect(uids.count == 300 && uids.allSatisfy { $0.count == 36 })
    }
}
