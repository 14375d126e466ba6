// Walks valid JSON without a tree. Bounds are checked all the same: it stops at the end.

struct JSONCursor {
    let json: UnsafeRawBufferPointer
    var at = 0

    init(_ json: UnsafeRawBufferPointer) { self.json = json }

    var byte: UInt8 { at < json.count ? json[at] : 0 }

    mutating func skipBlanks() {
        while at < json.count, JSONExaminer.isBlank(json[at]) { at += 1 }
    }

    mutating func skipString() {
        at += 1
        while at < json.count {
            switch json[at] {
            case UInt8(ascii: "\\"): at += 2
            case UInt8(ascii: "\""):
                at += 1
                return
            default: at += 1
            }
        }
    }

    mutating func skipValue() {
        var depth = 0
        repeat {
            switch byte {
            case UInt8(ascii: "\""): skipString()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                at += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                at += 1
            case UInt8(ascii: ","), UInt8(ascii: ":"), 0x20, 0x0a, 0x0d, 0x09: at += 1
            default:
                while at < json.count, !Self.endsScalar(json[at]) { at += 1 }
            }
        } while depth > 0 && at < json.count
    }

    private static func endsScalar(_ byte: UInt8) -> Bool {
        JSONExaminer.isBlank(byte) || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}")
    }

    /// The text from `start` to here, cut at the end of all.
    private func text(from start: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: json[min(start, json.count)..<max(min(start, json.count), min(at, json.count))])
    }

    /// The value that begins here; behind it afterwards.
    mutating func value() -> UnsafeRawBufferPointer {
        let start = at
        skipValue()
        return text(from: start)
    }

    /// From the "{" of an object to its end: its keys as they are written, between the quotes, each with the cursor at its value.
    /// `member` must leave the cursor behind the value.
    mutating func eachMember(_ member: (_ key: UnsafeRawBufferPointer, _ cursor: inout JSONCursor) -> Void) {
        at += 1
        while at < json.count {
            skipBlanks()
            if byte == UInt8(ascii: ",") {
                at += 1
                continue
            }
            guard byte == UInt8(ascii: "\"") else { break }
            let key = UnsafeRawBufferPointer(rebasing: value().dropFirst().dropLast())
            skipBlanks()
            at += 1
            skipBlanks()
            member(key, &self)
        }
        at += 1
    }

    /// From the "[" of an array to its end.
    mutating func eachElement(_ element: (UnsafeRawBufferPointer) -> Void) {
        at += 1
        while at < json.count {
            skipBlanks()
            if byte == UInt8(ascii: ",") {
                at += 1
                continue
            }
            if byte == UInt8(ascii: "]") { break }
            element(value())
        }
        at += 1
    }

    /// Whether a key, as it is written, is that text.
    static func isKey(_ raw: UnsafeRawBufferPointer, _ key: [UInt8]) -> Bool {
        raw.contains(UInt8(ascii: "\\")) ? JSONText.unescape(raw) == key : raw.elementsEqual(key)
    }

    /// From a container to the value of one of its members; of equal keys the last one counts.
    mutating func descend(to segment: [UInt8]) -> Bool {
        switch byte {
        case UInt8(ascii: "{"): descend(toKey: segment)
        case UInt8(ascii: "["): descend(toIndex: segment)
        default: false
        }
    }

    private mutating func descend(toKey key: [UInt8]) -> Bool {
        var found: Int?
        eachMember { raw, cursor in
            if Self.isKey(raw, key) { found = cursor.at }
            cursor.skipValue()
        }
        guard let found else { return false }
        at = found
        return true
    }

    private mutating func descend(toIndex segment: [UInt8]) -> Bool {
        // RFC 6901: digits without leading zeros.
        guard !segment.isEmpty, segment.count == 1 || segment[0] != UInt8(ascii: "0"), segment.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
            var left = Int(String(decoding: segment, as: UTF8.self))
        else { return false }
        at += 1
        while at < json.count {
            skipBlanks()
            if byte == UInt8(ascii: ",") {
                at += 1
                skipBlanks()
            }
            if byte == UInt8(ascii: "]") { return false }
            if left == 0 { return true }
            left -= 1
            skipValue()
        }
        return false
    }
}
