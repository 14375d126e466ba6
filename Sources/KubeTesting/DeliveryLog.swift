// A consumer that writes down what it is told, one line each, and lets a test interfere. No thread of its own.
package import KubeClient
package import KubeCore
import KubeSystem

/// Any thread.
package final class DeliveryLog {
    private let lock = Lock()
    private var written: [String] = []
    private var isInside = false
    /// Two deliveries at once, or one after the release.
    package private(set) var faults = 0
    package private(set) var releases = 0
    /// The last error of an ERROR or END.
    package private(set) var error: KubeError?
    /// Called inside each delivery; false means that no more is wanted.
    package var onDelivery: (Delivery) -> Bool = { _ in true }

    package init() {}

    /// Oldest first: "ADDED ns/a@5 initial", "MODIFIED ns/a@6 from 5", "ERROR forbidden", "END".
    package var lines: [String] { lock.withLock { written } }
    package var isReleased: Bool { lock.withLock { releases > 0 } }

    /// Takes out what was written so far.
    package func take() -> [String] {
        lock.withLock {
            let all = written
            written = []
            return all
        }
    }

    /// The consumer to give to what is tested.
    package func makeConsumer() -> Consumer {
        Consumer(deliver: { self.deliver($0) }, release: { self.lock.withLock { self.releases += 1 } })
    }

    private func deliver(_ delivery: Delivery) -> Bool {
        lock.withLock {
            if isInside || releases > 0 { faults += 1 }
            isInside = true
            written.append(Self.line(delivery))
            if let error = delivery.error?.error { self.error = error }
        }
        let wantsMore = onDelivery(delivery)
        lock.withLock { isInside = false }
        return wantsMore
    }

    private static func line(_ delivery: Delivery) -> String {
        var line: String = switch delivery.type {
        case .added: "ADDED"
        case .modified: "MODIFIED"
        case .deleted: "DELETED"
        case .bookmark: "BOOKMARK"
        case .error: "ERROR"
        case .synced: "SYNCED"
        case .end: "END"
        }
        if let object = delivery.object { line += " \(object.key)@\(object.resourceVersion)" }
        if let old = delivery.old { line += " from \(old.resourceVersion)" }
        if delivery.flags.contains(.initial) { line += " initial" }
        if delivery.flags.contains(.resync) { line += " resync" }
        if delivery.flags.contains(.stale) { line += " stale" }
        if let error = delivery.error?.error { line += " \(error.code)" }
        return line
    }
}
