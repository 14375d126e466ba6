// Which form of objects a request asks for: whole, or their metadata alone (PartialObjectMetadata, servers since 1.15).
import KubeCore

enum ObjectForm {
    case whole
    case metadata

    private static let kind = "PartialObjectMetadata"

    /// The API group of what comes, where it is not the resource's own.
    var group: String? { self == .metadata ? "meta.k8s.io" : nil }

    /// There is no second choice in it: a server that can't answers 406, rather than with what nobody asked for.
    func accept(isList: Bool) -> HTTPField {
        switch self {
        case .whole: HTTPField("Accept", "application/json")
        case .metadata: HTTPField("Accept", "application/json;as=\(Self.kind)\(isList ? "List" : "");g=meta.k8s.io;v=v1")
        }
    }

    /// Throws `.decode` for an object of another form.
    func check(_ object: ObjectBlob) throws(KubeError) {
        guard self == .metadata else { return }
        try check(kind: (try? object.string("/kind")).map { String(decoding: $0, as: UTF8.self) } ?? "", Self.kind)
    }

    /// The same for what a list says of itself.
    func check(listKind: String) throws(KubeError) { if self == .metadata { try check(kind: listKind, Self.kind + "List") } }

    /// The same for an item, which may leave its kind to the list.
    func check(item text: UnsafeRawBufferPointer, _ outline: JSONOutline) throws(KubeError) {
        guard self == .metadata, !outline.kind.isEmpty, !text[outline.kind.range].elementsEqual(Self.kind.utf8) else { return }
        try check(kind: String(decoding: text[outline.kind.range], as: UTF8.self), Self.kind)
    }

    private func check(kind: String, _ wanted: String) throws(KubeError) {
        guard kind != wanted else { return }
        let shown = kind.isEmpty ? "an object without a kind" : "a \(ServerError.oneLine(Array(kind.utf8), limit: 100))"
        throw KubeError(.decode, "the answer is \(shown), not a \(wanted): the server does not know metadataOnly")
    }
}
