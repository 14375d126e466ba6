// What the tests of plugins share: configurations with a plugin, and a host whose plugins end by script.
import KubeClient
import KubeConfig
import KubeCore
import KubeSystem
import KubeTesting

enum PluginFixture {
    private nonisolated(unsafe) static var number = 0
    private nonisolated(unsafe) static let lock = Lock()

    /// A configuration whose plugin no other test has: answers are shared in the process. `exec` and `cluster` are more lines of them.
    static func config(_ exec: String = "", cluster: String = "", command: String? = nil, options: [JSONValue.Member] = []) throws -> ClientConfig {
        let own = lock.withLock {
            number += 1
            return number
        }
        let yaml = """
            apiVersion: v1
            kind: Config
            current-context: c
            contexts: [{name: c, context: {cluster: k, user: u}}]
            clusters:
            - name: k
              cluster:
                server: https://127.0.0.1:1/base?x=1
            \(indented(cluster, 4))
            users:
            - name: u
              user:
                exec:
                  apiVersion: client.authentication.k8s.io/v1
                  interactiveMode: Never
                  command: \(command ?? "/plugins/p\(own)")
            \(indented(exec, 6))
            """
        return try ClientConfig.load(options: .object([.init("kubeconfigYAML", .string(yaml))] + options), environment: Environment())
    }

    private static func indented(_ text: String, _ count: Int) -> String {
        text.split(separator: "\n").map { String(repeating: " ", count: count) + $0 }.joined(separator: "\n")
    }

    static func plugin(_ exec: String = "") throws -> ClientConfig.ExecPlugin {
        guard let plugin = try config(exec).exec else { throw KubeError(.internal, "no plugin") }
        return plugin
    }
}

/// Runs nothing: the test says when and how a run ends.
final class PluginScript {
    final class Run {
        let command: ChildCommand
        let limits: ChildLimits
        let done: (ChildEnd) -> Void
        var isKilled = false

        init(_ command: ChildCommand, _ limits: ChildLimits, _ done: @escaping (ChildEnd) -> Void) {
            self.command = command
            self.limits = limits
            self.done = done
        }
    }

    var runs: [Run] = []
    var wallMs: Int64 = 1_700_000_000_000
    /// The errno of the next starts.
    var failure: Int32?

    var host: PluginHost {
        PluginHost(environment: ["PATH=/usr/bin:/bin", "HOME=/home/u", "KUBERNETES_EXEC_INFO=old"], wallMs: { self.wallMs }) {
            (command: ChildCommand, limits: ChildLimits, done: @escaping (ChildEnd) -> Void) throws(SystemError) in
            if let failure = self.failure { throw SystemError("posix_spawn", failure) }
            let run = Run(command, limits, done)
            self.runs.append(run)
            return { run.isKilled = true }
        }
    }

    static func answer(_ status: String, kind: String = "ExecCredential", version: String = "v1") -> [UInt8] {
        Array("{\"kind\":\"\(kind)\",\"apiVersion\":\"client.authentication.k8s.io/\(version)\",\"status\":\(status)}".utf8)
    }

    /// The last run ends well with a token.
    func give(_ token: String, expires: String? = nil) {
        runs.last?.done(ChildEnd(.code(0), output: Self.answer("{\"token\":\"\(token)\"\(expires.map { ",\"expirationTimestamp\":\"\($0)\"" } ?? "")}")))
    }
}
