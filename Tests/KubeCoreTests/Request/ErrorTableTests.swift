// The table of errors that include/kubecr.h prints for its users is what the code does, for every number and every reason (R5).
import Foundation
import KubeCore
import Testing

/// One line of the table: " *   409            Conflict, none      KCR_ERR_CONFLICT".
private struct Row {
    let numbers: [String]
    let reasons: [String]
    let code: KubeError.Code

    init?(_ line: Substring) {
        guard line.hasPrefix(" *   "), let name = line.split(separator: " ").last(where: { $0.hasPrefix("KCR_ERR_") })?.dropFirst("KCR_ERR_".count),
              let code = KubeError.Code.allCases.first(where: { "\($0.name)" == name }) else { return nil }
        let rest = line.dropFirst(5)
        numbers = rest.prefix(14).split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        reasons = rest.dropFirst(15).prefix(46).prefix { $0 != "(" }.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        self.code = code
    }
}

@Suite struct ErrorTableTests {
    private let rows: [Row]

    init() throws {
        // Up from Tests/KubeCoreTests/Request.
        let root = (0..<4).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        let header = try String(contentsOf: root.appendingPathComponent("include/kubecr.h"), encoding: .utf8)
        let lines = header.split(separator: "\n", omittingEmptySubsequences: false)
        let table = lines.drop { !$0.hasPrefix("/* How a call ended.") }.prefix { !$0.hasPrefix("typedef int32_t kcr_status") }
        rows = table.compactMap { Row($0) }
    }

    private func code(ofNumber number: String) -> KubeError.Code? {
        let all = rows.filter { $0.numbers.contains(number) }
        return (all.first { $0.reasons.contains("none") } ?? all.first)?.code
    }

    @Test func everyNumberIsWhatTheTableSays() throws {
        #expect(rows.count == 18)
        for number in 400...599 {
            let expected = try #require(code(ofNumber: String(number)) ?? code(ofNumber: number < 500 ? "other 4xx" : "other 5xx"))
            #expect(ServerError.code(status: number, reason: "") == expected, "\(number)")
            #expect(ServerError.code(status: number, reason: "NewInTheYear2030") == expected, "\(number)")
        }
        let redirect = try #require(code(ofNumber: "3xx"))
        for number in 300...399 { #expect(answer(number).code == redirect) }
    }

    /// apimachinery, pkg/api/errors/errors.go, knownReasons.
    @Test(arguments: [
        "Unauthorized", "Forbidden", "NotFound", "AlreadyExists", "Conflict", "Gone", "Invalid", "ServerTimeout", "StorageReadError", "Timeout",
        "TooManyRequests", "BadRequest", "MethodNotAllowed", "NotAcceptable", "RequestEntityTooLarge", "UnsupportedMediaType", "InternalError",
        "Expired", "ServiceUnavailable",
    ])
    func everyReasonIsInTheTableAndOutranksEveryNumber(reason: String) throws {
        let named = rows.filter { $0.reasons.contains(reason) }
        #expect(named.count == 1)
        let expected = try #require(named.first?.code)
        for number in 400...599 { #expect(ServerError.code(status: number, reason: reason) == expected, "\(number)") }
    }

    @Test func theTableHasNoReasonThatIsUnknown() {
        let known = Set(rows.flatMap(\.reasons)).subtracting(["none", "a redirect", "which is never followed"])
        #expect(known.count == 19)
        for reason in known { #expect(ServerError.code(status: 299, reason: reason) != .server || ["InternalError", "StorageReadError"].contains(reason)) }
    }
}
