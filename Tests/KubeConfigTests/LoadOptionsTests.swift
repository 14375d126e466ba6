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
    ("exec", true), ("exec", "maybe"), ("exec", .array(["relative"])), ("exec", .array([5])), ("asGroups", "x"), ("asGroups", .array([1])),
    ("asUserExtra", .array([])), ("asUserExtra", .object([.init("k", "v")])), ("source", "elsewhere"),
])
func optionsWithAnUnfitValueAreNamed(_ name: String, _ value: JSONValue) {
    expect(failure { try load([.init(name, value), .init("server", "https://a")]) }, .argument, "option \(name) must ")
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

@Test(arguments: [
    ("username", JSONValue.string(secret)), ("password", .string(secret)), ("as", .string(secret)), ("asUid", .string(secret)),
    ("asGroups", .array([.string(secret)])), ("asUserExtra", .object([.init("k", .array([.string(secret)]))])),
    ("proxyURL", .string("http://u:\(secret)@p")),
])
func optionsOfLaterVersionsAreRefusedByName(_ name: String, _ value: JSONValue) {
    expect(failure { try load([.init(name, value)]) }, .unsupported, "option \(name) is not supported")
}

@Test func emptyOptionsAreNotGiven() throws {
    let empty = texts.filter { $0 != "source" && $0 != "kubeconfigYAML" }.map { JSONValue.Member($0, "") }
    let config = try load(yaml: kubeconfig(user: ["token: t"]), empty + [.init("asGroups", .array([])), .init("asUserExtra", .object([]))])
    #expect(config.token == "t" && config.context == "ctx")
}

/// No plugin is ever run: to forbid them is granted, to allow or time them is refused by name.
@Test func onlyADenialOfPluginsIsAccepted() throws {
    for value in [JSONValue.string("deny"), .array([])] {
        #expect(throws: Never.self) { try load(yaml: kubeconfig(), [.init("exec", value)]) }
    }
    for (name, value) in [("exec", JSONValue.string("allow")), ("exec", .array(["/bin/plugin"])), ("execTimeoutMs", 5)] {
        expect(failure { try load(yaml: kubeconfig(), [.init(name, value)]) }, .unsupported, "option \(name) is not supported")
    }
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
