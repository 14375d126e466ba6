// A client: one server, one identity, one loop. It owns what its calls, watches and informers share.
package import KubeConfig
package import KubeCore
package import KubeSystem
package import KubeTransport

/// Something of a client that runs until it is ended.
package class ClientChild {
    package init() {}

    /// Ends it now; its consumers get their last word. Belongs to the loop.
    func endNow() {}

    /// A write whose answer is on its way: what it did should be told rather than "cancelled".
    var isWrite: Bool { false }
}

/// Everything but `drive`, `options` and `namespace` belongs to the loop.
package final class Client {
    package let options: ClientOptions
    package let drive: Drive
    /// The config's namespace.
    package let namespace: String
    let transport: Transport
    let credentials: Credentials
    let discovery = Discovery()
    var limiter: TokenBucket
    var random = SystemRandomNumberGenerator()
    var counters = ClientCounters()
    var warnings = Warnings()
    private var children: [ObjectIdentifier: ClientChild] = [:]
    private var isOver = false

    var loop: Loop { drive.loop }

    /// The general form, for tests: any loop, any transport, any way to run a plugin.
    package init(options: ClientOptions, drive: Drive, transport: Transport, config: ClientConfig, plugins: PluginHost? = nil) {
        self.options = options
        self.drive = drive
        self.transport = transport
        namespace = config.namespace
        credentials = Credentials(config, plugins, transport: transport, loop: drive.loop)
        limiter = TokenBucket(qps: options.qps, burst: options.burst)
    }

    /// Throws `.argument`, `.config`, `.tls` or `.internal`.
    package static func make(_ config: ClientConfig, _ options: ClientOptions) throws(KubeError) -> Client {
        try make(config, options) { (loop) throws(KubeError) in
            let transport = try RotatingTransport(loop: loop, settings: TransportSettings(config, options))
            if let files = TLSFiles(config, loop: loop, transport: transport) { transport.willStart = { files.look() } }
            if CurlTransport.keyLogIsOn { Log.warn("SSLKEYLOGFILE is set: libcurl writes the keys of every TLS session to it") }
            return transport
        }
    }

    /// The real loop with any transport.
    package static func make(
        _ config: ClientConfig, _ options: ClientOptions, transport: (EpollLoop) throws(KubeError) -> Transport
    ) throws(KubeError) -> Client {
        let drive: Drive = options.isExternal ? try ExternalDrive() : try ThreadDrive(callbackThreads: options.callbackThreads)
        guard let loop = drive.loop as? EpollLoop else { throw KubeError(.internal, "the client has no loop") }
        do {
            let plugins = config.exec == nil ? nil : PluginHost(loop)
            return Client(options: options, drive: drive, transport: try transport(loop), config: config, plugins: plugins)
        } catch {
            drive.finish {}
            throw error
        }
    }

    deinit {
        // The last reference may go on any thread; transport and plugin end on their loop.
        let (transport, credentials) = (transport, credentials)
        drive.finish {
            credentials.end()
            transport.shutDown()
        }
    }

    func adopt(_ child: ClientChild) {
        children[ObjectIdentifier(child)] = child
        if isOver { child.endNow() }
    }

    func drop(_ child: ClientChild) { children[ObjectIdentifier(child)] = nil }

    /// Takes a token of the rate limit (R6). How long to wait for it.
    func takeToken() -> Int64 {
        let wait = limiter.take(now: loop.now)
        if wait > 0 {
            counters.throttled += 1
            counters.throttledMs += wait
        }
        return wait
    }

    var childCount: Int { children.count }

    /// Ends everything of it, and what is started later at once; `done` follows on the loop. Any thread, never waits.
    package func endAll(done: @escaping () -> Void) {
        loop.post { [self] in
            isOver = true
            for child in Array(children.values) { child.endNow() }
            done()
        }
    }

    /// How long a freed client waits for the answers of writes that are under way (external mode).
    static let writeGraceMs: Int64 = 1000

    /// External mode: the client's handle is freed, so everything of it ends and the final callbacks run (rule 8).
    package func endExternal() {
        guard let external = drive as? ExternalDrive, let queue = external.callbacks as? CallbackQueue else { return }
        external.runWhenFree { [self] in
            let deadline = loop.now + Self.writeGraceMs
            while loop.now < deadline, children.values.contains(where: { $0.isWrite }) { external.turn(waitMs: deadline - loop.now) }
            isOver = true
            for child in Array(children.values) { child.endNow() }
            // Jobs that were posted and not run, then the callbacks; callbacks may end up in more of both.
            repeat {
                external.turn(waitMs: 0)
                for child in Array(children.values) { child.endNow() }
                queue.runPending()
            } while !queue.isEmpty
            credentials.end()
            transport.shutDown()
            external.retire()
        }
    }

    // MARK: External mode

    package var descriptor: Int32 { (drive as? ExternalDrive)?.descriptor ?? -1 }
    package var timeoutMs: Int64 { (drive as? ExternalDrive)?.timeoutMs ?? -1 }

    /// Throws `.state` for a client in thread mode, and inside another call.
    package func process() throws(KubeError) {
        guard let external = drive as? ExternalDrive else { throw KubeError(.state, "the client was not made with {\"loop\": \"external\"}") }
        try drive.enter()
        external.process()
        drive.leave()
    }
}

struct ClientCounters {
    var retries: Int64 = 0
    var calls: Int64 = 0
    /// Calls that ended with an error.
    var failures: [KubeError.Code: Int64] = [:]
    var watches: Int64 = 0
    /// Requests that waited for the rate limit, and for how long.
    var throttled: Int64 = 0
    var throttledMs: Int64 = 0
}
