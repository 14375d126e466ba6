// Configuration by typed parameters, and that no printed form of anything holds a secret.
import KubeClient
import KubeConfig
@testable import KubeCR
import KubeCore
import Testing

struct ConfigTests {
    private let yaml = """
        apiVersion: v1
        kind: Config
        current-context: one
        clusters: [{name: c, cluster: {server: "https://a:1"}}, {name: d, cluster: {server: "https://b:2/x"}}]
        users: [{name: u, user: {token: s3cret-token}}, {name: v, user: {token: other}}]
        contexts: [{name: one, context: {cluster: c, user: u, namespace: mine}}, {name: two, context: {cluster: d, user: v}}]
        """

    @Test func parametersGoOverTheFile() throws {
        let plain = try KubeCR.ClientConfig.load(kubeconfigYAML: yaml)
        #expect(plain.server == "https://a:1" && plain.namespace == "mine" && plain.context == "one" && plain.cluster == "c" && plain.user == "u")
        #expect(try KubeCR.ClientConfig.load(kubeconfigYAML: yaml, context: "two").server == "https://b:2/x")
        let other = try KubeCR.ClientConfig.load(
            kubeconfigYAML: yaml, cluster: "d", user: "v", namespace: "m", tlsServerName: "name", insecureSkipTLSVerify: true, token: "s3cret-two")
        #expect(other.server == "https://b:2/x" && other.namespace == "m" && other.user == "v")
        #expect(other.engine.tlsServerName == "name" && other.engine.insecureSkipTLSVerify && other.engine.token == "s3cret-two")
        #expect(try KubeCR.ClientConfig.load(source: .none, server: "https://h:1").server == "https://h:1")
    }

    @Test func everyParameterReachesTheLoader() throws {
        for name in ["certificateAuthorityData", "clientCertificateData", "clientKeyData"] {
            let error = #expect(throws: KubeCR.KubeError.self) {
                try KubeCR.ClientConfig.load(
                    kubeconfigYAML: yaml, certificateAuthorityData: name == "certificateAuthorityData" ? "!" : nil,
                    clientCertificateData: name == "clientCertificateData" ? "!" : nil, clientKeyData: name == "clientKeyData" ? "!" : nil)
            }
            #expect(error?.message.contains(name) == true || error?.code == .config, "\(name)")
        }
        for (name, load) in [
            ("certificateAuthority", { try KubeCR.ClientConfig.load(kubeconfigYAML: yaml, certificateAuthority: "/no/such") }),
            ("clientCertificate", { try KubeCR.ClientConfig.load(kubeconfigYAML: yaml, clientCertificate: "/no/such", clientKey: "/no/key") }),
            ("tokenFile", { try KubeCR.ClientConfig.load(kubeconfigYAML: yaml, tokenFile: "/no/such") }),
            ("kubeconfig", { try KubeCR.ClientConfig.load(kubeconfig: "/no/such") }),
        ] {
            let error = #expect(throws: KubeCR.KubeError.self) { try load() }
            #expect(error?.code == .config && error?.message.contains("/no/such") == true, "\(name): \(error?.message ?? "")")
        }
        let error = #expect(throws: KubeCR.KubeError.self) { try KubeCR.ClientConfig.load(kubeconfig: "/a", kubeconfigYAML: "") }
        #expect(error?.code == .argument)
    }

    @Test func optionsOfAClientAreChecked() throws {
        let config = try KubeCR.ClientConfig.load(kubeconfigYAML: yaml)
        let client = try KubeClient(
            config: config, userAgent: "mine", timeout: .seconds(5), connectTimeout: .milliseconds(1500), idle: .seconds(30), qps: 0, burst: 7,
            maxRetries: 2, maxObjectBytes: 4096, http2: false)
        let options = client.engine.value.options
        #expect(options.userAgent == "mine" && options.timeoutMs == 5000 && options.connectTimeoutMs == 1500 && options.idleMs == 30_000)
        #expect(options.qps == 0 && options.burst == 7 && options.maxRetries == 2 && options.maxObjectBytes == 4096 && !options.http2)
        #expect(client.namespace == "mine")
        for bad in [
            { try KubeClient(config: config, timeout: .zero) }, { try KubeClient(config: config, idle: .milliseconds(999)) },
            { try KubeClient(config: config, qps: -1) }, { try KubeClient(config: config, userAgent: "a\nb") },
        ] {
            let error = #expect(throws: KubeCR.KubeError.self) { try bad() }
            #expect(error?.code == .argument)
        }
    }

    @Test func noPrintedFormHoldsASecret() throws {
        let config = try KubeCR.ClientConfig.load(kubeconfigYAML: yaml)
        let client = try KubeClient(config: config)
        for thing: Any in [config, client, [config], client.resource(Project.self), [client]] {
            var dumped = ""
            dump(thing, to: &dumped)
            for text in ["\(thing)", String(reflecting: thing), dumped] {
                #expect(!text.contains("s3cret") && text.contains("https://a:1"), "\(text)")
            }
        }
        #expect(config.description.contains("REDACTED"))
    }

    @Test func durationsAreRoundedUp() {
        #expect(Duration.milliseconds(1500).wholeMilliseconds == 1500 && Duration.nanoseconds(1).wholeMilliseconds == 1 && Duration.zero.wholeMilliseconds == 0)
        #expect(Duration.seconds(Int64.max).wholeMilliseconds == .max && Duration.milliseconds(-5).wholeMilliseconds == -5)
        #expect(Duration.milliseconds(1).wholeSeconds == 1 && Duration.seconds(3).wholeSeconds == 3 && Duration.zero.wholeSeconds == 0)
    }
}
