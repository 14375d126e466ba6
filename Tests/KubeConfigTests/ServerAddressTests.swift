// The server's address in all its spellings.
import KubeConfig
import KubeCore
import Testing

@Test(arguments: [
    ("https://a.example", "https://a.example:443"), ("http://a.example", "http://a.example:80"),
    ("HTTPS://a.example:6443/", "https://a.example:6443"), ("https://10.0.0.1:8443", "https://10.0.0.1:8443"),
    ("https://[::1]:6443", "https://[::1]:6443"), ("https://[fd00::1]", "https://[fd00::1]:443"),
    ("https://a.example:", "https://a.example:443"), ("a.example", "http://a.example:80"),
    ("localhost:8080", "http://localhost:8080"), ("10.0.0.1:8080", "http://10.0.0.1:8080"), ("[::1]:80/", "http://[::1]:80"),
    ("https://a/k8s/clusters/c-1", "https://a:443/k8s/clusters/c-1"), ("https://a/p/?q=1#f", "https://a:443/p"),
    ("https://a?q=1", "https://a:443"), ("https://a//x/./y//../z/", "https://a:443/x/z"), ("https://a/../..", "https://a:443"),
    ("https://a/x/%2e%2E/y", "https://a:443/y"), ("https://a/é\"|", "https://a:443/%C3%A9%22%7C"),
    ("https://a/x%2fy", "https://a:443/x%2Fy"), ("http://a_b.c-d:1", "http://a_b.c-d:1"),
])
func addressesAreReadAndNormalised(_ text: String, _ url: String) throws {
    #expect(try ClientConfig.Server(parsing: text, tlsConfigured: false).url == url)
}

@Test func addressesWithoutASchemeAreHTTPSWhenTLSIsConfigured() throws {
    let server = try ClientConfig.Server(parsing: "a.example", tlsConfigured: true)
    #expect(server == ClientConfig.Server(scheme: .https, host: "a.example", port: 443))
    #expect(try ClientConfig.Server(parsing: "http://a", tlsConfigured: true).scheme == .http)
    #expect(try ClientConfig.Server(parsing: "https://[::1]", tlsConfigured: true).host == "::1")
}

@Test(arguments: [
    "", "https://", "https:///x", "ftp://a", "unix:///x", "https://user:s3cr3t@a", "https://s3cr3t@a", "https://a:0", "https://a:65536",
    "https://a:x", "https://a:-1", "https://a:1:2", "::1", "https://[::1", "https://[::1]x", "https://[nope]", "https://[]",
    "https://a b", "https://a\n", "https://a\u{0}", "https://a\\b", "https://a/%", "https://a/%4", "https://a/%zz", "https://a/%0a",
    "a.example/prefix", "https:/a", "https://é.example", "https://.a", "https://-a", "https://a%20b", "https://[fe80::1%25eth0]",
    "://a",
])
func badAddressesAreRefusedAndNotRepeated(_ text: String) {
    let error = #expect(throws: KubeError.self) { try ClientConfig.Server(parsing: text, tlsConfigured: false) }
    #expect(error?.code == (text.contains("%25") ? .unsupported : .config))
    #expect(error?.message.contains(secret) == false)
}
