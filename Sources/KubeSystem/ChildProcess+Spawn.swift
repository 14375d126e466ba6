// How a child is started: posix_spawn, so that no handler of pthread_atfork runs and no copy of this process is made.
import Glibc

enum Spawn {
    struct Started {
        var process: pid_t
        /// Our ends of its pipes; they don't block.
        var output: Int32
        var errors: Int32
    }

    static func start(_ command: ChildCommand) throws(SystemError) -> Started {
        guard !([command.path] + command.arguments + command.environment).contains(where: { $0.utf8.contains(0) }) else {
            throw SystemError("posix_spawn", EINVAL)
        }
        let output = try pipe()
        defer { close(output.write) }
        let errors: (read: Int32, write: Int32)
        do {
            errors = try pipe()
        } catch {
            close(output.read)
            throw error
        }
        defer { close(errors.write) }
        var process = pid_t()
        let number = spawn(command, output: output.write, errors: errors.write, &process)
        if number != 0 {
            close(output.read)
            close(errors.read)
            throw SystemError("posix_spawn", number)
        }
        return Started(process: process, output: output.read, errors: errors.read)
    }

    private static func pipe() throws(SystemError) -> (read: Int32, write: Int32) {
        let ends = UnsafeMutablePointer<Int32>.allocate(capacity: 2)
        defer { ends.deallocate() }
        guard linux_pipe2(ends, Linux.closeOnExec) == 0 else { throw SystemError("pipe2", errno) }
        let (read, write) = (try aboveStandard(ends[0], orClose: ends[1]), ends[1])
        _ = fcntl(read, F_SETFL, O_NONBLOCK)
        return (read, try aboveStandard(write, orClose: read))
    }

    /// In a process whose standard descriptors are closed a pipe may get their numbers, which the child sets anew.
    private static func aboveStandard(_ descriptor: Int32, orClose other: Int32) throws(SystemError) -> Int32 {
        if descriptor > 2 { return descriptor }
        defer { close(descriptor) }
        let moved = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        if moved < 0 {
            let number = errno
            close(other)
            throw SystemError("fcntl", number)
        }
        return moved
    }

    /// The errno of posix_spawn, or of what leads to it.
    private static func spawn(_ command: ChildCommand, output: Int32, errors: Int32, _ process: inout pid_t) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        var number = posix_spawn_file_actions_init(&actions)
        if number != 0 { return number }
        defer { posix_spawn_file_actions_destroy(&actions) }
        number = posix_spawnattr_init(&attributes)
        if number != 0 { return number }
        defer { posix_spawnattr_destroy(&attributes) }
        var (all, none) = (sigset_t(), sigset_t())
        // sigfillset leaves out two signals of the C library's own, which posix_spawn would have the child ignore.
        memset(&all, 0xff, MemoryLayout<sigset_t>.size)
        sigemptyset(&none)
        // A session of its own has no terminal, so that nothing can ask a person there.
        let flags = Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK) | Linux.spawnNewSession
        let steps = [
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0),
            posix_spawn_file_actions_adddup2(&actions, output, 1),
            posix_spawn_file_actions_adddup2(&actions, errors, 2),
            linux_posix_spawn_file_actions_addclosefrom_np(&actions, 3),
            posix_spawnattr_setsigdefault(&attributes, &all),
            posix_spawnattr_setsigmask(&attributes, &none),
            posix_spawnattr_setflags(&attributes, flags),
        ]
        if let failed = steps.first(where: { $0 != 0 }) { return failed }
        return withTexts([command.path] + command.arguments) { arguments in
            withTexts(command.environment) { environment in posix_spawn(&process, command.path, &actions, &attributes, arguments, environment) }
        }
    }

    /// The texts as C has them: pointers, and a NULL at the end. ENOMEM without memory.
    private static func withTexts(_ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Int32) -> Int32 {
        let pointers = texts.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        guard !pointers.contains(nil) else { return ENOMEM }
        return (pointers + [nil]).withUnsafeBufferPointer { $0.baseAddress.map(body) ?? ENOMEM }
    }
}
