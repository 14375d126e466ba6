// Where the project's files stand and what they say. It reads; the rules are in the files beside it.
import Foundation

/// One file of the project.
struct SourceFile {
    /// From the root of the project: "Sources/KubeCore/KubeError.swift".
    let path: String
    let text: String

    init(_ path: String, _ text: String) {
        self.path = path
        self.text = text
    }

    /// The folder under Sources, which is the module's name.
    var module: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
    var isSwift: Bool { path.hasSuffix(".swift") }
    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
}

enum House {
    /// Up from Tests/HouseTests/House.swift.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func read(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// Every file below a folder, hidden ones excepted.
    static func paths(below folder: String) throws -> [String] {
        let base = root.appendingPathComponent(folder)
        return try FileManager.default.subpathsOfDirectory(atPath: base.path).sorted().compactMap { path in
            var isDirectory: ObjCBool = false
            let whole = base.appendingPathComponent(path).path
            guard FileManager.default.fileExists(atPath: whole, isDirectory: &isDirectory), !isDirectory.boolValue else { return nil }
            return path.split(separator: "/").contains(where: { $0.hasPrefix(".") }) ? nil : folder + "/" + path
        }
    }

    static func files(below folder: String) throws -> [SourceFile] { try paths(below: folder).map { SourceFile($0, try read($0)) } }

    static let sources = Result { try files(below: "Sources") }
}
