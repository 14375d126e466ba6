// The numbers of the engine that C sees, read from the Swift text: the cases of an enum, or the members of an option set.

/// One group of numbers, here and in the header.
struct NumberGroup {
    let file: String
    /// "enum Code: Int32".
    let type: String
    /// "KCR_ERR_".
    let prefix: String

    static let all = [
        NumberGroup(file: "Sources/KubeCore/KubeError.swift", type: "enum Code: Int32", prefix: "KCR_ERR_"),
        NumberGroup(file: "Sources/KubeCore/Watch/Delivery.swift", type: "enum EventType: Int32", prefix: "KCR_EVENT_"),
        NumberGroup(file: "Sources/KubeCore/Watch/Delivery.swift", type: "struct EventFlags: OptionSet", prefix: "KCR_FLAG_"),
        NumberGroup(file: "Sources/KubeClient/Log.swift", type: "enum LogLevel: Int32", prefix: "KCR_LOG_"),
        NumberGroup(file: "Sources/KubeClient/Calls/CallRequest.swift", type: "enum PatchType: Int32", prefix: "KCR_PATCH_"),
    ]

    /// Under their names of the header; what has no number of its own has the name "?".
    func numbers(in swift: String) -> [String: Int] {
        var found: [String: Int] = [:]
        for line in block(SwiftCode.of(swift)) {
            let words = line.replacing("`", with: "").split { " =:(),".contains($0) }.map(String.init)
            if words.first == "case" {
                guard words.count == 3, let number = Int(words[2]) else {
                    found["?"] = 0
                    continue
                }
                found[prefix + Self.upper(words[1])] = number
            } else if let at = words.firstIndex(of: "let"), let raw = words.firstIndex(of: "rawValue"), raw == at + 3, words.count > raw + 1 {
                if let number = Int(words[raw + 1]) { found[prefix + Self.upper(words[at + 1])] = number }
            }
        }
        return found
    }

    /// The lines at the first depth of the type's braces.
    private func block(_ code: String) -> [String] {
        var inside: [String] = []
        var depth = 0
        var hasBegun = false
        for line in code.split(separator: "\n") {
            if !hasBegun {
                guard line.contains(type + " {") || line.contains(type + ",") else { continue }
                hasBegun = true
            } else if depth == 1 {
                inside.append(String(line))
            }
            depth += line.count { $0 == "{" } - line.count { $0 == "}" }
            if depth == 0 { break }
        }
        return inside
    }

    /// "noMemory" is "NO_MEMORY".
    static func upper(_ name: String) -> String { name.reduce(into: "") { $0 += $1.isUppercase ? "_\($1)" : $1.uppercased() } }

    /// Where the engine and the header do not say the same.
    func differences(swift: String, header: String) -> [String] {
        let ours = numbers(in: swift)
        let theirs = CFace.constants(header).filter { $0.key.hasPrefix(prefix) }
        if ours.isEmpty { return ["\(file) has no \(type)"] }
        return Set(ours.keys).union(theirs.keys).sorted().compactMap { name in
            ours[name] == theirs[name]
                ? nil : "\(name) is \(ours[name].map(String.init) ?? "nothing") in \(file) and \(theirs[name].map(String.init) ?? "nothing") in the header"
        }
    }
}
