// One cluster, user or context of a kubeconfig: its fields, their types, and what of them is refused by name.
import KubeCore

/// An entry as its file has it. Types are checked, nothing is resolved.
struct KubeconfigEntry {
    /// The three kinds of entries and the fields each one knows. Anything else in an entry is accepted and ignored.
    enum Kind: String {
        case cluster, user, context

        var list: String { rawValue + "s" }

        var fields: [(name: String, type: FieldType)] {
            switch self {
            case .cluster:
                [
                    ("server", .text), ("tls-server-name", .text), ("insecure-skip-tls-verify", .flag),
                    ("certificate-authority", .text), ("certificate-authority-data", .text), ("proxy-url", .text),
                    ("disable-compression", .flag),
                ]
            case .user:
                [
                    ("client-certificate", .text), ("client-certificate-data", .text), ("client-key", .text),
                    ("client-key-data", .text), ("token", .text), ("tokenFile", .text), ("as", .text), ("as-uid", .text),
                    ("as-groups", .texts), ("as-user-extra", .textLists), ("username", .text), ("password", .text),
                    ("auth-provider", .object), ("exec", .object),
                ]
            case .context: [("cluster", .text), ("user", .text), ("namespace", .text)]
            }
        }
    }

    enum FieldType: String {
        case text = "a string"
        case flag = "true or false"
        case texts = "a list of strings"
        case textLists = "an object of lists of strings"
        case object = "an object"

        func accepts(_ value: JSONValue) -> Bool {
            switch self {
            case .text: value.string != nil
            case .flag: value.bool != nil
            case .texts: value.array?.allSatisfy { $0.string != nil } ?? false
            case .textLists: value.members?.allSatisfy { $0.value.isNull || FieldType.texts.accepts($0.value) } ?? false
            case .object: value.members != nil
            }
        }
    }

    var kind: Kind
    var name: String
    /// The file, as messages show it.
    var file: String
    var folder: String?
    private var body: JSONValue

    init(kind: Kind, name: String, file: String, folder: String?, body: JSONValue) throws(KubeError) {
        self.kind = kind
        self.name = name
        self.file = file
        self.folder = folder
        self.body = body
        for field in kind.fields {
            guard let value = body[field.name], !value.isNull, !field.type.accepts(value) else { continue }
            throw KubeError(.config, "\(place(field.name)): must be \(field.type.rawValue), not \(value.typeName)")
        }
    }

    func place(_ field: String) -> String { "\(file): \(kind.rawValue) \(ShownText.quote(name)): \(field)" }

    func setting(_ field: String) -> Setting? { Setting(body[field]?.string, place: place(field), folder: folder) }

    func flag(_ field: String) -> Bool { body[field]?.bool ?? false }

    /// Whether a field says something: null, "", false and empty lists do not, an empty object does where it is a choice.
    func isSet(_ field: String) -> Bool {
        switch body[field] {
        case nil, .null, .bool(false), .string(""), .array([]): false
        case .object(let members): !members.isEmpty || field == "exec" || field == "auth-provider"
        default: true
        }
    }

    /// Refuses what this version does not do. To be called for entries that are used, and only for those.
    func refuse(_ fields: [String]) throws(KubeError) {
        for field in fields where isSet(field) {
            throw KubeError(.unsupported, "\(place(field)): is not supported by this version")
        }
    }
}
