// A kubeconfig whose current cluster is reached through the proxy. Everything else of it stays as it is.
import Glibc
import KubeConfig
package import KubeCore

package enum KubeconfigCopy {
    /// The server's host and port of the current context, with which the proxy is started. Throws `.config`.
    package static func server(of config: JSONValue) throws(KubeError) -> (host: String, port: UInt16) {
        let server = try parsed(cluster(of: config).body)
        return (server.host, server.port)
    }

    /// Reads YAML or JSON.
    package static func read(_ path: String) throws(KubeError) -> JSONValue {
        let text = try RegularFile.read(path)
        do throws(KubeError) { return try YAMLReader.document(text) } catch { throw KubeError(.config, "\(path): \(error.message)") }
    }

    /// `folder`: where the original stands; its relative paths are meant from there. The certificate is still checked against the
    /// original's name. A cluster with a proxy-url is refused: it would be asked for the way to the fault proxy.
    package static func through(_ host: String, _ port: UInt16, _ config: JSONValue, folder: String) throws(KubeError) -> JSONValue {
        let (name, original) = try cluster(of: config)
        let server = try parsed(original)
        if let proxy = original["proxy-url"]?.string, !proxy.isEmpty { throw KubeError(.config, "cluster \"\(name)\" has a proxy-url") }
        var changed = original
        let shown = host.contains(":") ? "[\(host)]" : host
        changed.put("server", .string("\(server.scheme.rawValue)://\(shown):\(port)\(server.pathPrefix)"))
        let isChecked = server.scheme == .https && changed["insecure-skip-tls-verify"]?.bool != true
        if isChecked, (changed["tls-server-name"]?.string ?? "").isEmpty, server.host != host { changed.put("tls-server-name", .string(server.host)) }

        var config = config
        config.mapList("clusters") { entry in
            if entry["name"]?.string == name { entry.put("cluster", changed) }
            entry.mapMember("cluster") { $0.makeAbsolute(["certificate-authority"], folder) }
        }
        config.mapList("users") { entry in
            entry.mapMember("user") { user in
                user.makeAbsolute(["client-certificate", "client-key", "tokenFile"], folder)
                user.mapMember("exec") { exec in
                    // A bare name is looked for in PATH.
                    if exec["command"]?.string?.contains("/") == true { exec.makeAbsolute(["command"], folder) }
                }
            }
        }
        return config
    }

    private static func parsed(_ cluster: JSONValue) throws(KubeError) -> ClientConfig.Server {
        guard let text = cluster["server"]?.string, !text.isEmpty else { throw KubeError(.config, "the current cluster has no server") }
        do throws(KubeError) { return try ClientConfig.Server(parsing: text, tlsConfigured: false) } catch {
            throw KubeError(.config, "the current cluster's server \(error.message)")
        }
    }

    private static func cluster(of config: JSONValue) throws(KubeError) -> (name: String, body: JSONValue) {
        func entry(_ list: String, _ name: String) -> JSONValue? { config[list]?.array?.first { $0["name"]?.string == name } }
        guard let context = config["current-context"]?.string, !context.isEmpty else { throw KubeError(.config, "has no current-context") }
        guard let name = entry("contexts", context)?["context"]?["cluster"]?.string else { throw KubeError(.config, "has no context \"\(context)\"") }
        guard let body = entry("clusters", name)?["cluster"], body.members != nil else { throw KubeError(.config, "has no cluster \"\(name)\"") }
        return (name, body)
    }

    /// For its owner only and whole from the first moment on: beside its place, then moved there.
    package static func write(_ config: JSONValue, to path: String) throws(KubeError) {
        let draft = "\(path).\(getpid())"
        func failed() -> KubeError { KubeError(.config, "\(path): cannot be written (errno \(errno))") }
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failed() }
        var rest = (config.bytes() + [0x0a])[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let error = failed()
                close(file)
                unlink(draft)
                throw error
            }
            rest = rest.dropFirst(count)
        }
        close(file)
        guard rename(draft, path) == 0 else {
            let error = failed()
            unlink(draft)
            throw error
        }
    }
}

extension JSONValue {
    fileprivate mutating func put(_ key: String, _ value: JSONValue) {
        guard case .object(var members) = self else { return }
        members.removeAll { $0.key == key }
        members.append(Member(key, value))
        self = .object(members)
    }

    fileprivate mutating func mapMember(_ key: String, _ change: (inout JSONValue) -> Void) {
        guard var value = self[key] else { return }
        change(&value)
        put(key, value)
    }

    fileprivate mutating func mapList(_ key: String, _ change: (inout JSONValue) -> Void) {
        mapMember(key) { list in
            guard let elements = list.array else { return }
            list = .array(elements.map { element in
                var changed = element
                change(&changed)
                return changed
            })
        }
    }

    fileprivate mutating func makeAbsolute(_ keys: [String], _ folder: String) {
        for key in keys {
            if let path = self[key]?.string, !path.isEmpty, !path.hasPrefix("/") { put(key, .string("\(folder)/\(path)")) }
        }
    }
}
