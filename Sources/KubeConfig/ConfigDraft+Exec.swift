// From the exec field of a user entry to an ExecPlugin: which fields it needs, and what is refused. Runs nothing.
import KubeCore

/// Whether plugins may run, from the option exec and the privilege of the process.
enum PluginPolicy {
    case allow, deny
    /// A setuid program: never, whatever the option says.
    case secure
    case only([String])

    func requireAllowed(_ plugin: ClientConfig.ExecPlugin) throws(KubeError) {
        switch self {
        case .deny: throw KubeError(.config, "\(plugin.place): the option exec denies plugins")
        case .secure: throw KubeError(.config, "\(plugin.place): plugins never run in a setuid program")
        case .only where plugin.command.utf8.contains(UInt8(ascii: "/")): _ = try plugin.program(searchPath: nil)
        case .allow, .only: break
        }
    }
}

extension ClientConfig.ExecPlugin {
    /// The exec field of a user, whose types were checked when the file was read.
    init(_ user: KubeconfigEntry) throws(KubeError) {
        let body = user.value("exec") ?? .null
        let place = user.place("exec")
        func text(_ field: String) -> String { body[field]?.string ?? "" }
        func refused(_ field: String, _ problem: String, _ code: KubeError.Code = .config) -> KubeError {
            KubeError(code, "\(place).\(field): \(problem)")
        }

        guard !text("command").isEmpty else { throw refused("command", "is not set") }
        let version = text("apiVersion")
        guard !version.isEmpty else { throw refused("apiVersion", "is not set") }
        guard let apiVersion = APIVersion(rawValue: version) else {
            throw refused(
                "apiVersion", "must be \(APIVersion.v1.rawValue) or \(APIVersion.v1beta1.rawValue), not \(ShownText.quote(version))",
                version == "client.authentication.k8s.io/v1alpha1" ? .unsupported : .config)
        }
        switch text("interactiveMode") {
        case "Never", "IfAvailable": break
        case "": if apiVersion == .v1 { throw refused("interactiveMode", "is not set, which \(version) needs") }
        case "Always": throw refused("interactiveMode", "Always is not supported: a plugin has no standard input", .unsupported)
        case let other: throw refused("interactiveMode", "must be Never, IfAvailable or Always, not \(ShownText.quote(other))")
        }
        arguments = body["args"]?.array?.map { $0.string ?? "" } ?? []
        environment = body["env"]?.array?.map { Variable(name: $0["name"]?.string ?? "", value: $0["value"]?.string ?? "") } ?? []
        for (index, variable) in environment.enumerated() {
            guard !variable.name.isEmpty else { throw refused("env[\(index)].name", "is not set") }
            guard !variable.name.utf8.contains(UInt8(ascii: "=")) else { throw refused("env[\(index)].name", "holds a \"=\"") }
        }
        for (field, texts) in [
            ("command", [text("command")]), ("args", arguments), ("env", environment.flatMap { [$0.name, $0.value] }),
        ] where texts.contains(where: { $0.utf8.contains(0) }) {
            throw refused(field, "holds a NUL")
        }
        // A bare name is looked up in PATH; anything with a slash is a path (T8).
        let command = text("command")
        self.command = command.utf8.contains(UInt8(ascii: "/")) ? FilePath.absolute(command, in: user.folder) : command
        self.apiVersion = apiVersion
        self.place = place
        installHint = text("installHint")
        provideClusterInfo = body["provideClusterInfo"]?.bool ?? false
    }
}
