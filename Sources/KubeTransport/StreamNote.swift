// What libcurl mentions of an HTTP/2 connection in its verbose text and tells in no other way: the number of a request's stream,
// and the last stream that the server will answer. Pure. Text that is not known says nothing: then a write is not repeated.

enum StreamNote: Equatable {
    /// The request goes out as this stream.
    case stream(UInt32)
    /// GOAWAY: the server has not begun, and will not begin, with streams of a higher number (RFC 9113, section 6.8).
    case goAway(last: UInt32)

    /// libcurl 7.88: "Using Stream ID: 5 (easy handle 0x1)", "recveived GOAWAY, error=0, last_stream=3". libcurl 8:
    /// "[HTTP/2] [5] OPENED stream for ...", "received GOAWAY, error=0, last_stream=3".
    init?(_ text: UnsafeRawBufferPointer) {
        var rest = text[...]
        func take(_ words: StaticString) -> Bool {
            let wanted = UnsafeRawBufferPointer(start: words.utf8Start, count: words.utf8CodeUnitCount)
            guard rest.starts(with: wanted) else { return false }
            rest = rest.dropFirst(wanted.count)
            return true
        }
        func number() -> UInt32? {
            let digits = rest.prefix { $0 >= 0x30 && $0 <= 0x39 }
            rest = rest.dropFirst(digits.count)
            return digits.count > 10 ? nil : UInt32(String(decoding: digits, as: UTF8.self))
        }
        if take("Using Stream ID: ") {
            guard let id = number() else { return nil }
            self = .stream(id)
        } else if take("[HTTP/2] [") {
            guard let id = number(), take("] OPENED stream") else { return nil }
            self = .stream(id)
        } else if take("recveived GOAWAY, error=") || take("received GOAWAY, error=") {
            guard number() != nil, take(", last_stream="), let last = number() else { return nil }
            self = .goAway(last: last)
        } else {
            return nil
        }
    }
}
