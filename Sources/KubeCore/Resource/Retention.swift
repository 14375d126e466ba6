// What of an object is stored: all of it, or without managedFields, or only chosen fields.

/// Reused from object to object. One thread at a time.
package final class Retention {
    private let cutManagedFields: Bool
    private let mask: FieldMask?
    /// The server sends a part of the object only.
    private let isPartial: Bool
    private var kept: [UInt8] = []
    private let examiner = JSONExaminer()

    package init(cutManagedFields: Bool, mask: FieldMask? = nil, isPartial: Bool = false) {
        self.cutManagedFields = cutManagedFields
        self.mask = mask?.keepsAll == true ? nil : mask
        self.isPartial = isPartial || self.mask != nil
    }

    /// The whole object.
    package static var everything: Retention { Retention(cutManagedFields: false) }

    /// The object that `outline` has found in `text`. Throws `.decode` as `ObjectBlob.make` does.
    package func blob(_ text: UnsafeRawBufferPointer, _ outline: JSONOutline) throws(KubeError) -> ObjectBlob {
        guard let mask else { return try ObjectBlob.make(text, outline, cutManagedFields: cutManagedFields, isPartial: isPartial) }
        kept.removeAll(keepingCapacity: true)
        mask.project(UnsafeRawBufferPointer(rebasing: text[outline.object]), into: &kept)
        var result: Result<ObjectBlob, KubeError> = .failure(KubeError(.internal, "nothing was kept"))
        kept.withUnsafeBytes { bytes in
            do throws(KubeError) {
                result = .success(try ObjectBlob.make(bytes, examiner.examine(bytes, .document), cutManagedFields: cutManagedFields, isPartial: true))
            } catch {
                result = .failure(error)
            }
        }
        return try result.get()
    }
}
