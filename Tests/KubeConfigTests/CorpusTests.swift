// The kubeconfigs of Tests/kubeconfigs, each loaded and compared with what is expected of it. The format stands there in README.md.
import Glibc
import KubeConfig
import KubeCore
import Testing

private let corpus = String(#filePath.utf8.prefix(#filePath.utf8.count - "KubeConfigTests/CorpusTests.swift".utf8.count)) ?? ""
private let topics = ["exec", "fields", "files", "options", "refused", "scalars", "tools", "yaml"]

@Test(arguments: topics)
func everyKubeconfigOfTheCorpusLoadsAsExpected(_ topic: String) throws {
    let cases = Case.all(try text("\(topic).cases"))
    let results = cases.map { "=== \($0.name)\n\($0.result())\n" }
    let path = corpus + "kubeconfigs/\(topic).expected"
    // For whoever adds a case: writes what is found, to be read before it is committed.
    if getenv("KUBECR_WRITE_EXPECTED") != nil {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        let bytes = Array(results.joined().utf8)
        #expect(write(file, bytes, bytes.count) == bytes.count)
        close(file)
    }
    let expected = Case.blocks(try text("\(topic).expected"))
    #expect(expected.map(\.name) == cases.map(\.name))
    for (one, wanted) in zip(results, expected) { #expect(one == "=== \(wanted.name)\n\(wanted.lines.joined(separator: "\n"))\n") }
}

@Test func theCorpusHoldsMoreThanTwoHundredKubeconfigs() throws {
    #expect(try topics.reduce(0) { $0 + Case.all(try text("\($1).cases")).count } > 200)
}

private func text(_ name: String) throws -> String {
    let path = corpus + "kubeconfigs/" + name
    let file = open(path, O_RDONLY | O_CLOEXEC)
    defer { close(file) }
    var status = stat()
    try #require(file >= 0 && fstat(file, &status) == 0, "\(path)")
    return try #require(String(validating: [UInt8](unsafeUninitializedCapacity: status.st_size) { $1 = max(0, read(file, $0.baseAddress, $0.count)) }, as: UTF8.self))
}

/// One block between "===" lines.
private struct Case {
    var name: String
    var options: JSONValue?
    /// In the order of $KUBECONFIG.
    var files: [(path: String, bytes: [UInt8])] = []
    var data: [(path: String, bytes: [UInt8])] = []

    static func blocks(_ text: String) -> [(name: String, lines: [String])] {
        var out: [(name: String, lines: [String])] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("=== ") {
                out.append((String(line.dropFirst(4)), []))
            } else if !out.isEmpty {
                out[out.count - 1].lines.append(String(line))
            }
        }
        // The line break before the next block belongs to no text.
        return out.map { ($0.name, $0.lines.last == "" ? $0.lines.dropLast() : $0.lines) }
    }

    static func all(_ text: String) -> [Case] { blocks(text).map { Case($0.name, $0.lines) } }

    init(_ name: String, _ lines: [String]) {
        self.name = name
        var path = "config", encoding = "", body: [String] = [], isData = false
        var parts: [(path: String, encoding: String, body: [String], isData: Bool)] = []
        for line in lines {
            let words = line.split(separator: " ").map(String.init)
            guard line.hasPrefix("--- "), let word = words.dropFirst().first else {
                body.append(line)
                continue
            }
            switch word {
            case "options": options = Array(line.utf8.dropFirst(12)).withUnsafeBytes { try? JSONValue.parse($0) }
            case "file", "data":
                if !body.isEmpty { parts.append((path, encoding, body, isData)) }
                (path, encoding, body, isData) = (words[2], words.count > 3 ? words[3] : "", [], word == "data")
            default: continue
            }
        }
        parts.append((path, encoding, body, isData))
        for part in parts {
            let bytes = Self.encode(part.body.map { $0 + "\n" }.joined(), part.encoding)
            if part.isData { data.append((part.path, bytes)) } else { files.append((part.path, bytes)) }
        }
    }

    private static func encode(_ text: String, _ encoding: String) -> [UInt8] {
        switch encoding {
        case "bom": [0xEF, 0xBB, 0xBF] + Array(text.utf8)
        case "utf-16le": [0xFF, 0xFE] + text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        case "utf-16be": [0xFE, 0xFF] + text.utf16.flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
        case "crlf": Array(text.replacing("\n", with: "\r\n").utf8)
        case "latin-1": text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
        default: Array(text.utf8)
        }
    }

    /// What the loader makes of it, in one line.
    func result() -> String {
        let folder = Folder()
        for name in ["ca.crt", "client.crt", "client.key", "token"] {
            let bytes = (try? text("files/" + name)).map { Array($0.utf8) } ?? []
            folder.write(name, bytes)
        }
        for file in files + data { folder.write(file.path, file.bytes) }
        let list = files.map { "\(folder.path)/\($0.path)" }.joined(separator: ":")
        do {
            let config = try ClientConfig.load(options: options, environment: folder.environment(["KUBECONFIG": list]))
            return config.facts.text.replacing(folder.path, with: "$DIR")
        } catch let error as KubeError {
            return "\(error.code): \(error.message)".replacing(folder.path, with: "$DIR")
        } catch {
            return "\(error)"
        }
    }
}

extension ClientConfig {
    /// Everything, secrets too; of PEM texts the file, and how long they are. What is not set is left out.
    fileprivate var facts: JSONValue {
        var members: [JSONValue.Member] = []
        func add(_ name: String, _ value: String?) { if let value { members.append(.init(name, .string(value))) } }
        func list(_ texts: [String]) -> JSONValue { .array(texts.map(JSONValue.string)) }
        func pem(_ name: String, _ bytes: [UInt8]?, _ file: String?) {
            guard let bytes else { return }
            add(name, file ?? "inline")
            members.append(.init(name + "Bytes", .number("\(bytes.count)")))
        }
        add("context", context)
        add("cluster", cluster)
        add("user", user)
        add("namespace", namespace)
        add("server", server.url)
        add("serverText", serverText)
        add("tlsServerName", tlsServerName)
        if insecureSkipTLSVerify { members.append(.init("insecure", true)) }
        pem("ca", certificateAuthority, certificateAuthorityFile)
        pem("certificate", clientCertificate, clientCertificateFile)
        pem("key", clientKey, clientKeyFile)
        add("token", token)
        add("tokenFile", tokenFile)
        if let basicAuth { members.append(.init("basic", list([basicAuth.username, basicAuth.password]))) }
        if let impersonation {
            add("as", impersonation.user)
            add("asUid", impersonation.uid)
            members.append(.init("asGroups", list(impersonation.groups)))
            members.append(.init("asExtra", .object(impersonation.extra.map { .init($0.key, list($0.values)) })))
        }
        if let proxy {
            members.append(.init("proxy", list([proxy.scheme.rawValue, proxy.host, "\(proxy.port)", proxy.username ?? "", proxy.password ?? ""])))
            add("proxyText", proxy.text)
        }
        if disableCompression { members.append(.init("disableCompression", true)) }
        if let exec {
            members.append(.init("exec", .object([
                .init("command", .string(exec.command)), .init("args", list(exec.arguments)),
                .init("env", .array(exec.environment.map { list([$0.name, $0.value]) })), .init("apiVersion", .string(exec.apiVersion.rawValue)),
                .init("installHint", .string(exec.installHint)), .init("provideClusterInfo", .bool(exec.provideClusterInfo)),
                .init("clusterExtension", exec.clusterExtension ?? .null), .init("allowed", exec.allowed.map(list) ?? .null),
            ])))
        }
        return .object(members)
    }
}
