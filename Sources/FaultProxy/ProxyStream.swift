// One way of one connection: a bounded buffer between two sockets, and the machine that says what becomes of it.
import KubeSystem

/// Belongs to its connection.
final class ProxyStream {
    static let capacity = 65536

    let way: Way
    var faults: StreamFaults
    /// What came and is not dealt with yet: `buffer[start..<end]`.
    private var buffer: [UInt8] = []
    private var start = 0
    private var end = 0
    /// What is to be written before the next step.
    private var out: [UInt8] = []
    private var written = 0
    /// The source has said its last byte.
    private(set) var hasEnded = false
    /// The receiver was told an end.
    private(set) var isFinished = false
    private(set) var delivered: Int64 = 0
    var timer: LoopTimer?

    init(_ way: Way, _ faults: StreamFaults) {
        self.way = way
        self.faults = faults
    }

    var wantsRead: Bool { !hasEnded && end - start < ProxyStream.capacity }
    var wantsWrite: Bool { written < out.count }

    /// Reads once. The errno of a connection that is broken.
    func read(_ source: StreamSocket) -> Int32? {
        guard wantsRead else { return nil }
        if start > 0 {
            buffer.removeSubrange(..<start)
            end -= start
            start = 0
        }
        if buffer.count < ProxyStream.capacity { buffer.append(contentsOf: repeatElement(0, count: ProxyStream.capacity - buffer.count)) }
        let result = buffer.withUnsafeMutableBytes { source.receive(UnsafeMutableRawBufferPointer(rebasing: $0[end...])) }
        switch result {
        case .bytes(let count): end += count
        case .end: hasEnded = true
        case .notNow: break
        case .failed(let number): return number
        }
        return nil
    }

    /// Writes what is left of the last step.
    func flush(_ receiver: StreamSocket) -> Int32? {
        guard wantsWrite else { return nil }
        switch out.withUnsafeBytes({ receiver.send(UnsafeRawBufferPointer(rebasing: $0[written...])) }) {
        case .bytes(let count):
            written += count
            delivered &+= Int64(count)
            if written == out.count {
                out.removeAll(keepingCapacity: true)
                written = 0
            }
        case .notNow, .end: break
        case .failed(let number): return number
        }
        return nil
    }

    /// The next step, with its bytes taken from the input.
    func step(now: Int64, plan: inout FaultPlan) -> StreamFaults.Step {
        let step = buffer.withUnsafeBytes { faults.next(UnsafeRawBufferPointer(rebasing: $0[start..<end]), now: now, plan: &plan) }
        switch step {
        case .pass(let count):
            out.append(contentsOf: buffer[start..<start + count])
            start += count
        case .replace(let count, let bytes):
            out.append(contentsOf: bytes)
            start += count
        case .discard(let count): start += count
        default: break
        }
        if start == end {
            start = 0
            end = 0
            // A connection that is silent holds no memory.
            if hasEnded { buffer = [] }
        }
        return step
    }

    func sourceIsGone() { hasEnded = true }

    func receiverIsGone() {
        isFinished = true
        out = []
        written = 0
    }

    func finish(_ receiver: StreamSocket) {
        guard !isFinished else { return }
        isFinished = true
        receiver.finish()
    }
}
