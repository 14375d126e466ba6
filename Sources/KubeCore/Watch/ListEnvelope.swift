// What is left of a list without its items: is it a list at all, and its metadata (L9).

package struct ListEnvelope: Equatable {
    package var resourceVersion: String
    package var continueToken: String
    /// What the server says is left after a page; nil when it does not say.
    package var remainingItemCount: Int64?

    /// Reads the envelope that the splitter left. Throws `.decode` for anything that is not the list of a resource.
    package init(_ bytes: [UInt8]) throws(KubeError) {
        let json = try JSONValue.parse(bytes)
        guard let kind = json["kind"]?.string else { throw KubeError(.decode, "the answer is no list: it has no kind") }
        if kind == "Table" { throw KubeError(.decode, "the answer is a Table, not a list of objects") }
        guard kind.hasSuffix("List") else { throw KubeError(.decode, "the answer is a \(kind), not a list") }
        guard let metadata = json["metadata"]?.members else { throw KubeError(.decode, "the \(kind) has no metadata") }
        if let items = json["items"], !items.isNull, items.array == nil {
            throw KubeError(.decode, "the items of the \(kind) are \(items.typeName), not an array")
        }
        guard json["items"] != nil else { throw KubeError(.decode, "the \(kind) has no items") }
        let all = JSONValue.object(metadata)
        resourceVersion = all["resourceVersion"]?.string ?? ""
        continueToken = all["continue"]?.string ?? ""
        remainingItemCount = all["remainingItemCount"]?.int
    }
}
