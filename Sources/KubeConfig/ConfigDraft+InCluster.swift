// The configuration a Pod finds around itself: two variables and the files of its service account.
import KubeCore

extension ConfigDraft {
    /// Whether this process runs in a Pod: both variables are set and the token file is there.
    static func isInCluster(_ environment: Environment) -> Bool {
        environment.value("KUBERNETES_SERVICE_HOST") != nil && environment.value("KUBERNETES_SERVICE_PORT") != nil
            && RegularFile.isThere(environment.inClusterRoot + "/token")
    }

    /// Always https. The token is read again later (T5); without a CA file the system roots count.
    init(inCluster environment: Environment) throws(KubeError) {
        for name in ["KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"] where environment.value(name) == nil {
            throw KubeError(.config, "in-cluster: \(name) is not set")
        }
        let host = environment.value("KUBERNETES_SERVICE_HOST") ?? ""
        let port = environment.value("KUBERNETES_SERVICE_PORT") ?? ""
        guard TextRules.isIPv6(host) || TextRules.isHostName(host) else {
            throw KubeError(.config, "in-cluster: KUBERNETES_SERVICE_HOST: is not a name or an address")
        }
        guard port.utf8.allSatisfy(TextRules.isDigit), let number = UInt16(port), number > 0 else {
            throw KubeError(.config, "in-cluster: KUBERNETES_SERVICE_PORT: is not a number from 1 to 65535")
        }
        self.init()
        source = "inCluster"
        origin = "in-cluster"
        let root = environment.inClusterRoot
        let server = ClientConfig.Server(scheme: .https, host: host, port: number)
        self.server = Setting(server.url, place: "in-cluster: KUBERNETES_SERVICE_HOST")
        tokenFile = Setting(root + "/token", place: "in-cluster: token")
        caFile = Setting(root + "/ca.crt", place: "in-cluster: ca.crt")
        caMayBeMissing = true
        namespace = Setting(environment.value("POD_NAMESPACE"), place: "in-cluster: POD_NAMESPACE")
        if namespace == nil, let text = try RegularFile.readIfPresent(root + "/namespace") {
            let name = String(decoding: TextRules.trimmed(text), as: UTF8.self)
            namespace = Setting(name, place: "in-cluster: \(ShownText.plain(root))/namespace")
        }
    }
}
