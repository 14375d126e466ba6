// One TCP socket that never waits: the system calls of the proxy, and nothing of what they are for.
import Glibc
import KubeSystem

/// A descriptor that is closed once. Belongs to the loop.
final class StreamSocket {
    private(set) var descriptor: Int32

    enum Result: Equatable {
        case bytes(Int)
        case end
        case notNow
        case failed(Int32)
    }

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close() }

    var isOpen: Bool { descriptor >= 0 }

    private static func make(_ family: Int32) throws(SystemError) -> StreamSocket {
        let flags = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = Glibc.socket(family, flags, 0)
        guard descriptor >= 0 else { throw SystemError("socket", errno) }
        return StreamSocket(descriptor)
    }

    static func listen(at address: SocketAddress) throws(SystemError) -> StreamSocket {
        let made = try make(address.family)
        var yes: Int32 = 1
        setsockopt(made.descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, 4)
        guard address.withPointer({ bind(made.descriptor, $0, $1) }) == 0 else { throw SystemError("bind", errno) }
        guard Glibc.listen(made.descriptor, 512) == 0 else { throw SystemError("listen", errno) }
        return made
    }

    /// Under way when it returns: the socket becomes writable, and `failure` says how it went.
    static func connect(to address: SocketAddress) throws(SystemError) -> StreamSocket {
        let made = try make(address.family)
        let status = address.withPointer { Glibc.connect(made.descriptor, $0, $1) }
        guard status == 0 || errno == EINPROGRESS || errno == EINTR else { throw SystemError("connect", errno) }
        made.setUp()
        return made
    }

    enum Accepted {
        case socket(StreamSocket, SocketAddress)
        case none
        /// Descriptors or memory are used up.
        case exhausted
    }

    func accept() -> Accepted {
        var descriptor: Int32 = -1
        let peer = SocketAddress { address, length in
            descriptor = Glibc.accept(self.descriptor, address, length)
            return descriptor >= 0
        }
        guard let peer else { return [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) ? .exhausted : .none }
        let accepted = StreamSocket(descriptor)
        guard fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0, fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else { return .none }
        accepted.setUp()
        return .socket(accepted, peer)
    }

    private func setUp() {
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, 4)
    }

    var localAddress: SocketAddress? { SocketAddress { getsockname(descriptor, $0, $1) == 0 } }

    /// The pending error; 0: none.
    var failure: Int32 {
        var number: Int32 = 0
        var length = socklen_t(4)
        return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &length) == 0 ? number : errno
    }

    func receive(_ into: UnsafeMutableRawBufferPointer) -> Result {
        let count = recv(descriptor, into.baseAddress, into.count, 0)
        if count > 0 { return .bytes(count) }
        if count == 0 { return .end }
        return errno == EAGAIN || errno == EINTR ? .notNow : .failed(errno)
    }

    func send(_ bytes: UnsafeRawBufferPointer) -> Result {
        let count = Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        if count >= 0 { return .bytes(count) }
        return errno == EAGAIN || errno == EINTR ? .notNow : .failed(errno)
    }

    func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Whether the peer has acknowledged all that was sent.
    var isDelivered: Bool {
        var count: Int32 = 0
        return ioctl(descriptor, UInt(TIOCOUTQ), &count) != 0 || count == 0
    }

    func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    /// Closes with a RST.
    func reset() {
        guard descriptor >= 0 else { return }
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close()
    }
}
