// Kubeconfig files: lists and their merge, what counts as missing, what is no regular file, relative paths.
import Glibc
import KubeConfig
import KubeCore
import Testing

private func environment(_ folder: Folder, _ list: String...) -> Environment {
    folder.environment(["KUBECONFIG": list.joined(separator: ":")])
}

private func option(_ list: String...) -> [JSONValue.Member] { [.init("kubeconfig", .string(list.joined(separator: ":")))] }

@Test func theFirstFileWinsEachEntryWhole() throws {
    let folder = Folder()
    let first = folder.write("first", """
        clusters:
        - name: clu
          cluster: {server: https://first}
        users:
        - name: other
          user: {token: t}
        """)
    let second = folder.write("second", kubeconfig(
        cluster: ["server: https://second", "tls-server-name: lost.example"], user: ["token: \(secret)"], context: ["namespace: ns"]))
    let third = folder.write("third", "current-context: lost\ncontexts: [{name: ctx, context: {cluster: none}}]\n")
    for options in [option(first, second, third), []] {
        let config = try load(options, environment(folder, first, second, third))
        #expect(config.server.host == "first" && config.tlsServerName == nil)
        #expect(config.token == secret && config.namespace == "ns")
        #expect(config.context == "ctx" && config.cluster == "clu" && config.user == "usr")
    }
}

@Test func missingFilesOfTheVariableAreSkipped() throws {
    let folder = Folder()
    let file = folder.write("there", kubeconfig())
    symlink(folder.path + "/nowhere", folder.path + "/dangling")
    let missing = folder.path + "/missing"
    #expect(try load([], environment(folder, "", missing, file, folder.path + "/dangling", file, "")).context == "ctx")
    expect(failure { try load([], environment(folder, missing, missing + "2")) }, .config, "KUBECONFIG", missing, missing + "2")
    expect(failure { try load([], environment(folder, "", "")) }, .config, "KUBECONFIG", "names no file")
}

@Test func aFileNamedTwiceIsReadOnce() {
    let folder = Folder()
    let (one, two) = (folder.write("one", "kind: Config\n"), folder.write("two", "kind: Config\n"))
    let error = failure { try load([], environment(folder, one, two, one, two)) }
    #expect(error.message == "\(one), \(two): there is no current-context, and no context or cluster was asked for")
}

@Test func everyFileOfTheOptionMustExist() {
    let folder = Folder()
    let file = folder.write("there", kubeconfig())
    let missing = folder.path + "/missing"
    expect(failure { try load(option(file, missing)) }, .config, missing, "no such file")
    expect(failure { try load(option(":")) }, .config, "option kubeconfig", "names no file")
    let error = failure { try load(option(missing, folder.write("bad", "a: ["), missing + "2")) }
    expect(error, .config, missing + ": no such file; ", folder.path + "/bad: line 2", missing + "2: no such file")
}

@Test func oneBadFileFailsTheLoad() {
    let folder = Folder()
    let file = folder.write("there", kubeconfig())
    let bad = folder.write("bad", "clusters: 5\n")
    expect(failure { try load([], environment(folder, file, bad)) }, .config, bad, "clusters: must be a list")
    expect(failure { try load([], environment(folder, file, file + "/x")) }, .config, file + "/x", "not a folder")
    let closed = folder.write("closed", kubeconfig())
    chmod(closed, 0)
    guard geteuid() != 0 else { return }
    expect(failure { try load([], environment(folder, closed)) }, .config, closed, "permission denied")
}

@Test func whatIsNoRegularFileIsRefusedWithoutWaiting() {
    let folder = Folder()
    let pipe = folder.path + "/pipe"
    #expect(mkfifo(pipe, 0o600) == 0)
    symlink(folder.path + "/loop", folder.path + "/loop")
    for path in [folder.path, pipe, "/dev/null", "/dev/zero"] {
        expect(failure { try load(option(path)) }, .config, path, "is not a regular file")
        expect(failure { try load([], environment(folder, path)) }, .config, path, "is not a regular file")
    }
    expect(failure { try load(option(folder.path + "/loop")) }, .config, "symbolic links")
    for field in ["tokenFile", "client-certificate", "client-key"] {
        let other = field == "client-certificate" ? "client-key" : "client-certificate"
        let user = field == "tokenFile" ? ["tokenFile: \(pipe)"] : ["\(field): \(pipe)", "\(other)-data: \(base64(certificatePEM))"]
        expect(failure { try load(yaml: kubeconfig(user: user)) }, .config, field, pipe, "is not a regular file")
    }
    let ca = kubeconfig(cluster: ["server: https://a", "certificate-authority: \(pipe)"])
    expect(failure { try load(yaml: ca) }, .config, "certificate-authority", pipe, "is not a regular file")
    folder.write("home/.kube/config/x", "")
    expect(failure { try load([], folder.environment()) }, .config, "/home/.kube/config", "is not a regular file")
}

@Test func aFileOverTheLimitIsRefused() {
    let folder = Folder()
    let path = folder.write("large", "a: 1\n")
    #expect(truncate(path, 1 << 40) == 0)
    expect(failure { try load(option(path)) }, .config, path, "is larger than")
    // Exactly the limit is within it: sixteen MiB of nothing are an empty token.
    let user = kubeconfig(user: ["tokenFile: \(path)"])
    #expect(truncate(path, 16 * 1024 * 1024 + 1) == 0)
    expect(failure { try load(yaml: user) }, .config, "tokenFile: \(path): is larger than 16777216 bytes")
    #expect(truncate(path, 16 * 1024 * 1024) == 0)
    expect(failure { try load(yaml: user) }, .config, "tokenFile: \(path): ", "control character")
}

@Test func relativePathsBeginAtTheFileThatHasThem() throws {
    let folder = Folder()
    folder.write("one/ca.pem", caPEM)
    folder.write("two/token", secret)
    folder.write("two/ca.pem", "wrong")
    let one = folder.write("one/config", """
        clusters: [{name: clu, cluster: {server: https://a, certificate-authority: ca.pem}}]
        """)
    let two = folder.write("two/config", kubeconfig(user: ["tokenFile: ./token"]))
    let config = try load(option(one, two))
    #expect(config.certificateAuthority == Array(caPEM.utf8) && config.certificateAuthorityFile == folder.path + "/one/ca.pem")
    #expect(config.token == secret && config.tokenFile == folder.path + "/two/./token")
}

@Test func aLinkedFilesPathsBeginAtTheLink() throws {
    let folder = Folder()
    folder.write("real/config", kubeconfig(user: ["tokenFile: token"]))
    folder.write("real/token", "wrong")
    folder.write("link/token", secret)
    symlink("../real/config", folder.path + "/link/config")
    #expect(try load(option(folder.path + "/link/config")).token == secret)
}

@Test func tildesAndVariablesAreOrdinaryCharacters() {
    let folder = Folder()
    for name in ["~/token", "$HOME/token"] {
        let path = folder.write("config", kubeconfig(user: ["tokenFile: \(name)"]))
        expect(failure { try load(option(path)) }, .config, "\(folder.path)/\(name)", "no such file")
    }
}

@Test func aRelativeKubeconfigGivesAbsolutePaths() throws {
    let folder = Folder()
    folder.write("token", secret)
    folder.write("config", kubeconfig(user: ["tokenFile: token"]))
    // From the working directory up to the root and down again; more ".." than folders do no harm.
    let way = String(repeating: "../", count: 40) + folder.path.dropFirst()
    let config = try load(option(way + "/config"))
    #expect(config.token == secret)
    #expect(config.tokenFile?.hasPrefix("/") == true && config.tokenFile?.hasSuffix("/../\(folder.path.dropFirst())/token") == true)
}

@Test func byteOrderMarksAndJSONMakeAKubeconfigToo() throws {
    let folder = Folder()
    let text = kubeconfig()
    #expect(try load(option(folder.write("bom", [0xEF, 0xBB, 0xBF] + Array(text.utf8)))).context == "ctx")
    let wide: [UInt8] = [0xFF, 0xFE] + text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    #expect(try load(option(folder.write("wide", wide))).context == "ctx")
    let json = try YAMLReader.document(Array(text.utf8)).text
    #expect(try load(option(folder.write("json", json))).context == "ctx")
}
