// The rules in force: which connection meets which of them, and how often each has happened. It sees no bytes.
package import KubeCore

/// Belongs to the proxy.
package struct FaultPlan {
    /// A rule with its history.
    package struct Entry {
        /// From 1, never given twice.
        package let number: Int64
        package let rule: FaultRule
        package fileprivate(set) var fired: Int64 = 0
        /// How many streams it could do nothing on: "chunk" on what is not plain HTTP/1.
        package fileprivate(set) var unmet: Int64 = 0

        fileprivate var isUsedUp: Bool { rule.times.map { fired >= $0 } ?? false }

        package var json: JSONValue {
            let own: [JSONValue.Member] = [.init("rule", .number(String(number)))]
            let history: [JSONValue.Member] = [.init("fired", .number(String(fired))), .init("unmet", .number(String(unmet)))]
            return .object(own + (rule.json.members ?? []) + history)
        }
    }

    /// Something happened: for the log.
    package struct Event: Equatable {
        package var rule: Int64
        package var fault: Fault
        package var connection: Int64
        package var way: Way
        package var position: Int64
        package var isUnmet = false
    }

    /// A rule that waits for its byte on one way of one connection.
    package struct Armed: Equatable {
        package var number: Int64
        package var fault: Fault
        /// Counted from where rule and connection met.
        package var after: Int64
    }

    private let seed: UInt64
    package private(set) var entries: [Entry] = []
    package private(set) var firedInAll: Int64 = 0
    private var nextNumber: Int64 = 1
    private var events: [Event] = []

    package init(_ rules: [FaultRule] = [], seed: UInt64 = 1) {
        self.seed = seed
        add(rules)
    }

    /// Gives the numbers of the new rules.
    @discardableResult
    package mutating func add(_ rules: [FaultRule]) -> Range<Int64> {
        let first = nextNumber
        for rule in rules {
            entries.append(Entry(number: nextNumber, rule: rule))
            nextNumber &+= 1
        }
        return first..<nextNumber
    }

    package mutating func removeAll() { entries = [] }

    /// Whether a new connection may be. A rule that refuses it has happened once more.
    package mutating func admits(connection: Int64) -> Bool {
        for entry in entries where entry.rule.fault == .refuse && !entry.isUsedUp && meets(entry, connection) {
            return !fire(Armed(number: entry.number, fault: .refuse, after: 0), connection: connection, way: .toServer, position: 0)
        }
        return true
    }

    /// What waits for this connection on this way, of the rules with such numbers, the earliest byte first and in the order of the
    /// rules among equals.
    package func armed(connection: Int64, way: Way, rules: Range<Int64> = 0..<Int64.max) -> [Armed] {
        var found: [Armed] = []
        for entry in entries where rules.contains(entry.number) && entry.rule.fault != .refuse && entry.rule.ways.contains(way) && meets(entry, connection) {
            var draw = SeededDraw(seed: seed, purpose: [entry.number, connection, way == .toServer ? 1 : 2])
            let after = entry.rule.after.lowerBound == entry.rule.after.upperBound ? entry.rule.after.lowerBound : Int64.random(in: entry.rule.after, using: &draw)
            found.append(Armed(number: entry.number, fault: entry.rule.fault, after: after))
        }
        return found.sorted { ($0.after, $0.number) < ($1.after, $1.number) }
    }

    private func meets(_ entry: Entry, _ connection: Int64) -> Bool {
        switch entry.rule.scope {
        case .connection(let number): return number == connection
        case .every(let number): return connection % max(number, 1) == 0
        case .chance(let share):
            var draw = SeededDraw(seed: seed, purpose: [entry.number, connection, 0])
            return Double.random(in: 0..<1, using: &draw) < share
        }
    }

    /// False: the rule is gone, or used up.
    mutating func fire(_ armed: Armed, connection: Int64, way: Way, position: Int64) -> Bool {
        guard let index = entries.firstIndex(where: { $0.number == armed.number }), !entries[index].isUsedUp else { return false }
        entries[index].fired &+= 1
        firedInAll &+= 1
        events.append(Event(rule: armed.number, fault: armed.fault, connection: connection, way: way, position: position))
        return true
    }

    mutating func cannot(_ armed: Armed, connection: Int64, way: Way, position: Int64) {
        guard let index = entries.firstIndex(where: { $0.number == armed.number }) else { return }
        entries[index].unmet &+= 1
        events.append(Event(rule: armed.number, fault: armed.fault, connection: connection, way: way, position: position, isUnmet: true))
    }

    /// What has happened since the last call.
    package mutating func takeEvents() -> [Event] {
        defer { events = [] }
        return events
    }
}
