// A transport made of closures: the seam through which tests bring answers of their own. It opens no connection itself.
package import KubeCore

/// `Transport` can only be subclassed in this module; this subclass hands every member on.
package final class TransportSeam: Transport {
    private let onStart: (HTTPRequest, TransferOptions, ResponseReceiver) -> Transfer
    private let onStats: () -> TransportStats
    private let onUse: (TLSIdentity) throws(KubeError) -> Void
    private let onShutDown: () -> Void
    private var current = TLSIdentity()

    /// `use` is called for identities that differ from the one before.
    package init(
        start: @escaping (HTTPRequest, TransferOptions, ResponseReceiver) -> Transfer, stats: @escaping () -> TransportStats,
        use: @escaping (TLSIdentity) throws(KubeError) -> Void = { _ in }, shutDown: @escaping () -> Void
    ) {
        onStart = start
        onStats = stats
        onUse = use
        onShutDown = shutDown
        super.init()
    }

    package override var identity: TLSIdentity { current }

    package override func use(_ identity: TLSIdentity) throws(KubeError) {
        guard identity != current else { return }
        try onUse(identity)
        current = identity
    }

    package override func start(_ request: HTTPRequest, options: TransferOptions, receiver: ResponseReceiver) -> Transfer {
        onStart(request, options, receiver)
    }

    package override var stats: TransportStats { onStats() }

    package override func shutDown() { onShutDown() }
}

/// A transfer of a `TransportSeam`.
package final class TransferSeam: Transfer {
    private let onCancel: () -> Void
    private let onResume: () -> Void
    private let heard: () -> Int64

    package init(cancel: @escaping () -> Void, resume: @escaping () -> Void, lastHeard: @escaping () -> Int64) {
        onCancel = cancel
        onResume = resume
        heard = lastHeard
        super.init()
    }

    package override func cancel() { onCancel() }
    package override func resume() { onResume() }
    package override var lastHeard: Int64 { heard() }
}
