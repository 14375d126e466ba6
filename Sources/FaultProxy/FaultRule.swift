// One fault of a script as a value: on which connections, at which byte, and what happens there. It does nothing by itself.

/// A way through the proxy.
package enum Way: String, CaseIterable, Sendable { case toServer, toClient }

/// What happens. Bytes are counted in the way that the rule counts in.
package enum Fault: Equatable, Sendable {
    /// The connection is accepted and reset at once; nothing is sent to the server.
    case refuse
    /// RST to both sides, when what was passed on before has arrived.
    case reset
    /// FIN to both sides; what still comes is thrown away.
    case close
    /// FIN to the receiver; what still comes in this way is thrown away, the other way goes on.
    case truncate
    /// From now on both ways swallow everything, ends included.
    case blackhole
    /// Nothing is passed on in this way for so long; nil: until the rules are replaced or deleted.
    case stall(ms: Int64?)
    case slow(bytesPerSecond: Int64)
    /// Each write holds at most so many bytes, with a pause behind it.
    case split(bytes: Int64, pauseMs: Int64)
    case corrupt(bytes: Int64, xor: UInt8)
    /// So many bytes are lost.
    case drop(bytes: Int64)
    case insert(text: String)
    /// The next chunk size of a plain HTTP/1.1 body gets this text in front of it.
    case chunk(text: String)

    package var name: String {
        switch self {
        case .refuse: "refuse"
        case .reset: "reset"
        case .close: "close"
        case .truncate: "truncate"
        case .blackhole: "blackhole"
        case .stall: "stall"
        case .slow: "slow"
        case .split: "split"
        case .corrupt: "corrupt"
        case .drop: "drop"
        case .insert: "insert"
        case .chunk: "chunk"
        }
    }
}

package struct FaultRule: Equatable, Sendable {
    /// Connections are numbered from 1 in the order in which they were accepted.
    package enum Scope: Equatable, Sendable {
        case connection(Int64)
        /// Each connection whose number is a multiple of this; 1: all.
        case every(Int64)
        /// Drawn once for each connection.
        case chance(Double)
    }

    package var scope: Scope
    /// The ways in which bytes are counted, each on its own.
    package var ways: [Way]
    /// How many bytes go through before it happens, counted from where the rule and the connection met: the connection's
    /// beginning, or the rule's arrival. Drawn for each connection and way.
    package var after: ClosedRange<Int64>
    /// How often it may happen at most, over all connections; nil: no limit.
    package var times: Int64?
    package var fault: Fault

    package init(_ fault: Fault, scope: Scope = .every(1), ways: [Way] = [.toClient], after: ClosedRange<Int64> = 0...0, times: Int64? = nil) {
        self.fault = fault
        self.scope = scope
        self.ways = ways
        self.after = after
        self.times = times
    }
}
