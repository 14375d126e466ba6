// Keys of objects: namespace and name, or a name alone (H1). Hashing and comparing without making strings.
internal import CScan

package enum ObjectKey {
    /// Differs from process to process, so that nobody can choose names that collide.
    private static let seed = UInt64.random(in: .min ... .max) | 1

    package static func hash(_ namespace: UnsafeRawBufferPointer, _ name: UnsafeRawBufferPointer) -> UInt32 {
        let mixed = mix(mix(seed, namespace), name)
        return UInt32(truncatingIfNeeded: mixed ^ (mixed &>> 32))
    }

    private static func mix(_ start: UInt64, _ bytes: UnsafeRawBufferPointer) -> UInt64 {
        let factor: UInt64 = 0x9e37_79b9_7f4a_7c15
        var state = start ^ UInt64(truncatingIfNeeded: bytes.count) &* factor
        func stir(_ word: UInt64) {
            let (high, low) = (state ^ word).multipliedFullWidth(by: factor)
            state = high ^ low
        }
        var at = 0
        while at + 8 <= bytes.count {
            stir(bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            at += 8
        }
        var rest: UInt64 = 0
        while at < bytes.count {
            rest = rest &<< 8 | UInt64(bytes[at])
            at += 1
        }
        stir(rest)
        return state
    }

    @inline(__always)
    package static func equal(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
        guard a.count == b.count else { return false }
        guard let left = a.baseAddress, let right = b.baseAddress, a.count > 0 else { return true }
        return kcr_equal(left, right, a.count) != 0
    }

    /// "namespace/name" or "name", in two parts.
    package static func split(_ key: UnsafeRawBufferPointer) -> (namespace: UnsafeRawBufferPointer, name: UnsafeRawBufferPointer) {
        guard let start = key.baseAddress, case let slash = kcr_index(start, UInt8(ascii: "/"), key.count), slash < key.count else {
            return (UnsafeRawBufferPointer(start: nil, count: 0), key)
        }
        return (UnsafeRawBufferPointer(rebasing: key[..<slash]), UnsafeRawBufferPointer(rebasing: key[(slash + 1)...]))
    }
}
