// One HTTP/1.1 request of the control port, out of bytes that come in pieces. As little of HTTP as curl and a browser-free test need.

/// Pure. Everything that is refused has a status and a reason.
struct ControlRequest: Equatable {
    var method: String
    var path: String
    var query: String
    var body: [UInt8]

    enum Reading: Equatable {
        case incomplete(wantsContinue: Bool)
        case refused(Int, String)
        case request(ControlRequest)
    }

    static let maxHead = 16384
    static let maxBody = FaultScript.maxBytes

    static func read(_ bytes: [UInt8]) -> Reading {
        guard let end = endOfHead(bytes) else {
            return bytes.count > maxHead ? .refused(431, "the head is larger than \(maxHead) bytes") : .incomplete(wantsContinue: false)
        }
        guard end <= maxHead else { return .refused(431, "the head is larger than \(maxHead) bytes") }
        guard let head = String(validating: bytes[..<end], as: UTF8.self) else { return .refused(400, "the head is no text") }
        let lines = head.split(separator: "\r\n", omittingEmptySubsequences: true)
        let words = (lines.first ?? "").split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, words[2].hasPrefix("HTTP/1."), words[1].hasPrefix("/") else { return .refused(400, "not a request of HTTP/1.1") }
        var length = 0
        var wantsContinue = false
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { return .refused(400, "a header without a colon") }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            switch line[..<colon].lowercased() {
            case "content-length":
                guard value.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(value) else { return .refused(400, "Content-Length is no number") }
                length = number
            case "transfer-encoding": return .refused(411, "a body needs a Content-Length")
            case "expect": wantsContinue = value.lowercased() == "100-continue"
            // A page in a browser on this machine must not be able to steer a test.
            case "origin": return .refused(403, "requests of web pages are refused")
            default: break
            }
        }
        guard length <= maxBody else { return .refused(413, "the body is larger than \(maxBody) bytes") }
        guard bytes.count - end >= length else { return .incomplete(wantsContinue: wantsContinue) }
        let target = words[1].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        return .request(ControlRequest(
            method: String(words[0]), path: String(target[0]), query: target.count > 1 ? String(target[1]) : "", body: Array(bytes[end..<end + length])))
    }

    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        var at = 3
        while at < min(bytes.count, maxHead + 4) {
            if bytes[at] == 10, bytes[at - 1] == 13, bytes[at - 2] == 10, bytes[at - 3] == 13 { return at + 1 }
            at += 1
        }
        return nil
    }
}

/// What goes back: always JSON, always the last of its connection.
struct ControlAnswer: Equatable {
    var status: Int
    var body: [UInt8]

    static let reasons = [
        200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 411: "Length Required",
        413: "Content Too Large", 431: "Request Header Fields Too Large",
    ]

    var bytes: [UInt8] {
        let head = "HTTP/1.1 \(status) \(ControlAnswer.reasons[status] ?? "Error")\r\nContent-Type: application/json\r\nContent-Length: \(body.count + 1)\r\nConnection: close\r\n\r\n"
        return Array(head.utf8) + body + [0x0a]
    }
}
