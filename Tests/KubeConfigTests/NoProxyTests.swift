// Which proxy the environment names for a server: the tables of golang.org/x/net/http/httpproxy's own test, and our refusals.
@testable import KubeConfig
import KubeCore
import Testing

private func proxy(_ variables: [String: String], _ server: String) throws -> String? {
    let server = try ClientConfig.Server(parsing: server, tlsConfigured: false)
    return try ConnectionEnvironment(variables).proxy(for: server)?.shown
}

@Suite struct NoProxyTests {
    static let list = "foobar.com, .barbaz.net, *.wildcard.io, 192.168.1.1, 192.168.1.2:81, 192.168.1.3:80, 10.0.0.0/30, "
        + "2001:db8::52:0:1, [2001:db8::52:0:2]:443, [2001:db8::52:0:3]:80, 2002:db8:a::45/64"

    /// T: through the proxy.
    @Test(arguments: [
        ("localhost", false), ("LOCALHOST", false), ("127.0.0.1", false), ("127.0.0.2", false), ("[::1]", false), ("[::2]", true),
        ("192.168.1.1", false), ("192.168.1.2", true), ("192.168.1.2:81", false), ("192.168.1.3", false), ("192.168.1.4", true),
        ("10.0.0.2", false), ("10.0.0.4", true), ("[2001:db8::52:0:1]", false), ("[2001:db8::52:0:2]", true), ("[2001:db8::52:0:2]:443", false),
        ("[2001:db8::52:0:3]", false), ("[2002:db8:a::123]", false), ("[2002:db8:b::123]", true), ("[fe80::424b:c8be:1643:a1b6]", true),
        ("[::ffff:192.168.1.1]", false), ("[::ffff:10.0.0.2]", false), ("[::ffff:127.0.0.9]", false),
        ("barbaz.net", true), ("www.barbaz.net", false), ("WWW.BarBaz.Net", false), ("foobar.com", false), ("www.foobar.com", false),
        ("foofoobar.com", true), ("baz.com", true), ("localhost.net", true), ("local.localhost", true), ("barbarbaz.net", true),
        ("wildcard.io", true), ("nested.wildcard.io", false), ("awildcard.io", true),
    ])
    func useProxy(host: String, isProxied: Bool) throws {
        let variables = ["HTTP_PROXY": "proxy.test:3128", "NO_PROXY": NoProxyTests.list]
        #expect(try proxy(variables, "http://" + host) == (isProxied ? "http://proxy.test:3128" : nil))
    }

    /// Entries that mean less, or more, than they seem to.
    @Test(arguments: [
        ("*", "a.test", false), ("x, *", "a.test", false), ("a.test:*", "a.test", true), ("", "a.test", true), (",, ,", "a.test", true),
        (":80", "a.test", true), ("a.test:", "a.test", false), ("a.test:80", "a.test", false), ("a.test:443", "a.test", true),
        ("*.test:80", "a.test", false), ("*", "127.0.0.1", false), ("A.TEST", "a.test", false), ("10.0.0.0/33", "10.0.0.1", true),
        ("10.0.0.0/0", "11.0.0.1", false), ("0.0.0.0/0", "[2001:db8::1]", true), ("::/0", "10.0.0.1", true), ("::/0", "[2001:db8::1]", false),
        ("::ffff:10.0.0.0/104", "10.9.9.9", false), ("010.0.0.1", "10.0.0.1", true), ("[10.0.0.1]", "10.0.0.1", true),
        ("10.0.0.1/8/8", "10.0.0.1", true), ("10.0.0.0/x", "10.0.0.1", true), ("*test", "a.test", true), ("[::5]", "[::5]", true),
        ("a.test b.test", "a.test", true), ("\ta.test\t", "a.test", false), ("0.0.1", "10.0.0.1", true), (".0.0.1", "10.0.0.1", true),
    ])
    func entry(list: String, host: String, isProxied: Bool) throws {
        #expect(try proxy(["HTTP_PROXY": "p.test:1", "NO_PROXY": list], "http://" + host) == (isProxied ? "http://p.test:1" : nil))
    }

    /// A suffix could otherwise be smuggled in as the zone of an address (CVE-2025-22870).
    @Test func zoneOfAnAddressMatchesNoSuffix() {
        #expect(!NoProxy(".example.com").matches("fe80::1%.example.com", 443))
        #expect(NoProxy("fe80::1").matches("fe80::1%eth0", 443))
        #expect(NoProxy.isLocal("::1%lo"))
    }

    @Test func variableIsChosenByTheSchemeAndUpperCaseComesFirst() throws {
        let both = ["HTTPS_PROXY": "s.test", "HTTP_PROXY": "h.test", "https_proxy": "lower.test", "http_proxy": "lower.test"]
        #expect(try proxy(both, "https://a.test") == "http://s.test:80")
        #expect(try proxy(both, "http://a.test") == "http://h.test:80")
        #expect(try proxy(["https_proxy": "lower.test:8", "HTTPS_PROXY": ""], "https://a.test") == "http://lower.test:8")
        #expect(try proxy(["HTTP_PROXY": "h.test"], "https://a.test") == nil)
        #expect(try proxy(["HTTPS_PROXY": "h.test"], "http://a.test") == nil)
        #expect(try proxy(["HTTPS_PROXY": "h.test", "no_proxy": "a.test"], "https://a.test") == nil)
        #expect(try proxy(["HTTPS_PROXY": "h.test", "no_proxy": "a.test", "NO_PROXY": "b.test"], "https://a.test") != nil)
    }

    @Test func allProxyIsNotReadAsInGo() throws {
        #expect(try proxy(["ALL_PROXY": "p.test", "all_proxy": "p.test"], "https://a.test") == nil)
    }

    @Test(arguments: [
        ("127.0.0.1:8080", "http://127.0.0.1:8080"), ("cache.corp.test:1234", "http://cache.corp.test:1234"), ("cache.corp.test", "http://cache.corp.test:80"),
        ("https://cache.corp.test", "https://cache.corp.test:443"), ("HTTP://127.0.0.1:8080/ignored", "http://127.0.0.1:8080"),
        ("socks5://[::1]", "socks5://[::1]:1080"), ("socks5h://s.test", "socks5://s.test:1080"), ("user:pass@p.test:9", "http://REDACTED@p.test:9"),
    ])
    func form(text: String, shown: String) throws { #expect(try proxy(["HTTPS_PROXY": text], "https://a.test") == shown) }

    @Test(arguments: ["ftp://p.test", "socks4://p.test", "http://", "p.test:0", "p.test:65536", "p test", "http://user:s3cr3t%zz@p.test"])
    func whatIsNoProxyURLIsRefusedByName(text: String) throws {
        let error = #expect(throws: KubeError.self) { try proxy(["HTTPS_PROXY": text], "https://a.test") }
        #expect(error?.code == .config && error?.message.hasPrefix("HTTPS_PROXY: ") == true)
        let isClean = error?.message.contains(secret) == false
        #expect(isClean)
    }

    /// In a CGI program HTTP_PROXY is the request's "Proxy:" header (golang.org/s/cgihttpproxy).
    @Test func httpProxyIsRefusedInCGI() throws {
        let variables = ["HTTP_PROXY": "p.test", "HTTPS_PROXY": "p.test", "REQUEST_METHOD": "GET", "NO_PROXY": "*"]
        let error = #expect(throws: KubeError.self) { try proxy(variables, "http://a.test") }
        #expect(error?.code == .config)
        #expect(try proxy(variables, "https://a.test") == nil)
    }
}
