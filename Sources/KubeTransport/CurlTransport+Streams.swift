// Which request is on which connection: its socket, and what becomes of HTTP/2 streams when the server gives a connection up.

extension CurlTransport {
    /// Who is on a connection that the server gives up, and with whom it did not begin.
    func noted(_ note: StreamNote, by transfer: CurlTransfer) {
        guard case .goAway(let last) = note else {
            if !lastStreams.isEmpty, let socket = socket(of: transfer), let last = lastStreams[socket] { transfer.lastStream(is: last) }
            return
        }
        guard let socket = socket(of: transfer) else { return }
        lastStreams[socket] = last
        for other in active.values where other.localPort == transfer.localPort && other.localAddress == transfer.localAddress {
            other.lastStream(is: last)
        }
    }

    /// The socket a transfer's request went out on, found by its local end; nil while it has none.
    func socket(of transfer: CurlTransfer) -> Int32? {
        guard transfer.localPort > 0 else { return nil }
        return sockets.first { TCPSocket.isBound($0, to: transfer.localAddress, transfer.localPort) }
    }
}
