// exec: what a plugin needs to be accepted, where its command lies, when it stands aside, and what may run.
import Glibc
import KubeConfig
import KubeCore
import Testing

private let v1 = "apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never"
private let v1beta1 = "apiVersion: client.authentication.k8s.io/v1beta1"

private func config(_ fields: String, _ more: [String] = []) -> String { kubeconfig(user: ["exec: {\(fields)}"] + more) }

private func error(_ fields: String, _ options: [JSONValue.Member] = []) -> KubeError {
    failure(fields) { try load(yaml: config(fields), options) }
}

@Test func everyFieldOfAPluginArrives() throws {
    let folder = Folder()
    let fields = "\(v1), command: ./bin/login, args: [a, '', ~], env: [{name: NAME, value: v}, {name: EMPTY}], installHint: get it, provideClusterInfo: true"
    let extension_ = "extensions: [{name: other}, {name: client.authentication.k8s.io/exec, extension: {audience: x}}]"
    let path = folder.write("config", kubeconfig(cluster: ["server: https://a", extension_], user: ["exec: {\(fields)}"]))
    let plugin = try #require(try load([.init("kubeconfig", .string(path)), .init("execTimeoutMs", 5)]).exec)
    #expect(plugin.command == folder.path + "/./bin/login" && plugin.arguments == ["a", "", ""])
    #expect(plugin.environment == [.init(name: "NAME", value: "v"), .init(name: "EMPTY", value: "")])
    #expect(plugin.apiVersion == .v1 && plugin.installHint == "get it" && plugin.provideClusterInfo)
    #expect(plugin.clusterExtension == .object([.init("audience", "x")]) && plugin.timeoutMs == 5 && plugin.allowed == nil)
    #expect(plugin.place == "\(path): user \"usr\": exec")
}

@Test func theReservedExtensionIsThereOnce() throws {
    func load(_ list: String) throws -> ClientConfig {
        try KubeConfigTests.load(yaml: kubeconfig(cluster: ["server: https://a", "extensions: \(list)"], user: ["exec: {\(v1), command: c}"]))
    }
    #expect(try load("[{name: client.authentication.k8s.io/exec, extension: ~}]").exec?.clusterExtension == nil)
    expect(failure { try load("[{name: client.authentication.k8s.io/exec}, {name: client.authentication.k8s.io/exec}]") }, .config,
           "cluster \"clu\": extensions: \"client.authentication.k8s.io/exec\" is there twice")
}

@Test func aPluginNeedsItsFields() {
    expect(failure { try load(yaml: kubeconfig(user: ["exec: {}"])) }, .config, "user \"usr\": exec.command: is not set")
    expect(error(v1), .config, "exec.command: is not set")
    expect(error("command: c"), .config, "exec.apiVersion: is not set")
    expect(error("command: c, apiVersion: client.authentication.k8s.io/v1"), .config, "exec.interactiveMode: is not set")
    expect(error("\(v1), command: c, env: [{name: A}, {value: \(secret)}]"), .config, "exec.env[1].name: is not set")
    expect(error("\(v1), command: c, env: [{name: 'A=B'}]"), .config, "exec.env[0].name: holds a \"=\"")
    expect(error("\(v1), command: c, args: [\"\(secret)\\0\"]"), .config, "exec.args: holds a NUL")
    expect(error("\(v1), command: \"c\\0\""), .config, "exec.command: holds a NUL")
    expect(error("\(v1), command: c, env: [{name: A, value: \"\\0\"}]"), .config, "exec.env: holds a NUL")
}

@Test func versionsAndModesAreRefusedByName() throws {
    expect(error("command: c, apiVersion: client.authentication.k8s.io/v1alpha1"), .unsupported, "exec.apiVersion", "v1alpha1")
    expect(error("command: c, apiVersion: v1"), .config, "exec.apiVersion", "\"v1\"")
    expect(error("\(v1beta1), command: c, interactiveMode: Always"), .unsupported, "exec.interactiveMode: Always")
    expect(error("\(v1beta1), command: c, interactiveMode: always"), .config, "exec.interactiveMode", "\"always\"")
    for fields in [v1beta1, "\(v1beta1), interactiveMode: IfAvailable", v1, v1.replacing("Never", with: "IfAvailable")] {
        #expect(try load(yaml: config("\(fields), command: c")).exec?.command == "c")
    }
}

@Test func anotherCredentialStandsInForThePlugin() throws {
    let pair = ["client-certificate-data: \(base64(certificatePEM))", "client-key-data: \(base64(keyPEM))"]
    let folder = Folder()
    let tokenFile = folder.write("token", secret)
    for other in [["token: t"], ["tokenFile: \(tokenFile)"], ["username: u", "password: p"], pair] {
        #expect(try load(yaml: config("\(v1), command: c", other)).exec == nil)
        // It is not run, but it is checked.
        expect(failure { try load(yaml: config("command: c", other)) }, .config, "exec.apiVersion")
        #expect(throws: Never.self) { try load(yaml: config("\(v1), command: c", other), [.init("exec", "deny")]) }
    }
    // Given as an option, it is not even looked at.
    #expect(try load(yaml: config("command: x"), [.init("token", .string(secret))]).exec == nil)
    #expect(try load(yaml: config("command: x"), [.init("username", "u")]).exec == nil)
}

@Test func pluginsAreAllowedDeniedOrListed() throws {
    let absolute = "\(v1), command: /bin/plugin"
    #expect(try load(yaml: config(absolute), [.init("exec", "allow")]).exec != nil)
    expect(error(absolute, [.init("exec", "deny")]), .config, "user \"usr\": exec: the option exec denies plugins")
    #expect(try load(yaml: config(absolute), [.init("exec", .array(["/a", "/bin/plugin"]))]).exec?.allowed == ["/a", "/bin/plugin"])
    expect(error(absolute, [.init("exec", .array(["/bin"]))]), .config, "the option exec does not allow \"/bin/plugin\"")
    expect(error(absolute, [.init("exec", .array([]))]), .config, "does not allow")
    // A bare name is found later, and then compared.
    #expect(try load(yaml: config("\(v1), command: plugin"), [.init("exec", .array(["/a"]))]).exec?.allowed == ["/a"])
    #expect(throws: Never.self) { try load(yaml: kubeconfig(), [.init("exec", "deny")]) }
}

@Test func aSetuidProgramRunsNoPlugin() throws {
    let options = [JSONValue.Member("kubeconfigYAML", .string(config("\(v1), command: c"))), .init("exec", "allow")]
    expect(failure { try load(options, Environment(isSecure: true)) }, .config, "user \"usr\": exec: plugins never run in a setuid program")
    #expect(throws: Never.self) { try load([.init("server", "https://a")], Environment(isSecure: true)) }
}

@Test func bareNamesAreFoundInThePathOnly() throws {
    let folder = Folder()
    let program = folder.write("bin/tool", "#!/bin/sh\n")
    folder.write("plain/tool", "")
    chmod(program, 0o755)
    mkdir(folder.path + "/folder", 0o755)
    mkdir(folder.path + "/folder/tool", 0o755)
    let path = "::.:relative:\(folder.path)/plain:\(folder.path)/folder:\(folder.path)/bin"
    let plugin = try #require(try load(yaml: config("\(v1), command: tool"), [.init("exec", .array([.string(program)]))]).exec)
    #expect(try plugin.program(searchPath: path) == program)
    var other = plugin
    other.allowed = ["/else"]
    expect(failure { _ = try other.program(searchPath: path); return try load([]) }, .config, "does not allow \"\(program)\"")
    // The same folder, but from wherever the program happens to be.
    let relative = String(repeating: "../", count: 40) + folder.path.dropFirst() + "/bin"
    for empty in [nil, "", ".", folder.path + "/plain", relative] {
        expect(failure { _ = try plugin.program(searchPath: empty); return try load([]) }, .auth, "command \"tool\" is not in PATH")
    }
}
