// Requests of the control port are read in any pieces, or refused with a status; what kubeconfigs become.
@testable import FaultProxy
import KubeCore
import Testing

@Suite struct ControlRequestTests {
    private func read(_ text: String) -> ControlRequest.Reading { ControlRequest.read(Array(text.utf8)) }

    @Test func aRequestIsReadOnceItIsWhole() {
        let text = "PUT /rules?a=b HTTP/1.1\r\nHost: x\r\ncontent-length: 3\r\n\r\nabc"
        for count in 0..<text.utf8.count { #expect(ControlRequest.read(Array(text.utf8.prefix(count))) == .incomplete(wantsContinue: false)) }
        #expect(read(text) == .request(ControlRequest(method: "PUT", path: "/rules", query: "a=b", body: Array("abc".utf8))))
        #expect(read("GET /stats HTTP/1.0\r\n\r\n") == .request(ControlRequest(method: "GET", path: "/stats", query: "", body: [])))
        #expect(read("PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n") == .incomplete(wantsContinue: true))
    }

    @Test(arguments: [
        ("nonsense\r\n\r\n", 400), ("GET / HTTP/2\r\n\r\n", 400), ("GET x HTTP/1.1\r\n\r\n", 400), ("GET  / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\r\nx\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400), ("GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n", 413), ("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
        ("GET / HTTP/1.1\r\nOrigin: null\r\n\r\n", 403), ("\r\n\r\n", 400), (String(repeating: "x", count: 16390), 431),
    ])
    func whatIsWrongHasItsStatus(text: String, status: Int) {
        guard case .refused(let found, _) = read(text) else {
            Issue.record("\(text.prefix(60)): not refused")
            return
        }
        #expect(found == status)
    }
}

@Suite struct KubeconfigCopyTests {
    private func config(_ cluster: String) throws -> JSONValue {
        try JSONValue.parse("""
            {"current-context":"c","contexts":[{"name":"c","context":{"cluster":"k","user":"u"}}],
             "clusters":[{"name":"other","cluster":{"server":"https://other"}},{"name":"k","cluster":\(cluster)}],
             "users":[{"name":"u","user":{"tokenFile":"t","client-key":"/abs","exec":{"command":"./plug"}}}]}
            """)
    }

    private func cluster(_ text: String, host: String = "127.0.0.1") throws -> JSONValue? {
        try KubeconfigCopy.through(host, 9, config(text), folder: "/f")["clusters"]?.array?.last?["cluster"]
    }

    @Test func theServerBecomesTheProxyAndTheNameIsStillChecked() throws {
        let copy = try cluster(#"{"server":"https://api.example.com:6443/prefix","certificate-authority":"ca.crt"}"#)
        #expect(copy?["server"] == "https://127.0.0.1:9/prefix" && copy?["tls-server-name"] == "api.example.com" && copy?["certificate-authority"] == "/f/ca.crt")
        #expect(try cluster(#"{"server":"https://a","tls-server-name":"b"}"#)?["tls-server-name"] == "b")
        #expect(try cluster(#"{"server":"https://127.0.0.1:6443"}"#)?["tls-server-name"] == nil)
        #expect(try cluster(#"{"server":"https://a","insecure-skip-tls-verify":true}"#)?["tls-server-name"] == nil)
        #expect(try cluster(#"{"server":"http://a"}"#)?["tls-server-name"] == nil)
        #expect(try cluster(#"{"server":"https://[::2]:1"}"#, host: "::1")?["server"] == "https://[::1]:9")
        #expect(try KubeconfigCopy.server(of: config(#"{"server":"https://a:77/p"}"#)) == ("a", 77))
    }

    @Test func everythingElseStaysAndPathsBecomeAbsolute() throws {
        let copy = try KubeconfigCopy.through("127.0.0.1", 9, config(#"{"server":"https://a"}"#), folder: "/f")
        #expect(copy["clusters"]?.array?.first?["cluster"]?["server"] == "https://other" && copy["current-context"] == "c")
        let user = copy["users"]?.array?.first?["user"]
        #expect(user?["tokenFile"] == "/f/t" && user?["client-key"] == "/abs" && user?["exec"]?["command"] == "/f/./plug")
    }

    @Test func whatCannotBeCopiedIsRefused() {
        for text in [#"{"server":"https://a","proxy-url":"http://p"}"#, "{}", #"{"server":"ftp://a"}"#, "null"] {
            #expect(throws: KubeError.self, "\(text)") { try cluster(text) }
        }
        for text in ["{}", "null", #"{"current-context":"x"}"#] {
            #expect(throws: KubeError.self) { try KubeconfigCopy.server(of: JSONValue.parse(text)) }
        }
    }
}
