// A program that gives credentials, as a user entry describes it: what to run and what it may be. Runs nothing.
import Glibc
package import KubeCore

extension ClientConfig {
    /// An exec plugin, checked. Its arguments and variables may hold secrets.
    package struct ExecPlugin: Equatable, Sendable {
        package enum APIVersion: String, Sendable {
            case v1 = "client.authentication.k8s.io/v1"
            case v1beta1 = "client.authentication.k8s.io/v1beta1"
        }

        package struct Variable: Equatable, Sendable {
            package var name: String
            package var value: String

            package init(name: String, value: String) {
                self.name = name
                self.value = value
            }
        }

        /// An absolute path, or a bare name to be looked up in PATH.
        package var command: String
        package var arguments: [String] = []
        package var environment: [Variable] = []
        package var apiVersion: APIVersion
        package var installHint = ""
        package var provideClusterInfo = false
        /// The extension `client.authentication.k8s.io/exec` of the cluster: spec.cluster.config of what the plugin is told.
        package var clusterExtension: JSONValue?
        package var timeoutMs: Int64 = 60_000
        /// The absolute paths that may run; nil: any.
        package var allowed: [String]?
        /// `FILE: user "NAME": exec`, for messages.
        package var place: String

        package init(command: String, apiVersion: APIVersion, place: String) {
            self.command = command
            self.apiVersion = apiVersion
            self.place = place
        }

        /// The program to run: `command` itself, or where PATH (`searchPath`) has it. The current directory and relative
        /// parts of PATH never count (T8). `.auth`: it is not found; `.config`: the option exec does not list it (T9).
        package func program(searchPath: String?) throws(KubeError) -> String {
            let shown = ShownText.quote(command)
            guard let path = command.utf8.contains(UInt8(ascii: "/")) ? command : Self.find(command, in: searchPath ?? "") else {
                throw KubeError(.auth, "\(place): command \(shown) is not in PATH")
            }
            guard allowed?.contains(where: { TextRules.same($0, path) }) ?? true else {
                throw KubeError(.config, "\(place): the option exec does not allow \(ShownText.quote(path))")
            }
            return path
        }

        private static func find(_ name: String, in searchPath: String) -> String? {
            for folder in searchPath.split(separator: ":") where folder.hasPrefix("/") {
                let path = FilePath.absolute(name, in: String(folder))
                if access(path, X_OK) == 0, RegularFile.isThere(path) { return path }
            }
            return nil
        }
    }
}
