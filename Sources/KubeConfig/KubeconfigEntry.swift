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
                    ("disable-compression", .flag), ("extensions", .objects),
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
        case objects = "a list of objects"
        case object = "an object"

        /// What of a value does not fit, in words; nil when it does. Text that YAML takes for something else is worth a hint.
        func misfit(_ value: JSONValue, _ place: String) -> String? {
            switch (self, value) {
            case (.text, .string), (.flag, .bool), (.object, .object): return nil
            case (.text, .bool), (.text, .number): return "\(place): must be \(rawValue), not \(value.typeName); quote it"
            case (.texts, .array(let elements)):
                return Self.first(elements.enumerated().map { ("\(place)[\($0.offset)]", $0.element) }, .text)
            case (.objects, .array(let elements)):
                return Self.first(elements.enumerated().map { ("\(place)[\($0.offset)]", $0.element) }, .object)
            case (.textLists, .object(let members)): return Self.first(members.map { ("\(place)[\(ShownText.quote($0.key))]", $0.value) }, .texts)
            default: return "\(place): must be \(rawValue), not \(value.typeName)"
            }
        }

        private static func first(_ parts: [(place: String, value: JSONValue)], _ type: FieldType) -> String? {
            for part in parts where !part.value.isNull {
                if let found = type.misfit(part.value, part.place) { return found }
            }
            return nil
        }
    }

    private static let execFields: [(name: String, type: FieldType)] = [
        ("command", .text), ("args", .texts), ("env", .objects), ("apiVersion", .text), ("installHint", .text),
        ("provideClusterInfo", .flag), ("interactiveMode", .text),
    ]

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
        try check(body, kind.fields)
        guard kind == .user, let exec = value("exec") else { return }
        try check(exec, Self.execFields, "exec.")
        for (index, variable) in (exec["env"]?.array ?? []).enumerated() {
            try check(variable, [("name", .text), ("value", .text)], "exec.env[\(index)].")
        }
    }

    private func check(_ object: JSONValue, _ fields: [(name: String, type: FieldType)], _ front: String = "") throws(KubeError) {
        for field in fields {
            guard let value = object[field.name], !value.isNull else { continue }
            if let misfit = field.type.misfit(value, place(front + field.name)) { throw KubeError(.config, misfit) }
        }
    }

    func place(_ field: String) -> String { "\(file): \(kind.rawValue) \(ShownText.quote(name)): \(field)" }

    func setting(_ field: String) -> Setting? { Setting(body[field]?.string, place: place(field), folder: folder) }

    func flag(_ field: String) -> Bool { body[field]?.bool ?? false }

    /// nil: not there, or null.
    func value(_ field: String) -> JSONValue? { body[field].flatMap { $0.isNull ? nil : $0 } }

    /// What an extension of this name holds. The reference refuses two of one name.
    func `extension`(_ name: String) throws(KubeError) -> JSONValue? {
        let found = (body["extensions"]?.array ?? []).filter { $0["name"]?.string == name }
        guard found.count < 2 else { throw KubeError(.config, "\(place("extensions")): \(ShownText.quote(name)) is there twice") }
        return found.first?["extension"].flatMap { $0.isNull ? nil : $0 }
    }
}
