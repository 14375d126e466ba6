// A manifest: the objects of a YAML or JSON text, lists flattened, each known by its kind and name and by where it stands.
import KubeConfig
package import KubeCore

package struct Manifest {
    package struct Entry {
        /// Counted from 1, empty documents included.
        package var document: Int
        package var line: Int
        /// Counted from 1, of an object that stood in a list; 0 for one that did not.
        package var item = 0
        package var object: ObjectBlob
        package var kind: String
        package var version: GroupVersion

        /// `Project "ns/web"`.
        package var shown: String {
            let name = object.name.isEmpty ? "" : " " + quoted(object.key)
            return kind.prefix(100) + name
        }

        /// `document 3 (line 41), Project "ns/web"`.
        package var place: String { Manifest.place(document, line, item) + ", " + shown }
    }

    package private(set) var entries: [Entry] = []

    package var list: ObjectList { ObjectList(entries.map(\.object)) }

    /// Throws `.decode` for what can't be read, and for a document that is no Kubernetes object: one without apiVersion, kind, or
    /// metadata.name and generateName, or with a name that can be no path segment (R7).
    package init(_ text: UnsafeRawBufferPointer) throws(KubeError) {
        let documents: [YAMLReader.Document]
        do {
            documents = try YAMLReader.stream(text)
        } catch {
            throw KubeError(error.code, "the manifest" + (error.message.hasPrefix("is ") ? " " : ": ") + error.message)
        }
        for (index, document) in documents.enumerated() where !document.value.isNull {
            try add(document.value, index + 1, document.line)
        }
    }

    package init(_ text: [UInt8]) throws(KubeError) {
        var result: Result<Manifest, KubeError> = .failure(KubeError(.internal, "no manifest"))
        text.withUnsafeBytes { bytes in
            do throws(KubeError) { result = .success(try Manifest(bytes)) } catch { result = .failure(error) }
        }
        self = try result.get()
    }

    /// An object, or a list of them, whose items may be lists again (cli-runtime resource/visitor.go FlattenListVisitor).
    private mutating func add(_ value: JSONValue, _ document: Int, _ line: Int) throws(KubeError) {
        var waiting: [(value: JSONValue, isItem: Bool)] = [(value, false)]
        var item = 0
        while let (value, isItem) = waiting.popLast() {
            guard let kind = value["kind"]?.string, kind.hasSuffix("List"), let items = value["items"] else {
                if isItem { item += 1 }
                try add(object: value, document, line, isItem ? item : 0)
                continue
            }
            guard let elements = items.array ?? (items.isNull ? [] : nil) else {
                throw KubeError(.decode, "\(Self.place(document, line, 0)): the items of the \(kind.prefix(100)) are \(items.typeName), not an array")
            }
            let itemKind = kind == "List" ? "" : String(kind.dropLast("List".utf8.count))
            waiting.append(contentsOf: elements.reversed().map { (Self.completed($0, itemKind, value["apiVersion"]), true) })
        }
    }

    /// The items of a ProjectList need not say that they are Projects (apimachinery unstructured/helpers.go decodeToList).
    private static func completed(_ item: JSONValue, _ kind: String, _ apiVersion: JSONValue?) -> JSONValue {
        guard !kind.isEmpty, let apiVersion, case .object(let members) = item, (item["kind"]?.string ?? "").isEmpty else { return item }
        return .object([.init("apiVersion", apiVersion), .init("kind", .string(kind))] + members.filter { $0.key != "kind" && $0.key != "apiVersion" })
    }

    private mutating func add(object value: JSONValue, _ document: Int, _ line: Int, _ item: Int) throws(KubeError) {
        func refused(_ why: String) -> KubeError { KubeError(.decode, "\(Self.place(document, line, item)): \(why)") }
        func text(_ key: String) throws(KubeError) -> String {
            guard let found = value[key], !found.isNull else { throw refused("the object has no \(key)") }
            guard let text = found.string, !text.isEmpty else { throw refused("the \(key) is \(found.string == nil ? found.typeName : "empty"), not a name") }
            return text
        }
        guard value.members != nil else { throw refused("it is \(value.typeName), not an object") }
        let (apiVersion, kind) = (try text("apiVersion"), try text("kind"))
        guard let version = GroupVersion(apiVersion: apiVersion) else { throw refused("the apiVersion \(quoted(apiVersion)) is none") }
        guard let metadata = value["metadata"], metadata.members != nil else { throw refused("the \(kind.prefix(100)) has no metadata") }
        let blob: ObjectBlob
        do throws(KubeError) {
            blob = try ObjectBlob.parse(value.bytes())
            for (text, what) in [(blob.name, "metadata.name"), (blob.namespace, "metadata.namespace")] where !text.isEmpty { try PathSegment.check(text, what) }
        } catch {
            throw refused("the \(kind.prefix(100)): \(error.message)")
        }
        if blob.name.isEmpty, (metadata["generateName"]?.string ?? "").isEmpty { throw refused("the \(kind.prefix(100)) has no metadata.name") }
        entries.append(Entry(document: document, line: line, item: item, object: blob, kind: kind, version: version))
    }

    private static func place(_ document: Int, _ line: Int, _ item: Int) -> String {
        "document \(document) (line \(line))" + (item == 0 ? "" : ", item \(item)")
    }
}

/// A name of the caller's in a message.
private func quoted(_ text: String) -> String { "\"" + (text.utf8.count > 320 ? text.prefix(300) + "..." : text) + "\"" }
