// The effective configuration as JSON for people to read: names and paths as they are, secrets never.
package import KubeCore

extension ClientConfig {
    /// Under the names of the options. Inline data and tokens are "REDACTED"; what is not set is left out.
    package func redacted() -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("source", .string(source)), .init("context", .string(context)), .init("cluster", .string(cluster)),
            .init("user", .string(user)), .init("namespace", .string(namespace)), .init("server", .string(server.url)),
            .init("insecureSkipTLSVerify", .bool(insecureSkipTLSVerify)),
        ]
        func add(_ name: String, _ value: String?) {
            if let value { members.append(.init(name, .string(value))) }
        }
        func add(_ name: String, file: String?, data: [UInt8]?) {
            add(name, file)
            if file == nil, data != nil { add(name + "Data", "REDACTED") }
        }
        add("tlsServerName", tlsServerName)
        add("certificateAuthority", file: certificateAuthorityFile, data: certificateAuthority)
        add("clientCertificate", file: clientCertificateFile, data: clientCertificate)
        add("clientKey", file: clientKeyFile, data: clientKey)
        add("token", token.map { _ in "REDACTED" })
        add("tokenFile", tokenFile)
        add("username", basicAuth?.username)
        add("password", basicAuth.map { _ in "REDACTED" })
        if let impersonation {
            add("as", impersonation.user)
            add("asUid", impersonation.uid)
            members.append(.init("asGroups", .array(impersonation.groups.map(JSONValue.string))))
            members.append(.init("asUserExtra", .object(impersonation.extra.map { .init($0.key, .array($0.values.map(JSONValue.string))) })))
        }
        add("proxyURL", proxy?.shown)
        if disableCompression { members.append(.init("disableCompression", true)) }
        if let exec { members.append(.init("exec", exec.redacted())) }
        return .object(members)
    }
}

extension ClientConfig.ExecPlugin {
    /// Arguments and the values of variables are masked: secrets are passed in both.
    fileprivate func redacted() -> JSONValue {
        .object([
            .init("command", .string(command)), .init("args", .array(arguments.map { _ in "REDACTED" })),
            .init("env", .array(environment.map { .object([.init("name", .string($0.name)), .init("value", "REDACTED")]) })),
            .init("apiVersion", .string(apiVersion.rawValue)), .init("provideClusterInfo", .bool(provideClusterInfo)),
            .init("timeoutMs", .number(String(timeoutMs))),
        ])
    }
}
