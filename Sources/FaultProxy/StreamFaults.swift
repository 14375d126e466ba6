// What becomes of the bytes of one way of one connection: bytes and time in, steps out. A pure machine; it owns no socket.

/// Belongs to its connection. The driver asks for a step, does it whole, and asks again.
package struct StreamFaults {
    package enum Step: Equatable {
        /// The first so many bytes of the input go on as they are, in one write.
        case pass(Int)
        /// These go on in place of the first so many, in one write.
        case replace(Int, [UInt8])
        /// The first so many go nowhere.
        case discard(Int)
        /// Nothing before that time.
        case wait(untilMs: Int64)
        /// Nothing until the rules change.
        case hold
        /// Needs more input. An end of the input may be passed on.
        case idle
        /// An end towards the receiver, now; all further input is discarded.
        case truncate
        /// The end of the whole connection.
        case reset, close
        /// The whole connection is to be swallowed: `swallow` both ways.
        case blackhole
    }

    private enum Mode { case passing, swallowing }

    private let connection: Int64
    private let way: Way
    /// Bytes of the input that are dealt with.
    package private(set) var position: Int64 = 0
    /// By byte, ascending; `after` counts from the connection's beginning here.
    private var pending: [FaultPlan.Armed] = []
    private var mode = Mode.passing
    private var isHeld = false
    private var waitUntil: Int64 = 0
    private var rate: Rate?
    private var split: (bytes: Int, pauseMs: Int64)?
    private var corrupting: (left: Int64, xor: UInt8) = (0, 0)
    private var dropping: Int64 = 0
    private var chunk: FaultPlan.Armed?
    private var scanner = ChunkScanner()

    /// Bytes per second, saved up for a fiftieth of a second.
    private struct Rate {
        let perSecond: Int64
        var credit = 0.0
        var last: Int64

        /// How many bytes may go now; 0 and the time to ask again.
        mutating func allowance(_ now: Int64) -> (bytes: Int, againAt: Int64) {
            let most = max(1, Double(perSecond) / 50)
            credit = min(most, credit + Double(max(0, now &- last)) * Double(perSecond) / 1000)
            last = now
            if credit >= 1, credit >= most * 0.5 { return (Int(credit), now) }
            return (0, now &+ max(1, Int64(((max(1, most * 0.5) - credit) * 1000 / Double(perSecond)).rounded(.up))))
        }
    }

    package init(connection: Int64, way: Way, plan: FaultPlan) {
        self.connection = connection
        self.way = way
        pending = plan.armed(connection: connection, way: way)
    }

    /// Rules that came later count from here.
    package mutating func arm(_ new: [FaultPlan.Armed]) {
        for var armed in new {
            armed.after = armed.after.addingReportingOverflow(position).partialValue
            pending.append(armed)
        }
        pending.sort { ($0.after, $0.number) < ($1.after, $1.number) }
    }

    /// The rules are gone: what waits, waits no more, and what comes passes as it is. What was lost stays lost.
    package mutating func disarm() {
        pending = []
        chunk = nil
        isHeld = false
        waitUntil = 0
        rate = nil
        split = nil
        corrupting.left = 0
        dropping = 0
    }

    package mutating func swallow() {
        disarm()
        mode = .swallowing
    }

    /// Nothing of this way arrives any more, as things stand.
    package var isDead: Bool { isHeld || mode == .swallowing }

    /// What is to be done next with `input`, the bytes that came and are not dealt with yet.
    package mutating func next(_ input: UnsafeRawBufferPointer, now: Int64, plan: inout FaultPlan) -> Step {
        if mode == .swallowing {
            if input.isEmpty { return .idle }
            return discard(input, input.count)
        }
        // A rule happens as soon as its bytes went through, without waiting for the next one. While the way stands still, none does.
        while !isHeld, now >= waitUntil, let due = pending.first, due.after <= position {
            pending.removeFirst()
            if case .chunk = due.fault {
                // It happens where the next size stands.
                chunk = due
                continue
            }
            guard plan.fire(due, connection: connection, way: way, position: position) else { continue }
            if let step = begin(due, now) { return step }
        }
        if isHeld { return .hold }
        if now < waitUntil { return .wait(untilMs: waitUntil) }
        guard !input.isEmpty else { return .idle }

        var count = min(input.count, 16384)
        if let first = pending.first { count = Int(min(Int64(count), first.after &- position)) }
        if dropping > 0 {
            count = Int(min(Int64(count), dropping))
            dropping -= Int64(count)
            return discard(input, count)
        }
        if let armed = chunk {
            if scanner.isBlind {
                plan.cannot(armed, connection: connection, way: way, position: position)
                chunk = nil
            } else if let at = scanner.firstSize(in: UnsafeRawBufferPointer(rebasing: input[..<count])) {
                guard at == 0 else { return emit(input, min(count, at), now) }
                chunk = nil
                if case .chunk(let text) = armed.fault, plan.fire(armed, connection: connection, way: way, position: position) {
                    return .replace(0, Array(text.utf8))
                }
            }
        }
        return emit(input, count, now)
    }

    private mutating func begin(_ due: FaultPlan.Armed, _ now: Int64) -> Step? {
        switch due.fault {
        case .refuse, .chunk: return nil
        case .reset: return .reset
        case .close: return .close
        case .blackhole: return .blackhole
        case .truncate:
            swallow()
            return .truncate
        case .stall(nil): isHeld = true
        case .stall(let ms?): waitUntil = now.addingReportingOverflow(ms).partialValue
        case .slow(let perSecond): rate = Rate(perSecond: perSecond, last: now)
        case .split(let bytes, let pauseMs): split = (Int(bytes), pauseMs)
        case .corrupt(let bytes, let xor): corrupting = (bytes, xor)
        case .drop(let bytes): dropping = dropping &+ bytes
        case .insert(let text): return .replace(0, Array(text.utf8))
        }
        return nil
    }

    private mutating func emit(_ input: UnsafeRawBufferPointer, _ most: Int, _ now: Int64) -> Step {
        var count = most
        if let split { count = min(count, split.bytes) }
        if rate != nil, let (bytes, againAt) = rate?.allowance(now) {
            guard bytes > 0 else { return .wait(untilMs: againAt) }
            count = min(count, bytes)
            rate?.credit -= Double(count)
        }
        if let split, split.pauseMs > 0 { waitUntil = now &+ split.pauseMs }
        if corrupting.left > 0 {
            count = Int(min(Int64(count), corrupting.left))
            corrupting.left -= Int64(count)
            let bad = input[..<count].map { $0 ^ corrupting.xor }
            take(input, count)
            return .replace(count, bad)
        }
        take(input, count)
        return .pass(count)
    }

    private mutating func discard(_ input: UnsafeRawBufferPointer, _ count: Int) -> Step {
        take(input, count)
        return .discard(count)
    }

    private mutating func take(_ input: UnsafeRawBufferPointer, _ count: Int) {
        scanner.consume(UnsafeRawBufferPointer(rebasing: input[..<count]))
        position &+= Int64(count)
    }
}
