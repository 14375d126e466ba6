// Where a configuration comes from: the order of the sources and the entry points. How each is read is told elsewhere.
package import KubeCore

extension ClientConfig {
    /// Loads as kcr_config_load does: the `kubeconfig` option, else $KUBECONFIG, else in-cluster, else ~/.kube/config;
    /// then the options over it. `.argument`: an option nobody knows or of the wrong type; `.unsupported`: what is
    /// refused by name; `.config`: everything else, with file, entry and field.
    package static func load(
        options: JSONValue? = nil, environment: Environment = .process
    ) throws(KubeError) -> ClientConfig {
        let options = try LoadOptions(options, isSecure: environment.isSecure)
        var draft = try source(options, environment)
        draft.override(options)
        return try draft.resolve()
    }

    /// The same for JSON text, as it comes through the C API; nil: no options.
    package static func load(
        optionsJSON: UnsafeRawBufferPointer?, environment: Environment = .process
    ) throws(KubeError) -> ClientConfig {
        guard let optionsJSON else { return try load(options: nil, environment: environment) }
        let options: JSONValue
        do throws(KubeError) {
            options = try JSONValue.parse(optionsJSON)
        } catch {
            throw KubeError(.argument, "options: \(error.message)")
        }
        return try load(options: options, environment: environment)
    }

    private static func source(_ options: LoadOptions, _ environment: Environment) throws(KubeError) -> ConfigDraft {
        switch options.source {
        case .none: return ConfigDraft()
        case .inCluster: return try ConfigDraft(inCluster: environment)
        case .auto, .kubeconfig: break
        }
        if let config = try askedFor(options, environment) { return try ConfigDraft(config, options) }
        if options.source == .auto, ConfigDraft.isInCluster(environment) {
            try refuseChoice(options, "in-cluster")
            return try ConfigDraft(inCluster: environment)
        }
        let path = environment.home.flatMap { $0.isEmpty ? nil : $0 + "/.kube/config" }
        if let path, let text = try RegularFile.readIfPresent(path) {
            let config = try Kubeconfig.parse(text, name: path, folder: FilePath.folder(of: path))
            return try ConfigDraft(config, options)
        }
        var draft = ConfigDraft()
        draft.origin = nothingFound(options, path)
        guard options.source == .auto, options.isGiven("server") else { throw KubeError(.config, draft.origin) }
        try refuseChoice(options, "no kubeconfig")
        return draft
    }

    /// The kubeconfig named by an option or by $KUBECONFIG, which a setuid program does not believe.
    private static func askedFor(_ options: LoadOptions, _ environment: Environment) throws(KubeError) -> Kubeconfig? {
        if let text = options.kubeconfigYAML {
            return try Kubeconfig.parse(Array(text.utf8), name: "option kubeconfigYAML", folder: nil)
        }
        if let list = options.setting("kubeconfig") {
            return try Kubeconfig.read(Kubeconfig.paths(list.value), allMustExist: true, list.place)
        }
        guard !environment.isSecure, let list = environment.value("KUBECONFIG") else { return nil }
        return try Kubeconfig.read(Kubeconfig.paths(list), allMustExist: false, "KUBECONFIG")
    }

    /// Entries can be chosen only where there are entries.
    private static func refuseChoice(_ options: LoadOptions, _ source: String) throws(KubeError) {
        for name in ["context", "cluster", "user"] {
            if let setting = options.setting(name) { throw setting.error("there are no entries to choose from (\(source))") }
        }
    }

    private static func nothingFound(_ options: LoadOptions, _ path: String?) -> String {
        let places = [
            "no option kubeconfig", "KUBECONFIG is not set", options.source == .auto ? "not in a cluster" : nil,
            path.map { "no file \(ShownText.plain($0))" } ?? "HOME is not set",
        ]
        return "no configuration found: " + places.compactMap { $0 }.joined(separator: ", ")
    }
}
