// The options of a client: defaults, limits, and what is refused, each by the name of its key.
import KubeConfig
import KubeCore
import KubeTransport
@testable import KubeClient
import Testing

struct OptionsTests {
    private func options(_ text: String) throws -> ClientOptions { try ClientOptions(json(text)) }

    @Test func nothingSaidIsTheContractsDefaults() throws {
        for options in [ClientOptions(), try ClientOptions(nil), try options("{}"), try options("null"), try options(#"{"timeoutMs":null,"qps":null}"#)] {
            #expect(!options.isExternal && options.callbackThreads == 4 && options.userAgent == "" && options.timeoutMs == 60_000)
            #expect(options.connectTimeoutMs == 10_000 && options.idleMs == 150_000 && options.qps == 50 && options.burst == 100)
            #expect(options.maxRetries == 10 && options.maxObjectBytes == 33_554_432 && options.http2)
        }
    }

    @Test func everyOptionIsTaken() throws {
        let options = try options(
            #"{"loop":"external","callbackThreads":64,"userAgent":"agent/1","timeoutMs":1,"connectTimeoutMs":2,"idleMs":1000,"qps":0.5,"burst":3,"maxRetries":0,"maxObjectBytes":1024,"http2":false}"#)
        #expect(options.isExternal && options.callbackThreads == 64 && options.userAgent == "agent/1" && options.timeoutMs == 1)
        #expect(options.connectTimeoutMs == 2 && options.idleMs == 1000 && options.qps == 0.5 && options.burst == 3)
        #expect(options.maxRetries == 0 && options.maxObjectBytes == 1024 && !options.http2)
    }

    @Test(arguments: [
        ("loop", #""both""#), ("loop", "1"), ("callbackThreads", "0"), ("callbackThreads", "65"), ("callbackThreads", "1.5"), ("userAgent", "1"),
        ("userAgent", #""a\nb""#), ("userAgent", #""a\u0000""#), ("timeoutMs", "0"), ("timeoutMs", "-1"), ("timeoutMs", "86400001"),
        ("timeoutMs", "99999999999999999999"), ("connectTimeoutMs", "0"), ("idleMs", "999"), ("idleMs", #""1000""#), ("qps", "-1"), ("qps", "1e999"),
        ("qps", "true"), ("burst", "-0.1"), ("maxRetries", "-1"), ("maxRetries", "1001"), ("maxObjectBytes", "1023"), ("maxObjectBytes", "1073741825"),
        ("http2", "1"), ("colour", "1"), ("Loop", #""thread""#), ("", "1"),
    ])
    func whatIsWrongNamesItsKey(key: String, value: String) throws {
        let error = #expect(throws: KubeError.self) { try options(#"{"\#(key)":\#(value)}"#) }
        #expect(error?.code == .argument && error?.message.contains(key) == true)
    }

    @Test(arguments: ["[]", "7", "\"thread\"", "true"]) func optionsAreAnObject(text: String) {
        #expect(code { _ = try options(text) } == .argument)
    }

    @Test func theyReachTheTransport() throws {
        var config = ClientConfig(server: ClientConfig.Server(scheme: .https, host: "host", port: 6443, pathPrefix: "/prefix"))
        config.tlsServerName = "name"
        config.insecureSkipTLSVerify = true
        config.clientKey = [1]
        config.clientCertificate = [2]
        config.certificateAuthority = [3]
        let settings = try TransportSettings(config, try options(#"{"connectTimeoutMs":77,"http2":false,"userAgent":"agent/1"}"#))
        #expect(settings.secure && settings.host == "host" && settings.port == 6443 && settings.pathPrefix == "/prefix")
        #expect(settings.tlsServerName == "name" && settings.skipVerification && settings.acceptGzip)
        #expect(settings.identity == TLSIdentity(caPEM: [3], certificate: ClientCertificate(certificatePEM: [2], keyPEM: [1])))
        #expect(settings.connectTimeoutMs == 77 && !settings.http2 && settings.userAgent == "agent/1 " + Version.userAgent)
        #expect(try TransportSettings(config, ClientOptions()).userAgent == Version.userAgent)
    }

    private func settings(_ variables: [String: String], _ options: String = "{}", _ change: (inout ClientConfig) -> Void = { _ in }) throws -> TransportSettings {
        var config = ClientConfig(server: ClientConfig.Server(scheme: .https, host: "host.test", port: 6443))
        change(&config)
        return try TransportSettings(config, try self.options(options), environment: ConnectionEnvironment(variables))
    }

    @Test func proxyOfTheConfigOutranksTheEnvironment() throws {
        let variables = ["HTTPS_PROXY": "https://name:word@env.test", "NO_PROXY": "other.test"]
        #expect(try settings(variables).proxy == Proxy(.https, host: "env.test", port: 443, user: "name", password: "word"))
        #expect(try settings([:]).proxy == nil)
        let own = try ClientConfig.Proxy(parsing: "socks5://own.test")
        for list in ["", "*", "host.test"] {
            let chosen = try settings(["HTTPS_PROXY": "env.test", "NO_PROXY": list]) { $0.proxy = own }.proxy
            #expect(chosen == Proxy(.socks5, host: "own.test", port: 1080))
        }
        #expect(code { _ = try settings(["HTTPS_PROXY": "ftp://env.test"]) } == .config)
        #expect(try settings(["HTTPS_PROXY": "ftp://env.test"]) { $0.proxy = own }.proxy != nil)
    }

    @Test func disableCompressionAsksForPlainAnswers() throws {
        #expect(try settings([:]).acceptGzip && !settings([:], "{}", { $0.disableCompression = true }).acceptGzip)
    }

    @Test func environmentSwitchesHTTP2Off() throws {
        #expect(try settings([:]).http2 && settings(["DISABLE_HTTP2": ""]).http2)
        for value in ["1", "true", "false", "0"] { #expect(try !settings(["DISABLE_HTTP2": value]).http2) }
    }

    @Test func environmentNamesTheRoots() throws {
        #expect(try settings([:]).systemRoots == SystemRoots())
        #expect(try settings(["SSL_CERT_FILE": "/a", "SSL_CERT_DIR": "/b:/c"]).systemRoots == SystemRoots(file: "/a", folders: "/b:/c"))
    }
}
