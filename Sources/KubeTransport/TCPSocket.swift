// The sockets under curl: how they are opened, and what their local end is. No transfer is known here.
import Glibc

enum TCPSocket {
    /// After so long without an acknowledgement the kernel gives a connection up: the keep-alive probes of an idle one, and
    /// the data of a busy one.
    static let deadAfterMs: Int32 = 75_000

    /// -1 and errno on failure. Close-on-exec, with keep-alive after 30 s, then three times every 15 s.
    static func open(_ family: Int32, _ type: Int32, _ number: Int32) -> Int32 {
        let descriptor = socket(family, type | Int32(SOCK_CLOEXEC.rawValue), number)
        guard descriptor >= 0, family == AF_INET || family == AF_INET6 else { return descriptor }
        set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
        let tcp = Int32(IPPROTO_TCP)
        set(descriptor, tcp, TCP_KEEPIDLE, 30)
        set(descriptor, tcp, TCP_KEEPINTVL, 15)
        set(descriptor, tcp, TCP_KEEPCNT, 3)
        set(descriptor, tcp, TCP_USER_TIMEOUT, deadAfterMs)
        return descriptor
    }

    /// Best effort: a socket without an option still works.
    private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Whether the socket's local end is this address and port.
    static func isBound(_ descriptor: Int32, to address: String, _ port: Int32) -> Bool {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutableBytes(of: &storage) { bytes in
            guard let base = bytes.baseAddress,
                  getsockname(descriptor, base.assumingMemoryBound(to: sockaddr.self), &length) == 0 else { return false }
            let family = Int32(base.load(as: sa_family_t.self))
            let offset: Int
            switch family {
            case AF_INET: offset = MemoryLayout<sockaddr_in>.offset(of: \.sin_addr) ?? 4
            case AF_INET6: offset = MemoryLayout<sockaddr_in6>.offset(of: \.sin6_addr) ?? 8
            default: return false
            }
            let bound = in_port_t(bigEndian: base.load(fromByteOffset: 2, as: in_port_t.self))
            guard Int32(bound) == port else { return false }
            return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { text in
                guard let start = text.baseAddress, inet_ntop(family, base + offset, start, socklen_t(INET6_ADDRSTRLEN)) != nil else { return false }
                return String(cString: start) == address
            }
        }
    }
}
