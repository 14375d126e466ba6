// Who we are beyond certificates and tokens: basic authentication, impersonation, the plugin. Part of resolving a draft.
import KubeCore

/// A list or a map of texts with its place; empty is "not set".
struct Extras {
    var members: [ClientConfig.Impersonation.Extra]
    var place: String

    /// An object of lists of strings, whose types were checked.
    init?(_ json: JSONValue?, place: String) {
        members = json?.members?.map { .init(key: $0.key, values: Self.texts($0.value)) } ?? []
        self.place = place
        if members.isEmpty { return nil }
    }

    /// A list of strings, as the values of one key without a name.
    init?(list json: JSONValue?, place: String) {
        members = [.init(key: "", values: Self.texts(json))]
        self.place = place
        if members.first?.values.isEmpty ?? true { return nil }
    }

    private static func texts(_ json: JSONValue?) -> [String] { json?.array?.map { $0.string ?? "" } ?? [] }
}

extension ConfigDraft {
    func resolveBasicAuth(_ config: inout ClientConfig) throws(KubeError) {
        guard let setting = username ?? password else { return }
        if let token = token ?? tokenFile { throw setting.error("excludes \(token.place)") }
        guard let username else { throw setting.error("has no username beside it") }
        for part in [username, password].compactMap({ $0 }) { try part.requireHeaderText() }
        guard !username.value.utf8.contains(UInt8(ascii: ":")) else { throw username.error("holds a colon") }
        config.basicAuth = ClientConfig.BasicAuth(username: username.value, password: password?.value ?? "")
    }

    func resolveImpersonation(_ config: inout ClientConfig) throws(KubeError) {
        guard let impersonate else {
            guard let place = impersonateUID?.place ?? impersonateGroups?.place ?? impersonateExtra?.place else { return }
            throw KubeError(.config, "\(place): there is no user to impersonate beside it")
        }
        var out = ClientConfig.Impersonation(user: impersonate.value, uid: impersonateUID?.value)
        try impersonate.requireHeaderText()
        try impersonateUID?.requireHeaderText()
        if let impersonateGroups {
            out.groups = impersonateGroups.members.flatMap(\.values)
            guard !out.groups.contains("") else { throw KubeError(.config, "\(impersonateGroups.place): holds an empty name") }
        }
        if let impersonateExtra {
            out.extra = impersonateExtra.members
            guard !out.extra.contains(where: { $0.key.isEmpty }) else {
                throw KubeError(.config, "\(impersonateExtra.place): holds an empty key")
            }
        }
        for list in [impersonateGroups, impersonateExtra].compactMap({ $0 })
        where list.members.contains(where: { $0.values.contains(where: TextRules.hasControlCharacters) }) {
            throw KubeError(.config, "\(list.place): holds a line break or another control character")
        }
        config.impersonation = out
    }

    /// Any other credential stands in for the plugin, which then never runs (T7).
    func resolveExec(_ config: inout ClientConfig) throws(KubeError) {
        guard var plugin = exec, token == nil, tokenFile == nil, config.basicAuth == nil, config.clientCertificate == nil else { return }
        plugin.clusterExtension = clusterExtension
        plugin.timeoutMs = execTimeoutMs
        if case .only(let paths) = policy { plugin.allowed = paths }
        try policy.requireAllowed(plugin)
        config.exec = plugin
    }
}

extension Setting {
    /// Control characters never go into a header (T12).
    func requireHeaderText() throws(KubeError) {
        if TextRules.hasControlCharacters(value) { throw error("holds a line break or another control character") }
    }
}
