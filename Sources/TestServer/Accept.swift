// Which form of an answer the Accept header asks for: plain JSON, only the metadata, or aggregated discovery.
import KubeCore

enum AnswerForm: Equatable, Sendable {
    case plain
    /// PartialObjectMetadata, or its list, of meta.k8s.io.
    case metadataOnly(version: String)
    /// APIGroupDiscoveryList of apidiscovery.k8s.io.
    case aggregated(version: String)

    static let mediaTypes = ["application/json"]

    /// The first form asked for that can be had; throws 406 when there is none.
    init(_ accept: String?, isDiscovery: Bool = false) throws(APIFailure) {
        guard let accept, !accept.isEmpty else {
            self = .plain
            return
        }
        for clause in accept.split(separator: ",") {
            let parts = clause.split(separator: ";").map { $0.filter { $0 != " " } }
            guard let type = parts.first?.lowercased(), ["application/json", "application/*", "*/*"].contains(type) else { continue }
            var parameters: [String: String] = [:]
            for part in parts.dropFirst() {
                let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
                if pair.count == 2 { parameters[pair[0]] = pair[1] }
            }
            switch (parameters["as"], parameters["g"], parameters["v"]) {
            case (nil, _, _):
                self = .plain
                return
            case ("PartialObjectMetadata", "meta.k8s.io", let version?) where !isDiscovery, ("PartialObjectMetadataList", "meta.k8s.io", let version?) where !isDiscovery:
                guard version == "v1" || version == "v1beta1" else { continue }
                self = .metadataOnly(version: version)
                return
            case ("APIGroupDiscoveryList", "apidiscovery.k8s.io", let version?) where isDiscovery:
                guard version == "v2" || version == "v2beta1" else { continue }
                self = .aggregated(version: version)
                return
            default: continue
            }
        }
        throw .notAcceptable(Self.mediaTypes)
    }

    /// One object in this form.
    func shape(_ object: JSONValue) -> JSONValue {
        guard case .metadataOnly(let version) = self else { return object }
        return .members(["apiVersion": .string("meta.k8s.io/" + version), "kind": "PartialObjectMetadata", "metadata": object["metadata"]])
    }

    func list(_ type: ResourceType, _ items: [JSONValue], metadata: JSONValue) -> JSONValue {
        let (apiVersion, kind): (String, String)
        if case .metadataOnly(let version) = self {
            (apiVersion, kind) = ("meta.k8s.io/" + version, "PartialObjectMetadataList")
        } else {
            (apiVersion, kind) = (type.apiVersion, type.listKind)
        }
        return .members(["apiVersion": .string(apiVersion), "items": .array(items.map { shape(type.render($0)) }), "kind": .string(kind), "metadata": metadata])
    }
}
