// What an apply must know of a CustomResourceDefinition: which kinds come with it, and how far the server is with it.
package import KubeCore

/// The kinds that a CRD brings, read from the CRD itself (apiextensions v1 and v1beta1).
package struct Definition: Equatable {
    package var group: String
    package var kind: String
    /// The served ones.
    package var versions: [String]

    /// Nil for an object that is no CRD, or that does not say what it defines: the server will say what it thinks of it.
    package init?(_ entry: Manifest.Entry) {
        guard entry.kind == "CustomResourceDefinition", entry.version.group == "apiextensions.k8s.io",
            let spec = (try? entry.object.value("/spec")).flatMap({ try? JSONValue.parse($0) }),
            let group = spec["group"]?.string, let kind = spec["names"]?["kind"]?.string
        else { return nil }
        self.group = group
        self.kind = kind
        versions = (spec["versions"]?.array ?? []).filter { $0["served"]?.bool ?? false }.compactMap { $0["name"]?.string }
        // v1beta1 may name its only version outside of the list.
        if versions.isEmpty, let version = spec["version"]?.string { versions = [version] }
    }

    package func defines(_ kind: String, _ version: GroupVersion) -> Bool {
        kind == self.kind && version.group == group && versions.contains(version.version)
    }
}

/// How far the server is with a CRD (apiextensions-apiserver, pkg/controller/establish and status).
package enum DefinitionState: Equatable {
    case established
    case pending
    /// It will never be, until its names are changed.
    case refused(String)

    package init(_ object: ObjectBlob) {
        let conditions = (try? object.value("/status/conditions")).flatMap { try? JSONValue.parse($0) }?.array ?? []
        func condition(_ type: String) -> JSONValue? { conditions.first { $0["type"]?.string == type } }
        if condition("Established")?["status"]?.string == "True" {
            self = .established
        } else if let names = condition("NamesAccepted"), names["status"]?.string == "False" {
            self = .refused(names["message"]?.string ?? names["reason"]?.string ?? "")
        } else {
            self = .pending
        }
    }
}
