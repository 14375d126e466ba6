// One immutable JSON document in one heap block: its bytes and the places of the few texts it is known by.
internal import CScan

/// What precedes the bytes of an `ObjectBlob`. Offsets and lengths count from the first byte behind the header.
package struct BlobHeader {
    /// First, so that the C face can tell handles apart.
    package let magic: UInt32
    package let isPartial: Bool
    /// Spreads namespace and name; the store's hash.
    package let hash: UInt32
    package let length: UInt32
    fileprivate var nameAt: UInt32 = 0
    fileprivate var namespaceAt: UInt32 = 0
    fileprivate var uidAt: UInt32 = 0
    fileprivate var versionAt: UInt32 = 0
    fileprivate var labelsAt: UInt32 = 0
    fileprivate var labelsLength: UInt32 = 0
    fileprivate var nameLength: UInt16 = 0
    fileprivate var namespaceLength: UInt16 = 0
    fileprivate var uidLength: UInt16 = 0
    fileprivate var versionLength: UInt16 = 0
    /// The NUL-terminated texts, made when first asked for. The last field: `cTextsSlot` counts on it.
    fileprivate var cTexts: UnsafeMutableRawPointer?

    /// Where `cTexts` stands. Several threads come here at once, and to Swift `&header.cTexts` would be a write by each.
    fileprivate static func cTextsSlot(_ header: UnsafeMutablePointer<BlobHeader>) -> UnsafeMutablePointer<UnsafeMutableRawPointer?> {
        let offset = MemoryLayout<BlobHeader>.size - MemoryLayout<UnsafeMutableRawPointer?>.size
        return (UnsafeMutableRawPointer(header) + offset).assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
    }
}

/// A JSON document, usually a Kubernetes object. Immutable and reference counted: any thread, always.
///
/// The block ends with a NUL behind the JSON. Texts that were written with escapes are kept decoded behind that.
package final class ObjectBlob: ManagedBuffer<BlobHeader, UInt8> {
    package static var magic: UInt32 { 0x6f72_636b }

    /// Copies what `outline` calls the object out of `text`; without `metadata.managedFields` when asked.
    /// Throws `.decode` when one of its identifying texts is no string or longer than 65,535 bytes.
    package static func make(
        _ text: UnsafeRawBufferPointer, _ outline: JSONOutline, cutManagedFields: Bool, isPartial: Bool = false
    ) throws(KubeError) -> ObjectBlob {
        let texts = (outline.name, outline.namespace, outline.uid, outline.resourceVersion)
        try check(texts.0, "name")
        try check(texts.1, "namespace")
        try check(texts.2, "uid")
        try check(texts.3, "resourceVersion")
        let object = outline.object
        let cut = cutManagedFields && !outline.managedFields.isEmpty ? outline.managedFields : object.upperBound..<object.upperBound
        let length = object.count - cut.count
        guard length < Int(UInt32.max) else { throw KubeError(.decode, "the object is too large") }

        var decoded: [UInt8] = []
        func place(_ part: JSONOutline.Text) -> (at: UInt32, length: UInt16) {
            guard !part.isEmpty else { return (0, 0) }
            let raw = UnsafeRawBufferPointer(rebasing: text[part.range])
            if raw.contains(UInt8(ascii: "\\")) {
                let plain = JSONText.unescape(raw)
                let at = length + 1 + decoded.count
                decoded.append(contentsOf: plain)
                return (UInt32(truncatingIfNeeded: at), UInt16(truncatingIfNeeded: plain.count))
            }
            let shift = part.range.lowerBound >= cut.upperBound ? cut.count : 0
            return (UInt32(truncatingIfNeeded: part.range.lowerBound - object.lowerBound - shift), UInt16(truncatingIfNeeded: raw.count))
        }
        let (name, namespace, uid, version) = (place(texts.0), place(texts.1), place(texts.2), place(texts.3))

        func bytes(_ place: (at: UInt32, length: UInt16), _ part: JSONOutline.Text) -> UnsafeRawBufferPointer {
            Int(place.at) > length
                ? UnsafeRawBufferPointer(start: nil, count: 0) : UnsafeRawBufferPointer(rebasing: text[part.range])
        }
        let hash: UInt32
        if Int(name.at) > length || Int(namespace.at) > length {
            hash = decoded.withUnsafeBytes { extra in
                func slice(_ place: (at: UInt32, length: UInt16), _ part: JSONOutline.Text) -> UnsafeRawBufferPointer {
                    guard Int(place.at) > length else { return bytes(place, part) }
                    let from = Int(place.at) - length - 1
                    return UnsafeRawBufferPointer(rebasing: extra[from..<from + Int(place.length)])
                }
                return ObjectKey.hash(slice(namespace, texts.1), slice(name, texts.0))
            }
        } else {
            hash = ObjectKey.hash(bytes(namespace, texts.1), bytes(name, texts.0))
        }

        var header = BlobHeader(magic: magic, isPartial: isPartial, hash: hash, length: UInt32(truncatingIfNeeded: length))
        (header.nameAt, header.nameLength) = name
        (header.namespaceAt, header.namespaceLength) = namespace
        (header.uidAt, header.uidLength) = uid
        (header.versionAt, header.versionLength) = version

        if !outline.labels.isEmpty {
            let shift = outline.labels.lowerBound >= cut.upperBound ? cut.count : 0
            header.labelsAt = UInt32(truncatingIfNeeded: outline.labels.lowerBound - object.lowerBound - shift)
            header.labelsLength = UInt32(truncatingIfNeeded: outline.labels.count)
        }

        let buffer = ObjectBlob.create(minimumCapacity: length + 1 + decoded.count) { _ in header }
        let blob = unsafeDowncast(buffer, to: ObjectBlob.self)
        blob.withUnsafeMutablePointerToElements { elements in
            guard let source = text.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
            let front = cut.lowerBound - object.lowerBound
            elements.initialize(from: source + object.lowerBound, count: front)
            (elements + front).initialize(from: source + cut.upperBound, count: length - front)
            elements[length] = 0
            for (index, byte) in decoded.enumerated() { elements[length + 1 + index] = byte }
        }
        return blob
    }

    /// A document of its own, examined here. Throws `.decode`.
    package static func parse(
        _ text: UnsafeRawBufferPointer, cutManagedFields: Bool = false, isPartial: Bool = false
    ) throws(KubeError) -> ObjectBlob {
        try make(text, JSONExaminer().examine(text, .document), cutManagedFields: cutManagedFields, isPartial: isPartial)
    }

    package static func parse(_ text: [UInt8], isPartial: Bool = false) throws(KubeError) -> ObjectBlob {
        var result: Result<ObjectBlob, KubeError> = .failure(KubeError(.decode, "the JSON text is empty"))
        text.withUnsafeBytes { bytes in
            do throws(KubeError) { result = .success(try parse(bytes, isPartial: isPartial)) } catch { result = .failure(error) }
        }
        return try result.get()
    }

    private static func check(_ text: JSONOutline.Text, _ field: StaticString) throws(KubeError) {
        if text.isWrongType { throw KubeError(.decode, "metadata.\(field) is not a string") }
        if text.range.count > Int(UInt16.max) { throw KubeError(.decode, "metadata.\(field) is too long") }
    }

    deinit {
        withUnsafeMutablePointerToHeader { $0.pointee.cTexts?.deallocate() }
    }

    private func part(_ at: UInt32, _ length: some BinaryInteger) -> UnsafeRawBufferPointer {
        withUnsafeMutablePointerToElements { UnsafeRawBufferPointer(start: $0 + Int(at), count: Int(length)) }
    }

    // The bytes below live as long as the blob.

    package var json: UnsafeRawBufferPointer {
        withUnsafeMutablePointers { UnsafeRawBufferPointer(start: $1, count: Int($0.pointee.length)) }
    }
    package var nameBytes: UnsafeRawBufferPointer { part(header.nameAt, header.nameLength) }
    package var namespaceBytes: UnsafeRawBufferPointer { part(header.namespaceAt, header.namespaceLength) }
    package var uidBytes: UnsafeRawBufferPointer { part(header.uidAt, header.uidLength) }
    package var resourceVersionBytes: UnsafeRawBufferPointer { part(header.versionAt, header.versionLength) }

    /// `metadata.labels` as JSON; empty when there are none, or something that is no object.
    package var labelsJSON: UnsafeRawBufferPointer { part(header.labelsAt, header.labelsLength) }

    package var name: String { String(decoding: nameBytes, as: UTF8.self) }
    package var namespace: String { String(decoding: namespaceBytes, as: UTF8.self) }
    package var resourceVersion: String { String(decoding: resourceVersionBytes, as: UTF8.self) }
    package var uid: String { String(decoding: uidBytes, as: UTF8.self) }
    package var key: String { namespace.isEmpty ? name : namespace + "/" + name }
    package var hash: UInt32 { header.hash }
    /// From the beginning of the block to the name.
    var nameDistance: UInt32 {
        let elements = withUnsafeMutablePointerToElements { UnsafeRawPointer($0) }
        return UInt32(truncatingIfNeeded: elements - UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque())) &+ header.nameAt
    }
    package var isPartial: Bool { header.isPartial }

    /// What it takes in memory, roughly: for statistics.
    package var footprint: Int { Int(header.length) + 1 + MemoryLayout<BlobHeader>.size + 16 }

    /// Whether both have the same namespace and name.
    @inline(__always)
    package func isNamed(as other: ObjectBlob) -> Bool {
        self === other || (ObjectKey.equal(nameBytes, other.nameBytes) && ObjectKey.equal(namespaceBytes, other.namespaceBytes))
    }

    /// Whether both stand for the same state of the same object: equal uid and resourceVersion, neither empty (H5).
    package func isSameState(as other: ObjectBlob) -> Bool {
        header.uidLength > 0 && header.versionLength > 0
            && ObjectKey.equal(uidBytes, other.uidBytes) && ObjectKey.equal(resourceVersionBytes, other.resourceVersionBytes)
    }

    package enum CText { case key, name, namespace, uid, resourceVersion }

    /// A NUL-terminated text that lives as long as the blob. Made on the first call, for all five at once.
    package func cText(_ which: CText) -> UnsafePointer<CChar> {
        let block = withUnsafeMutablePointerToHeader { header -> UnsafeMutableRawPointer in
            let slot = BlobHeader.cTextsSlot(header)
            if let made = kcr_atomic_load(slot) { return made }
            let new = makeCTexts()
            let published = kcr_atomic_publish(slot, new)
            if published != new { new.deallocate() }
            return published
        }
        let (namespace, name, uid) = (Int(header.namespaceLength), Int(header.nameLength), Int(header.uidLength))
        let keyLength = namespace == 0 ? name : namespace + 1 + name
        let offset: Int
        switch which {
        case .key: offset = 0
        case .name: offset = keyLength - name
        case .namespace: offset = keyLength + 1
        case .uid: offset = keyLength + 1 + namespace + 1
        case .resourceVersion: offset = keyLength + 1 + namespace + 1 + uid + 1
        }
        return UnsafePointer((block + offset).assumingMemoryBound(to: CChar.self))
    }

    /// "namespace/name", namespace, uid and resourceVersion, each with its NUL; the name is the end of the key.
    private func makeCTexts() -> UnsafeMutableRawPointer {
        let parts = [namespaceBytes, uidBytes, resourceVersionBytes]
        let keyLength = namespaceBytes.isEmpty ? nameBytes.count : namespaceBytes.count + 1 + nameBytes.count
        let size = keyLength + 1 + parts.reduce(0) { $0 + $1.count + 1 }
        let block = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 1)
        var at = 0
        func put(_ bytes: UnsafeRawBufferPointer, _ end: UInt8?) {
            if let start = bytes.baseAddress, bytes.count > 0 { (block + at).copyMemory(from: start, byteCount: bytes.count) }
            at += bytes.count
            if let end {
                (block + at).storeBytes(of: end, as: UInt8.self)
                at += 1
            }
        }
        if !namespaceBytes.isEmpty { put(namespaceBytes, UInt8(ascii: "/")) }
        put(nameBytes, 0)
        for bytes in parts { put(bytes, 0) }
        return block
    }
}
