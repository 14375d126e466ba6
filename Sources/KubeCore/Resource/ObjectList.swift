// An immutable list of objects: a page, a whole list, or a snapshot of a cache.
internal import CScan

package final class ObjectList {
    package static var magic: UInt32 { 0x6c72_636b }

    /// First, so that the C face can tell handles apart.
    package let magic: UInt32 = ObjectList.magic
    package let objects: [ObjectBlob]
    package let resourceVersion: String
    package let continueToken: String
    package let remainingItemCount: Int64?
    /// NUL-terminated copies that live as long as this.
    package let cResourceVersion: UnsafePointer<CChar>
    package let cContinue: UnsafePointer<CChar>

    package init(_ objects: [ObjectBlob], resourceVersion: String = "", continueToken: String = "", remainingItemCount: Int64? = nil) {
        self.objects = objects
        self.resourceVersion = resourceVersion
        self.continueToken = continueToken
        self.remainingItemCount = remainingItemCount
        cResourceVersion = CText.copy(resourceVersion)
        cContinue = CText.copy(continueToken)
    }

    deinit {
        cResourceVersion.deallocate()
        cContinue.deallocate()
    }
}

/// Text for C and from C.
package enum CText {
    /// Without the NUL.
    package static func length(_ text: UnsafePointer<CChar>) -> Int { kcr_length(text) }

    /// A copy on the heap with a NUL behind it. The owner deallocates it. A NUL inside becomes a space.
    package static func copy(_ text: String) -> UnsafePointer<CChar> {
        let bytes = Array(text.utf8)
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count + 1)
        for (index, byte) in bytes.enumerated() { copy[index] = CChar(bitPattern: byte == 0 ? 0x20 : byte) }
        copy[bytes.count] = 0
        return UnsafePointer(copy)
    }
}
