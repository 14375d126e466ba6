// The text of a script to its rules: one JSON object a line, or one JSON array. It knows no file.
package import KubeCore

package enum FaultScript {
    package static let maxBytes = 1 << 20
    package static let maxRules = 10_000

    /// Empty lines, and lines that begin with "#", are skipped. Throws `.argument`: "line 3: ..." or "rule 2: ...".
    package static func rules(_ text: [UInt8]) throws(KubeError) -> [FaultRule] {
        guard text.count <= maxBytes else { throw KubeError(.argument, "is larger than \(maxBytes) bytes") }
        let found: [FaultRule]
        switch text.first(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0a && $0 != 0x0d }) {
        case UInt8(ascii: "["): found = try array(text)
        default: found = try lines(text)
        }
        guard found.count <= maxRules else { throw KubeError(.argument, "holds more than \(maxRules) rules") }
        return found
    }

    private static func array(_ text: [UInt8]) throws(KubeError) -> [FaultRule] {
        let json: JSONValue
        do throws(KubeError) { json = try JSONValue.parse(text) } catch { throw KubeError(.argument, error.message) }
        var rules: [FaultRule] = []
        for (index, element) in (json.array ?? []).enumerated() { rules.append(try at("rule \(index + 1)") { () throws(KubeError) in try FaultRule(element) }) }
        return rules
    }

    private static func lines(_ text: [UInt8]) throws(KubeError) -> [FaultRule] {
        // An object over many lines is one rule as well.
        if text.split(separator: 0x0a).count(where: { line in line.contains { $0 > 0x20 } }) > 1, let one = try? JSONValue.parse(text), one.members != nil { return [try at("rule 1") { () throws(KubeError) in try FaultRule(one) }] }
        var rules: [FaultRule] = []
        for (index, line) in text.split(separator: 0x0a, omittingEmptySubsequences: false).enumerated() {
            let line = line.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }
            if line.isEmpty || line.first == UInt8(ascii: "#") { continue }
            rules.append(try at("line \(index + 1)") { () throws(KubeError) in try FaultRule(JSONValue.parse(Array(line))) })
        }
        return rules
    }

    private static func at(_ place: String, _ read: () throws(KubeError) -> FaultRule) throws(KubeError) -> FaultRule {
        do { return try read() } catch { throw KubeError(.argument, "\(place): \(error.message)") }
    }
}
