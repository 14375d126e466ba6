// Which objects of a store are asked for: by an index, a namespace, labels; all that is given must hold.

package struct ObjectSelection {
    /// What is looked up; the rest is a filter over it.
    package var index: (name: String, value: [UInt8])?
    /// nil: all; "": the objects without one.
    package var namespace: [UInt8]?
    package var labels: LabelSelector?

    package init() {}

    /// There is no filter.
    package var isOfEach: Bool { namespace == nil && labels == nil }

    package func includes(_ blob: ObjectBlob) -> Bool {
        if let namespace, !blob.namespaceBytes.elementsEqual(namespace) { return false }
        return labels?.matches(blob) ?? true
    }
}
