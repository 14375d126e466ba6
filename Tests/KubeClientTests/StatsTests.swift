// kcr_client_stats: every member, what it counts, and the end of the client certificate.
import KubeConfig
import KubeCore
import KubeTesting
import KubeTransport
@testable import KubeClient
import Testing

struct StatsTests {
    private func stats(_ drive: ManualDrive) throws -> JSONValue {
        var result: JSONValue?
        drive.client.stats { result = $0 }
        drive.settle()
        return try #require(result)
    }

    @Test func everythingIsThereFromTheStart() throws {
        let stats = try stats(ManualDrive())
        let names = [
            "calls", "failed", "failures", "requests", "http2Requests", "retries", "throttled", "throttledMs", "warnings", "watches", "running",
            "transfers", "connections", "openConnections", "bytesReceived", "bytesSent",
        ]
        #expect(stats.members?.map(\.key) == names)
        for name in names where name != "failures" { #expect(stats[name] == 0, "\(name)") }
        #expect(stats["failures"] == .object([]))
    }

    @Test func theyCountWhatHappened() throws {
        let drive = try ManualDrive(options: #"{"qps":1,"burst":2}"#)
        drive.server.next(.status(404, "NotFound"))
        drive.server.next(.status(404, "NotFound"))
        drive.server.next(.failure(.lost))
        drive.server.next(.text(Sample.object("web", 1), headers: [HTTPField("Warning", #"299 - "W12""#)]))
        drive.server.next(.nothing)
        for _ in 0..<3 { _ = try drive.call(.get, name: "web") }
        drive.advance(2000)
        let open = try drive.call(.get, name: "web")
        drive.advance(1000)
        var now = try stats(drive)
        #expect(now["calls"] == 4 && now["failed"] == 2 && now["failures"]?["NOT_FOUND"] == 2 && now["requests"] == 5 && now["retries"] == 1)
        #expect(now["running"] == 1 && now["transfers"] == 1 && now["warnings"] == 1)
        #expect((now["throttled"]?.int ?? 0) >= 1 && (now["throttledMs"]?.int ?? 0) >= 1)
        open.call?.cancel()
        drive.settle()
        now = try stats(drive)
        #expect(now["failures"]?["CANCELLED"] == 1 && now["failed"] == 3 && now["running"] == 0 && now["transfers"] == 0)
    }

    @Test func everyCodeHasAName() {
        let names = KubeError.Code.allCases.map { "\($0.name)" }
        #expect(Set(names).count == names.count && names.allSatisfy { $0.allSatisfy { $0.isUppercase || $0 == "_" } })
    }
}
