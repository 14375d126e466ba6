// What the pure tests share: one way of one connection, run over an input that comes in pieces, with a clock of its own.
@testable import FaultProxy
import KubeCore

struct StreamRun {
    var out: [UInt8] = []
    var writes: [Int] = []
    var end: StreamFaults.Step?
    var now: Int64 = 1000
    /// How many bytes were taken from the input.
    var position: Int64 = 0
    var plan: FaultPlan

    var text: String { String(decoding: out, as: UTF8.self) }

    /// `pieces`: how the input comes. It ends when the stream holds, truncates or ends the connection, or wants more than there is.
    init(_ rules: [FaultRule], _ input: String, pieces: Int = .max, seed: UInt64 = 1, way: Way = .toClient, connection: Int64 = 1) {
        plan = FaultPlan(rules, seed: seed)
        var stream = StreamFaults(connection: connection, way: way, plan: plan)
        var rest = Array(input.utf8)[...]
        var buffer: [UInt8] = []
        while true {
            let step = buffer.withUnsafeBytes { stream.next($0, now: now, plan: &plan) }
            position = stream.position
            switch step {
            case .pass(let count):
                write(Array(buffer[..<count]))
                buffer.removeFirst(count)
            case .replace(let count, let bytes):
                write(bytes)
                buffer.removeFirst(count)
            case .discard(let count): buffer.removeFirst(count)
            case .wait(let time): now = time
            case .idle where !rest.isEmpty:
                buffer += rest.prefix(pieces)
                rest = rest.dropFirst(pieces)
            case .idle, .hold, .truncate, .reset, .close, .blackhole:
                end = step
                return
            }
        }
    }

    private mutating func write(_ bytes: [UInt8]) {
        out += bytes
        writes.append(bytes.count)
    }
}

/// Rules of a script that must be good.
func rules(_ script: String) -> [FaultRule] {
    do { return try FaultScript.rules(Array(script.utf8)) } catch { return [] }
}
