// From an answer that is no success to a KubeError: the published table of HTTP statuses and reasons, and the Status kept whole.

package enum ServerError {
    /// The class of an answer. A reason that is known outranks the number (R5; apimachinery pkg/api/errors/errors.go).
    package static func code(status: Int, reason: String) -> KubeError.Code {
        switch reason {
        case "BadRequest", "MethodNotAllowed", "NotAcceptable", "UnsupportedMediaType", "RequestEntityTooLarge": return .badRequest
        case "Unauthorized": return .unauthorized
        case "Forbidden": return .forbidden
        case "NotFound": return .notFound
        case "AlreadyExists": return .alreadyExists
        case "Conflict": return .conflict
        case "Gone", "Expired": return .gone
        case "Invalid": return .invalid
        case "TooManyRequests": return .tooManyRequests
        case "ServiceUnavailable", "Timeout", "ServerTimeout": return .unavailable
        case "InternalError", "StorageReadError": return .server
        default: break
        }
        switch status {
        case 401: return .unauthorized
        case 403: return .forbidden
        case 404: return .notFound
        // Only a proxy says so.
        case 407: return .proxy
        case 409: return .conflict
        case 410: return .gone
        case 422: return .invalid
        case 429: return .tooManyRequests
        case 503, 504: return .unavailable
        case 400..<500: return .badRequest
        case 500..<600: return .server
        default: return .server
        }
    }

    /// The error of an answer with this head and body. `what` is the request, for answers that say nothing ("GET /apis");
    /// `isRead`: it changes nothing.
    package static func make(head: HTTPHead, body: [UInt8], what: String, isRead: Bool) -> KubeError {
        let parsed = try? JSONValue.parse(body)
        let isStatus = parsed?["kind"]?.string == "Status"
        if (300..<400).contains(head.status) {
            let answer = head.status == 304 ? "that nothing was modified (HTTP 304)" : "a redirect (HTTP \(head.status)), which is not followed"
            var error = KubeError(.server, "\(what): the server answered \(answer)")
            error.httpStatus = head.status
            return error
        }
        if isStatus, let parsed {
            return make(status: parsed, json: body, httpStatus: head.status, retryAfter: head.first("retry-after"), what: what, isRead: isRead)
        }
        var error = KubeError(code(status: head.status, reason: ""), "")
        error.httpStatus = head.status
        let text = oneLine(body, limit: 2048)
        error.message = "\(what): HTTP \(head.status)" + (text.isEmpty ? "" : ": " + text)
        finish(&error, retryAfter: head.first("retry-after"), isRead: isRead)
        return error
    }

    /// The error of a metav1.Status, from an answer or from an ERROR event (`httpStatus` nil: take its code).
    package static func make(status: JSONValue, json: [UInt8], httpStatus: Int?, retryAfter: String? = nil, what: String, isRead: Bool) -> KubeError {
        let number = httpStatus ?? Int(truncatingIfNeeded: status["code"]?.int ?? 500)
        let reason = status["reason"]?.string ?? ""
        var error = KubeError(code(status: number, reason: reason), "")
        error.httpStatus = number
        error.reason = reason
        error.statusJSON = json
        let message = oneLine(Array((status["message"]?.string ?? "").utf8), limit: 8192)
        error.message = message.isEmpty ? "\(what): HTTP \(number)" + (reason.isEmpty ? "" : " \(reason)") : message
        var after = retryAfter
        if let seconds = status["details"]?["retryAfterSeconds"]?.int, seconds > 0, after == nil { after = String(seconds) }
        finish(&error, retryAfter: after, isRead: isRead)
        return error
    }

    private static func finish(_ error: inout KubeError, retryAfter: String?, isRead: Bool) {
        error.retryAfterMs = retryAfterMs(retryAfter) ?? -1
        error.isRetryable = isRetryable(error, isRead: isRead)
    }

    /// Whether the same request may go out again and may help. A write may only when the server has said that it did not do it:
    /// 429, a Status "ServiceUnavailable", a 5xx with a time to come back. A gateway's 502 to 504 may come after it was done.
    private static func isRetryable(_ error: KubeError, isRead: Bool) -> Bool {
        switch error.code {
        case .tooManyRequests: return true
        case .unavailable, .server:
            if error.retryAfterMs >= 0 || error.reason == "ServiceUnavailable" { return true }
            return isRead && [500, 502, 503, 504].contains(error.httpStatus)
        default: return false
        }
    }

    /// Seconds as a plain number; dates, negatives and what does not fit are ignored (B2).
    package static func retryAfterMs(_ text: String?) -> Int64? {
        guard let text, !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let seconds = Int64(text) else { return nil }
        guard seconds <= 86_400 * 365 else { return nil }
        return seconds * 1000
    }

    /// "Too large resource version" in its three spellings (L4; reflector.go isTooLargeResourceVersionError).
    package static func isTooLargeResourceVersion(_ error: KubeError) -> Bool {
        guard let json = error.statusJSON, let status = try? JSONValue.parse(json) else { return false }
        for cause in status["details"]?["causes"]?.array ?? [] {
            if cause["reason"]?.string == "ResourceVersionTooLarge" || cause["message"]?.string == "Too large resource version" { return true }
        }
        // The oldest spelling stands behind "Timeout: ".
        return contains(status["message"]?.string ?? "", "Too large resource version")
    }

    private static func contains(_ text: String, _ part: String) -> Bool {
        var rest = text.utf8[...]
        while !rest.isEmpty {
            if rest.starts(with: part.utf8) { return true }
            rest = rest.dropFirst()
        }
        return false
    }

    /// Text of unknown origin as one line: control characters and broken UTF-8 replaced, cut at `limit` bytes (T13).
    package static func oneLine(_ bytes: [UInt8], limit: Int) -> String {
        var line = String.UnicodeScalarView()
        var count = 0
        var isCut = false
        // A little more than fits, so that no character is cut in two. What was broken grows when it is replaced.
        let part = bytes.count > limit ? bytes.prefix(limit + 4) : bytes[...]
        for scalar in String(decoding: part, as: UTF8.self).unicodeScalars {
            count += UTF8.width(scalar)
            isCut = count > limit
            if isCut { break }
            line.append(isControl(scalar) ? " " : scalar)
        }
        while let last = line.last, last == " " { line.removeLast() }
        return isCut ? String(line) + "..." : String(line)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) || scalar.value == 0x2028 || scalar.value == 0x2029
    }
}
