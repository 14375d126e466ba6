// Typed parameters as the JSON options that the engine reads, which checks them all the same.
import KubeCore

struct CallOptions {
    private var members: [JSONValue.Member] = []

    /// nil sets nothing.
    mutating func set(_ key: String, _ value: JSONValue?) {
        if let value { members.append(.init(key, value)) }
    }

    mutating func set(_ key: String, _ text: String?) { set(key, text.map { JSONValue.string($0) }) }
    mutating func set(_ key: String, _ number: Int?) { set(key, number.map { JSONValue.number(String($0)) }) }
    mutating func set(_ key: String, _ number: Double?) { set(key, number.map { JSONValue.number(String($0)) }) }
    mutating func set(_ key: String, _ texts: [String]?) { set(key, texts.map { JSONValue.array($0.map { .string($0) }) }) }
    /// An empty dictionary sets nothing.
    mutating func set(_ key: String, _ texts: [String: String]) {
        if !texts.isEmpty { set(key, JSONValue.object(texts.map { .init($0.key, .string($0.value)) })) }
    }
    mutating func set(_ key: String, _ flag: Bool?) { set(key, flag.map { JSONValue.bool($0) }) }
    mutating func setMilliseconds(_ key: String, _ time: Duration?) { set(key, time.map { JSONValue.number(String($0.wholeMilliseconds)) }) }
    mutating func setSeconds(_ key: String, _ time: Duration?) { set(key, time.map { JSONValue.number(String($0.wholeSeconds)) }) }

    var json: JSONValue { .object(members) }
}

extension Duration {
    /// Rounded up, so that a short time is not none.
    var wholeSeconds: Int64 { components.seconds + (components.attoseconds > 0 ? 1 : 0) }

    /// Rounded up, too; as much as fits.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        if overflow { return seconds < 0 ? .min : .max }
        let part = (attoseconds + (attoseconds > 0 ? 999_999_999_999_999 : 0)) / 1_000_000_000_000_000
        return whole.addingReportingOverflow(part).partialValue
    }
}
