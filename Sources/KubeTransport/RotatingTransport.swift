// The transport of a client: a CurlTransport for each TLS identity. A new identity gets connections of its own; the old ones
// end with the requests that are still on them.
package import KubeCore
package import KubeSystem

/// Belongs to its loop, as CurlTransport does.
package final class RotatingTransport: Transport {
    private let loop: EpollLoop
    private var settings: TransportSettings
    private(set) var current: CurlTransport
    private(set) var retired: [CurlTransport] = []
    /// The counters of those that are over.
    private var past = TransportStats()
    private var isShutDown = false
    /// Called before each request starts.
    package var willStart: (() -> Void)?

    /// Throws as CurlTransport does. Opens no connection.
    package init(loop: EpollLoop, settings: TransportSettings) throws(KubeError) {
        self.loop = loop
        self.settings = settings
        current = try CurlTransport(loop: loop, settings: settings)
        super.init()
    }

    package override func start(_ request: HTTPRequest, options: TransferOptions, receiver: ResponseReceiver) -> Transfer {
        willStart?()
        return current.start(request, options: options, receiver: receiver)
    }

    package override var identity: TLSIdentity { settings.identity }

    package override func use(_ identity: TLSIdentity) throws(KubeError) {
        guard identity != settings.identity, !isShutDown else { return }
        var settings = settings
        settings.identity = identity
        let old = current
        current = try CurlTransport(loop: loop, settings: settings)
        self.settings = settings
        retired.append(old)
        old.retire { [weak self, unowned old] in self?.isOver(old) }
    }

    private func isOver(_ old: CurlTransport) {
        past = past + old.stats
        retired.removeAll { $0 === old }
    }

    package override var stats: TransportStats { retired.reduce(past + current.stats) { $0 + $1.stats } }

    package override func shutDown() {
        isShutDown = true
        willStart = nil
        current.shutDown()
        for old in retired { old.shutDown() }
    }
}
