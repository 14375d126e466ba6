// The options of kcr_config_load: strict in names and types, laid over files as kubectl lays its flags.
import KubeConfig
import KubeCore
import Testing

private let tls = ["server: https://a", "tls-server-name: sni", "certificate-authority-data: \(base64(caPEM))"]
private let pair = ["client-certificate-data: \(base64(certificatePEM))", "client-key-data: \(base64(keyPEM))"]

private let texts = [
    "source", "kubeconfig", "kubeconfigYAML", "context", "cluster", "user", "namespace", "server", "tlsServerName", "certificateAuthority",
    "certificateAuthorityData", "clientCertificate", "clientCertificateData", "clientKey", "clientKeyData", "token", "tokenFile",
    "username", "password", "as", "asUid", "proxyURL",
]

@Test(arguments: texts, [JSONValue.null, 5, true, .array([]), .object([])])
func optionsOfTheWrongTypeAreNamed(_ name: String, _ value: JSONValue) {
    expect(failure { try load([.init(name, value)]) }, .argument, "option \(name) must be ")
}

@Test(arguments: [
    ("insecureSkipTLSVerify", JSONValue.string("true")), ("execTimeoutMs", "5"), ("execTimeoutMs", 0), ("execTimeoutMs", .number("1.5")),
    ("exec", true), ("exec", "maybe"), ("exec", .array(["relative"])), ("exec", .array([5])), ("source", "elsewhere"),
])
func optionsWithAnUnfitValueAreNamed(_ name: String, _ value: JSONValue) {
    expect(failure { try load([.init(name, value), .init("server", "https://a")]) }, .argument, "option \(name) must ")
}

@Test(arguments: [
    ("asGroups", JSONValue.string("x"), "asGroups: must be a list of strings, not a string"), ("asGroups", .array([1]), "asGroups[0]: must be a string"),
    ("asUserExtra", .array([]), "asUserExtra: must be an object of lists of strings"),
    ("asUserExtra", .object([.init("k", "v")]), "asUserExtra[\"k\"]: must be a list of strings"),
])
func listsInOptionsAreNamedWithTheirPart(_ name: String, _ value: JSONValue, _ problem: String) {
    expect(failure { try load([.init(name, value)]) }, .argument, "option \(problem)")
}

@Test func unknownOptionsAreNamed() {
    for name in ["Server", "tls-server-name", "timeoutMs", "", "a\nb"] {
        expect(failure { try load([.init(name, "x")]) }, .argument, "unknown option")
    }
    expect(failure { try load([.init("tokn", .string(secret))]) }, .argument, "\"tokn\"")
    expect(failure { try ClientConfig.load(options: .array([])) }, .argument, "must be an object, not an array")
}

@Test func optionsExcludeEachOther() {
    expect(failure { try load([.init("kubeconfig", "a"), .init("kubeconfigYAML", "")]) }, .argument, "exclude each other")
    expect(failure { try load([.init("kubeconfig", "a"), .init("source", "none")]) }, .argument, "kubeconfig", "none")
    expect(failure { try load([.init("kubeconfigYAML", ""), .init("source", "inCluster")]) }, .argument, "kubeconfigYAML")
    let both = [JSONValue.Member("certificateAuthority", "/a"), .init("certificateAuthorityData", .string(base64(caPEM)))]
    expect(failure { try load(yaml: kubeconfig(), both) }, .config, "option certificateAuthority: excludes option certificateAuthorityData")
}

@Test func emptyOptionsAreNotGiven() throws {
    let empty = texts.filter { $0 != "source" && $0 != "kubeconfigYAML" }.map { JSONValue.Member($0, "") }
    let config = try load(yaml: kubeconfig(user: ["token: t"]), empty + [.init("asGroups", .array([])), .init("asUserExtra", .object([]))])
    #expect(config.token == "t" && config.context == "ctx")
}

@Test func basicAuthAndTokenOptionsReplaceEachOther() throws {
    let token = kubeconfig(user: ["token: t"])
    let basic = kubeconfig(user: ["username: u", "password: \(secret)"])
    let named = try load(yaml: token, [.init("username", "me"), .init("password", .string(secret))])
    #expect(named.basicAuth == .init(username: "me", password: secret) && named.token == nil)
    let inline = try load(yaml: basic, [.init("token", "given")])
    #expect(inline.token == "given" && inline.basicAuth == nil)
    // One part given, the other from the file.
    #expect(try load(yaml: basic, [.init("username", "me")]).basicAuth == .init(username: "me", password: secret))
    #expect(try load(yaml: basic, [.init("password", "p")]).basicAuth == .init(username: "u", password: "p"))
    let both = [JSONValue.Member("username", "me"), .init("token", .string(secret))]
    expect(failure { try load(yaml: token, both) }, .config, "option username: excludes option token")
}

@Test func impersonationOptionsReplaceTheirFields() throws {
    let text = kubeconfig(user: ["as: a", "as-uid: '1'", "as-groups: [g]", "as-user-extra: {k: [v]}"])
    var wanted = ClientConfig.Impersonation(user: "b", uid: "1", groups: ["g"], extra: [.init(key: "k", values: ["v"])])
    #expect(try load(yaml: text, [.init("as", "b")]).impersonation == wanted)
    let all: [JSONValue.Member] = [
        .init("as", "c"), .init("asUid", "2"), .init("asGroups", .array(["x", "y"])), .init("asUserExtra", .object([.init("q", .array(["1", "2"]))])),
    ]
    wanted = .init(user: "c", uid: "2", groups: ["x", "y"], extra: [.init(key: "q", values: ["1", "2"])])
    #expect(try load(yaml: text, all).impersonation == wanted)
    #expect(try load(yaml: kubeconfig(), all).impersonation == wanted)
    expect(failure { try load(yaml: kubeconfig(), [.init("asUid", "2")]) }, .config, "option asUid: there is no user")
}

@Test func theProxyOptionReplacesTheClusters() throws {
    let text = kubeconfig(cluster: ["server: https://a", "proxy-url: http://one"])
    #expect(try load(yaml: text, [.init("proxyURL", "socks5://two")]).proxy?.shown == "socks5://two:1080")
    expect(failure { try load(yaml: text, [.init("proxyURL", .string("ftp://u:\(secret)@two"))]) }, .config, "option proxyURL: must begin with")
}

@Test func aServerOptionClearsTheServerName() throws {
    let text = kubeconfig(cluster: tls)
    let moved = try load(yaml: text, [.init("server", "https://b")])
    #expect(moved.server.host == "b" && moved.tlsServerName == nil && moved.certificateAuthority == Array(caPEM.utf8))
    #expect(try load(yaml: text, [.init("server", "https://b"), .init("tlsServerName", "m")]).tlsServerName == "m")
    let renamed = try load(yaml: text, [.init("tlsServerName", "m")])
    #expect(renamed.server.host == "a" && renamed.tlsServerName == "m")
}

@Test func authorityAndInsecureReplaceAllThree() throws {
    let folder = Folder()
    let other = pem("CERTIFICATE", "other")
    let insecure = try load(yaml: kubeconfig(cluster: tls), [.init("insecureSkipTLSVerify", true)])
    #expect(insecure.insecureSkipTLSVerify && insecure.certificateAuthority == nil)
    let path = folder.write("ca", other)
    let file = try load(yaml: kubeconfig(cluster: tls), [.init("certificateAuthority", .string(path))])
    #expect(file.certificateAuthority == Array(other.utf8) && file.certificateAuthorityFile == path)
    let weak = kubeconfig(cluster: ["server: https://a", "insecure-skip-tls-verify: true"])
    let data = try load(yaml: weak, [.init("certificateAuthorityData", .string(base64(other)))])
    #expect(!data.insecureSkipTLSVerify && data.certificateAuthority == Array(other.utf8))
    #expect(try !load(yaml: weak, [.init("insecureSkipTLSVerify", false)]).insecureSkipTLSVerify)
    #expect(try load(yaml: kubeconfig(cluster: tls), [.init("insecureSkipTLSVerify", false)]).certificateAuthority != nil)
    let both = [JSONValue.Member("insecureSkipTLSVerify", true), .init("certificateAuthority", .string(path))]
    expect(failure { try load(yaml: kubeconfig(), both) }, .config, "option insecureSkipTLSVerify", "option certificateAuthority")
}

@Test func certificateAndKeyReplaceBothTheirForms() throws {
    let folder = Folder()
    let otherCertificate = pem("CERTIFICATE", "other")
    let otherKey = pem("EC PRIVATE KEY", "other")
    let certificate = folder.write("c", otherCertificate)
    let key = folder.write("k", otherKey)
    let one = try load(yaml: kubeconfig(user: pair), [.init("clientCertificate", .string(certificate))])
    #expect(one.clientCertificate == Array(otherCertificate.utf8) && one.clientKey == Array(keyPEM.utf8))
    #expect(one.clientCertificateFile == certificate && one.clientKeyFile == nil)
    let files = ["client-certificate: \(certificate)", "client-key: \(key)"]
    let two = try load(yaml: kubeconfig(user: files), [.init("clientKeyData", .string(base64(keyPEM)))])
    #expect(two.clientKey == Array(keyPEM.utf8) && two.clientKeyFile == nil && two.clientCertificateFile == certificate)
}

@Test func tokenOptionsReplaceBothTheirForms() throws {
    let folder = Folder()
    let path = folder.write("t", "from-file\n")
    let both = kubeconfig(user: ["token: \(secret)", "tokenFile: /nowhere"])
    let inline = try load(yaml: both, [.init("token", "given")])
    #expect(inline.token == "given" && inline.tokenFile == nil)
    let file = try load(yaml: both, [.init("tokenFile", .string(path))])
    #expect(file.token == "from-file" && file.tokenFile == path)
    expect(failure { try load(yaml: both, [.init("token", .string("\(secret)\n"))]) }, .config, "option token: ", "control character")
    expect(failure { try load(yaml: both, [.init("tokenFile", "/nowhere")]) }, .config, "option tokenFile: /nowhere: no such file")
    let plain = kubeconfig(cluster: ["server: http://a"])
    expect(failure { try load(yaml: plain, [.init("token", .string(secret))]) }, .config, "option token", "http address")
}

@Test func optionsComeAsJSONText() throws {
    func load(_ text: String) throws -> ClientConfig {
        var result: Result<ClientConfig, KubeError> = .failure(KubeError(.internal, ""))
        Array(text.utf8).withUnsafeBytes { bytes in
            do throws(KubeError) {
                result = .success(try ClientConfig.load(optionsJSON: bytes, environment: Environment()))
            } catch {
                result = .failure(error)
            }
        }
        return try result.get()
    }
    #expect(try load(#"{"server":"https://a","namespace":"n"}"#).namespace == "n")
    expect(failure { try load("{\"token\": \"\(secret)\", }") }, .argument, "options: ")
    expect(failure { try load("[1]") }, .argument, "options must be an object")
    expect(failure { try ClientConfig.load(optionsJSON: nil, environment: Environment()) }, .config, "no configuration found")
}

@Test func theRedactedFormShowsNamesAndNoSecrets() throws {
    let folder = Folder()
    let token = folder.write("token", secret)
    let inline = try load(yaml: kubeconfig(cluster: tls, user: pair + ["token: \(secret)"], context: ["namespace: ns"])).redacted()
    #expect(inline.text == """
        {"source":"kubeconfig","context":"ctx","cluster":"clu","user":"usr","namespace":"ns","server":"https://a:443",\
        "insecureSkipTLSVerify":false,"tlsServerName":"sni","certificateAuthorityData":"REDACTED",\
        "clientCertificateData":"REDACTED","clientKeyData":"REDACTED","token":"REDACTED"}
        """)
    let user = ["client-certificate: \(folder.write("c", certificatePEM))", "client-key: \(folder.write("k", keyPEM))", "tokenFile: \(token)"]
    let files = try load(yaml: kubeconfig(
        cluster: ["server: https://a", "certificate-authority: \(folder.write("ca", caPEM))"], user: user)).redacted()
    #expect(files["certificateAuthority"] == .string(folder.path + "/ca") && files["clientKey"] == .string(folder.path + "/k"))
    #expect(files["tokenFile"] == .string(token) && files["token"] == "REDACTED" && files["clientKeyData"] == nil)
    #expect(!files.text.contains(secret))
}

@Test func theRedactedFormMasksPasswordsArgumentsAndVariables() throws {
    let basic = try load(yaml: kubeconfig(
        cluster: ["server: https://a", "proxy-url: http://u:\(secret)@p:3128/\(secret)", "disable-compression: true"],
        user: ["username: u", "password: \(secret)", "as: b", "as-uid: '1'", "as-groups: [g]", "as-user-extra: {k: [v]}"])).redacted()
    #expect(basic.text == """
        {"source":"kubeconfig","context":"ctx","cluster":"clu","user":"usr","namespace":"default","server":"https://a:443",\
        "insecureSkipTLSVerify":false,"username":"u","password":"REDACTED","as":"b","asUid":"1","asGroups":["g"],\
        "asUserExtra":{"k":["v"]},"proxyURL":"http://REDACTED@p:3128","disableCompression":true}
        """)
    let exec = "exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: c, args: [\(secret)], env: [{name: NAME, value: \(secret)}]}"
    let plugin = try load(yaml: kubeconfig(user: [exec])).redacted()
    #expect(plugin["exec"]?.text == """
        {"command":"c","args":["REDACTED"],"env":[{"name":"NAME","value":"REDACTED"}],\
        "apiVersion":"client.authentication.k8s.io/v1beta1","provideClusterInfo":false,"timeoutMs":60000}
        """)
}
