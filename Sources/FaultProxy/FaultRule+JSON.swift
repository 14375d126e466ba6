// A rule as a JSON object, both ways. Every key is known and belongs to what is done, or the rule is refused with the key's name.
package import KubeCore

extension FaultRule {
    /// Throws `.argument`, naming the key.
    package init(_ json: JSONValue) throws(KubeError) {
        var keys = try RuleKeys(json)
        guard let name = try keys.text("do") else { throw KubeError(.argument, "\"do\" is missing: what happens") }
        fault = try Fault(name, &keys)
        let isRefusal = fault == .refuse

        scope = .every(1)
        if let number = try keys.number("connection", 1...Int64(1) << 53) { scope = .connection(number) }
        if let number = try keys.number("every", 1...1_000_000) {
            guard scope == .every(1) else { throw KubeError(.argument, "\"every\" does not go with \"connection\"") }
            scope = .every(number)
        }
        if let share = try keys.share("chance") {
            guard !keys.has("connection"), !keys.has("every") else { throw KubeError(.argument, "\"chance\" does not go with \"connection\" or \"every\"") }
            scope = .chance(share)
        }
        ways = [.toClient]
        if !isRefusal, let text = try keys.text("direction") {
            guard text == "both" || Way(rawValue: text) != nil else { throw KubeError(.argument, "\"direction\" must be \"toServer\", \"toClient\" or \"both\"") }
            ways = Way(rawValue: text).map { [$0] } ?? Way.allCases
        }
        after = isRefusal ? 0...0 : try keys.range("after", 0...Int64(1) << 53) ?? 0...0
        times = try keys.number("times", 1...Int64(1) << 53)
        try keys.requireAllTaken("\"do\": \"\(fault.name)\"")
    }

    package var json: JSONValue {
        var members: [JSONValue.Member] = []
        func add(_ key: String, _ value: JSONValue) { members.append(.init(key, value)) }
        switch scope {
        case .connection(let number): add("connection", .number(String(number)))
        case .every(let number): if number != 1 { add("every", .number(String(number))) }
        case .chance(let share): add("chance", .number("\(share)"))
        }
        if fault != .refuse {
            add("direction", .string(ways.count == 2 ? "both" : (ways.first ?? .toClient).rawValue))
            let bounds: [JSONValue] = [.number(String(after.lowerBound)), .number(String(after.upperBound))]
            add("after", after.lowerBound == after.upperBound ? bounds[0] : .array(bounds))
        }
        add("do", .string(fault.name))
        switch fault {
        case .refuse, .reset, .close, .truncate, .blackhole: break
        case .stall(let ms): if let ms { add("ms", .number(String(ms))) }
        case .slow(let rate): add("bytesPerSecond", .number(String(rate)))
        case .split(let bytes, let pauseMs):
            add("bytes", .number(String(bytes)))
            add("pauseMs", .number(String(pauseMs)))
        case .corrupt(let bytes, let xor):
            add("bytes", .number(String(bytes)))
            add("xor", .number(String(xor)))
        case .drop(let bytes): add("bytes", .number(String(bytes)))
        case .insert(let text), .chunk(let text): add("text", .string(text))
        }
        if let times { add("times", .number(String(times))) }
        return .object(members)
    }
}

extension Fault {
    fileprivate init(_ name: String, _ keys: inout RuleKeys) throws(KubeError) {
        let size = 1...Int64(1) << 40
        switch name {
        case "refuse": self = .refuse
        case "reset": self = .reset
        case "close": self = .close
        case "truncate": self = .truncate
        case "blackhole": self = .blackhole
        case "stall": self = .stall(ms: try keys.number("ms", 1...86_400_000))
        case "slow": self = .slow(bytesPerSecond: try keys.required("bytesPerSecond", 1...1_000_000_000, name))
        case "split": self = .split(bytes: try keys.required("bytes", 1...65536, name), pauseMs: try keys.number("pauseMs", 0...60_000) ?? 0)
        case "corrupt": self = .corrupt(bytes: try keys.number("bytes", size) ?? 1, xor: UInt8(truncatingIfNeeded: try keys.number("xor", 1...255) ?? 255))
        case "drop": self = .drop(bytes: try keys.required("bytes", size, name))
        case "insert":
            guard let text = try keys.text("text"), !text.isEmpty, text.utf8.count <= 65536 else {
                throw KubeError(.argument, "\"text\" must have from 1 to 65536 bytes with \"do\": \"insert\"")
            }
            self = .insert(text: text)
        case "chunk":
            let text = try keys.text("text") ?? "bad"
            guard (1...1024).contains(text.utf8.count), text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
                throw KubeError(.argument, "\"text\" must have from 1 to 1024 bytes and no control characters with \"do\": \"chunk\"")
            }
            self = .chunk(text: text)
        default:
            throw KubeError(.argument, "\"do\" is \"\(name)\", which is none of refuse, reset, close, truncate, blackhole, stall, slow, split, corrupt, drop, insert, chunk")
        }
    }
}

/// The keys of one rule, and which of them were taken.
private struct RuleKeys {
    private var members: [JSONValue.Member]
    private var taken: Set<String> = []

    init(_ json: JSONValue) throws(KubeError) {
        guard let members = json.members else { throw KubeError(.argument, "a rule must be an object, not \(json.typeName)") }
        for (index, member) in members.enumerated() where members[..<index].contains(where: { $0.key == member.key }) {
            throw KubeError(.argument, "\"\(member.key)\" is there twice")
        }
        self.members = members
    }

    func has(_ key: String) -> Bool { members.contains { $0.key == key } }

    private mutating func take(_ key: String) -> JSONValue? {
        taken.insert(key)
        return members.first { $0.key == key }?.value
    }

    mutating func text(_ key: String) throws(KubeError) -> String? {
        guard let value = take(key) else { return nil }
        guard let text = value.string else { throw KubeError(.argument, "\"\(key)\" must be a string, not \(value.typeName)") }
        return text
    }

    mutating func number(_ key: String, _ range: ClosedRange<Int64>) throws(KubeError) -> Int64? {
        guard let value = take(key) else { return nil }
        return try RuleKeys.number(value, key, range)
    }

    mutating func required(_ key: String, _ range: ClosedRange<Int64>, _ name: String) throws(KubeError) -> Int64 {
        guard let number = try number(key, range) else { throw KubeError(.argument, "\"do\": \"\(name)\" needs \"\(key)\"") }
        return number
    }

    private static func number(_ value: JSONValue, _ key: String, _ range: ClosedRange<Int64>) throws(KubeError) -> Int64 {
        guard let number = value.int, range.contains(number) else {
            throw KubeError(.argument, "\"\(key)\" must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A number, or the lowest and the highest of a range to draw from.
    mutating func range(_ key: String, _ range: ClosedRange<Int64>) throws(KubeError) -> ClosedRange<Int64>? {
        guard let value = take(key) else { return nil }
        guard let bounds = value.array else {
            let number = try RuleKeys.number(value, key, range)
            return number...number
        }
        guard bounds.count == 2 else { throw KubeError(.argument, "\"\(key)\" must be a number, or [lowest, highest]") }
        let low = try RuleKeys.number(bounds[0], key, range)
        let high = try RuleKeys.number(bounds[1], key, range)
        guard low <= high else { throw KubeError(.argument, "\"\(key)\": the lowest is above the highest") }
        return low...high
    }

    mutating func share(_ key: String) throws(KubeError) -> Double? {
        guard let value = take(key) else { return nil }
        guard case .number(let text) = value, let share = Double(text), share > 0, share <= 1 else {
            throw KubeError(.argument, "\"\(key)\" must be a number above 0 and at most 1")
        }
        return share
    }

    func requireAllTaken(_ what: String) throws(KubeError) {
        guard let stray = members.first(where: { !taken.contains($0.key) }) else { return }
        throw KubeError(.argument, "\"\(stray.key)\" is not known, or does not go with \(what)")
    }
}
