// What the socket tests share: a proxy on a thread of its own, a server that says what the test wants, and a client that waits.
@testable import FaultProxy
import Glibc
import KubeCore
import KubeSystem
import Testing

/// A blocking socket of the test, with a limit of five seconds for each wait.
final class Peer {
    let descriptor: Int32

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        var limit = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    convenience init(to address: SocketAddress) {
        let made = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        _ = address.withPointer { connect(made, $0, $1) }
        self.init(made)
    }

    enum Ending: Equatable { case fin, reset, silence, stillOpen }

    @discardableResult func say(_ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count <= 0 { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// So many bytes, or all to the end.
    func hear(_ most: Int = .max) -> (text: String, ending: Ending) {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while bytes.count < most {
            let count = recv(descriptor, &buffer, min(buffer.count, most - bytes.count), 0)
            if count > 0 { bytes += buffer[..<count] } else { return (String(decoding: bytes, as: UTF8.self), count == 0 ? .fin : errno == EAGAIN ? .silence : .reset) }
        }
        return (String(decoding: bytes, as: UTF8.self), .stillOpen)
    }

    /// What has come so far, and nothing for a while.
    func isSilent(_ milliseconds: Int32 = 150) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, milliseconds) == 0
    }

    func finish() { shutdown(descriptor, Int32(SHUT_WR)) }
}

/// The proxy in front of a listening socket, turned by a thread. Everything of the proxy is done on that thread.
final class Rig {
    private let loop: EpollLoop
    private let thread: LoopThread
    private let proxy: FaultProxy
    private let control: ControlServer
    private let listener: Int32
    let address: SocketAddress
    let controlAddress: SocketAddress

    init(_ script: String = "", maxConnections: Int = 64, withServer: Bool = true) throws {
        let listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        listener = listening
        var limit = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(listening, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let any = try SocketAddress.resolve(host: "127.0.0.1", port: 0)[0]
        _ = any.withPointer { bind(listening, $0, $1) }
        let upstream = try #require(SocketAddress { getsockname(listening, $0, $1) == 0 })
        if withServer { listen(listening, 64) }
        loop = try EpollLoop()
        var settings = FaultProxy.Settings(upstream: [upstream], listen: any)
        settings.rules = try FaultScript.rules(Array(script.utf8))
        settings.maxConnections = maxConnections
        proxy = try FaultProxy(settings, loop: loop)
        control = try ControlServer(proxy, at: any)
        address = proxy.address
        controlAddress = control.address
        thread = try LoopThread(loop)
    }

    deinit {
        on { proxy, control in
            control.stop()
            proxy.stop()
        }
        thread.stop()
        _ = thread.join(untilMs: MonotonicClock.nowMs + 5000)
        close(listener)
    }

    func client() -> Peer { Peer(to: address) }

    /// The next connection that reaches the server.
    func server() throws -> Peer {
        let accepted = accept(listener, nil, nil)
        try #require(accepted >= 0, "nothing reached the server")
        return Peer(accepted)
    }

    func pair() throws -> (client: Peer, server: Peer) { (client(), try server()) }

    /// Runs on the proxy's thread and waits for it.
    @discardableResult func on<Result>(_ body: @escaping (FaultProxy, ControlServer) -> Result) -> Result? {
        let lock = Lock()
        var result: Result?
        var isDone = false
        loop.post { [proxy, control] in
            let made = body(proxy, control)
            lock.withLock {
                result = made
                isDone = true
                lock.broadcast()
            }
        }
        lock.withLock { while !isDone { _ = lock.wait(untilMs: nil) } }
        return result
    }

    func stat(_ key: String) -> Int64 { on { proxy, _ in proxy.statsJSON[key]?.int ?? -1 } ?? -1 }

    func eventually(_ condition: () -> Bool) -> Bool {
        let deadline = MonotonicClock.nowMs + 5000
        while !condition() {
            if MonotonicClock.nowMs > deadline { return false }
            usleep(2000)
        }
        return true
    }

    /// One request to the control port: status and body.
    func ask(_ method: String, _ path: String, _ body: String = "") -> (status: Int, body: String) {
        let peer = Peer(to: controlAddress)
        peer.say("\(method) \(path) HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        let answer = peer.hear().text
        let status = Int(answer.split(separator: " ").dropFirst().first ?? "") ?? 0
        return (status, answer.firstRange(of: "\r\n\r\n").map { String(answer[$0.upperBound...]) } ?? "")
    }
}
