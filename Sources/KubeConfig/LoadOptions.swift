// The options of kcr_config_load as a value. Checks names and types only; what they mean is decided by the loader.
import KubeCore

/// Unknown keys and wrong types are `.argument`; "" is "not given".
struct LoadOptions {
    enum Source: String { case auto, kubeconfig, inCluster, none }

    private(set) var source = Source.auto
    /// "" is a text too: an empty kubeconfig.
    private(set) var kubeconfigYAML: String?
    private(set) var insecureSkipTLSVerify: Bool?
    private(set) var policy = PluginPolicy.allow
    private(set) var execTimeoutMs: Int64?
    private(set) var groups: Extras?
    private(set) var extra: Extras?
    private var texts: [String: String] = [:]

    private static let textNames: Set = [
        "kubeconfig", "context", "cluster", "user", "namespace", "server", "tlsServerName", "certificateAuthority",
        "certificateAuthorityData", "clientCertificate", "clientCertificateData", "clientKey", "clientKeyData", "token",
        "tokenFile", "username", "password", "as", "asUid", "proxyURL",
    ]

    /// What a text option says, as a setting; nil when it was not given.
    func setting(_ name: String) -> Setting? { Setting(texts[name], place: "option \(name)") }

    func isGiven(_ name: String) -> Bool { texts[name] != nil }

    /// Whether an option says who we are, so that the plugin of an entry is not needed.
    var givesCredential: Bool {
        ["token", "tokenFile", "clientCertificate", "clientCertificateData", "username", "password"].contains { isGiven($0) }
    }

    /// `isSecure`: in a setuid program plugins are denied, whatever the option says.
    init(_ json: JSONValue?, isSecure: Bool) throws(KubeError) {
        if let json { try take(json) }
        if isSecure { policy = .secure }
    }

    private mutating func take(_ json: JSONValue) throws(KubeError) {
        guard let members = json.members else { throw Self.refused("options must be an object, not \(json.typeName)") }
        for member in members { try take(member.key, member.value) }
        if isGiven("kubeconfig"), kubeconfigYAML != nil {
            throw Self.refused("options kubeconfig and kubeconfigYAML exclude each other")
        }
        guard source == .inCluster || source == .none else { return }
        for name in ["kubeconfig", "context", "cluster", "user"] where isGiven(name) {
            throw Self.refused("option \(name) has no meaning with source \(source.rawValue)")
        }
        if kubeconfigYAML != nil { throw Self.refused("option kubeconfigYAML has no meaning with source \(source.rawValue)") }
    }

    private mutating func take(_ name: String, _ value: JSONValue) throws(KubeError) {
        switch name {
        case _ where Self.textNames.contains(name):
            let text = try Self.text(name, value)
            texts[name] = text.isEmpty ? nil : text
        case "kubeconfigYAML": kubeconfigYAML = try Self.text(name, value)
        case "source":
            guard let known = Source(rawValue: try Self.text(name, value)) else {
                throw Self.refused("option source must be \"auto\", \"kubeconfig\", \"inCluster\" or \"none\"")
            }
            source = known
        case "insecureSkipTLSVerify":
            guard let flag = value.bool else { throw Self.wrongType(name, "a boolean", value) }
            insecureSkipTLSVerify = flag
        case "exec": policy = try Self.policy(value)
        case "execTimeoutMs":
            guard let number = value.int else { throw Self.wrongType(name, "an integer", value) }
            guard (1...Int64.max / 4).contains(number) else { throw Self.refused("option execTimeoutMs must be greater than 0") }
            execTimeoutMs = number
        case "asGroups":
            if let misfit = KubeconfigEntry.FieldType.texts.misfit(value, "option asGroups") { throw Self.refused(misfit) }
            groups = Extras(list: value, place: "option asGroups")
        case "asUserExtra":
            if let misfit = KubeconfigEntry.FieldType.textLists.misfit(value, "option asUserExtra") { throw Self.refused(misfit) }
            extra = Extras(value, place: "option asUserExtra")
        default: throw Self.refused("unknown option \(ShownText.quote(name))")
        }
    }

    private static func policy(_ value: JSONValue) throws(KubeError) -> PluginPolicy {
        switch value {
        case .string("deny"): return .deny
        case .string("allow"): return .allow
        case .array(let elements):
            let paths = elements.compactMap(\.string)
            guard paths.count == elements.count, paths.allSatisfy({ $0.utf8.first == UInt8(ascii: "/") }) else {
                throw refused("option exec must list absolute paths")
            }
            return .only(paths)
        default: throw refused("option exec must be \"allow\", \"deny\" or a list of absolute paths")
        }
    }

    private static func text(_ name: String, _ value: JSONValue) throws(KubeError) -> String {
        guard let text = value.string else { throw wrongType(name, "a string", value) }
        return text
    }

    private static func wrongType(_ name: String, _ wanted: String, _ value: JSONValue) -> KubeError {
        refused("option \(name) must be \(wanted), not \(value.typeName)")
    }

    private static func refused(_ message: String) -> KubeError { KubeError(.argument, message) }
}
