// The objects, the revision that counts their changes, and the history from which watches and old lists are served.
import KubeCore

/// One change. Revisions are counted without gaps, so a change's place in the history follows from its revision.
struct Change: Sendable {
    var revision: UInt64
    var table: GroupResource
    /// "namespace/name", or the name.
    var key: String
    /// nil: deleted.
    var object: JSONValue?
    /// nil: created.
    var previous: JSONValue?

    /// What went away, with the revision at which it did.
    var lastState: JSONValue { object ?? previous.map { ObjectStore.stamped($0, revision) } ?? .null }
}

struct ObjectStore: Sendable {
    /// Keys in the order of their bytes, as etcd lists them.
    private struct Table {
        var keys: [String] = []
        var objects: [String: JSONValue] = [:]

        func place(_ key: String) -> Int {
            var low = 0
            var high = keys.count
            while low < high {
                let middle = (low + high) / 2
                if keys[middle] < key { low = middle + 1 } else { high = middle }
            }
            return low
        }

        mutating func set(_ key: String, _ object: JSONValue?) {
            let known = objects[key] != nil
            objects[key] = object
            if known == (object != nil) { return }
            if known { keys.remove(at: place(key)) } else { keys.insert(key, at: place(key)) }
        }
    }

    private var tables: [GroupResource: Table] = [:]
    private var history: [Change] = []
    private(set) var revision: UInt64
    /// Changes up to this revision are forgotten.
    private(set) var compacted: UInt64
    private let historyLimit: Int

    /// It begins above 1, so that "1" is too old, as it is on a real server.
    init(firstRevision: UInt64 = 100, historyLimit: Int) {
        revision = firstRevision
        compacted = firstRevision
        self.historyLimit = historyLimit
    }

    func object(_ table: GroupResource, _ key: String) -> JSONValue? { tables[table]?.objects[key] }

    func objects(_ table: GroupResource) -> [(key: String, object: JSONValue)] {
        guard let table = tables[table] else { return [] }
        return table.keys.compactMap { key in table.objects[key].map { (key, $0) } }
    }

    /// The tables that hold an object of the namespace.
    func tables(in namespace: String) -> [GroupResource] {
        let prefix = namespace + "/"
        return tables.filter { table in table.value.keys.indices.contains(table.value.place(prefix)) && table.value.keys[table.value.place(prefix)].hasPrefix(prefix) }
            .map(\.key)
    }

    /// The objects as they were after the change of that revision; nil when that is forgotten.
    func objects(_ table: GroupResource, at past: UInt64) -> [(key: String, object: JSONValue)]? {
        guard past >= compacted else { return nil }
        var then = tables[table] ?? Table()
        for change in history.reversed() {
            if change.revision <= past { break }
            if change.table == table { then.set(change.key, change.previous) }
        }
        return then.keys.compactMap { key in then.objects[key].map { (key, $0) } }
    }

    /// Puts, replaces or (with nil) removes an object, and gives it back as it stands now, with its new resourceVersion.
    @discardableResult
    mutating func commit(_ table: GroupResource, _ key: String, _ object: JSONValue?) -> JSONValue {
        revision += 1
        let stored = object.map { Self.stamped($0, revision) }
        let change = Change(revision: revision, table: table, key: key, object: stored, previous: tables[table]?.objects[key])
        tables[table, default: Table()].set(key, stored)
        history.append(change)
        // In big steps, so that forgetting costs little.
        if history.count > 2 * historyLimit { forget(history.count - historyLimit) }
        return change.lastState
    }

    /// Changes after a revision, at most `limit`; nil when some of them are forgotten.
    func changes(after past: UInt64, limit: Int) -> ArraySlice<Change>? {
        guard past >= compacted else { return nil }
        guard past < revision else { return [] }
        return history[Int(past - compacted)...].prefix(limit)
    }

    /// Forgets all history: what asks for anything older than now gets 410.
    mutating func compact() { forget(history.count) }

    private mutating func forget(_ count: Int) {
        history.removeFirst(count)
        compacted += UInt64(count)
    }

    static func stamped(_ object: JSONValue, _ revision: UInt64) -> JSONValue {
        var stamped = object
        stamped.set(["metadata", "resourceVersion"], .string(String(revision)))
        return stamped
    }
}
