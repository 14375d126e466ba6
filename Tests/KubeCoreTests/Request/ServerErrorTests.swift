// Answers that are no success: the whole table of statuses and reasons, what is kept of a Status, and what becomes of text
// from strangers (R5, T13).
import KubeCore
import Testing

private let reasons: [(String, KubeError.Code)] = [
    ("BadRequest", .badRequest), ("MethodNotAllowed", .badRequest), ("NotAcceptable", .badRequest), ("UnsupportedMediaType", .badRequest),
    ("RequestEntityTooLarge", .badRequest), ("Unauthorized", .unauthorized), ("Forbidden", .forbidden), ("NotFound", .notFound),
    ("AlreadyExists", .alreadyExists), ("Conflict", .conflict), ("Gone", .gone), ("Expired", .gone), ("Invalid", .invalid),
    ("TooManyRequests", .tooManyRequests), ("ServiceUnavailable", .unavailable), ("Timeout", .unavailable), ("ServerTimeout", .unavailable),
    ("InternalError", .server), ("StorageReadError", .server),
]

private let statuses: [(Int, KubeError.Code)] = [
    (400, .badRequest), (401, .unauthorized), (402, .badRequest), (403, .forbidden), (404, .notFound), (405, .badRequest), (406, .badRequest),
    (408, .badRequest), (409, .conflict), (410, .gone), (413, .badRequest), (415, .badRequest), (418, .badRequest), (422, .invalid),
    (429, .tooManyRequests), (499, .badRequest), (500, .server), (501, .server), (502, .server), (503, .unavailable), (504, .unavailable),
    (511, .server), (599, .server), (600, .server), (999, .server), (100, .server), (0, .server), (-1, .server), (Int.min, .server), (Int.max, .server),
]

@Suite struct ServerErrorTests {
    @Test(arguments: statuses) func aStatusWithoutAReasonHasItsCode(number: Int, code: KubeError.Code) {
        for unknown in ["", "SomethingNew", "notfound", "NotFound "] { #expect(ServerError.code(status: number, reason: unknown) == code) }
    }

    @Test(arguments: reasons) func aKnownReasonOutranksTheNumber(reason: String, code: KubeError.Code) {
        for (number, _) in statuses { #expect(ServerError.code(status: number, reason: reason) == code, "\(number)") }
    }

    @Test(arguments: reasons) func theReasonOfABodyOutranksTheNumber(reason: String, code: KubeError.Code) {
        let error = answer(500, status(599, reason, "why"))
        #expect(error.code == code && error.reason == reason && error.httpStatus == 500 && error.message == "why")
    }

    @Test func aStatusIsKeptWhole() {
        let json = status(409, "Conflict", "the object has been modified", details: #"{"name":"p","kind":"projects","causes":[{"reason":"x"}],"retryAfterSeconds":3}"#)
        let error = answer(409, json)
        #expect(error.statusJSON.map { text($0) } == json && error.code == .conflict && error.message == "the object has been modified")
        #expect(error.retryAfterMs == 3000 && error.httpStatus == 409 && error.reason == "Conflict")
    }

    @Test func aStatusWithoutAMessageNamesTheRequest() {
        #expect(answer(404, #"{"kind":"Status","reason":"NotFound"}"#).message == "GET /x: HTTP 404 NotFound")
        #expect(answer(404, #"{"kind":"Status"}"#).message == "GET /x: HTTP 404")
        #expect(answer(404, #"{"kind":"Status","message":7,"reason":[]}"#).message == "GET /x: HTTP 404")
    }

    @Test func anErrorEventTakesTheCodeOfItsStatus() throws {
        func event(_ json: String) throws -> KubeError {
            ServerError.make(status: try JSONValue.parse(json), json: utf8(json), httpStatus: nil, what: "watch /x", isRead: true)
        }
        let expired = try event(status(410, "Expired", "too old resource version: 1 (2)"))
        #expect(expired.code == .gone && expired.httpStatus == 410 && expired.reason == "Expired")
        #expect(try event(status(410, "")).code == .gone && event(status(410, "Gone")).code == .gone)
        #expect(try event(status(500, "", "etcdserver: leader changed")).code == .server)
        #expect(try event(#"{"kind":"Status"}"#).httpStatus == 500)
        #expect(try event(#"{"kind":"Status","code":"410"}"#).code == .server)
        #expect(try event(#"{"kind":"Status","code":9223372036854775807}"#).code == .server)
        #expect(try event(#"{"kind":"Status","code":-9223372036854775808}"#).code == .server)
    }

    @Test(arguments: [
        (nil, nil), ("", nil), ("0", 0), ("1", 1000), ("007", 7000), ("120", 120_000), ("31536000", 31_536_000_000), ("31536001", nil), ("-1", nil),
        ("+1", nil), ("1.5", nil), (" 1", nil), ("1 ", nil), ("1s", nil), ("Fri, 31 Dec 1999 23:59:59 GMT", nil), ("9223372036854775807", nil),
        ("9223372036854775808", nil), ("99999999999999999999999999", nil), ("0x10", nil), ("١", nil), ("1, 2", nil), ("\u{0}", nil),
    ] as [(String?, Int64?)])
    func retryAfterIsPlainSecondsOrNothing(text: String?, milliseconds: Int64?) {
        #expect(ServerError.retryAfterMs(text) == milliseconds)
        #expect(answer(503, "", retryAfter: text).retryAfterMs == milliseconds ?? -1)
        #expect(answer(503, status(503, "ServiceUnavailable"), retryAfter: text).retryAfterMs == milliseconds ?? -1)
    }

    @Test func theHeaderOutranksTheDetails() {
        let json = status(429, "TooManyRequests", details: #"{"retryAfterSeconds":7}"#)
        #expect(answer(429, json).retryAfterMs == 7000 && answer(429, json, retryAfter: "2").retryAfterMs == 2000)
        for odd in ["-3", "0", "\"9\"", "1.5", "99999999999999999999"] {
            #expect(answer(429, status(429, "TooManyRequests", details: "{\"retryAfterSeconds\":\(odd)}")).retryAfterMs == -1, "\(odd)")
        }
    }

    /// The truth table of kcr_error_is_retryable, as far as answers go.
    @Test(arguments: [
        (429, "", nil, true, true), (429, "TooManyRequests", "1", true, true), (500, "", "1", true, true), (502, "", "0", true, true),
        (599, "", "1", true, true), (503, "ServiceUnavailable", nil, true, true), (500, "ServiceUnavailable", nil, true, true),
        (500, "", nil, true, false), (500, "InternalError", nil, true, false), (502, "", nil, true, false), (503, "", nil, true, false),
        (504, "", nil, true, false), (504, "Timeout", nil, true, false), (500, "ServerTimeout", nil, true, false), (500, "", "soon", true, false),
        (501, "", nil, false, false), (505, "", nil, false, false), (599, "", nil, false, false), (500, "NotFound", "1", false, false),
        (409, "", "1", false, false), (404, "", "1", false, false), (400, "", nil, false, false), (401, "", nil, false, false),
        (408, "", "1", false, false), (410, "", nil, false, false), (422, "Invalid", "1", false, false), (302, "", "1", false, false),
    ] as [(Int, String, String?, Bool, Bool)])
    func repeatingIsSaidToHelpOnlyWhereItMay(number: Int, reason: String, retryAfter: String?, read: Bool, write: Bool) {
        let head = HTTPHead(status: number, fields: retryAfter.map { [HTTPField("Retry-After", $0)] } ?? [])
        for (isRead, helps) in [(true, read), (false, write)] {
            let body = reason.isEmpty ? [] : utf8(status(number, reason))
            #expect(ServerError.make(head: head, body: body, what: "x", isRead: isRead).isRetryable == helps, "read: \(isRead)")
        }
    }

    @Test func aStatusMayAskForTheTimeToo() {
        let json = status(500, "ServerTimeout", details: #"{"retryAfterSeconds":2}"#)
        let error = ServerError.make(head: HTTPHead(status: 500), body: utf8(json), what: "x", isRead: false)
        #expect(error.isRetryable && error.retryAfterMs == 2000 && error.code == .unavailable)
    }

    @Test(arguments: [300, 301, 302, 303, 304, 307, 308, 399]) func redirectsAreNamedAndNotFollowed(number: Int) {
        let error = answer(number, status(404, "NotFound", "no"))
        #expect(error.code == .server && error.httpStatus == number && !error.isRetryable && error.statusJSON == nil)
        let answer = number == 304 ? "that nothing was modified (HTTP 304)" : "a redirect (HTTP \(number)), which is not followed"
        #expect(error.message == "GET /x: the server answered \(answer)")
    }
}

@Suite struct ServerErrorTextTests {
    @Test(arguments: ["<html><h1>502 Bad Gateway</h1></html>", "{}", "[]", "null", "{\"kind\":\"Pod\"}", "{\"kind\":\"Status\"", "404 page not found"])
    func whatIsNoStatusIsQuoted(body: String) {
        let error = answer(502, body)
        #expect(error.code == .server && error.statusJSON == nil && error.reason == "" && error.message == "GET /x: HTTP 502: " + body)
    }

    @Test func anEmptyBodyIsNotQuoted() {
        for body in ["", " ", "\n\r\n", "\u{0}\u{0}"] { #expect(answer(500, body).message == "GET /x: HTTP 500") }
    }

    @Test func aLongBodyIsCutAtTwoKibibytes() {
        let lead = "GET /x: HTTP 500: "
        #expect(answer(500, String(repeating: "x", count: 2048)).message == lead + String(repeating: "x", count: 2048))
        #expect(answer(500, String(repeating: "x", count: 2049)).message == lead + String(repeating: "x", count: 2048) + "...")
        #expect(answer(500, String(repeating: "x", count: 1 << 18)).message.utf8.count == lead.utf8.count + 2048 + 3)
    }

    @Test func aCharacterIsNotCutInTwo() {
        let error = answer(500, "x" + String(repeating: "é", count: 1024))
        #expect(error.message == "GET /x: HTTP 500: x" + String(repeating: "é", count: 1023) + "...")
    }

    @Test func brokenTextDoesNotGrow() {
        let error = ServerError.make(head: HTTPHead(status: 500), body: Array(repeating: 0xff, count: 5000), what: "GET /x", isRead: true)
        #expect(error.message.utf8.count <= "GET /x: HTTP 500: ".utf8.count + 2048 + 3)
    }

    @Test(arguments: [
        ("a\nb", "a b"), ("a\r\nb", "a  b"), ("\u{1b}[31mred\u{1b}[0m", " [31mred [0m"), ("a\u{9b}2Jb", "a 2Jb"), ("a\u{7f}b\u{0}c", "a b c"),
        ("a\u{2028}b\u{2029}c", "a b c"), ("a\u{85}b", "a b"), ("é🙂", "é🙂"), ("tail\n\n \t", "tail"), ("\u{8}\u{7}x", "  x"),
    ])
    func controlCharactersAreStrippedFromTextOfTheServer(sent: String, told: String) {
        #expect(ServerError.oneLine(utf8(sent), limit: 100) == told)
        #expect(answer(500, "<" + sent).message == "GET /x: HTTP 500: <" + told)
        var quoted: [UInt8] = []
        JSONText.quote(utf8("<" + sent), into: &quoted)
        let error = answer(500, "{\"kind\":\"Status\",\"message\":\(text(quoted))}")
        #expect(error.message == "<" + told)
    }

    @Test func aLongMessageOfAStatusIsCut() {
        let error = answer(500, status(500, "InternalError", String(repeating: "m", count: 100_000)))
        #expect(error.message == String(repeating: "m", count: 8192) + "...")
    }
}

@Suite struct TooLargeResourceVersionTests {
    /// L4: the three spellings, newest first.
    @Test(arguments: [
        status(
            504, "Timeout", "Timeout: Too large resource version: 9, current: 8",
            details: #"{"causes":[{"reason":"ResourceVersionTooLarge","message":"Too large resource version"}],"retryAfterSeconds":1}"#),
        status(504, "Timeout", "timed out", details: #"{"causes":[{"reason":"ResourceVersionTooLarge"}]}"#),
        status(504, "Timeout", "timed out", details: #"{"causes":[{"reason":"x"},{"message":"Too large resource version"}],"retryAfterSeconds":1}"#),
        status(504, "Timeout", "Timeout: Too large resource version: 9, current: 8"),
    ])
    func theThreeSpellingsAreKnown(json: String) {
        #expect(ServerError.isTooLargeResourceVersion(answer(504, json)))
    }

    @Test(arguments: [
        "", "Too large resource version", "{}", status(504, "Timeout", "timed out"), status(410, "Expired", "too old resource version: 1 (2)"),
        status(504, "Timeout", "timed out", details: #"{"causes":[{"reason":"Other","message":"too large"}]}"#),
        status(504, "Timeout", "timed out", details: #"{"causes":{"reason":"ResourceVersionTooLarge"}}"#), status(504, "Timeout", "", details: "[]"),
    ])
    func nothingElseIs(json: String) {
        #expect(!ServerError.isTooLargeResourceVersion(answer(504, json)))
    }

    @Test func itIsUnavailableAndMayBeRepeated() {
        let error = answer(504, status(504, "Timeout", "Timeout: Too large resource version: 9, current: 8"))
        #expect(error.code == .unavailable && error.isRetryable)
    }
}
