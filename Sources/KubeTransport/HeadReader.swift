// Reads the head of an answer line by line, as libcurl hands it out. Pure: no socket, no curl.
package import KubeCore

/// One answer's head. Interim answers (1xx) are skipped, trailers ignored, the whole is limited.
package struct HeadReader {
    package enum Step: Equatable {
        case more
        /// The final head is complete.
        case done(HTTPHead)
        case refused(String)
    }

    /// Fields of one answer: far above what any server sends, far below what would hurt.
    static let maxFields = 2000

    private var left: Int
    private let limit: Int
    private var status = 0
    private var fields: [HTTPField] = []
    private var isDone = false
    private var fieldsLeft = HeadReader.maxFields

    package init(maxBytes: Int) {
        limit = maxBytes
        left = maxBytes
    }

    /// Whether a status line has been read.
    package var hasBegun: Bool { status != 0 }

    /// `line` ends with its line break.
    package mutating func read(_ line: UnsafeRawBufferPointer) -> Step {
        left = left.subtractingReportingOverflow(line.count).partialValue
        if left < 0 { return .refused("the answer's header is larger than \(limit) bytes") }
        var end = line.count
        while end > 0, line[end &- 1] == 0x0a || line[end &- 1] == 0x0d { end &-= 1 }
        let text = UnsafeRawBufferPointer(rebasing: line[..<end])
        if isDone { return .more }
        if let number = HeadReader.statusCode(text) {
            status = number
            fields.removeAll(keepingCapacity: true)
            return .more
        }
        if text.isEmpty {
            guard status >= 200 else {
                status = 0
                return .more
            }
            isDone = true
            return .done(HTTPHead(status: status, fields: fields))
        }
        fieldsLeft &-= 1
        if fieldsLeft < 0 { return .refused("the answer has more than \(HeadReader.maxFields) header fields") }
        add(text)
        return .more
    }

    private mutating func add(_ text: UnsafeRawBufferPointer) {
        if fields.isEmpty { fields.reserveCapacity(12) }
        if let first = text.first, first == 0x20 || first == 0x09 {
            // A folded line goes on with the value before it.
            if let last = fields.indices.last { fields[last].value += " " + HeadReader.trimmed(text) }
            return
        }
        guard let colon = text.firstIndex(of: UInt8(ascii: ":")) else { return }
        let name = String(decoding: UnsafeRawBufferPointer(rebasing: text[..<colon]), as: UTF8.self)
        fields.append(HTTPField(name, HeadReader.trimmed(UnsafeRawBufferPointer(rebasing: text[(colon &+ 1)...]))))
    }

    private static func trimmed(_ text: UnsafeRawBufferPointer) -> String {
        var start = 0
        var end = text.count
        while start < end, text[start] == 0x20 || text[start] == 0x09 { start &+= 1 }
        while end > start, text[end &- 1] == 0x20 || text[end &- 1] == 0x09 { end &-= 1 }
        return String(decoding: UnsafeRawBufferPointer(rebasing: text[start..<end]), as: UTF8.self)
    }

    /// The number of "HTTP/1.1 200 OK" or "HTTP/2 200"; nil for any other line.
    private static func statusCode(_ text: UnsafeRawBufferPointer) -> Int? {
        guard text.count >= 5, text[0] == 0x48, text[1] == 0x54, text[2] == 0x54, text[3] == 0x50, text[4] == 0x2f,
              let space = text.firstIndex(of: 0x20), text.count >= space &+ 4 else { return nil }
        var number = 0
        for index in (space &+ 1)...(space &+ 3) {
            guard text[index] >= 0x30, text[index] <= 0x39 else { return nil }
            number = number &* 10 &+ Int(text[index] &- 0x30)
        }
        return number
    }
}
