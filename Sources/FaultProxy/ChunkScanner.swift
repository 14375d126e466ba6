// Finds where the chunk sizes of plain HTTP/1.x bodies stand, in a stream that comes in pieces. It changes nothing and judges nothing.

/// Follows the messages of one way. What is not HTTP/1.x (TLS, HTTP/2, an upgraded connection, or anything broken) makes it blind
/// for the rest of the stream. Which requests were HEAD it does not know: an answer to one that says "chunked" makes it blind.
struct ChunkScanner {
    private enum Place: Equatable {
        case startLine, header, trailer
        /// Of a body, or of a chunk.
        case bytes(left: UInt64, isChunk: Bool)
        case sizeLine, endOfChunk
        case untilClose, blind
    }

    private static let maxLine = 65536
    private var place = Place.startLine
    private var line: [UInt8] = []
    private var isChunked = false
    private var length: UInt64 = 0
    private var isAnswer = false
    /// Neither length nor chunks: an answer's body goes on to the end, a request has none.
    private var hasLength = false
    private var hasNoBody = false

    var isBlind: Bool { place == .blind }
    private var isAtSizeLine: Bool { place == .sizeLine && line.isEmpty }

    /// Where in these next bytes a chunk size begins; nil: in none of them.
    func firstSize(in bytes: UnsafeRawBufferPointer) -> Int? {
        var copy = self
        let at = copy.read(bytes, stopping: true)
        return at < bytes.count ? at : nil
    }

    mutating func consume(_ bytes: UnsafeRawBufferPointer) { _ = read(bytes, stopping: false) }

    private mutating func read(_ bytes: UnsafeRawBufferPointer, stopping: Bool) -> Int {
        var at = 0
        while at < bytes.count {
            if stopping, isAtSizeLine { return at }
            switch place {
            case .blind, .untilClose: return bytes.count
            case .bytes(let left, let isChunk):
                let count = min(left, UInt64(bytes.count - at))
                at += Int(count)
                if left > count { place = .bytes(left: left - count, isChunk: isChunk) } else { place = isChunk ? .endOfChunk : .startLine }
            case .startLine, .header, .trailer, .sizeLine, .endOfChunk:
                let byte = bytes[at]
                at += 1
                if byte == 0x0a {
                    if line.last == 0x0d { line.removeLast() }
                    endLine()
                    line.removeAll(keepingCapacity: true)
                } else if (byte < 0x20 && byte != 0x09 && byte != 0x0d) || line.count >= ChunkScanner.maxLine {
                    place = .blind
                } else {
                    line.append(byte)
                }
            }
        }
        return at
    }

    private mutating func endLine() {
        switch place {
        case .startLine: if !line.isEmpty { begin(String(decoding: line, as: UTF8.self)) }
        case .header: if line.isEmpty { endHead() } else { header(String(decoding: line, as: UTF8.self)) }
        case .trailer: if line.isEmpty { place = .startLine }
        case .endOfChunk: place = line.isEmpty ? .sizeLine : .blind
        case .sizeLine:
            let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != 0x20 && $0 != 0x09 }
            guard let size = UInt64(String(decoding: digits, as: UTF8.self), radix: 16), !digits.contains(UInt8(ascii: "+")) else {
                place = .blind
                return
            }
            place = size == 0 ? .trailer : .bytes(left: size, isChunk: true)
        case .bytes, .untilClose, .blind: break
        }
    }

    private mutating func begin(_ text: String) {
        isAnswer = text.hasPrefix("HTTP/1.")
        guard isAnswer || text.hasSuffix(" HTTP/1.1") || text.hasSuffix(" HTTP/1.0") else {
            place = .blind
            return
        }
        (isChunked, hasLength, length, hasNoBody) = (false, false, 0, false)
        if isAnswer, let status = text.split(separator: " ").dropFirst().first {
            if status == "101" { place = .blind; return }
            hasNoBody = status == "204" || status == "304" || status.hasPrefix("1")
        }
        place = .header
    }

    private mutating func header(_ text: String) {
        guard let colon = text.firstIndex(of: ":") else {
            place = .blind
            return
        }
        let value = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
        switch text[..<colon].lowercased() {
        case "transfer-encoding": if value.lowercased().hasSuffix("chunked") { isChunked = true }
        case "content-length":
            guard let number = UInt64(value.prefix { $0 != " " }) else {
                place = .blind
                return
            }
            (hasLength, length) = (true, number)
        default: break
        }
    }

    private mutating func endHead() {
        if hasNoBody {
            place = .startLine
        } else if isChunked {
            place = .sizeLine
        } else if hasLength || !isAnswer {
            place = length == 0 ? .startLine : .bytes(left: length, isChunk: false)
        } else {
            place = .untilClose
        }
    }
}
