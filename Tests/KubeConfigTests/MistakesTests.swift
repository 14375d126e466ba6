// Every way a kubeconfig can be wrong, with the message that its author gets: it names file, entry and field, and is no other's.
import Glibc
import KubeConfig
import KubeCore
import Testing

/// One mistake in a kubeconfig that is otherwise right. `message` follows the name of the file.
private struct Mistake: CustomStringConvertible {
    var description: String
    var text: String
    var message: String

    init(_ description: String, _ message: String, cluster: [String] = ["server: https://a.example"], user: [String] = [], context: [String] = []) {
        self.init(description, message, text: kubeconfig(cluster: cluster, user: user, context: context))
    }

    init(_ description: String, _ message: String, text: String) {
        (self.description, self.text, self.message) = (description, text, message)
    }
}

private let https = "server: https://a.example"
private let cluster = "cluster \"clu\": ", user = "user \"usr\": ", context = "context \"ctx\": "
private let exec = "exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: c"
private let certificate = "client-certificate-data: \(base64(certificatePEM))", key = "client-key-data: \(base64(keyPEM))"

/// $DIR is the folder of the file; it holds `pipe` (a fifo), `folder`, `empty`, `two-lines` and `key.pem`.
private let mistakes: [Mistake] = [
    // The file.
    Mistake("not YAML", "line 2, column 1: did not find expected", text: "clusters: ["),
    Mistake("tabs", "line 2, column 1: found character that cannot start any token", text: "clusters:\n\t- name: c"),
    Mistake("broken JSON", "invalid JSON: ", text: "{\"clusters\": [}"),
    Mistake("a list at the top", "must be an object, not an array", text: "- a"),
    Mistake("text at the top", "must be an object, not a string", text: "hello"),
    Mistake("a key twice", "line 2, column 1: duplicate key \"kind\"", text: "kind: Config\nkind: Config"),
    Mistake("two documents", "holds more than one YAML document", text: "kind: Config\n---\nkind: Config"),
    Mistake("an undefined alias", "line 1, column 11: an alias to an anchor", text: "clusters: *gone"),
    Mistake("an alias bomb", "line 6, column 45: aliases expand to too much", text: bomb),
    Mistake("too deep", "line 1, column 515: nested deeper than 512", text: "a: " + String(repeating: "[", count: 600)),
    Mistake("a control character", "line 1, column 4: control characters are not allowed", text: "a: \u{1}"),
    Mistake("infinity", "line 1, column 4: a scalar that does not fit its tag", text: "a: .inf"),
    Mistake("another kind", "kind: must be Config, not \"Pod\"", text: "kind: Pod"),
    Mistake("another version", "apiVersion: must be v1, not \"v2\"", text: "apiVersion: v2"),
    Mistake("a map of clusters", "clusters: must be a list, not an object", text: "clusters: {c: {}}"),
    Mistake("an entry of text", "users[0]: must be an object, not a string", text: "users: [u]"),
    Mistake("an entry's fields of text", "clusters[0] \"c\": cluster: must be an object, not a string", text: "clusters: [{name: c, cluster: https}]"),
    Mistake("a name of another type", "contexts[0]: name: must be a string, not a number", text: "contexts: [{name: 5}]"),
    Mistake("a name twice", "cluster \"c\": is there twice", text: "clusters: [{name: c}, {name: c}]"),
    // What is chosen.
    Mistake("no current-context", "there is no current-context", text: "kind: Config"),
    Mistake("current-context of another type", "current-context: must be a string, not a boolean; quote it", text: "current-context: on"),
    Mistake("a context that is not there", "there is no context \"gone\"", text: "current-context: gone"),
    Mistake("a context without a cluster", "context \"x\": cluster: is not set", text: "current-context: x\ncontexts: [{name: x}]"),
    Mistake("a cluster that is not there", "context \"x\": cluster: there is no cluster \"gone\"", text: "current-context: x\ncontexts: [{name: x, context: {cluster: gone}}]"),
    Mistake("a namespace that is none", context + "namespace: \"My_NS\" is not a DNS label", context: ["namespace: My_NS"]),
    Mistake("a namespace of another type", context + "namespace: must be a string, not a number; quote it", context: ["namespace: 42"]),
    // The cluster.
    Mistake("no server", cluster + "server: there is no server", cluster: []),
    Mistake("a server of another type", cluster + "server: must be a string, not an array", cluster: ["server: [a]"]),
    Mistake("another scheme", cluster + "server: must begin with https:// or http://", cluster: ["server: ftp://a"]),
    Mistake("a server with a blank", cluster + "server: holds a blank", cluster: ["server: 'https://a b'"]),
    Mistake("a server with a password", cluster + "server: must not hold a user name or password", cluster: ["server: https://u:\(secret)@a"]),
    Mistake("a server without a host", cluster + "server: has no host", cluster: ["server: https:///path"]),
    Mistake("a bad host", cluster + "server: has a host that is not a name or an address", cluster: ["server: 'https://a*b'"]),
    Mistake("a bad port", cluster + "server: has a port that is not a number from 1 to 65535", cluster: ["server: https://a:70000"]),
    Mistake("half a bracket", cluster + "server: has a bracket without its partner", cluster: ["server: 'https://[::1'"]),
    Mistake("no IPv6 address", cluster + "server: holds no IPv6 address in its brackets", cluster: ["server: 'https://[a]'"]),
    Mistake("text behind the bracket", cluster + "server: has text between host and port", cluster: ["server: 'https://[::1]x'"]),
    Mistake("an IPv6 zone", cluster + "server: IPv6 zones are not supported", cluster: ["server: 'https://[fe80::1%25e]'"]),
    Mistake("a bad escape in the path", cluster + "server: has a % without two digits", cluster: ["server: https://a/%zz"]),
    Mistake("a control character in the path", cluster + "server: holds a control character in its path", cluster: ["server: https://a/%0a"]),
    Mistake("a path without a scheme", cluster + "server: must be a URL, or a host and a port", cluster: ["server: a/b"]),
    Mistake("a token over http", cluster + "server: is an http address, over which $DIR/config: user \"usr\": token is not sent", cluster: ["server: http://a"], user: ["token: \(secret)"]),
    Mistake("a plugin over http", cluster + "server: is an http address, over which $DIR/config: user \"usr\": exec is not sent", cluster: ["server: http://a"], user: [exec + "}"]),
    Mistake("CA file and data", cluster + "certificate-authority: excludes", cluster: [https, "certificate-authority: a", "certificate-authority-data: QQ=="]),
    Mistake("CA and insecure", cluster + "insecure-skip-tls-verify: excludes a certificate authority", cluster: [https, "insecure-skip-tls-verify: true", "certificate-authority-data: \(base64(caPEM))"]),
    Mistake("insecure as text", cluster + "insecure-skip-tls-verify: must be true or false, not a string", cluster: [https, "insecure-skip-tls-verify: 'yes'"]),
    Mistake("no CA file", cluster + "certificate-authority: $DIR/gone.pem: no such file", cluster: [https, "certificate-authority: gone.pem"]),
    Mistake("a folder as CA", cluster + "certificate-authority: $DIR/folder: is not a regular file", cluster: [https, "certificate-authority: folder"]),
    Mistake("a key as CA", cluster + "certificate-authority: holds no PEM certificate", cluster: [https, "certificate-authority: key.pem"]),
    Mistake("CA data that is no base64", cluster + "certificate-authority-data: is not base64", cluster: [https, "certificate-authority-data: '-----BEGIN'"]),
    Mistake("CA data that is no PEM", cluster + "certificate-authority-data: holds no PEM certificate", cluster: [https, "certificate-authority-data: QUJD"]),
    Mistake("a bad tls-server-name", cluster + "tls-server-name: is not a host name or an address", cluster: [https, "tls-server-name: 'a b'"]),
    Mistake("a proxy without a scheme", cluster + "proxy-url: must begin with http://, https:// or socks5://", cluster: [https, "proxy-url: p:3128"]),
    Mistake("a proxy without a host", cluster + "proxy-url: has no host", cluster: [https, "proxy-url: http://"]),
    Mistake("a proxy's bad user info", cluster + "proxy-url: has user info that is not percent-encoded", cluster: [https, "proxy-url: http://u:\(secret)%@p"]),
    Mistake("extensions as a map", cluster + "extensions: must be a list of objects, not an object", cluster: [https, "extensions: {}"]),
    // The user.
    Mistake("a token of another type", user + "token: must be a string, not a number; quote it", user: ["token: 123"]),
    Mistake("a token with a line break", user + "token: holds a line break or another control character", user: ["token: \"\(secret)\\n\""]),
    Mistake("no token file", user + "tokenFile: $DIR/gone: no such file", user: ["tokenFile: gone"]),
    Mistake("a fifo as token file", user + "tokenFile: $DIR/pipe: is not a regular file", user: ["tokenFile: pipe"]),
    Mistake("an empty token file", user + "tokenFile: $DIR/empty: is empty", user: ["tokenFile: empty"]),
    Mistake("a token file of two lines", user + "tokenFile: $DIR/two-lines: holds a line break", user: ["tokenFile: two-lines"]),
    Mistake("token and password", user + "username: excludes $DIR/config: user \"usr\": token", user: ["token: \(secret)", "username: u"]),
    Mistake("a password alone", user + "password: has no username beside it", user: ["password: \(secret)"]),
    Mistake("a colon in a user name", user + "username: holds a colon", user: ["username: 'a:b'"]),
    Mistake("a certificate alone", user + "client-certificate-data: has no client key beside it", user: [certificate]),
    Mistake("a key alone", user + "client-key-data: has no client certificate beside it", user: [key]),
    Mistake("key file and data", user + "client-key: excludes $DIR/config: user \"usr\": client-key-data", user: [certificate, key, "client-key: key.pem"]),
    Mistake("a key as certificate", user + "client-certificate: holds no PEM certificate", user: ["client-certificate: key.pem", key]),
    Mistake("a certificate as key", user + "client-key-data: holds no PEM private key", user: [certificate, "client-key-data: \(base64(certificatePEM))"]),
    Mistake("an encrypted key", user + "client-key-data: is an encrypted private key", user: [certificate, "client-key-data: \(base64(pem("ENCRYPTED PRIVATE KEY", secret)))"]),
    Mistake("as-uid alone", user + "as-uid: there is no user to impersonate", user: ["as-uid: '1'"]),
    Mistake("a group of another type", user + "as-groups[1]: must be a string, not a number; quote it", user: ["as: a", "as-groups: [g, 1]"]),
    Mistake("an empty group", user + "as-groups: holds an empty name", user: ["as: a", "as-groups: ['']"]),
    Mistake("extra of another type", user + "as-user-extra[\"k\"]: must be a list of strings, not a string", user: ["as: a", "as-user-extra: {k: v}"]),
    Mistake("a line break in as", user + "as: holds a line break", user: ["as: \"a\\nb\""]),
    Mistake("auth-provider", user + "auth-provider: is not supported", user: ["auth-provider: {name: gcp}"]),
    Mistake("a plugin without a command", user + "exec.command: is not set", user: ["exec: {apiVersion: client.authentication.k8s.io/v1}"]),
    Mistake("a plugin without a version", user + "exec.apiVersion: is not set", user: ["exec: {command: c}"]),
    Mistake("a plugin of an old version", user + "exec.apiVersion: must be client.authentication.k8s.io/v1 or", user: ["exec: {command: c, apiVersion: client.authentication.k8s.io/v1alpha1}"]),
    Mistake("v1 without interactiveMode", user + "exec.interactiveMode: is not set, which client.authentication.k8s.io/v1 needs", user: ["exec: {command: c, apiVersion: client.authentication.k8s.io/v1}"]),
    Mistake("an interactive plugin", user + "exec.interactiveMode: Always is not supported", user: ["exec: {command: c, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always}"]),
    Mistake("a wrong interactiveMode", user + "exec.interactiveMode: must be Never, IfAvailable or Always, not \"never\"", user: ["exec: {command: c, apiVersion: client.authentication.k8s.io/v1, interactiveMode: never}"]),
    Mistake("arguments as text", user + "exec.args: must be a list of strings, not a string", user: [exec + ", args: get-token}"]),
    Mistake("variables as a map", user + "exec.env: must be a list of objects, not an object", user: [exec + ", env: {A: b}}"]),
    Mistake("a variable without a name", user + "exec.env[0].name: is not set", user: [exec + ", env: [{value: \(secret)}]}"]),
    Mistake("a variable's value of another type", user + "exec.env[0].value: must be a string, not a number; quote it", user: [exec + ", env: [{name: A, value: 1}]}"]),
]

private let bomb = (1..<9).reduce("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n") { text, level in
    text + "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ") + "]\n"
}

private func message(_ mistake: Mistake) -> String {
    let folder = Folder()
    mkfifo(folder.path + "/pipe", 0o600)
    folder.write("folder/file", "")
    folder.write("empty", "\n")
    folder.write("two-lines", "\(secret)\n\(secret)\n")
    folder.write("key.pem", keyPEM)
    let path = folder.write("config", mistake.text)
    return failure(mistake.description) { try load([.init("kubeconfig", .string(path))]) }.message.replacing(folder.path, with: "$DIR")
}

@Test(arguments: mistakes) private func everyMistakeHasAMessageWithFileEntryAndField(_ mistake: Mistake) {
    let message = message(mistake)
    #expect(message.hasPrefix("$DIR/config: \(mistake.message)"), "\(message)")
}

@Test func noTwoMistakesHaveTheSameMessage() {
    #expect(mistakes.count > 80)
    #expect(Set(mistakes.map(message)).count == mistakes.count)
}
