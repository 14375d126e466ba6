// A program run as a child of this process, followed on an event loop: its output within limits, its end without a signal
// handler. It knows nothing of what the program is for; how it is started stands in ChildProcess+Spawn.swift.
import Glibc

package struct ChildCommand: Equatable, Sendable {
    /// An absolute path: neither a shell nor PATH is asked.
    package var path: String
    /// Without the program's own name.
    package var arguments: [String]
    /// "NAME=value", all of it.
    package var environment: [String]

    package init(path: String, arguments: [String] = [], environment: [String] = []) {
        self.path = path
        self.arguments = arguments
        self.environment = environment
    }
}

package struct ChildLimits: Equatable, Sendable {
    package var timeMs: Int64
    /// Of standard output, and of standard error.
    package var outputBytes: Int

    package init(timeMs: Int64, outputBytes: Int) {
        self.timeMs = timeMs
        self.outputBytes = outputBytes
    }
}

/// How a child ended and what it wrote.
package struct ChildEnd: Equatable {
    package enum Exit: Equatable {
        case code(Int32)
        case signal(Int32)
        /// Somebody else has reaped it: the host ignores SIGCHLD, or waits for any child.
        case unknown
    }

    package enum Limit { case time, output }

    package var exit: Exit
    /// The limit for which it was killed.
    package var exceeded: Limit?
    package var output: [UInt8]
    package var errors: [UInt8]

    package init(_ exit: Exit, exceeded: Limit? = nil, output: [UInt8] = [], errors: [UInt8] = []) {
        self.exit = exit
        self.exceeded = exceeded
        self.output = output
        self.errors = errors
    }
}

/// Belongs to the loop, which keeps it until it has ended. It ends with one call of `done`, unless it is cancelled first.
package final class ChildProcess {
    private final class Pipe {
        let descriptor: Int32
        var bytes: [UInt8] = []
        var isOpen = true
        init(_ descriptor: Int32) { self.descriptor = descriptor }
    }

    /// Without a descriptor for the process (before Linux 5.3) the end is looked for so often.
    private static let lookMs: Int64 = 20
    /// How long a killed child may take to vanish.
    private static let deathMs: Int64 = 1000

    private let loop: EpollLoop
    private let limits: ChildLimits
    private var done: ((ChildEnd) -> Void)?
    /// Its number, and that of its group.
    package let process: Int32
    /// Readable when the process has ended; -1: this kernel has none.
    private let ending: Int32
    private let output: Pipe
    private let errors: Pipe
    private var exceeded: ChildEnd.Limit?
    private var limitTimer: LoopTimer?
    private var lookTimer: LoopTimer?

    /// Starts the program: standard input is /dev/null, no other descriptor of this process is open in it, no signal is
    /// blocked or ignored, its session and process group are its own. `hasDescriptors` false: as on a kernel without pidfds.
    package init(
        _ command: ChildCommand, limits: ChildLimits, on loop: EpollLoop, hasDescriptors: Bool = true, done: @escaping (ChildEnd) -> Void
    ) throws(SystemError) {
        let started = try Spawn.start(command)
        self.loop = loop
        self.limits = limits
        self.done = done
        process = started.process
        output = Pipe(started.output)
        errors = Pipe(started.errors)
        ending = hasDescriptors ? Int32(truncatingIfNeeded: linux_syscall(Linux.pidfdOpen, Int(started.process), 0)) : -1
        for pipe in [output, errors] {
            loop.watch(pipe.descriptor, readable: true, writable: false) { [self] _, _ in
                // A piece at a time: what floods us gets its share of the loop and no more.
                read(pipe, pieces: 4)
            }
        }
        if ending >= 0 { loop.watch(ending, readable: true, writable: false) { [self] _, _ in look() } } else { lookLater() }
        limitTimer = loop.after(limits.timeMs) { [self] in exceed(.time) }
    }

    /// Kills it and forgets it; `done` is not called. Idempotent.
    package func cancel() {
        guard done != nil else { return }
        kill()
        // A killed process is gone at once, except in the middle of a system call that cannot be left.
        for _ in 0..<100 where state() == nil { usleep(1000) }
        release()
    }

    // MARK: Its output

    /// The size of a pipe at once, at most.
    private func read(_ pipe: Pipe, pieces: Int) {
        guard pipe.isOpen, exceeded == nil else { return }
        withUnsafeTemporaryAllocation(byteCount: 16384, alignment: 1) { piece in
            for _ in 0..<pieces {
                let count = Glibc.read(pipe.descriptor, piece.baseAddress, piece.count)
                if count < 0 {
                    if errno == EINTR { continue }
                    if errno != EAGAIN { close(pipe) }
                    return
                }
                if count == 0 { return close(pipe) }
                if pipe.bytes.count + count > limits.outputBytes { return exceed(.output) }
                pipe.bytes.append(contentsOf: piece[..<count])
            }
        }
    }

    private func close(_ pipe: Pipe) {
        guard pipe.isOpen else { return }
        pipe.isOpen = false
        loop.unwatch(pipe.descriptor)
        Glibc.close(pipe.descriptor)
    }

    // MARK: Its end

    private func exceed(_ limit: ChildEnd.Limit) {
        guard exceeded == nil, done != nil else { return }
        exceeded = limit
        limitTimer?.cancel()
        close(output)
        close(errors)
        kill()
        limitTimer = loop.after(Self.deathMs) { [self] in finish(.unknown) }
    }

    /// The whole group. Never a stranger: as long as the leader is not reaped, its number is not given to another process.
    private func kill() {
        guard loop.isOwn, wait(WNOWAIT) != .some(.unknown) else { return }
        _ = Glibc.kill(-process, SIGKILL)
    }

    private func lookLater() {
        lookTimer = loop.after(Self.lookMs) { [self] in
            lookLater()
            look()
        }
    }

    private func look() {
        guard done != nil, let exit = state() else { return }
        // What it wrote and nobody has read; a child of its own that lives on may hold the pipe open for ever.
        let pieces = limits.outputBytes / 16384 + 2
        read(output, pieces: pieces)
        read(errors, pieces: pieces)
        finish(exit)
    }

    /// Reaps it when it has ended; nil: it runs.
    private func state() -> ChildEnd.Exit? { wait(0) }

    private func wait(_ flags: Int32) -> ChildEnd.Exit? {
        var info = siginfo_t()
        var result: Int32 = -1
        if ending >= 0 { result = waitid(idtype_t(rawValue: Linux.waitByDescriptor), id_t(bitPattern: ending), &info, WEXITED | WNOHANG | flags) }
        // Linux 5.3 has the descriptor and cannot wait for it.
        if ending < 0 || result != 0 && errno == EINVAL { result = waitid(P_PID, id_t(bitPattern: process), &info, WEXITED | WNOHANG | flags) }
        // Interrupted: look again. Any other failure says that it is not ours to wait for any more.
        if result != 0 { return errno == EINTR ? nil : .unknown }
        let child = info._sifields._sigchld
        if child.si_pid == 0 { return nil }
        return info.si_code == CLD_EXITED ? .code(child.si_status) : .signal(child.si_status)
    }

    private func finish(_ exit: ChildEnd.Exit) {
        guard let done else { return }
        let end = ChildEnd(exit, exceeded: exceeded, output: output.bytes, errors: errors.bytes)
        release()
        done(end)
    }

    private func release() {
        done = nil
        limitTimer?.cancel()
        lookTimer?.cancel()
        close(output)
        close(errors)
        guard ending >= 0 else { return }
        loop.unwatch(ending)
        Glibc.close(ending)
    }
}
