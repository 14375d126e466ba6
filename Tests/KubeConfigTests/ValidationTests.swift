// What is refused in the entries that are used: missing ones, contradictions, unreadable or unfit contents.
import KubeConfig
import KubeCore
import Testing

@Test func contextsAreChosenByOptionOrCurrentContext() throws {
    let text = kubeconfig() + "\n- name: second\n  user: {token: t}\n"
    let more = text.replacingFirst("contexts:\n", "contexts:\n- {name: two, context: {cluster: clu, user: second, namespace: n2}}\n")
    #expect(try load(yaml: more).context == "ctx")
    let config = try load(yaml: more, [.init("context", "two")])
    #expect(config.context == "two" && config.user == "second" && config.token == "t" && config.namespace == "n2")
    expect(failure { try load(yaml: more, [.init("context", "none")]) }, .config, "there is no context \"none\"")
    expect(failure { try load(yaml: "current-context: gone\n") }, .config, "there is no context \"gone\"")
    expect(failure { try load(yaml: "") }, .config, "there is no current-context")
}

extension String {
    fileprivate func replacingFirst(_ text: String, _ other: String) -> String {
        guard let range = firstRange(of: text) else { return self }
        return replacingCharacters(in: range, with: other)
    }

    private func replacingCharacters(in range: Range<String.Index>, with other: String) -> String {
        var copy = self
        copy.replaceSubrange(range, with: other)
        return copy
    }
}

@Test func clusterAndUserCanBeChosenWithoutAContext() throws {
    let text = """
        clusters: [{name: c, cluster: {server: https://a}}]
        users: [{name: u, user: {token: t}}]
        """
    let config = try load(yaml: text, [.init("cluster", "c"), .init("user", "u")])
    #expect(config.context == "" && config.cluster == "c" && config.token == "t")
    expect(failure { try load(yaml: text, [.init("cluster", "x")]) }, .config, "option cluster", "there is no cluster \"x\"")
    expect(failure { try load(yaml: text, [.init("cluster", "c"), .init("user", "x")]) }, .config, "option user", "no user \"x\"")
}

@Test func aContextNeedsItsClusterAndTheClusterItsServer() throws {
    let noCluster = "current-context: x\ncontexts: [{name: x, context: {user: u}}]\n"
    expect(failure { try load(yaml: noCluster) }, .config, "context \"x\": cluster: is not set")
    let lost = "current-context: x\ncontexts: [{name: x, context: {cluster: c}}]\n"
    expect(failure { try load(yaml: lost) }, .config, "context \"x\": cluster: there is no cluster \"c\"")
    #expect(try load(yaml: lost, [.init("server", "https://a")]).server.host == "a")
    expect(failure { try load(yaml: kubeconfig(cluster: [])) }, .config, "cluster \"clu\": server: there is no server")
}

@Test func aMissingUserConnectsAnonymously() throws {
    let text = """
        current-context: x
        contexts: [{name: x, context: {cluster: c, user: gone}}]
        clusters: [{name: c, cluster: {server: https://a}}]
        """
    let config = try load(yaml: text)
    #expect(config.user == "" && config.token == nil && config.clientKey == nil)
}

@Test(arguments: ["https://u:\(secret)@a", "https://a:99999", "ftp://a", "https://a b", "a/prefix"])
func badServersAreNamedByTheirPlace(_ server: String) {
    let text = kubeconfig(cluster: ["server: '\(server)'"])
    expect(failure { try load(yaml: text) }, .config, "cluster \"clu\": server: ")
}

@Test func credentialsAndHTTPExcludeEachOther() throws {
    let folder = Folder()
    let pair = ["client-certificate-data: \(base64(certificatePEM))", "client-key-data: \(base64(keyPEM))"]
    let plugin = ["exec: {apiVersion: client.authentication.k8s.io/v1, command: c, interactiveMode: Never}"]
    for user in [["token: \(secret)"], ["tokenFile: \(folder.write("token", secret))"], pair, ["username: u"], plugin] {
        let text = kubeconfig(cluster: ["server: http://a"], user: user)
        expect(failure { try load(yaml: text) }, .config, "cluster \"clu\": server: ", "http address", "user \"usr\"")
    }
    // Impersonation is no credential.
    #expect(try load(yaml: kubeconfig(cluster: ["server: http://a"], user: ["as: x"])).impersonation?.user == "x")
    // Without a scheme a token alone does not make it https, a certificate does.
    expect(failure { try load(yaml: kubeconfig(cluster: ["server: a"], user: ["token: t"])) }, .config, "http address")
    #expect(try load(yaml: kubeconfig(cluster: ["server: a"], user: pair)).server.scheme == .https)
    let insecure = ["server: a:6443", "insecure-skip-tls-verify: true"]
    #expect(try load(yaml: kubeconfig(cluster: insecure, user: ["token: t"])).server.scheme == .https)
    #expect(try load(yaml: kubeconfig(cluster: ["server: a:8080"])).server.url == "http://a:8080")
}

@Test func certificateAuthoritiesAreCheckedWhereTheirNameIsKnown() {
    let folder = Folder()
    let good = folder.write("ca", caPEM)
    func error(_ lines: String...) -> KubeError {
        failure(lines.joined()) { try load(yaml: kubeconfig(cluster: ["server: https://a"] + lines)) }
    }
    let data = "certificate-authority-data: \(base64(caPEM))"
    expect(error("certificate-authority: \(good)", data), .config, "certificate-authority: excludes", "certificate-authority-data")
    expect(error("insecure-skip-tls-verify: true", data), .config, "insecure-skip-tls-verify", "certificate-authority-data")
    expect(error("insecure-skip-tls-verify: true", "certificate-authority: \(good)"), .config, "insecure-skip-tls-verify")
    expect(error("certificate-authority: \(folder.write("empty", ""))"), .config, "certificate-authority: holds no PEM")
    expect(error("certificate-authority: \(folder.write("key", keyPEM))"), .config, "certificate-authority: holds no PEM")
    expect(error("certificate-authority: \(folder.path)/none"), .config, "certificate-authority", "\(folder.path)/none: no such file")
    expect(error("certificate-authority: \"a\\0b\""), .config, "certificate-authority", "not a path")
    expect(error("certificate-authority-data: \"\\n\""), .config, "certificate-authority-data: holds no PEM")
    expect(error("certificate-authority-data: \(base64(secret))"), .config, "certificate-authority-data: holds no PEM")
    expect(error("certificate-authority-data: \(secret)!"), .config, "certificate-authority-data: is not base64")
    expect(error("certificate-authority-data: a b"), .config, "is not base64")
    expect(error("tls-server-name: \"a\\nb\""), .config, "tls-server-name")
}

@Test func clientCertificatesComeInPairs() {
    let folder = Folder()
    func error(_ lines: String...) -> KubeError { failure(lines.joined()) { try load(yaml: kubeconfig(user: lines)) } }
    let certificate = "client-certificate-data: \(base64(certificatePEM))"
    let key = "client-key-data: \(base64(keyPEM))"
    expect(error(certificate), .config, "client-certificate-data: has no client key")
    expect(error(key), .config, "client-key-data: has no client certificate")
    expect(error("client-certificate: \(folder.write("c", certificatePEM))", certificate, key), .config, "client-certificate: excludes")
    expect(error("client-key: \(folder.write("k", keyPEM))", certificate, key), .config, "client-key: excludes")
    expect(error(certificate, "client-key: \(folder.path)/none"), .config, "client-key", "\(folder.path)/none: no such file")
    expect(error(certificate, "client-key: \(folder.path)/c"), .config, "client-key: holds no PEM private key")
    expect(error("client-certificate: \(folder.path)/k", key), .config, "client-certificate: holds no PEM certificate")
    expect(error(certificate, "client-key-data: \(secret)="), .config, "client-key-data: is not base64")
    let encrypted = base64(pem("ENCRYPTED PRIVATE KEY", secret))
    expect(error(certificate, "client-key-data: \(encrypted)"), .unsupported, "client-key-data: is an encrypted private key")
}

@Test func tokensMustFitAHeader() throws {
    let folder = Folder()
    for bad in ["\\n", "\\r\\nX: y", "\\0", "\\x7f"] {
        let text = kubeconfig(user: ["token: \"\(secret)\(bad)\""])
        expect(failure { try load(yaml: text) }, .config, "user \"usr\": token: ", "control character")
    }
    let lines = folder.write("lines", "\(secret)\n\(secret)")
    expect(failure { try load(yaml: kubeconfig(user: ["tokenFile: \(lines)"])) }, .config, "tokenFile", lines, "control character")
    let empty = folder.write("empty", "")
    expect(failure { try load(yaml: kubeconfig(user: ["tokenFile: \(empty)"])) }, .config, "tokenFile", empty, "is empty")
    // An inline token serves until the file can be read.
    let both = try load(yaml: kubeconfig(user: ["token: \(secret)", "tokenFile: /nowhere/token"]))
    #expect(both.token == secret && both.tokenFile == "/nowhere/token")
}

@Test(arguments: ["Upper", "a.b", "-a", "a/b", "..", "a\u{E9}"])
func namespacesThatAreNoLabelsAreRefused(_ name: String) {
    expect(failure { try load(yaml: kubeconfig(context: ["namespace: '\(name)'"])) }, .config, "context \"ctx\": namespace", "DNS label")
    expect(failure { try load(yaml: kubeconfig(), [.init("namespace", .string(name))]) }, .config, "option namespace", "DNS label")
}

@Test func onlyTheEntriesInUseAreValidated() throws {
    let text = kubeconfig() + """

        - name: bad
          user: {client-key: /nowhere, token: "a\\nb", exec: {}, as: x}
        """
    #expect(throws: Never.self) { try load(yaml: text) }
}
