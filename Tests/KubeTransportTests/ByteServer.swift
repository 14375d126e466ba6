// A loopback server that says exactly the bytes a test wants: one thread per connection, no HTTP beyond finding a request's end.
import Glibc
import KubeSystem

/// A value under a lock. Sendable because nothing reaches the value but through the lock.
final class Shared<Value>: @unchecked Sendable {
    private let lock = Lock()
    private var value: Value

    init(_ value: Value) { self.value = value }

    func get() -> Value { lock.withLock { value } }
    func change(_ body: (inout Value) -> Void) { lock.withLock { body(&value) } }
}

/// Runs `body` on a thread of its own.
func startThread(_ body: @escaping () -> Void) -> pthread_t {
    final class Box {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    pthread_create(&thread, nil, { argument in
        if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
        return nil
    }, Unmanaged.passRetained(Box(body)).toOpaque())
    return thread
}

/// One accepted connection. Belongs to its thread.
final class Connection {
    let descriptor: Int32
    private var rest: [UInt8] = []

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    private func more() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count <= 0 { return false }
        rest += buffer[0..<count]
        return true
    }

    /// The next request's head as text and its body; nil when the client hung up.
    func request() -> (head: String, body: [UInt8])? {
        while true {
            if let end = Connection.endOfHead(rest) {
                let head = String(decoding: rest[..<end], as: UTF8.self)
                rest.removeFirst(end)
                var length = 0
                for line in head.split(separator: "\r\n") where line.lowercased().hasPrefix("content-length:") {
                    length = Int(line.dropFirst(15).trimmingSpaces()) ?? 0
                }
                while rest.count < length { if !more() { return nil } }
                let body = Array(rest[..<length])
                rest.removeFirst(length)
                return (head, body)
            }
            if !more() { return nil }
        }
    }

    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for index in 3..<bytes.count where bytes[index] == 10 && bytes[index - 1] == 13 && bytes[index - 2] == 10 && bytes[index - 3] == 13 {
            return index + 1
        }
        return nil
    }

    @discardableResult func say(_ text: String) -> Bool { say(Array(text.utf8)) }

    @discardableResult func say(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL)) }
            if count <= 0 { return false }
            sent += count
        }
        return true
    }

    func answer(_ body: String = "ok", status: String = "200 OK", headers: String = "") {
        say("HTTP/1.1 \(status)\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    /// Ends with a RST instead of a FIN.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    /// Waits until the client is gone; false after `limitMs`.
    func waitForEnd(_ limitMs: Int64 = 10_000) -> Bool {
        let deadline = MonotonicClock.nowMs + limitMs
        while MonotonicClock.nowMs < deadline {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&entry, 1, 100) == 1, !more() { return true }
        }
        return false
    }
}

extension Substring {
    func trimmingSpaces() -> String { String(drop { $0 == " " }) }
}

/// Accepts on 127.0.0.1 until it is released.
final class ByteServer {
    let port: Int
    private let listener: Int32
    private let state = Shared(State())
    private var requestLog = Shared<[String]>([])

    private struct State {
        var connections = 0
        var isStopped = false
    }

    var connections: Int { state.get().connections }
    /// The heads of the requests that `each` has read, in order.
    var requests: [String] { requestLog.get() }

    /// `serve` runs once per connection, on its own thread; the connection is closed when it returns.
    init(_ serve: @escaping (Connection) -> Void) {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, 4)
        port = ByteServer.bindLoopback(listener)
        listen(listener, 128)
        let listener = listener
        let state = state
        let acceptor = startThread {
            while true {
                let accepted = accept(listener, nil, nil)
                if accepted < 0, !state.get().isStopped {
                    // No descriptor is free at the moment.
                    usleep(5000)
                    continue
                }
                if accepted < 0 || state.get().isStopped {
                    if accepted >= 0 { close(accepted) }
                    close(listener)
                    return
                }
                state.change { $0.connections += 1 }
                let thread = startThread {
                    serve(Connection(accepted))
                    close(accepted)
                }
                pthread_detach(thread)
            }
        }
        pthread_detach(acceptor)
    }

    /// Serves requests one after the other on each connection, as long as `answer` returns true.
    convenience init(each answer: @escaping (Connection, String, [UInt8]) -> Bool) {
        let log = Shared<[String]>([])
        self.init { connection in
            while let (head, body) = connection.request() {
                log.change { $0.append(head) }
                if !answer(connection, head, body) { return }
            }
        }
        requestLog = log
    }

    deinit {
        state.change { $0.isStopped = true }
        shutdown(listener, Int32(SHUT_RDWR))
    }

    /// Binds to a free port and gives it.
    static func bindLoopback(_ descriptor: Int32) -> Int {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutableBytes(of: &address) { bytes in
            let pointer = bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
            _ = bind(descriptor, pointer, length)
            _ = getsockname(descriptor, pointer, &length)
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// A port nobody listens on.
    static func freePort() -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        return bindLoopback(descriptor)
    }
}
