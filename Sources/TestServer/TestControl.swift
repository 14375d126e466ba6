// Trouble on demand, under /_test/: compaction, failing requests, watches that end, other bookmarks.
import KubeCore

/// Which of the next requests fail, and how.
struct FaultPlan: Sendable {
    var remaining = 0
    var status = 500
    var retryAfter: Int?
    /// Only requests with this verb ("watch", "list", "create", ...); "" = any.
    var verb = ""
    /// Only paths that begin so.
    var path = ""

    /// What the request fails with; nil: nothing.
    mutating func next(_ request: APIRequest, verb: String) -> APIFailure? {
        guard remaining > 0, self.verb.isEmpty || self.verb == verb, request.path.hasPrefix(path) else { return nil }
        remaining -= 1
        var failure = APIFailure(status, Self.reasons[status] ?? "InternalError", "kubecr-testserver fails this request, as it was told to", details: .emptyObject)
        failure.retryAfter = retryAfter
        if let retryAfter { failure.details?.set("retryAfterSeconds", .number(retryAfter)) }
        return failure
    }

    static let reasons = [
        400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 409: "Conflict", 410: "Expired", 422: "Invalid",
        429: "TooManyRequests", 500: "InternalError", 503: "ServiceUnavailable", 504: "Timeout",
    ]
}

extension APIServer {
    /// GET /_test/state; POST /_test/compact, /_test/drop-watches, /_test/bookmarks?milliseconds=,
    /// /_test/fail?count=&status=&verb=&path=&retryAfter=
    mutating func control(_ request: APIRequest) throws(APIFailure) -> APIResponse {
        guard request.segments.count == 2 else { throw .noSuchResource }
        let known: Set<String>
        switch request.segments[1] {
        case "compact", "drop-watches", "state": known = []
        case "fail": known = ["count", "status", "verb", "path", "retryAfter"]
        case "bookmarks": known = ["milliseconds"]
        default: throw .noSuchResource
        }
        guard request.method == (request.segments[1] == "state" ? "GET" : "POST") else { throw .methodNotAllowed }
        if let item = request.query.first(where: { !known.contains($0.name) }) { throw .badRequest("unknown parameter \"\(item.name)\"") }
        switch request.segments[1] {
        case "state": break
        case "compact": store.compact()
        case "drop-watches": watchGeneration += 1
        case "fail":
            let status = try number(request, "status", 400...599) ?? 500
            faults = FaultPlan(
                remaining: try number(request, "count", 0...1_000_000) ?? 1, status: status, retryAfter: try number(request, "retryAfter", 0...3600),
                verb: request.parameter("verb"), path: request.parameter("path"))
        default: settings.bookmarkMilliseconds = Int64(try number(request, "milliseconds", 10...3_600_000) ?? 60_000)
        }
        return respond(200, .members([
            "resourceVersion": .string(String(store.revision)), "watches": .number(watches), "requests": .number(requests), "faultsLeft": .number(faults.remaining),
        ]))
    }

    private func number(_ request: APIRequest, _ name: String, _ range: ClosedRange<Int>) throws(APIFailure) -> Int? {
        let text = request.parameter(name)
        if text.isEmpty { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw .badRequest("\(name) must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}
