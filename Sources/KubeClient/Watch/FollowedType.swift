// Which objects a reflector follows, learned from the server's own lists: what is of another type is not let in (L9, W11).
import KubeCore

/// Belongs to the loop.
struct FollowedType {
    /// Of the first good list, "" before it.
    private var listKind = ""
    /// Of its items, empty while it is not certain: a custom resource may call its list as it likes.
    private var kind: [UInt8] = []
    /// The kind of the items of the list under way.
    private var seen = ""

    mutating func listBegins() { seen = "" }

    /// One item of a list that is not complete yet.
    mutating func item(_ text: UnsafeRawBufferPointer, _ outline: JSONOutline) {
        if seen.isEmpty, !outline.kind.isEmpty { seen = Self.string(text, outline.kind) }
    }

    /// Throws `.decode` for a list of another kind than the one before.
    func check(listKind other: String) throws(KubeError) {
        if !listKind.isEmpty, listKind != other { throw KubeError(.decode, "the answer is a \(Self.shown(other)), not a \(Self.shown(listKind))") }
    }

    /// The list is complete and good.
    mutating func listed(_ listKind: String, isEmpty: Bool) {
        self.listKind = listKind
        if !seen.isEmpty {
            kind = Array(seen.utf8)
        } else if !isEmpty {
            // Items that do not say their kind are of Kubernetes' own types, whose lists are called after them.
            kind = Array(listKind.utf8.dropLast("List".utf8.count))
        }
    }

    /// The initial events of a stream are complete; items and bookmark say of what kind they are.
    mutating func streamed() { if !seen.isEmpty { kind = Array(seen.utf8) } }

    /// The resource is gone; what comes back under its name may be another one.
    mutating func forget() { self = FollowedType() }

    /// Whether an event's object is one of them. What it does not say of its type can't be wrong.
    func accepts(_ text: UnsafeRawBufferPointer, _ outline: JSONOutline, group: [UInt8]) -> Bool {
        func bytes(_ part: JSONOutline.Text) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: text[part.range]) }
        if !kind.isEmpty {
            if !outline.kind.isEmpty, !kind.withUnsafeBytes({ ObjectKey.equal($0, bytes(outline.kind)) }) { return false }
        } else if !seen.isEmpty, !outline.kind.isEmpty, !bytes(outline.kind).elementsEqual(seen.utf8) {
            return false
        }
        guard !outline.apiVersion.isEmpty else { return true }
        let version = bytes(outline.apiVersion)
        if group.isEmpty { return !version.contains(UInt8(ascii: "/")) }
        return version.count > group.count && version[group.count] == UInt8(ascii: "/")
            && group.withUnsafeBytes { ObjectKey.equal($0, UnsafeRawBufferPointer(rebasing: version[..<group.count])) }
    }

    private static func string(_ text: UnsafeRawBufferPointer, _ part: JSONOutline.Text) -> String {
        String(decoding: text[part.range], as: UTF8.self)
    }

    private static func shown(_ kind: String) -> String { ServerError.oneLine(Array(kind.utf8), limit: 100) }
}
