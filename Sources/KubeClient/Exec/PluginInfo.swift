// What a plugin is told: KUBERNETES_EXEC_INFO, its environment; and by what its answers are shared.
package import KubeConfig
import KubeCore

package enum PluginInfo {
    static let variable = "KUBERNETES_EXEC_INFO"

    /// The ExecCredential a plugin finds in its environment, in the order in which the reference writes it.
    package static func json(_ plugin: ClientConfig.ExecPlugin, _ config: ClientConfig) -> String {
        var spec: [JSONValue.Member] = []
        if plugin.provideClusterInfo { spec.append(.init("cluster", cluster(plugin, config))) }
        // A plugin never has a terminal.
        spec.append(.init("interactive", false))
        let info = JSONValue.object([
            .init("kind", "ExecCredential"), .init("apiVersion", .string(plugin.apiVersion.rawValue)), .init("spec", .object(spec)),
        ])
        return String(decoding: info.bytes(), as: UTF8.self)
    }

    /// What is not set is left out.
    static func cluster(_ plugin: ClientConfig.ExecPlugin, _ config: ClientConfig) -> JSONValue {
        var members: [JSONValue.Member] = [.init("server", .string(config.serverText))]
        if let name = config.tlsServerName { members.append(.init("tls-server-name", .string(name))) }
        if config.insecureSkipTLSVerify { members.append(.init("insecure-skip-tls-verify", true)) }
        if let ca = config.certificateAuthority { members.append(.init("certificate-authority-data", .string(Base64Text.encode(ca)))) }
        if let proxy = config.proxy { members.append(.init("proxy-url", .string(proxy.text))) }
        if config.disableCompression { members.append(.init("disable-compression", true)) }
        if let given = plugin.clusterExtension, !given.isNull { members.append(.init("config", given)) }
        return .object(members)
    }

    /// The process's variables, over them the plugin's own, and the info (T8).
    package static func environment(_ plugin: ClientConfig.ExecPlugin, _ config: ClientConfig, process: [String]) -> [String] {
        let own = plugin.environment.map { ($0.name, $0.value) } + [(variable, json(plugin, config))]
        var last: [String: String] = [:]
        for (name, value) in own { last[name] = value }
        let inherited = process.filter { last[String($0.prefix { $0 != "=" })] == nil }
        return inherited + last.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    }
}

/// Clients that would run the same plugin for the same cluster share its answer, and its refusal by the option exec.
package struct PluginKey: Equatable, Sendable {
    private let texts: [String]

    package init(_ plugin: ClientConfig.ExecPlugin, _ config: ClientConfig) {
        let cluster = String(decoding: PluginInfo.cluster(plugin, config).bytes(), as: UTF8.self)
        let variables = plugin.environment.flatMap { [$0.name, $0.value] }
        let counts = "\(plugin.arguments.count) \(variables.count)"
        texts = [plugin.command, plugin.apiVersion.rawValue, "\(plugin.provideClusterInfo)", counts, cluster]
            + plugin.arguments + variables + (plugin.allowed.map { ["only"] + $0 } ?? [])
    }

    package static func == (one: Self, other: Self) -> Bool {
        one.texts.count == other.texts.count && zip(one.texts, other.texts).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
    }
}

/// RFC 4648, with padding.
package enum Base64Text {
    package static func encode(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var out: [UInt8] = []
        out.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for place in 0..<4 {
                out.append(place <= group.count ? alphabet[Int(bits >> UInt32(18 - 6 * place) & 63)] : UInt8(ascii: "="))
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
