// proxy-url: its parts, its ports, its user info, and what is refused without being repeated.
import KubeConfig
import KubeCore
import Testing

@Test(arguments: [
    ("http://p", "http", "p", 80), ("HTTPS://p", "https", "p", 443), ("socks5://p", "socks5", "p", 1080), ("http://p:3128/", "http", "p", 3128),
    ("http://[::1]:8080/path?q#f", "http", "::1", 8080), ("http://p:", "http", "p", 80),
])
func proxiesAreReadAsGoReadsThem(_ text: String, _ scheme: String, _ host: String, _ port: UInt16) throws {
    let proxy = try #require(try load(yaml: kubeconfig(cluster: ["server: https://a", "proxy-url: '\(text)'"])).proxy)
    #expect(proxy.scheme.rawValue == scheme && proxy.host == host && proxy.port == port && proxy.text == text)
    #expect(proxy.username == nil && proxy.password == nil)
}

@Test(arguments: [
    ("u:p", "u", "p"), ("u", "u", nil), ("u:", "u", ""), ("u%40x:p%3A%2F", "u@x", "p:/"), ("u:p@q", "u", "p@q"), ("u:p:q", "u", "p:q"),
    ("%C3%A9:x", "\u{E9}", "x"), (":p", "", "p"),
] as [(String, String, String?)])
func userInfoIsDecoded(_ text: String, _ username: String, _ password: String?) throws {
    let proxy = try ClientConfig.Proxy(parsing: "http://\(text)@host:1")
    #expect(proxy.username == username && proxy.password == password && proxy.host == "host")
    #expect(proxy.shown == "http://REDACTED@host:1")
}

@Test(arguments: [
    ("p:3128", "must begin with"), ("ftp://p", "must begin with"), ("socks5h://p", "must begin with"), ("//p", "must begin with"),
    ("http://", "no host"), ("http://u:\(secret)@", "no host"), ("http://p:0", "a port"), ("http://p:\(secret)", "a port"),
    ("http://[::1", "bracket"), ("http://p q", "blank"), ("http://u:%0a\(secret)@p", "user info"), ("http://u:\(secret)%@p", "user info"),
    ("http://%ff:\(secret)@p", "user info"),
])
func badProxiesAreNamedByTheirPlace(_ text: String, _ problem: String) {
    let config = kubeconfig(cluster: ["server: https://a", "proxy-url: '\(text)'"])
    expect(failure { try load(yaml: config) }, .config, "cluster \"clu\": proxy-url: ", problem, what: text)
}
