// RFC 6901 pointers, read in place in valid JSON: where a value stands, and its value as a type. Builds no tree.

/// A JSON pointer such as "/metadata/labels/app.kubernetes.io~1name". "" is the whole document.
package struct JSONPointer {
    private(set) var segments: [[UInt8]] = []

    /// Throws `.argument` for text that is no pointer.
    package init(_ text: String) throws(KubeError) {
        guard !text.isEmpty else { return }
        guard text.utf8.first == UInt8(ascii: "/") else {
            throw KubeError(.argument, "\"\(text)\" is no JSON pointer: it must begin with \"/\"")
        }
        for part in text.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            var segment: [UInt8] = []
            var tilde = false
            for byte in part {
                if tilde {
                    switch byte {
                    case UInt8(ascii: "0"): segment.append(UInt8(ascii: "~"))
                    case UInt8(ascii: "1"): segment.append(UInt8(ascii: "/"))
                    default: throw KubeError(.argument, "\"\(text)\" is no JSON pointer: \"~\" must be followed by 0 or 1")
                    }
                    tilde = false
                } else if byte == UInt8(ascii: "~") {
                    tilde = true
                } else {
                    segment.append(byte)
                }
            }
            if tilde { throw KubeError(.argument, "\"\(text)\" is no JSON pointer: \"~\" must be followed by 0 or 1") }
            segments.append(segment)
        }
    }

    /// The keys and indexes on the way.
    package var texts: [String] { segments.map { String(decoding: $0, as: UTF8.self) } }

    /// Where the value stands in `json`, which must be valid; nil when there is none. Of equal keys the last one counts.
    package func find(in json: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        var cursor = JSONCursor(json)
        cursor.skipBlanks()
        for segment in segments {
            guard cursor.descend(to: segment) else { return nil }
        }
        let start = cursor.at
        cursor.skipValue()
        guard start < cursor.at else { return nil }
        return UnsafeRawBufferPointer(rebasing: json[start..<cursor.at])
    }
}

extension ObjectBlob {
    /// The bytes of a value; they live as long as the blob. Nil: absent.
    package func slice(_ pointer: JSONPointer) -> UnsafeRawBufferPointer? { pointer.find(in: json) }

    /// Throws `.notFound` when the pointer leads nowhere.
    package func value(_ pointer: String) throws(KubeError) -> UnsafeRawBufferPointer {
        guard let found = slice(try JSONPointer(pointer)) else {
            throw KubeError(.notFound, "nothing at \"\(pointer)\"")
        }
        return found
    }

    package func string(_ pointer: String) throws(KubeError) -> [UInt8] {
        let found = try value(pointer)
        guard found.first == UInt8(ascii: "\"") else { throw wrongType(pointer, found, "a string") }
        return JSONText.unescape(UnsafeRawBufferPointer(rebasing: found[1..<found.count - 1]))
    }

    /// Throws `.type` for anything but an integer that fits in 64 bits.
    package func int(_ pointer: String) throws(KubeError) -> Int64 {
        let found = try value(pointer)
        guard let number = Int64(String(decoding: found, as: UTF8.self)) else { throw wrongType(pointer, found, "a 64-bit integer") }
        return number
    }

    package func double(_ pointer: String) throws(KubeError) -> Double {
        let found = try value(pointer)
        guard let first = found.first, first == UInt8(ascii: "-") || (0x30...0x39).contains(first),
            let number = Double(String(decoding: found, as: UTF8.self))
        else { throw wrongType(pointer, found, "a number") }
        return number
    }

    package func bool(_ pointer: String) throws(KubeError) -> Bool {
        let found = try value(pointer)
        switch found.first {
        case UInt8(ascii: "t"): return true
        case UInt8(ascii: "f"): return false
        default: throw wrongType(pointer, found, "a boolean")
        }
    }

    private func wrongType(_ pointer: String, _ found: UnsafeRawBufferPointer, _ wanted: StaticString) -> KubeError {
        let type: StaticString
        switch found.first {
        case UInt8(ascii: "\""): type = "a string"
        case UInt8(ascii: "{"): type = "an object"
        case UInt8(ascii: "["): type = "an array"
        case UInt8(ascii: "t"), UInt8(ascii: "f"): type = "a boolean"
        case UInt8(ascii: "n"): type = "null"
        default: type = "a number"
        }
        return KubeError(.type, "\"\(pointer)\" holds \(type), not \(wanted)")
    }
}
