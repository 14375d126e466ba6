// What a plugin is told and given, and whose answers are shared; what is covered in what it says.
import KubeClient
import KubeConfig
import KubeCore
import KubeTransport
import Testing

@Suite struct PluginInfoTests {
    private let cluster = """
        certificate-authority-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCkFBPT0KLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo=
        tls-server-name: other.example
        proxy-url: http://user:pw@proxy:3128
        disable-compression: true
        extensions:
        - name: client.authentication.k8s.io/exec
          extension: {audience: "a<b>", size: 1.50, list: [true, null]}
        - {name: other, extension: {x: 1}}
        """

    private func info(_ exec: String = "", cluster: String = "") throws -> String {
        let config = try PluginFixture.config(exec, cluster: cluster)
        guard let plugin = config.exec else { throw KubeError(.internal, "no plugin") }
        return PluginInfo.json(plugin, config)
    }

    @Test func T8_withoutClusterInfoOnlyInteractiveIsTold() throws {
        #expect(try info(cluster: cluster) == #"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"interactive":false}}"#)
    }

    @Test func T8_theClusterIsToldWhenItIsAskedFor() throws {
        let told = try info("provideClusterInfo: true", cluster: cluster)
        #expect(
            told
                == #"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"cluster":{"server":"https://127.0.0.1:1/base","#
                + #""tls-server-name":"other.example","certificate-authority-data":"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCkFBPT0KLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo=","#
                + #""proxy-url":"http://user:pw@proxy:3128","disable-compression":true,"config":{"audience":"a<b>","size":1.5,"list":[true,null]}},"interactive":false}}"#)
    }

    @Test func T8_whatIsNotSetIsLeftOut() throws {
        #expect(
            try info("provideClusterInfo: true", cluster: "insecure-skip-tls-verify: true")
                == #"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"cluster":{"server":"https://127.0.0.1:1/base","insecure-skip-tls-verify":true},"interactive":false}}"#)
    }

    @Test func T8_theEnvironmentIsTheProcessesThenThePluginsThenTheInfo() throws {
        let config = try PluginFixture.config("env: [{name: HOME, value: /other}, {name: A, value: '1'}, {name: A, value: '2'}, {name: KUBERNETES_EXEC_INFO, value: mine}]")
        let plugin = try #require(config.exec)
        let environment = PluginInfo.environment(plugin, config, process: ["PATH=/bin", "HOME=/home/u", "A=0", "KUBERNETES_EXEC_INFO=outer", "AB=3"])
        #expect(environment == ["PATH=/bin", "AB=3", "A=2", "HOME=/other", "KUBERNETES_EXEC_INFO=" + PluginInfo.json(plugin, config)])
    }

    @Test func clientsShareAnAnswerOnlyForTheSamePluginAndCluster() throws {
        func key(_ exec: String = "", cluster: String = "", command: String = "/p/one", options: [JSONValue.Member] = []) throws -> PluginKey {
            let config = try PluginFixture.config(exec, cluster: cluster, command: command, options: options)
            return PluginKey(try #require(config.exec), config)
        }
        #expect(try key() == key())
        #expect(try key("installHint: x") == key())
        #expect(try key(command: "/p/two") != key())
        #expect(try key(options: [.init("exec", .array(["/p/one"]))]) != key())
        #expect(try key("args: [a]") != key())
        #expect(try key("args: [a]") != key("args: [b]"))
        #expect(try key("args: [a, b, c]") != key("args: [a]\nenv: [{name: b, value: c}]"))
        #expect(try key("args: [\u{e9}]") != key("args: [e\u{301}]"))
        #expect(try key("env: [{name: a, value: b}]") != key("env: [{name: a, value: c}]"))
        #expect(try key("provideClusterInfo: true") != key())
        #expect(try key(cluster: "tls-server-name: other") != key())
        #expect(try key(cluster: "insecure-skip-tls-verify: true") != key())
        let config = try PluginFixture.config()
        var older = try #require(config.exec)
        older.apiVersion = .v1beta1
        #expect(PluginKey(older, config) != PluginKey(try #require(config.exec), config))
    }
}

@Suite struct SecretMaskTests {
    private func lines(_ text: String, _ exec: String = "", given: PluginCredential? = nil) throws -> [String] {
        SecretMask(try PluginFixture.config(exec, cluster: "proxy-url: http://user:proxy-pw@proxy:3128")).and(given).lines(Array(text.utf8))
    }

    @Test func T11_linesAreToldOneByOneWithoutControlCharacters() throws {
        #expect(try lines("one\r\n\n  two\u{1b}[31mred\u{7}\u{9b}\nthree") == ["one", "  two [31mred", "three"])
    }

    @Test func T11_whatThePluginGaveIsCovered() throws {
        let given = PluginCredential(token: "s3cr3t", certificate: .init(certificatePEM: [], keyPEM: Array("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\nshort\n".utf8)))
        #expect(try lines("token=s3cr3t!\n-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\nshort", given: given) == ["token=REDACTED!", "-----BEGIN PRIVATE KEY-----", "REDACTED", "short"])
    }

    @Test func T11_whatThePluginWasGivenIsCovered() throws {
        let exec = "args: [get-token, --password=argument-pw, --verbose, short]\nenv: [{name: PASSWORD, value: variable-pw}, {name: MODE, value: fast}]"
        #expect(try lines("variable-pw argument-pw proxy-pw fast --verbose short", exec) == ["REDACTED REDACTED REDACTED fast --verbose short"])
    }

    @Test func aFloodIsCutToItsFirstHundredLines() throws {
        let told = try lines(String(repeating: "x\n", count: 1000))
        #expect(told.count == 101 && told.last == "and 900 more lines")
    }

    @Test func T11_aSecretIsCoveredBeforeTheLineIsCut() throws {
        let told = try lines(String(repeating: "x", count: 4090) + "s3cr3t-s3cr3t", given: PluginCredential(token: "s3cr3t-s3cr3t"))
        #expect(told.count == 1 && told.first?.contains("s3") == false && told.first?.contains("REDA") == true)
    }

    @Test func T11_theLongerSecretIsCoveredFirst() throws {
        #expect(try lines("abcdefghij", "env: [{name: A, value: abcdefgh}, {name: B, value: abcdefghij}]") == ["REDACTED"])
    }
}
