// When a token file is read, and what is used when it cannot be (T5).
import KubeConfig
import KubeCore
import Testing

/// A file in memory that counts its readings.
private final class Source {
    var result: Result<String, KubeError> = .success("one")
    var readings = 0

    func file(initial: String? = nil) -> TokenFile {
        TokenFile(path: "/token", initial: initial) { _ in
            self.readings += 1
            return self.result
        }
    }
}

private let failed = Result<String, KubeError>.failure(KubeError(.config, "/token: no such file"))

@Test func aTokenIsReadAgainTenSecondsBeforeItsMinuteEnds() throws {
    let source = Source()
    var file = source.file()
    #expect(try file.token(nowMs: 1_000) == "one")
    source.result = .success("two")
    #expect(try file.token(nowMs: 50_999) == "one")
    #expect(source.readings == 1)
    #expect(try file.token(nowMs: 51_000) == "two")
    #expect(source.readings == 2)
}

@Test func aFailureKeepsTheLastGoodTokenAndPauses() throws {
    let source = Source()
    var file = source.file()
    _ = try file.token(nowMs: 0)
    source.result = failed
    #expect(try file.token(nowMs: 50_000) == "one")
    #expect(file.lastError?.message == "/token: no such file")
    #expect(try file.token(nowMs: 50_999) == "one")
    #expect(source.readings == 2)
    source.result = .success("two")
    #expect(try file.token(nowMs: 51_000) == "two")
    #expect(file.lastError == nil)
}

@Test func withoutAnyGoodTokenTheFailureIsThrownEachTime() {
    let source = Source()
    source.result = failed
    var file = source.file()
    for now in [Int64(0), 1, 2] { #expect(throws: KubeError.self) { try file.token(nowMs: now) } }
    #expect(source.readings == 3)
}

@Test func theInlineTokenServesUntilTheFileIsRead() throws {
    let source = Source()
    source.result = failed
    var file = source.file(initial: "inline")
    #expect(try file.token(nowMs: 0) == "inline")
    source.result = .success("one")
    #expect(try file.token(nowMs: 1_000) == "one")
}

@Test func a401ReadsTheFileAtOnce() throws {
    let source = Source()
    var file = source.file()
    _ = try file.token(nowMs: 0)
    source.result = .success("two")
    file.invalidate()
    #expect(try file.token(nowMs: 1) == "two")
}

@Test func a401OfARequestOlderThanTheTokenChangesNothing() throws {
    let source = Source()
    var file = source.file()
    _ = try file.token(nowMs: 100)
    file.invalidate(requestStartedMs: 99)
    _ = try file.token(nowMs: 101)
    #expect(source.readings == 1)
    file.invalidate(requestStartedMs: 100)
    _ = try file.token(nowMs: 102)
    #expect(source.readings == 2)
}

@Test func aTokenIsTrimmedAndFitForAHeader() throws {
    let folder = Folder()
    #expect(try TokenFile.read(folder.write("good", " \n\(secret)\r\n")).get() == secret)
    let cases: [(String, [UInt8], String)] = [
        ("empty", [], "is empty"), ("blank", Array(" \n\t".utf8), "is empty"),
        ("two-lines", Array("\(secret)\n\(secret)".utf8), "control character"), ("nul", [0x61, 0, 0x62], "control character"),
        ("bytes", [0x61, 0xFF], "is not UTF-8"),
    ]
    for (name, bytes, problem) in cases {
        let path = folder.write(name, bytes)
        let error = #expect(throws: KubeError.self) { try TokenFile.read(path).get() }
        #expect(error?.message.hasPrefix("\(path): ") == true && error?.message.contains(problem) == true)
        #expect(error?.message.contains(secret) == false)
    }
    #expect(throws: KubeError.self) { try TokenFile.read(folder.path + "/none").get() }
}
