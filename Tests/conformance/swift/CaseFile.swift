// cases.txt: which cases there are, what they need, and who must report them.
import Glibc

struct CaseFile {
    let name: String
    /// Empty: any server.
    let needs: [String]
    let levels: [String]

    /// nil when the file can't be read, or has a line that is no case.
    static func read(_ path: String) -> [CaseFile]? {
        guard let text = Files.text(path) else { return nil }
        var cases: [CaseFile] = []
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: "|", omittingEmptySubsequences: false).map { $0.split(separator: " ").map(String.init) }
            guard parts.count >= 4, parts[0].count == 1 else { return nil }
            cases.append(CaseFile(name: parts[0][0], needs: parts[1] == ["any"] ? [] : parts[1], levels: parts[2]))
        }
        return cases
    }
}

enum Files {
    /// A small file as text.
    static func text(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }
}
