// A relist in the making: the new table grows beside the old one, and the difference is told when it is complete (H4, L8).

/// The next content of a store. Objects whose uid and resourceVersion did not change are taken over from the old content.
package struct Replacement {
    private let old: ObjectTable
    package let content: IndexedObjects

    package init(of old: ObjectTable, indexes: [IndexDefinition] = []) {
        self.old = old
        content = IndexedObjects(indexes: indexes)
    }

    /// Adds an item of the list from its text. Throws `.decode` when it has no name.
    package func add(_ text: UnsafeRawBufferPointer, _ outline: JSONOutline, _ retention: Retention) throws(KubeError) {
        guard !outline.name.isEmpty else { throw KubeError(.decode, "an item of the list has no metadata.name") }
        if let known = known(text, outline) {
            content.insert(known)
        } else {
            let blob = try retention.blob(text, outline)
            // A name that was written with escapes is known only once it is decoded.
            let there = old.find(blob)
            content.insert(there?.isSameState(as: blob) == true ? there ?? blob : blob)
        }
    }

    /// Takes an item out again.
    package func remove(_ text: UnsafeRawBufferPointer, _ outline: JSONOutline) throws(KubeError) {
        _ = content.remove(like: try ObjectBlob.make(text, outline, cutManagedFields: true))
    }

    private func known(_ text: UnsafeRawBufferPointer, _ outline: JSONOutline) -> ObjectBlob? {
        guard old.count > 0, !outline.uid.isEmpty, !outline.resourceVersion.isEmpty else { return nil }
        func bytes(_ part: JSONOutline.Text) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: text[part.range]) }
        guard let there = old.find(bytes(outline.namespace), bytes(outline.name)), ObjectKey.equal(there.uidBytes, bytes(outline.uid)),
            ObjectKey.equal(there.resourceVersionBytes, bytes(outline.resourceVersion))
        else { return nil }
        return there
    }

    /// What changed: deletions first, then the rest (H4). An object in its old state is no change (H5).
    package func difference() -> [Delivery] {
        var changes: [Delivery] = []
        let table = content.table
        old.forEach { blob in
            if table.find(blob) == nil { changes.append(Delivery(.deleted, blob, flags: .stale)) }
        }
        table.forEach { blob in
            if let before = old.find(blob) {
                if before !== blob { changes.append(Delivery(.modified, blob, old: before)) }
            } else {
                changes.append(Delivery(.added, blob))
            }
        }
        return changes
    }
}
