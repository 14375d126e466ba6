// The fields of a kubeconfig: honoured, refused by name, of the wrong type, or none of our business.
import KubeConfig
import KubeCore
import Testing

@Test func everyHonouredFieldArrives() throws {
    let config = try load(yaml: kubeconfig(
        cluster: [
            "server: https://a.example:6443/prefix/", "tls-server-name: other.example",
            "certificate-authority-data: \(base64(caPEM))",
        ],
        user: [
            "client-certificate-data: \(base64(certificatePEM))", "client-key-data: \(base64(keyPEM))", "token: \(secret)",
        ],
        context: ["namespace: ns-1"]))
    #expect(config.server == ClientConfig.Server(scheme: .https, host: "a.example", port: 6443, pathPrefix: "/prefix"))
    #expect(config.tlsServerName == "other.example" && !config.insecureSkipTLSVerify)
    #expect(config.certificateAuthority == Array(caPEM.utf8) && config.certificateAuthorityFile == nil)
    #expect(config.clientCertificate == Array(certificatePEM.utf8) && config.clientKey == Array(keyPEM.utf8))
    #expect(config.token == secret && config.tokenFile == nil && config.namespace == "ns-1")
    #expect(config.source == "kubeconfig" && config.context == "ctx" && config.cluster == "clu" && config.user == "usr")
    #expect(try load(yaml: kubeconfig(cluster: ["server: https://a", "insecure-skip-tls-verify: true"])).insecureSkipTLSVerify)
}

@Test func base64MayHaveLineBreaks() throws {
    let lines = base64(caPEM).map(String.init).joined(separator: "\n      ")
    let text = kubeconfig(cluster: ["server: https://a", "certificate-authority-data: |\n      \(lines)"])
    #expect(try load(yaml: text).certificateAuthority == Array(caPEM.utf8))
}

@Test func nullAndEmptyMeanUnset() throws {
    let fields = ["token", "tokenFile", "client-certificate", "client-key-data", "username", "password", "as", "as-uid"]
    for empty in ["", " ''", " ~", " null"] {
        let user = fields.map { "\($0):\(empty)" } + ["exec: ~", "auth-provider:", "as-groups: []", "as-user-extra: {}"]
        let cluster = ["server: https://a", "tls-server-name:\(empty)", "certificate-authority:\(empty)", "proxy-url:\(empty)"]
        let config = try load(yaml: kubeconfig(cluster: cluster, user: user, context: ["namespace:\(empty)"]))
        #expect(config.token == nil && config.namespace == "default" && config.clientKey == nil && config.user == "usr")
    }
    #expect(throws: Never.self) { try load(yaml: kubeconfig(cluster: ["server: https://a", "disable-compression: false"])) }
}

@Test func whatIsNoneOfOurBusinessIsAccepted() throws {
    let text = kubeconfig(
        cluster: ["server: https://a", "extensions: [{name: x, extension: {y: 1}}]", "Server: 5", "future: [1]"],
        user: ["extensions: []", "Token: 5"], context: ["extensions: ~", "more: yes"])
    let config = try load(yaml: text + "\npreferences: {colors: true}\nextensions: [{name: x}]\nunknown: 5\n")
    #expect(config.server.host == "a" && config.token == nil)
}

@Test func authProviderIsRefusedByName() throws {
    let folder = Folder()
    let path = folder.write("config", kubeconfig(user: ["auth-provider: {name: gcp, config: {access-token: \(secret)}}"]) + """

        - name: plain
          user: {token: t}
        """)
    let options = [JSONValue.Member("kubeconfig", .string(path))]
    expect(failure { try load(options) }, .unsupported, path, "user \"usr\"", " auth-provider: ")
    expect(failure { try load(options + [.init("token", .string(secret))]) }, .unsupported, "auth-provider")
    expect(failure { try load(yaml: kubeconfig(user: ["auth-provider: {}"])) }, .unsupported, "auth-provider")
    // Only the entry that is used counts.
    #expect(try load(options + [.init("user", "plain")]).token == "t")
}

@Test func compressionCanBeDisabled() throws {
    #expect(try load(yaml: kubeconfig(cluster: ["server: https://a", "disable-compression: true"])).disableCompression)
    #expect(try !load(yaml: kubeconfig()).disableCompression)
}

@Test func theServersTextIsKeptForPlugins() throws {
    #expect(try load(yaml: kubeconfig(cluster: ["server: https://a/p/?q#f"])).serverText == "https://a/p/")
    #expect(try load(yaml: kubeconfig(), [.init("server", "b:80")]).serverText == "b:80")
}

@Test func placesOfCertificatesAreKept() throws {
    let folder = Folder()
    let user = ["client-certificate-data: \(base64(certificatePEM))", "client-key: \(folder.write("k", keyPEM))"]
    let config = try load(yaml: kubeconfig(user: user), [.init("certificateAuthorityData", .string(base64(caPEM)))])
    #expect(config.clientCertificatePlace == "option kubeconfigYAML: user \"usr\": client-certificate-data")
    #expect(config.clientKeyPlace == "option kubeconfigYAML: user \"usr\": client-key")
    #expect(config.certificateAuthorityPlace == "option certificateAuthorityData")
}

@Test(arguments: [
    ("server: 5", "cluster \"clu\": server: must be a string, not a number"),
    ("tls-server-name: yes", "tls-server-name: must be a string, not a boolean"),
    ("insecure-skip-tls-verify: 'true'", "insecure-skip-tls-verify: must be true or false, not a string"),
    ("certificate-authority: [a]", "certificate-authority: must be a string, not an array"),
    ("certificate-authority-data: 08", "certificate-authority-data: must be a string"),
    ("extensions: {}", "extensions: must be a list of objects, not an object"), ("extensions: [5]", "extensions[0]: must be an object, not a number"),
    ("proxy-url: {}", "proxy-url: must be a string"), ("disable-compression: 1", "disable-compression: must be true or false"),
])
func wrongTypesInAClusterAreNamed(_ line: String, _ problem: String) {
    expect(failure { try load(yaml: kubeconfig(cluster: [line])) }, .config, "option kubeconfigYAML", problem)
}

@Test(arguments: [
    ("token: yes", "user \"usr\": token: must be a string, not a boolean"), ("token: 0o7", "token: must be a string, not a number"),
    ("token: 1_000", "token: must be a string"), ("tokenFile: .5", "tokenFile: must be a string"),
    ("client-key: off", "client-key: must be a string"), ("as: 1", "as: must be a string"),
    ("as-groups: x", "as-groups: must be a list of strings"), ("as-groups: [a, 1]", "as-groups[1]: must be a string, not a number; quote it"),
    ("as-user-extra: [a]", "as-user-extra: must be an object of lists of strings, not an array"),
    ("as-user-extra: {a: b}", "as-user-extra[\"a\"]: must be a list of strings, not a string"),
    ("as-user-extra: {a: [b], c: [yes]}", "as-user-extra[\"c\"][0]: must be a string, not a boolean"),
    ("exec: cmd", "exec: must be an object, not a string"), ("exec: {command: 5}", "exec.command: must be a string"),
    ("exec: {args: x}", "exec.args: must be a list of strings"), ("exec: {args: [1]}", "exec.args[0]: must be a string"),
    ("exec: {env: {a: b}}", "exec.env: must be a list of objects"), ("exec: {env: [5]}", "exec.env[0]: must be an object"),
    ("exec: {env: [{name: a}, {name: on}]}", "exec.env[1].name: must be a string"),
    ("exec: {env: [{value: 1}]}", "exec.env[0].value: must be a string"), ("exec: {apiVersion: 1}", "exec.apiVersion: must be a string"),
    ("exec: {installHint: 1}", "exec.installHint: must be a string"),
    ("exec: {interactiveMode: no}", "exec.interactiveMode: must be a string, not a boolean"),
    ("exec: {provideClusterInfo: 'true'}", "exec.provideClusterInfo: must be true or false"),
    ("as-uid: 1", "as-uid: must be a string"), ("username: 1", "username: must be a string"), ("password: 1", "password: must be a string"),
    ("auth-provider: gcp", "auth-provider: must be an object"),
])
func wrongTypesInAUserAreNamed(_ line: String, _ problem: String) {
    expect(failure { try load(yaml: kubeconfig(user: [line])) }, .config, problem)
    // A file with a wrong type anywhere is a bad file.
    let text = kubeconfig() + "\n- name: unused\n  user: {\(line)}\n"
    expect(failure { try load(yaml: text) }, .config, "user \"unused\"")
}

@Test(arguments: [
    ("[]", "must be an object, not an array"), ("text", "must be an object, not a string"),
    ("clusters: {}", "clusters: must be a list, not an object"), ("users: [5]", "users[0]: must be an object, not a number"),
    ("contexts: [{name: 5}]", "contexts[0]: name: must be a string"), ("contexts: [{context: 5}]", "context: must be an object"),
    ("current-context: no", "current-context: must be a string, not a boolean"), ("kind: Pod", "kind: must be Config"),
    ("apiVersion: v2", "apiVersion: must be v1"), ("kind: 5", "kind: must be a string"),
    ("clusters: [{name: a}, {name: a}]", "cluster \"a\": is there twice"), ("users: [~, ~]", "user \"\": is there twice"),
    ("contexts: [{name: a}, {name: b}, {name: a}]", "context \"a\": is there twice"),
    ("a: 1\na: 2", "line 2, column 1: duplicate key"), ("a: [", "line 2, column 1: "), ("a: 1\n---\nb: 1", "more than one"),
    ("{\"a\": ", "option kubeconfigYAML: "),
])
func badFilesAreRefusedWithTheirPlace(_ text: String, _ problem: String) {
    expect(failure { try load(yaml: text) }, .config, "option kubeconfigYAML: ", problem, what: text)
}

@Test func twoThousandEntriesAreReadAndOneIsChosen() throws {
    let users = (0..<2_000).map { "\n- name: n\($0)\n  user: {token: \(secret)\($0)}" }.joined()
    let config = try load(yaml: kubeconfig() + users, [.init("user", "n1999")])
    #expect(config.token == "\(secret)1999")
}
