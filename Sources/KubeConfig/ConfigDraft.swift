// The chosen cluster and user before anything is checked or opened: entries, in-cluster files and options laid together.
import KubeCore

/// Settings in their order of precedence already applied; `ConfigDraft+Resolve.swift` makes a `ClientConfig` of them.
struct ConfigDraft {
    var source = "none"
    var context = ""
    var cluster = ""
    var user = ""
    var namespace: Setting?

    var server: Setting?
    var tlsServerName: Setting?
    var insecure: Setting?
    var caFile: Setting?
    var caData: Setting?
    /// In a cluster the CA file may be missing; the system roots then count, verification stays on.
    var caMayBeMissing = false
    var proxy: Setting?
    var disableCompression = false
    var clusterExtension: JSONValue?

    var certificateFile: Setting?
    var certificateData: Setting?
    var keyFile: Setting?
    var keyData: Setting?
    var token: Setting?
    var tokenFile: Setting?
    var username: Setting?
    var password: Setting?
    var exec: ClientConfig.ExecPlugin?
    var policy = PluginPolicy.allow
    var execTimeoutMs: Int64 = 60_000

    var impersonate: Setting?
    var impersonateUID: Setting?
    var impersonateGroups: Extras?
    var impersonateExtra: Extras?

    /// For the message when there is no server: what was looked at.
    var origin = "options"

    init() {}

    /// The entries a kubeconfig and the options choose. Only these are checked.
    init(_ config: Kubeconfig, _ options: LoadOptions) throws(KubeError) {
        source = "kubeconfig"
        origin = config.shownFiles
        var chosen: KubeconfigEntry?
        if let name = options.setting("context")?.value ?? (config.currentContext.isEmpty ? nil : config.currentContext) {
            chosen = config.entry(.context, name)
            guard chosen != nil else {
                throw KubeError(.config, "\(origin): there is no context \(ShownText.quote(name))")
            }
            context = name
        }
        namespace = chosen?.setting("namespace")
        try take(cluster: options.setting("cluster") ?? chosen?.setting("cluster"), of: config, options)
        try take(user: options.setting("user") ?? chosen?.setting("user"), of: config, options)
    }

    private mutating func take(cluster name: Setting?, of config: Kubeconfig, _ options: LoadOptions) throws(KubeError) {
        guard let name else {
            if options.isGiven("server") { return }
            throw KubeError(
                .config,
                context.isEmpty
                    ? "\(origin): there is no current-context, and no context or cluster was asked for"
                    : "\(origin): context \(ShownText.quote(context)): cluster: is not set")
        }
        guard let entry = config.entry(.cluster, name.value) else {
            if options.isGiven("server"), !options.isGiven("cluster") { return }
            throw name.error("there is no cluster \(ShownText.quote(name.value))")
        }
        cluster = name.value
        origin = entry.place("server")
        server = entry.setting("server")
        tlsServerName = entry.setting("tls-server-name")
        if entry.flag("insecure-skip-tls-verify") {
            insecure = Setting("true", place: entry.place("insecure-skip-tls-verify"))
        }
        caFile = entry.setting("certificate-authority")
        caData = entry.setting("certificate-authority-data")
        proxy = entry.setting("proxy-url")
        disableCompression = entry.flag("disable-compression")
        clusterExtension = try entry.extension("client.authentication.k8s.io/exec")
    }

    private mutating func take(user name: Setting?, of config: Kubeconfig, _ options: LoadOptions) throws(KubeError) {
        guard let name else { return }
        guard let entry = config.entry(.user, name.value) else {
            // As in the reference: a context may name a user nobody defines, and then connects anonymously.
            if options.isGiven("user") { throw name.error("there is no user \(ShownText.quote(name.value))") }
            return
        }
        user = name.value
        guard entry.value("auth-provider") == nil else {
            throw KubeError(.unsupported, "\(entry.place("auth-provider")): is not supported; exec plugins took its place")
        }
        // A credential given as an option stands in for the plugin, which is then not even looked at (T7).
        if entry.value("exec") != nil, !options.givesCredential { exec = try ClientConfig.ExecPlugin(entry) }
        certificateFile = entry.setting("client-certificate")
        certificateData = entry.setting("client-certificate-data")
        keyFile = entry.setting("client-key")
        keyData = entry.setting("client-key-data")
        token = entry.setting("token")
        tokenFile = entry.setting("tokenFile")
        username = entry.setting("username")
        password = entry.setting("password")
        impersonate = entry.setting("as")
        impersonateUID = entry.setting("as-uid")
        impersonateGroups = Extras(list: entry.value("as-groups"), place: entry.place("as-groups"))
        impersonateExtra = Extras(entry.value("as-user-extra"), place: entry.place("as-user-extra"))
    }

    /// Lays the options over the entries, as kubectl lays its flags.
    mutating func override(_ options: LoadOptions) {
        namespace = options.setting("namespace") ?? namespace
        if options.isGiven("server") || options.isGiven("tlsServerName") {
            server = options.setting("server") ?? server
            tlsServerName = options.setting("tlsServerName")
        }
        let givesCA = options.isGiven("certificateAuthority") || options.isGiven("certificateAuthorityData")
        if givesCA || options.insecureSkipTLSVerify == true {
            caFile = options.setting("certificateAuthority")
            caData = options.setting("certificateAuthorityData")
            caMayBeMissing = false
            insecure = nil
        }
        switch options.insecureSkipTLSVerify {
        case true?: insecure = Setting("true", place: "option insecureSkipTLSVerify")
        case false?: insecure = nil
        case nil: break
        }
        if options.isGiven("clientCertificate") || options.isGiven("clientCertificateData") {
            certificateFile = options.setting("clientCertificate")
            certificateData = options.setting("clientCertificateData")
        }
        if options.isGiven("clientKey") || options.isGiven("clientKeyData") {
            keyFile = options.setting("clientKey")
            keyData = options.setting("clientKeyData")
        }
        if options.isGiven("token") || options.isGiven("tokenFile") {
            token = options.setting("token")
            tokenFile = options.setting("tokenFile")
            username = nil
            password = nil
        }
        if options.isGiven("username") || options.isGiven("password") {
            username = options.setting("username") ?? username
            password = options.setting("password") ?? password
            if !options.isGiven("token"), !options.isGiven("tokenFile") {
                token = nil
                tokenFile = nil
            }
        }
        impersonate = options.setting("as") ?? impersonate
        impersonateUID = options.setting("asUid") ?? impersonateUID
        impersonateGroups = options.groups ?? impersonateGroups
        impersonateExtra = options.extra ?? impersonateExtra
        proxy = options.setting("proxyURL") ?? proxy
        policy = options.policy
        execTimeoutMs = options.execTimeoutMs ?? execTimeoutMs
    }
}
