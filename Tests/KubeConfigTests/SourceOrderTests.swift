// Which source a configuration comes from: option, $KUBECONFIG, in-cluster, home.
import Glibc
import KubeConfig
import KubeCore
import Testing

/// A kubeconfig that is told from others by its server.
private func named(_ host: String) -> String { kubeconfig(cluster: ["server: https://\(host)"]) }

private let pod = ["KUBERNETES_SERVICE_HOST": "10.9.0.1", "KUBERNETES_SERVICE_PORT": "443"]

@Test func sourcesAreAskedInTheirOrder() throws {
    let folder = Folder()
    let option = folder.write("option", named("option"))
    let variable = folder.write("variable", named("variable"))
    var environment = folder.environment(pod.merging(["KUBECONFIG": variable]) { _, new in new })
    folder.write("home/.kube/config", named("home"))
    folder.write("account/token", secret)
    #expect(try load([.init("kubeconfig", .string(option))], environment).server.host == "option")
    #expect(try load([], environment).server.host == "variable")
    environment.variables["KUBECONFIG"] = ""
    #expect(try load([], environment).source == "inCluster")
    #expect(try load([.init("source", "kubeconfig")], environment).server.host == "home")
    #expect(try load([.init("source", "inCluster")], environment).server.host == "10.9.0.1")
    for name in pod.keys {
        var half = environment
        half.variables[name] = ""
        #expect(try load([], half).server.host == "home", "\(name)")
    }
    remove(folder.path + "/account/token")
    #expect(try load([], environment).server.host == "home")
    #expect(try load([.init("kubeconfig", "")], environment).server.host == "home")
}

@Test func aSetuidProgramIgnoresTheVariable() throws {
    let folder = Folder()
    let variables = ["KUBECONFIG": folder.write("variable", named("variable"))]
    folder.write("home/.kube/config", named("home"))
    #expect(try load([], folder.environment(variables, isSecure: true)).server.host == "home")
    #expect(try load([], folder.environment(variables, isSecure: false)).server.host == "variable")
}

@Test func nothingFoundNamesWhatWasLookedAt() {
    let folder = Folder()
    let error = failure { try load([], folder.environment()) }
    expect(error, .config, "no configuration found", "KUBECONFIG", "not in a cluster", folder.path + "/home/.kube/config")
    expect(failure { try load([]) }, .config, "HOME is not set")
    expect(failure { try load([.init("source", "none")]) }, .config, "no server")
    expect(failure { try load([.init("source", "kubeconfig"), .init("server", "https://a")]) }, .config, "no configuration found")
}

@Test func aServerAloneIsEnough() throws {
    let config = try load([.init("server", "http://127.0.0.1:8001")])
    #expect(config.server == ClientConfig.Server(scheme: .http, host: "127.0.0.1", port: 8001))
    #expect(config.source == "none" && config.namespace == "default" && config.token == nil)
    #expect(try load([.init("source", "none"), .init("server", "https://a"), .init("token", "t")]).token == "t")
    // A kubeconfig without entries lends nothing, and does not stand in the way.
    #expect(try load(yaml: "", [.init("server", "https://a")]).source == "kubeconfig")
}

@Test func entriesCannotBeChosenWhereThereAreNone() {
    let folder = Folder()
    folder.write("account/token", secret)
    for name in ["context", "cluster", "user"] {
        let choice = JSONValue.Member(name, "x")
        expect(failure { try load([choice], folder.environment(pod)) }, .config, "option \(name)", "in-cluster")
        expect(failure { try load([choice, .init("server", "https://a")]) }, .config, "option \(name)")
        expect(failure { try load([choice, .init("source", "inCluster")]) }, .argument, "option \(name)")
    }
}

@Test func thisProcessIsNotSetuidAndHasItsHome() {
    let environment = Environment.process
    #expect(!environment.isSecure)
    #expect(environment.home == getenv("HOME").map { String(cString: $0) })
    #expect(environment.inClusterRoot == "/var/run/secrets/kubernetes.io/serviceaccount")
}

@Test func inClusterReadsTheServiceAccount() throws {
    let folder = Folder()
    folder.write("account/token", "\(secret)\n")
    folder.write("account/ca.crt", caPEM)
    folder.write("account/namespace", "from-file\n")
    var environment = folder.environment(pod)
    let config = try load([], environment)
    #expect(config.server.url == "https://10.9.0.1:443")
    #expect(config.token == secret && config.tokenFile == folder.path + "/account/token")
    #expect(config.certificateAuthority == Array(caPEM.utf8) && config.certificateAuthorityFile == folder.path + "/account/ca.crt")
    #expect(config.namespace == "from-file" && config.source == "inCluster" && !config.insecureSkipTLSVerify)
    environment.variables["POD_NAMESPACE"] = "from-variable"
    #expect(try load([], environment).namespace == "from-variable")
    #expect(try load([.init("namespace", "from-option")], environment).namespace == "from-option")
    environment.variables["KUBERNETES_SERVICE_HOST"] = "fd00::1"
    environment.variables["KUBERNETES_SERVICE_PORT"] = "6443"
    #expect(try load([], environment).server.url == "https://[fd00::1]:6443")
}

@Test func inClusterWithoutACAKeepsVerifying() throws {
    let folder = Folder()
    folder.write("account/token", secret)
    let config = try load([], folder.environment(pod))
    #expect(config.certificateAuthority == nil && !config.insecureSkipTLSVerify && config.namespace == "default")
    folder.write("account/ca.crt", "")
    expect(failure { try load([], folder.environment(pod)) }, .config, "ca.crt", "certificate")
}

@Test func inClusterProblemsAreNamed() {
    let folder = Folder()
    let only = [JSONValue.Member("source", "inCluster")]
    expect(failure { try load(only, folder.environment()) }, .config, "in-cluster", "KUBERNETES_SERVICE_HOST")
    expect(failure { try load(only, folder.environment(["KUBERNETES_SERVICE_HOST": "a"])) }, .config, "KUBERNETES_SERVICE_PORT")
    expect(failure { try load(only, folder.environment(pod)) }, .config, folder.path + "/account/token", "no such file")
    folder.write("account/token", "\n")
    expect(failure { try load(only, folder.environment(pod)) }, .config, folder.path + "/account/token", "is empty")
    folder.write("account/token", secret)
    for port in ["0", "x", "65536", "-1"] {
        let environment = folder.environment(["KUBERNETES_SERVICE_HOST": "a", "KUBERNETES_SERVICE_PORT": port])
        expect(failure { try load(only, environment) }, .config, "KUBERNETES_SERVICE_PORT")
    }
    let environment = folder.environment(["KUBERNETES_SERVICE_HOST": "u@a", "KUBERNETES_SERVICE_PORT": "443"])
    expect(failure { try load(only, environment) }, .config, "KUBERNETES_SERVICE_HOST")
    // The account's token never goes to an http server.
    expect(failure { try load([.init("server", "http://a")], folder.environment(pod)) }, .config, "http address")
    folder.write("account/namespace", "Not_A_Label")
    expect(failure { try load(only, folder.environment(pod)) }, .config, "namespace", "DNS label")
}
