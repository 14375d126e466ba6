// What a consumer is told: one event with its objects. Raw values are those of include/kubecr.h.

package enum EventType: Int32, Sendable {
    case added = 1
    case modified = 2
    case deleted = 3
    case bookmark = 4
    case error = 5
    case synced = 6
    case end = 7
}

package struct EventFlags: OptionSet, Sendable {
    package let rawValue: Int32

    package init(rawValue: Int32) { self.rawValue = rawValue }

    /// Part of what was there when the handler began (isInInitialList).
    package static let initial = EventFlags(rawValue: 1)
    package static let resync = EventFlags(rawValue: 2)
    /// The final state is unknown: the deletion was missed and found by a relist (DeletedFinalStateUnknown).
    package static let stale = EventFlags(rawValue: 4)
}

package struct Delivery {
    package var type: EventType
    package var flags: EventFlags
    package var object: ObjectBlob?
    package var old: ObjectBlob?
    package var error: ErrorObject?

    package init(_ type: EventType, _ object: ObjectBlob? = nil, old: ObjectBlob? = nil, flags: EventFlags = [], error: ErrorObject? = nil) {
        self.type = type
        self.flags = flags
        self.object = object
        self.old = old
        self.error = error
    }
}

/// A KubeError as a shared, immutable thing: what C holds as `kcr_error`.
package final class ErrorObject {
    package static var magic: UInt32 { 0x6572_636b }

    /// First, so that the C face can tell handles apart.
    package let magic: UInt32 = ErrorObject.magic
    package let error: KubeError
    /// NUL-terminated copies that live as long as this.
    package let cMessage: UnsafePointer<CChar>
    package let cReason: UnsafePointer<CChar>
    /// The server's Status with a NUL behind it.
    package let cStatusJSON: (start: UnsafePointer<CChar>, count: Int)?

    package init(_ error: KubeError) {
        self.error = error
        cMessage = CText.copy(error.message)
        cReason = CText.copy(error.reason)
        cStatusJSON = error.statusJSON.map { (CText.copy(String(decoding: $0, as: UTF8.self)), $0.count) }
    }

    deinit {
        cMessage.deallocate()
        cReason.deallocate()
        cStatusJSON?.start.deallocate()
    }
}
