// A CustomResourceDefinition object: checked, completed with its status, and turned into the resources that it defines.
import KubeCore

struct CustomResourceDefinition {
    /// In the v1 form.
    private(set) var object: JSONValue

    private var spec: JSONValue { object["spec"] ?? .emptyObject }
    private var names: JSONValue { spec["names"] ?? .emptyObject }
    private var plural: String { names["plural"]?.string ?? "" }
    private var kind: String { names["kind"]?.string ?? "" }
    var group: String { spec["group"]?.string ?? "" }

    init(_ object: JSONValue) { self.object = object["apiVersion"]?.string?.hasSuffix("/v1beta1") == true ? Self.upgraded(object) : object }

    /// Defaults of names, as the server fills them in.
    mutating func fillIn() {
        if names["singular"]?.string ?? "" == "" { object.set(["spec", "names", "singular"], .string(kind.lowercased())) }
        if names["listKind"]?.string ?? "" == "", !kind.isEmpty { object.set(["spec", "names", "listKind"], .string(kind + "List")) }
        if spec["conversion"] == nil { object.set(["spec", "conversion"], .members(["strategy": "None"])) }
    }

    /// It is established at once: its names are accepted as they are.
    mutating func establish(now: String) {
        func condition(_ type: String, _ reason: String, _ message: String) -> JSONValue {
            .members(["lastTransitionTime": .string(now), "message": .string(message), "reason": .string(reason), "status": "True", "type": .string(type)])
        }
        let storage = (spec["versions"]?.array ?? []).first { $0["storage"]?.bool == true }?["name"]
        object.set("status", .members([
            "acceptedNames": names,
            "conditions": object.at("status", "conditions") ?? .array([
                condition("NamesAccepted", "NoConflicts", "no conflicts found"),
                condition("Established", "InitialNamesAccepted", "the initial names have been accepted"),
            ]),
            "storedVersions": .array([storage].compactMap { $0 }),
        ]))
    }

    /// What is wrong with it (k8s.io/apiextensions-apiserver pkg/apis/apiextensions/validation), in the parts that this server reads.
    func faults() -> [FieldFault] {
        var found: [FieldFault] = []
        func need(_ path: String...) {
            if object.at(["spec"] + path)?.string ?? "" == "" { found.append(.required("spec." + path.joined(separator: "."))) }
        }
        need("group")
        need("names", "plural")
        need("names", "kind")
        need("names", "listKind")
        need("scope")
        let name = object.at("metadata", "name")?.string ?? ""
        if found.isEmpty, name != "\(plural).\(group)" {
            found.append(.invalid("metadata.name", text: name, "must be spec.names.plural+\".\"+spec.group"))
        }
        if !group.isEmpty, let why = NameRules.subdomainFault(group) { found.append(.invalid("spec.group", text: group, why)) }
        if !group.isEmpty, !group.contains(".") { found.append(.invalid("spec.group", text: group, "should be a domain with at least one dot")) }
        if let scope = spec["scope"]?.string, scope != "Cluster", scope != "Namespaced" {
            found.append(.unsupported("spec.scope", JSONValue.string(scope).text, ["Cluster", "Namespaced"]))
        }
        if let strategy = spec.at("conversion", "strategy")?.string, strategy != "None" {
            found.append(.unsupported("spec.conversion.strategy", JSONValue.string(strategy).text, ["None"]))
        }
        let versions = spec["versions"]?.array ?? []
        if versions.filter({ $0["storage"]?.bool == true }).count != 1 {
            found.append(.invalid("spec.versions", spec["versions"]?.text ?? "null", "must have exactly one version marked as storage version"))
        }
        for (index, version) in versions.enumerated() {
            let path = "spec.versions[\(index)]"
            if version["name"]?.string ?? "" == "" { found.append(.required(path + ".name")) }
            guard let schema = version.at("schema", "openAPIV3Schema") else {
                if !preservesUnknown { found.append(.required(path + ".schema.openAPIV3Schema")) }
                continue
            }
            if !preservesUnknown, schema["type"]?.string != "object" {
                found.append(schema["type"] == nil ? .required(path + ".schema.openAPIV3Schema.type", "must not be empty at the root")
                    : .invalid(path + ".schema.openAPIV3Schema.type", text: schema["type"]?.string ?? "", "must be object at the root"))
            }
            for field in version["selectableFields"]?.array ?? [] where !(field["jsonPath"]?.string ?? "").hasPrefix(".") {
                found.append(.invalid(path + ".selectableFields", text: field["jsonPath"]?.string ?? "", "must be a simple path: .spec.field"))
            }
        }
        return found
    }

    /// Some of its rules are in CEL, which is not evaluated here.
    var hasRules: Bool { types.contains { $0.schema?.hasRules == true } }

    private var preservesUnknown: Bool { spec["preserveUnknownFields"]?.bool == true }

    /// The served versions, the preferred one first.
    var types: [ResourceType] {
        (spec["versions"]?.array ?? []).filter { $0["served"]?.bool == true }.map { version in
            let schema = version.at("schema", "openAPIV3Schema")
            let subresources = version["subresources"]
            return ResourceType(
                group: group, version: version["name"]?.string ?? "", plural: plural, singular: names["singular"]?.string ?? "", kind: kind,
                listKind: names["listKind"]?.string ?? "", shortNames: names["shortNames"]?.strings ?? [], categories: names["categories"]?.strings ?? [],
                namespaced: spec["scope"]?.string == "Namespaced", hasStatus: subresources?["status"] != nil,
                scale: (subresources?["scale"]).map { scale in
                    func path(_ key: String) -> [String] { (scale[key]?.string ?? "").split(separator: ".").map(String.init) }
                    return ResourceType.ScalePaths(specReplicas: path("specReplicasPath"), statusReplicas: path("statusReplicasPath"), labelSelector: path("labelSelectorPath"))
                },
                selectableFields: (version["selectableFields"]?.array ?? []).compactMap { $0["jsonPath"]?.string.map { String($0.dropFirst()) } },
                schema: schema.map(Schema.init), prunes: schema != nil && !preservesUnknown, definition: object.at("metadata", "uid")?.string ?? "")
        }.sorted { VersionOrder.isBefore($0.version, $1.version) }
    }

    /// v1beta1 as v1: what stood once for all versions stands in each of them.
    private static func upgraded(_ object: JSONValue) -> JSONValue {
        var upgraded = object
        upgraded.set("apiVersion", "apiextensions.k8s.io/v1")
        var spec = object["spec"] ?? .emptyObject
        var shared = JSONValue.emptyObject
        if let validation = spec["validation"] { shared.set("schema", validation) }
        if let subresources = spec["subresources"] { shared.set("subresources", subresources) }
        if let columns = spec["additionalPrinterColumns"] { shared.set("additionalPrinterColumns", columns) }
        var versions = spec["versions"]?.array ?? []
        if versions.isEmpty, let version = spec["version"] { versions = [.members(["name": version, "served": true, "storage": true])] }
        spec.set("versions", .array(versions.map { version in
            var whole = version
            for member in shared.members ?? [] where version[member.key] == nil { whole.set(member.key, member.value) }
            if let columns = whole["additionalPrinterColumns"]?.array {
                whole.set("additionalPrinterColumns", .array(columns.map { column in
                    var renamed = column
                    renamed.set("jsonPath", column["jsonPath"] ?? column["JSONPath"])
                    renamed.set("JSONPath", nil)
                    return renamed
                }))
            }
            return whole
        }))
        for key in ["version", "validation", "subresources", "additionalPrinterColumns"] { spec.set(key, nil) }
        if spec["preserveUnknownFields"] == nil { spec.set("preserveUnknownFields", true) }
        upgraded.set("spec", spec)
        return upgraded
    }
}

/// Kubernetes' order of versions: v2, v1, v1beta2, v1beta1, v1alpha1, then others by name.
enum VersionOrder {
    static func isBefore(_ left: String, _ right: String) -> Bool {
        switch (parts(left), parts(right)) {
        case (let left?, let right?): left != right && !left.lexicographicallyPrecedes(right)
        case (nil, nil): left < right
        case (let left, _): left != nil
        }
    }

    /// Stability, major, minor.
    private static func parts(_ version: String) -> [Int]? {
        guard version.hasPrefix("v") else { return nil }
        let text = version.dropFirst()
        for (word, stability) in [("alpha", 0), ("beta", 1)] where text.contains(word) {
            let numbers = text.split(separator: word, maxSplits: 1).compactMap { Int($0) }
            return numbers.count == 2 ? [stability] + numbers : nil
        }
        return Int(text).map { [2, $0, 0] }
    }
}
