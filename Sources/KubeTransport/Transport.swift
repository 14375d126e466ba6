// What the engine asks of an HTTP transport. CurlTransport is the real one; tests have a scripted one.
package import KubeCore

/// Starts requests. Everything here belongs to the loop.
package class Transport {
    package init() {}

    /// Starts a request. The receiver hears of it in later turns of the loop, never inside this call.
    package func start(_ request: HTTPRequest, options: TransferOptions, receiver: ResponseReceiver) -> Transfer { Transfer() }

    /// Connections made from now on trust and show this. Streams on older connections end with `.lost` in a later turn, other
    /// requests go to their end, then the connections are closed; no new request uses one. The same as before: nothing
    /// happens. Legal inside receivers. Throws `.config` or `.noMemory`, and then nothing has changed.
    package func use(_ identity: TLSIdentity) throws(KubeError) {}

    package var identity: TLSIdentity { TLSIdentity() }

    /// The same for the client certificate alone; nil: none.
    package final func use(_ certificate: ClientCertificate?) throws(KubeError) {
        try use(TLSIdentity(caPEM: identity.caPEM, certificate: certificate))
    }

    /// Counters since the start, for `kcr_client_stats`.
    package var stats: TransportStats { TransportStats() }

    /// Ends every transfer without a further word to its receiver, closes every connection. Idempotent.
    package func shutDown() {}
}

package struct TransferOptions: Equatable, Sendable {
    /// A stream that lives for minutes (a watch): no limit on its total time.
    package var isStream = false
    /// When so many milliseconds pass without a byte received, the transfer ends with `.timeout` and the socket under it
    /// is shut down, so that nothing reuses a dead connection. 0: no limit. The clock starts with the request, and stands
    /// still while the receiver has paused it.
    package var idleMs: Int64 = 0

    package init(isStream: Bool = false, idleMs: Int64 = 0) {
        self.isStream = isStream
        self.idleMs = idleMs
    }
}

/// What hears of one answer. The functions are called on the loop, in the order head, body..., end; `end` exactly once
/// unless the transfer was cancelled first. Inside them transfers may be started and cancelled.
package final class ResponseReceiver {
    private let onHead: (HTTPHead) -> Void
    private let onBody: (UnsafeRawBufferPointer) -> BodyVerdict
    private let onEnd: (TransferEnd) -> Void

    package init(
        head: @escaping (HTTPHead) -> Void, body: @escaping (UnsafeRawBufferPointer) -> BodyVerdict, end: @escaping (TransferEnd) -> Void
    ) {
        onHead = head
        onBody = body
        onEnd = end
    }

    /// The final head (1xx answers are skipped).
    package func head(_ head: HTTPHead) { onHead(head) }

    /// A piece of the body, already decompressed. The bytes are valid during the call.
    package func body(_ bytes: UnsafeRawBufferPointer) -> BodyVerdict { onBody(bytes) }

    package func end(_ end: TransferEnd) { onEnd(end) }
}

package enum BodyVerdict {
    /// Taken; go on.
    case proceed
    /// Not taken: nothing is read until `Transfer.resume()`, then the same bytes come again.
    case pause
    /// Enough: the transfer ends with `.stopped`.
    case stop
}

package enum TransferEnd {
    /// The answer arrived whole.
    case complete
    case failed(TransferFailure)
}

/// Why no whole answer arrived.
package struct TransferFailure: Error {
    package enum Kind: Equatable, Sendable {
        /// Connection refused.
        case refused
        /// Name lookup, unreachable host, or another failure before the connection stood.
        case connect
        /// Connect time-out, or `idleMs` of silence.
        case timeout
        /// Reset, end of file, GOAWAY, broken framing: the connection stood and was lost.
        case lost
        /// HTTP/2: the server has said that it did not begin with this request, so any may go out again.
        case unprocessed
        case tls
        case proxy
        /// The receiver said `.stop`.
        case stopped
        /// Not HTTP, a header too large, a bad encoding.
        case malformed
        /// Memory, descriptors, threads: the machine's fault.
        case resources
    }

    package var kind: Kind
    /// What a user is told: names the URL's origin (never credentials).
    package var error: KubeError

    package init(_ kind: Kind, _ error: KubeError) {
        self.kind = kind
        self.error = error
    }
}

/// One running request.
package class Transfer {
    package init() {}

    /// Ends it; the receiver hears nothing more. Idempotent. Also legal inside the receiver's methods.
    package func cancel() {}

    /// The same for one that took too long: its connection is closed, unless other requests are on it (R8).
    package func giveUp() { cancel() }

    /// Goes on after `.pause`.
    package func resume() {}

    /// Monotonic milliseconds of the last byte received, or of the start.
    package var lastHeard: Int64 { 0 }
}

package struct TransportStats: Equatable, Sendable {
    package var requests: Int64 = 0
    /// Answered over HTTP/2.
    package var http2Requests: Int64 = 0
    /// Made since the start.
    package var connections: Int64 = 0
    package var openConnections: Int64 = 0
    package var bytesReceived: Int64 = 0
    package var bytesSent: Int64 = 0
    package var active: Int64 = 0

    package init() {}

    static func + (one: TransportStats, other: TransportStats) -> TransportStats {
        var sum = one
        sum.requests &+= other.requests
        sum.http2Requests &+= other.http2Requests
        sum.connections &+= other.connections
        sum.openConnections &+= other.openConnections
        sum.bytesReceived &+= other.bytesReceived
        sum.bytesSent &+= other.bytesSent
        sum.active &+= other.active
        return sum
    }
}
