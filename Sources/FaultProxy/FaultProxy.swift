// The proxy on an event loop: it accepts, dials, counts, and holds the rules. What a rule does is not its business.
package import KubeCore
package import KubeSystem

/// Belongs to its loop, everything included.
package final class FaultProxy {
    package struct Settings {
        /// Tried in order for each connection.
        package var upstream: [SocketAddress]
        package var listen: SocketAddress
        package var rules: [FaultRule] = []
        package var seed: UInt64 = 1
        /// When so many are open, further ones wait in the kernel.
        package var maxConnections = 1024

        package init(upstream: [SocketAddress], listen: SocketAddress) {
            self.upstream = upstream
            self.listen = listen
        }
    }

    let loop: EpollLoop
    let settings: Settings
    /// Where it listens; the port is a real one.
    package let address: SocketAddress
    private let listener: StreamSocket
    var plan: FaultPlan
    private var connections: [Int64: ProxyConnection] = [:]
    private var accepted: Int64 = 0
    private var refused: Int64 = 0
    private var dialFailures: Int64 = 0
    private var bytesOfEnded: (toServer: Int64, toClient: Int64) = (0, 0)
    private var isListening = false
    /// A line for each thing that a rule did. Called on the loop.
    package var onLog: ((String) -> Void)?

    package init(_ settings: Settings, loop: EpollLoop) throws(SystemError) {
        self.loop = loop
        self.settings = settings
        plan = FaultPlan(settings.rules, seed: settings.seed)
        listener = try StreamSocket.listen(at: settings.listen)
        address = listener.localAddress ?? settings.listen
        listenOn()
    }

    /// Closes everything at once: open connections by RST. Idempotent.
    package func stop() {
        listenOff()
        listener.close()
        resetAll()
    }

    // MARK: Accepting

    private func listenOn() {
        guard !isListening, listener.isOpen else { return }
        isListening = true
        loop.watch(listener.descriptor, readable: true, writable: false) { [weak self] _, _ in self?.accept() }
    }

    private func listenOff() {
        guard isListening else { return }
        isListening = false
        loop.unwatch(listener.descriptor)
    }

    private func accept() {
        for _ in 0..<64 {
            guard connections.count < settings.maxConnections else { return listenOff() }
            switch listener.accept() {
            case .none: return
            case .exhausted:
                listenOff()
                loop.after(100) { [weak self] in self?.listenOn() }
                return
            case .socket(let client, let peer):
                accepted &+= 1
                guard plan.admits(connection: accepted) else {
                    refused &+= 1
                    client.reset()
                    tell()
                    continue
                }
                let connection = ProxyConnection(number: accepted, client: client, peer: peer, proxy: self)
                connections[accepted] = connection
                connection.dial()
            }
        }
    }

    func countDialFailure(connection: Int64) {
        dialFailures &+= 1
        onLog?("connection \(connection): the server cannot be reached")
    }

    func ended(_ connection: ProxyConnection) {
        let delivered = connection.delivered
        bytesOfEnded = (bytesOfEnded.toServer &+ delivered.toServer, bytesOfEnded.toClient &+ delivered.toClient)
        connections[connection.number] = nil
        if connections.count < settings.maxConnections { listenOn() }
    }

    /// Says what the plan has done.
    func tell() {
        for event in plan.takeEvents() {
            let place = event.fault == .refuse ? "" : " after \(event.position) bytes \(event.way.rawValue)"
            onLog?("connection \(event.connection): rule \(event.rule): \(event.fault.name)\(event.isUnmet ? " can do nothing: this is not plain HTTP/1," : "")\(place)")
        }
    }

    // MARK: Control

    package var entries: [FaultPlan.Entry] { plan.entries }

    /// For open connections too: their bytes count from now. Gives the rules' numbers.
    @discardableResult
    package func add(_ rules: [FaultRule]) -> Range<Int64> {
        let numbers = plan.add(rules)
        for connection in connections.values { connection.arm(plan, rules: numbers) }
        return numbers
    }

    /// Stalled ways run on; what was swallowed or cut off stays so.
    package func removeRules() {
        plan.removeAll()
        for connection in connections.values { connection.disarm() }
    }

    /// By RST on both sides. Gives how many there were.
    @discardableResult
    package func resetAll() -> Int {
        let all = Array(connections.values)
        for connection in all { connection.end(reset: true) }
        return all.count
    }

    /// False: there is no such connection.
    package func reset(connection: Int64) -> Bool {
        guard let found = connections[connection] else { return false }
        found.end(reset: true)
        return true
    }

    package var connectionsJSON: JSONValue { .array(connections.values.sorted { $0.number < $1.number }.map(\.json)) }

    package var statsJSON: JSONValue {
        var bytes = bytesOfEnded
        for connection in connections.values {
            bytes.toServer &+= connection.delivered.toServer
            bytes.toClient &+= connection.delivered.toClient
        }
        let members: [(String, Int64)] = [
            ("accepted", accepted), ("open", Int64(connections.count)), ("refused", refused), ("dialFailures", dialFailures),
            ("fired", plan.firedInAll), ("bytesToServer", bytes.toServer), ("bytesToClient", bytes.toClient),
        ]
        return .object(members.map { .init($0.0, .number(String($0.1))) })
    }
}
