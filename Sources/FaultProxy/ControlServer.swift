// The control port on the loop: one request a connection, within limits of time, size and number.
package import KubeSystem

/// Belongs to its loop.
package final class ControlServer {
    /// Where it listens; the port is a real one.
    package let address: SocketAddress
    private let listener: StreamSocket
    private let loop: EpollLoop
    private weak var proxy: FaultProxy?
    private var visits: [Int32: Visit] = [:]

    private static let maxVisits = 64
    private static let timeMs: Int64 = 10_000

    /// One connection.
    private final class Visit {
        let socket: StreamSocket
        var input: [UInt8] = []
        var output: [UInt8] = []
        var written = 0
        var hasContinued = false
        var isAnswered = false
        var timer: LoopTimer?

        init(_ socket: StreamSocket) { self.socket = socket }
    }

    package init(_ proxy: FaultProxy, at address: SocketAddress) throws(SystemError) {
        self.proxy = proxy
        loop = proxy.loop
        listener = try StreamSocket.listen(at: address)
        self.address = listener.localAddress ?? address
        listen()
    }

    private func listen() {
        guard listener.isOpen else { return }
        loop.watch(listener.descriptor, readable: true, writable: false) { [weak self] _, _ in self?.accept() }
    }

    /// Idempotent.
    package func stop() {
        if listener.isOpen { loop.unwatch(listener.descriptor) }
        listener.close()
        for visit in Array(visits.values) { end(visit) }
    }

    private func accept() {
        let socket: StreamSocket
        switch listener.accept() {
        case .none: return
        case .exhausted:
            loop.unwatch(listener.descriptor)
            loop.after(100) { [weak self] in self?.listen() }
            return
        case .socket(let accepted, _): socket = accepted
        }
        guard visits.count < ControlServer.maxVisits else { return socket.reset() }
        let visit = Visit(socket)
        visits[socket.descriptor] = visit
        visit.timer = loop.after(ControlServer.timeMs) { [weak self, weak visit] in
            if let visit { self?.end(visit) }
        }
        watch(visit)
    }

    private func watch(_ visit: Visit) {
        loop.watch(visit.socket.descriptor, readable: true, writable: visit.written < visit.output.count) { [weak self, weak visit] _, readiness in
            if let visit { self?.ready(visit, readiness) }
        }
    }

    private func ready(_ visit: Visit, _ readiness: Readiness) {
        if readiness.readable {
            var piece = [UInt8](repeating: 0, count: 16384)
            switch piece.withUnsafeMutableBytes({ visit.socket.receive($0) }) {
            case .bytes(let count):
                // What comes behind the request is thrown away.
                if !visit.isAnswered {
                    visit.input += piece[..<count]
                    answer(visit)
                }
            case .notNow: break
            case .end, .failed: return end(visit)
            }
        }
        if visit.written < visit.output.count {
            switch visit.output.withUnsafeBytes({ visit.socket.send(UnsafeRawBufferPointer(rebasing: $0[visit.written...])) }) {
            case .bytes(let count): visit.written += count
            case .failed: return end(visit)
            case .notNow, .end: break
            }
            // The client closes, so that no RST of ours overtakes the answer.
            if visit.isAnswered, visit.written == visit.output.count { visit.socket.finish() }
        }
        watch(visit)
    }

    private func answer(_ visit: Visit) {
        switch ControlRequest.read(visit.input) {
        case .incomplete(let wantsContinue):
            guard wantsContinue, !visit.hasContinued else { return }
            visit.hasContinued = true
            visit.output += Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
        case .refused(let status, let message):
            visit.isAnswered = true
            visit.output += ControlAnswer.refused(status, message).bytes
        case .request(let request):
            visit.isAnswered = true
            visit.output += (proxy?.answer(request) ?? ControlAnswer.refused(404, "the proxy has ended")).bytes
        }
    }

    private func end(_ visit: Visit) {
        guard visit.socket.isOpen else { return }
        visit.timer?.cancel()
        visits[visit.socket.descriptor] = nil
        loop.unwatch(visit.socket.descriptor)
        visit.socket.close()
    }
}
