// One connection through the proxy: the client's socket, the server's, and the order in which they are turned.
import Glibc
import KubeCore
import KubeSystem

/// Belongs to the loop. `onEnd` is called once, when both sockets are closed.
final class ProxyConnection {
    enum State: String { case dialing, open, closing, resetting, ended }

    let number: Int64
    let peer: SocketAddress
    private let loop: EpollLoop
    private let client: StreamSocket
    private var server: StreamSocket?
    private var upstream: ArraySlice<SocketAddress>
    private let streams: [ProxyStream]
    private let began: Int64
    private(set) var state = State.dialing
    private var isPosted = false
    /// Both directions of that socket are shut: the kernel goes on to say so, whatever is asked of it.
    private var hungUp: Set<Int32> = []
    private var timer: LoopTimer?
    private weak var proxy: FaultProxy?

    private static let dialMs: Int64 = 10_000
    /// How long an end waits for the last bytes.
    private static let closingMs: Int64 = 1000

    init(number: Int64, client: StreamSocket, peer: SocketAddress, proxy: FaultProxy) {
        self.number = number
        self.client = client
        self.peer = peer
        self.proxy = proxy
        loop = proxy.loop
        upstream = proxy.settings.upstream[...]
        began = loop.now
        streams = Way.allCases.map { ProxyStream($0, StreamFaults(connection: number, way: $0, plan: proxy.plan)) }
    }

    private var toServer: ProxyStream { streams[0] }
    private var toClient: ProxyStream { streams[1] }

    // MARK: Dialing

    func dial() {
        timer?.cancel()
        dropServer()
        while let address = upstream.popFirst() {
            guard let made = try? StreamSocket.connect(to: address) else { continue }
            server = made
            timer = loop.after(ProxyConnection.dialMs) { [weak self] in self?.dial() }
            loop.watch(made.descriptor, readable: false, writable: true) { [weak self] _, _ in self?.dialed() }
            return
        }
        proxy?.countDialFailure(connection: number)
        end(reset: true)
    }

    private func dialed() {
        guard let server else { return }
        if server.failure != 0 { return dial() }
        timer?.cancel()
        timer = nil
        state = .open
        turn()
    }

    private func dropServer() {
        guard let server else { return }
        loop.unwatch(server.descriptor)
        server.close()
        self.server = nil
    }

    // MARK: Turning

    /// Later in this turn, from the loop.
    private func post() {
        guard !isPosted else { return }
        isPosted = true
        loop.post { [weak self] in
            self?.isPosted = false
            self?.turn()
        }
    }

    private func turn() {
        guard state == .open || state == .closing, let server else { return }
        for stream in streams {
            pump(stream, receiver: stream.way == .toServer ? server : client)
            if state == .ended { return }
        }
        if isOver { return end(reset: streams.contains { !$0.isFinished }) }
        updateInterest()
    }

    private var isOver: Bool {
        if streams.allSatisfy({ $0.isFinished && $0.hasEnded }) { return true }
        // The client has gone, and nothing would reach it any more: nobody waits for this connection. The other way round, a client
        // must not learn from us that the server has gone.
        return toServer.hasEnded && toClient.faults.isDead && !toClient.isFinished
    }

    /// One of the sockets is broken. A client that nothing reaches any more does not hear of it.
    private func broken(_ socket: StreamSocket) {
        guard let server, socket === server, toClient.faults.isDead, !toClient.isFinished else { return end(reset: true) }
        loop.unwatch(server.descriptor)
        server.close()
        toServer.faults.swallow()
        toClient.sourceIsGone()
        toServer.receiverIsGone()
        turn()
    }

    private func pump(_ stream: ProxyStream, receiver: StreamSocket) {
        stream.timer?.cancel()
        stream.timer = nil
        guard let proxy else { return }
        for _ in 0..<64 {
            if stream.flush(receiver) != nil { return broken(receiver) }
            if stream.wantsWrite { return }
            let step = stream.step(now: loop.now, plan: &proxy.plan)
            proxy.tell()
            switch step {
            case .pass, .replace, .discard: continue
            case .wait(let time):
                stream.timer = loop.after(time &- loop.now) { [weak self] in self?.turn() }
                return
            case .hold: return
            case .idle:
                if stream.hasEnded, !(stream.faults.isDead && !stream.isFinished) { stream.finish(receiver) }
                return
            case .truncate:
                stream.finish(receiver)
            case .blackhole:
                for stream in streams { stream.faults.swallow() }
                return post()
            case .reset: return resetWhenDelivered(until: loop.now &+ 200)
            case .close: return close()
            }
        }
        post()
    }

    private func updateInterest() {
        guard let server else { return }
        watch(client, reads: toServer, writes: toClient)
        watch(server, reads: toClient, writes: toServer)
    }

    private func watch(_ socket: StreamSocket, reads: ProxyStream, writes: ProxyStream) {
        guard socket.isOpen else { return }
        if hungUp.contains(socket.descriptor), !reads.wantsRead, !writes.wantsWrite { return loop.unwatch(socket.descriptor) }
        loop.watch(socket.descriptor, readable: reads.wantsRead, writable: writes.wantsWrite) { [weak self] _, readiness in
            self?.ready(socket, reads, readiness)
        }
    }

    private func ready(_ socket: StreamSocket, _ stream: ProxyStream, _ readiness: Readiness) {
        if readiness.failed {
            if socket.failure != 0 { return broken(socket) }
            hungUp.insert(socket.descriptor)
        }
        if readiness.readable, stream.read(socket) != nil { return broken(socket) }
        turn()
    }

    // MARK: Ends

    /// An orderly end: FIN both ways, then what still comes is thrown away, so that no RST overtakes the last bytes.
    private func close() {
        guard let server else { return end(reset: false) }
        state = .closing
        for stream in streams {
            stream.faults.swallow()
            stream.finish(stream.way == .toServer ? server : client)
        }
        timer = loop.after(ProxyConnection.closingMs) { [weak self] in self?.end(reset: false) }
        post()
    }

    private func resetWhenDelivered(until deadline: Int64) {
        if state == .ended { return }
        guard let server, !(server.isDelivered && client.isDelivered), loop.now < deadline else { return end(reset: true) }
        state = .resetting
        for socket in [client, server] { loop.unwatch(socket.descriptor) }
        for stream in streams {
            stream.faults.swallow()
            stream.timer?.cancel()
        }
        timer?.cancel()
        timer = loop.after(1) { [weak self] in self?.resetWhenDelivered(until: deadline) }
    }

    /// At once. Idempotent.
    func end(reset: Bool) {
        guard state != .ended else { return }
        state = .ended
        timer?.cancel()
        for stream in streams { stream.timer?.cancel() }
        for socket in [client, server].compactMap({ $0 }) where socket.isOpen {
            loop.unwatch(socket.descriptor)
            if reset { socket.reset() } else { socket.close() }
        }
        proxy?.ended(self)
    }

    // MARK: Rules and reports

    func arm(_ plan: FaultPlan, rules: Range<Int64>) {
        for stream in streams { stream.faults.arm(plan.armed(connection: number, way: stream.way, rules: rules)) }
        post()
    }

    func disarm() {
        for stream in streams { stream.faults.disarm() }
        post()
    }

    var delivered: (toServer: Int64, toClient: Int64) { (toServer.delivered, toClient.delivered) }

    var json: JSONValue {
        func report(_ stream: ProxyStream) -> JSONValue {
            .object([
                .init("received", .number(String(stream.faults.position))), .init("sent", .number(String(stream.delivered))),
                .init("dead", .bool(stream.faults.isDead)), .init("ended", .bool(stream.hasEnded)),
            ])
        }
        return .object([
            .init("connection", .number(String(number))), .init("client", .string(peer.text)), .init("state", .string(state.rawValue)),
            .init("ageMs", .number(String(loop.now &- began))), .init("toServer", report(toServer)), .init("toClient", report(toClient)),
        ])
    }
}
