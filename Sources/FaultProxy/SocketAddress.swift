// Addresses: from "HOST:PORT" to what the kernel takes, and back to text.
import Glibc
package import KubeCore

/// An address of a TCP socket, IPv4 or IPv6.
package struct SocketAddress: Equatable, Sendable {
    let family: Int32
    let bytes: [UInt8]

    /// "127.0.0.1:80", "[::1]:80", "name:80". `defaultHost`: for a port alone. Throws `.argument`.
    package static func parts(_ text: String, defaultHost: String? = nil) throws(KubeError) -> (host: String, port: UInt16) {
        func refused() -> KubeError { KubeError(.argument, "\"\(text)\" is no HOST:PORT") }
        var host = Substring(defaultHost ?? "")
        var digits = text[...]
        if let colon = text.lastIndex(of: ":") {
            host = text[..<colon]
            digits = text[text.index(after: colon)...]
            if host.hasPrefix("["), host.hasSuffix("]") {
                host = host.dropFirst().dropLast()
            } else if host.contains(":") {
                throw refused()
            }
        }
        guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }), !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
              let port = UInt16(digits) else { throw refused() }
        return (String(host), port)
    }

    /// All addresses of a name, in the resolver's order. It may wait for the network. Throws `.connect`.
    package static func resolve(host: String, port: UInt16) throws(KubeError) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_family = AF_UNSPEC
        var found: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &found)
        guard status == 0 else { throw KubeError(.connect, "\(host): \(String(cString: gai_strerror(status)))") }
        defer { freeaddrinfo(found) }
        var addresses: [SocketAddress] = []
        var next = found
        while let entry = next {
            if let address = entry.pointee.ai_addr {
                let bytes = UnsafeRawBufferPointer(start: UnsafeRawPointer(address), count: Int(entry.pointee.ai_addrlen))
                addresses.append(SocketAddress(family: entry.pointee.ai_family, bytes: Array(bytes)))
            }
            next = entry.pointee.ai_next
        }
        guard !addresses.isEmpty else { throw KubeError(.connect, "\(host): has no address") }
        return addresses
    }

    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        // A sockaddr must be aligned; an array of bytes need not be.
        var storage = sockaddr_storage()
        let count = withUnsafeMutableBytes(of: &storage) { space in
            space.copyBytes(from: bytes.prefix(space.count))
            return min(bytes.count, space.count)
        }
        return withUnsafePointer(to: &storage) { space in
            space.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(count)) }
        }
    }

    init(family: Int32, bytes: [UInt8]) {
        self.family = family
        self.bytes = bytes
    }

    /// What `call` (getsockname, accept) fills in; nil when it fails.
    init?(_ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Bool) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let isFilled = withUnsafeMutablePointer(to: &storage) { space in
            space.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, &length) }
        }
        guard isFilled else { return nil }
        family = Int32(storage.ss_family)
        bytes = withUnsafeBytes(of: &storage) { Array($0.prefix(Int(length))) }
    }

    package var port: UInt16 { bytes.count >= 4 ? UInt16(bytes[2]) << 8 | UInt16(bytes[3]) : 0 }

    /// "127.0.0.1:80", "[::1]:80".
    package var text: String {
        var host = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN) + 64)
        let status = withPointer { getnameinfo($0, $1, &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST) }
        guard status == 0 else { return "unknown" }
        let name = String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return family == AF_INET6 ? "[\(name)]:\(port)" : "\(name):\(port)"
    }
}
