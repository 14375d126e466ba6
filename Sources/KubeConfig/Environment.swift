// What the loader takes from the process around it, copied into a value, so that tests can bring their own.
import CYaml
import Glibc

/// Variables, home and privilege of a process, as the loader sees them.
package struct Environment {
    /// Only KUBECONFIG, KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT and POD_NAMESPACE are read.
    package var variables: [String: String]
    /// The folder that holds `.kube/config`; nil: there is none.
    package var home: String?
    /// The folder with `token`, `ca.crt` and `namespace`.
    package var inClusterRoot: String
    /// A setuid program (AT_SECURE): its caller's $KUBECONFIG is ignored.
    package var isSecure: Bool

    package init(
        variables: [String: String] = [:], home: String? = nil,
        inClusterRoot: String = "/var/run/secrets/kubernetes.io/serviceaccount", isSecure: Bool = false
    ) {
        self.variables = variables
        self.home = home
        self.inClusterRoot = inClusterRoot
        self.isSecure = isSecure
    }

    /// This process, now. Reads the environment: not while another thread changes it, as with any getenv.
    package static var process: Environment {
        var variables: [String: String] = [:]
        for name in ["KUBECONFIG", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "POD_NAMESPACE"] {
            variables[name] = variable(name)
        }
        return Environment(variables: variables, home: variable("HOME"), isSecure: kcr_process_is_secure() != 0)
    }

    /// A variable's value; nil when unset or empty.
    func value(_ name: String) -> String? {
        guard let value = variables[name], !value.isEmpty else { return nil }
        return value
    }

    private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
