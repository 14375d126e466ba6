// Kubeconfig texts and lists of files, read and merged as kubectl does. Chooses nothing and opens no file an entry names.
import KubeCore

/// What one or more kubeconfig files say together.
struct Kubeconfig {
    /// The files that were read, for messages.
    private(set) var files: [String] = []
    private(set) var currentContext = ""
    private var entries: [Key: KubeconfigEntry] = [:]

    /// Bytes, since Swift takes two spellings of an accent as the same string.
    private struct Key: Hashable {
        var list: String
        var name: [UInt8]
    }

    var shownFiles: String { files.joined(separator: ", ") }

    func entry(_ kind: KubeconfigEntry.Kind, _ name: String) -> KubeconfigEntry? {
        entries[Key(list: kind.list, name: Array(name.utf8))]
    }

    /// Adds a file behind those already there: the first file that has an entry, or a scalar that is not empty, wins.
    private mutating func add(_ later: Kubeconfig) {
        files.append(contentsOf: later.files)
        if currentContext.isEmpty { currentContext = later.currentContext }
        entries.merge(later.entries) { first, _ in first }
    }

    /// One text. `folder` is where its relative paths begin.
    static func parse(_ text: [UInt8], name: String, folder: String?) throws(KubeError) -> Kubeconfig {
        let file = ShownText.plain(name)
        let root: JSONValue
        do throws(KubeError) {
            root = try YAMLReader.document(text)
        } catch {
            throw KubeError(error.code == .noMemory ? .noMemory : .config, "\(file): \(error.message)")
        }
        var out = Kubeconfig()
        out.files = [file]
        guard !root.isNull else { return out }
        guard root.members != nil else { throw KubeError(.config, "\(file): must be an object, not \(root.typeName)") }
        try requireKind(root, file)
        out.currentContext = try string(root["current-context"], "\(file): current-context")
        for kind in [KubeconfigEntry.Kind.cluster, .user, .context] {
            try out.read(kind, root[kind.list] ?? .null, file, folder)
        }
        return out
    }

    /// Files in order of precedence. Missing ones are skipped unless all have to be there; then, or when none is there,
    /// the error names them.
    static func read(_ paths: [String], allMustExist: Bool, _ origin: String) throws(KubeError) -> Kubeconfig {
        var out = Kubeconfig()
        var problems: [String] = []
        for path in paths {
            do throws(KubeError) {
                if let text = try RegularFile.readIfPresent(path) {
                    out.add(try parse(text, name: path, folder: FilePath.folder(of: path)))
                } else if allMustExist {
                    problems.append("\(ShownText.plain(path)): no such file")
                }
            } catch {
                guard error.code == .config else { throw error }
                problems.append(error.message)
            }
        }
        if !problems.isEmpty { throw KubeError(.config, problems.joined(separator: "; ")) }
        guard !out.files.isEmpty else {
            let shown = paths.map(ShownText.plain).joined(separator: ", ")
            throw KubeError(.config, paths.isEmpty ? "\(origin): names no file" : "\(origin): no such file: \(shown)")
        }
        return out
    }

    /// The entries of a list as $KUBECONFIG has it: without empty ones and repetitions.
    static func paths(_ list: String) -> [String] {
        var out: [String] = []
        for part in list.split(separator: ":").map(String.init) where !out.contains(where: { TextRules.same($0, part) }) {
            out.append(part)
        }
        return out
    }

    private mutating func read(
        _ kind: KubeconfigEntry.Kind, _ list: JSONValue, _ file: String, _ folder: String?
    ) throws(KubeError) {
        if list.isNull { return }
        guard let elements = list.array else {
            throw KubeError(.config, "\(file): \(kind.list): must be a list, not \(list.typeName)")
        }
        for (index, element) in elements.enumerated() {
            let place = "\(file): \(kind.list)[\(index)]"
            guard element.isNull || element.members != nil else {
                throw KubeError(.config, "\(place): must be an object, not \(element.typeName)")
            }
            let name = try Self.string(element["name"], "\(place): name")
            let body = element[kind.rawValue] ?? .null
            guard body.isNull || body.members != nil else {
                throw KubeError(.config, "\(place) \(ShownText.quote(name)): \(kind.rawValue): must be an object, not \(body.typeName)")
            }
            let entry = try KubeconfigEntry(kind: kind, name: name, file: file, folder: folder, body: body)
            guard entries.updateValue(entry, forKey: Key(list: kind.list, name: Array(name.utf8))) == nil else {
                throw KubeError(.config, "\(file): \(kind.rawValue) \(ShownText.quote(name)): is there twice")
            }
        }
    }

    /// The reference refuses other kinds as well: a Pod given as kubeconfig must not look like an empty one.
    private static func requireKind(_ root: JSONValue, _ file: String) throws(KubeError) {
        for (field, wanted) in [("apiVersion", "v1"), ("kind", "Config")] {
            let found = try string(root[field], "\(file): \(field)")
            guard found.isEmpty || found == wanted else {
                throw KubeError(.config, "\(file): \(field): must be \(wanted), not \(ShownText.quote(found))")
            }
        }
    }

    private static func string(_ value: JSONValue?, _ place: String) throws(KubeError) -> String {
        guard let value, !value.isNull else { return "" }
        if let misfit = KubeconfigEntry.FieldType.text.misfit(value, place) { throw KubeError(.config, misfit) }
        return value.string ?? ""
    }
}
