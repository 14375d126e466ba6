// Which servers are asked directly: the rules of NO_PROXY, exactly as Go's httpproxy has them. Resolves no name.

/// A list of names, suffixes, addresses and networks, each of the first three with a port if it ends in ":PORT".
struct NoProxy {
    private enum Rule {
        case everything
        case network(IPAddress, bits: Int)
        case address(IPAddress, port: String)
        /// Begins with a dot; `itself`: the name without the dot matches too.
        case suffix(String, itself: Bool, port: String)
    }

    private var rules: [Rule] = []

    init(_ text: String) {
        for part in text.split(separator: ",") {
            let entry = NoProxy.trimmed(part).lowercased()
            if entry == "*" {
                rules = [.everything]
                return
            }
            if let rule = NoProxy.rule(entry) { rules.append(rule) }
        }
    }

    /// This machine is never asked through a proxy of the environment.
    static func isLocal(_ host: String) -> Bool { host.lowercased() == "localhost" || IPAddress(host)?.isLoopback == true }

    func matches(_ host: String, _ port: UInt16) -> Bool {
        let address = IPAddress(host)
        let name = host.lowercased()
        func fits(_ wanted: String) -> Bool { wanted.isEmpty || wanted == String(port) }
        return rules.contains { rule in
            switch rule {
            case .everything: true
            case .network(let network, let bits): address.map { network.contains($0, bits: bits) } ?? false
            case .address(let wanted, let port): wanted == address && fits(port)
            // A suffix is no rule for an address: "%.example.com" could stand at the end of an IPv6 zone.
            case .suffix(let suffix, let itself, let port):
                address == nil && (name.hasSuffix(suffix) || itself && "." + name == suffix) && fits(port)
            }
        }
    }

    private static func rule(_ entry: String) -> Rule? {
        if entry.isEmpty { return nil }
        if let (network, bits) = network(entry) { return .network(network, bits: bits) }
        var (host, port) = split(entry) ?? (entry, "")
        if let address = IPAddress(host), !host.utf8.contains(UInt8(ascii: "%")) { return .address(address, port: port) }
        if host.hasPrefix("*.") { host.removeFirst() }
        if host.isEmpty { return nil }
        let isSuffix = host.hasPrefix(".")
        return .suffix(isSuffix ? host : "." + host, itself: !isSuffix, port: port)
    }

    /// "10.0.0.0/8"
    private static func network(_ entry: String) -> (IPAddress, Int)? {
        let parts = entry.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].utf8.contains(UInt8(ascii: "%")), let address = IPAddress(String(parts[0])),
              parts[1].utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let bits = Int(parts[1]) else { return nil }
        // ":" tells an IPv4 address written as IPv6, whose prefix counts from the front of all 128 bits.
        let isShort = !parts[0].utf8.contains(UInt8(ascii: ":"))
        return bits <= (isShort ? 32 : 128) ? (address, isShort ? bits &+ 96 : bits) : nil
    }

    /// Host and port of "host:port" or "[address]:port"; nil for anything else, with "" as host included when there is none.
    private static func split(_ entry: String) -> (String, String)? {
        guard let colon = entry.lastIndex(of: ":") else { return nil }
        let port = String(entry[entry.index(after: colon)...])
        var host = entry[..<colon]
        if host.hasPrefix("[") {
            guard host.hasSuffix("]"), host.firstIndex(of: "]") == host.indices.last else { return nil }
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.contains("["), !host.contains("]"), !port.contains("["), !port.contains("]") else { return nil }
        return (String(host), port)
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text
    }
}
