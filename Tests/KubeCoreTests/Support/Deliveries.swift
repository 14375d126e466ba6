// Deliveries as short texts, and a consumer that checks that what it is told is legal. No tests.
import KubeCore

/// "added ns/a@3", "modified ns/a@4 (was 3) resync", "synced".
func told(_ delivery: Delivery) -> String {
    var text = "\(delivery.type)"
    if let object = delivery.object { text += " \(object.key)@\(object.resourceVersion)" }
    if let old = delivery.old { text += " (was \(old.resourceVersion))" }
    for (flag, word) in [(EventFlags.initial, "initial"), (.resync, "resync"), (.stale, "stale")] where delivery.flags.contains(flag) { text += " " + word }
    return text
}

/// Rebuilds a store from what a handler is told. Revisions are numbers here.
struct Listener {
    private(set) var known: [String: Int] = [:]
    /// The newest revision ever told of a key, deletions included.
    private var newest: [String: Int] = [:]
    private(set) var isSynced = false
    private(set) var count = 0

    /// What is wrong with this delivery; nil when it is legal.
    mutating func hear(_ delivery: Delivery) -> String? {
        count += 1
        if delivery.type == .synced {
            defer { isSynced = true }
            return isSynced ? "synced twice" : nil
        }
        guard let object = delivery.object, let revision = Int(object.resourceVersion) else { return "an event without an object: \(told(delivery))" }
        let (key, before) = (object.key, known[object.key])
        let isResync = delivery.flags.contains(.resync)
        if delivery.flags.contains(.initial), isSynced || delivery.type != .added { return "initial after synced: \(told(delivery))" }
        // A missed deletion shows the last state that was known.
        if let seen = newest[key], isResync || delivery.flags.contains(.stale) ? revision < seen : revision <= seen {
            return "backwards from \(seen): \(told(delivery))"
        }
        newest[key] = revision
        switch delivery.type {
        case .added:
            known[key] = revision
            return before == nil ? nil : "added what is known at \(before ?? 0): \(told(delivery))"
        case .modified:
            known[key] = revision
            guard let old = delivery.old.flatMap({ Int($0.resourceVersion) }) else { return "modified without the old object: \(told(delivery))" }
            guard let before else { return "modified what is unknown: \(told(delivery))" }
            if delivery.old?.key != key { return "modified from another object: \(told(delivery))" }
            return old < before || (isResync ? old != revision : old >= revision) ? "the old state is not between \(before) and the new: \(told(delivery))" : nil
        case .deleted:
            known[key] = nil
            return before == nil ? "deleted what is unknown: \(told(delivery))" : nil
        default: return "not for handlers: \(told(delivery))"
        }
    }
}
