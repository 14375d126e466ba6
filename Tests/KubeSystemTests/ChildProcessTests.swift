// Children on a loop: what they get, what they may not do, and that nothing of them is left.
import Glibc
import KubeSystem
import Testing

private final class Run {
    let loop: EpollLoop
    var child: ChildProcess?
    var end: ChildEnd?

    init(_ path: String, _ arguments: [String] = [], environment: [String] = ["PATH=/usr/bin:/bin"], timeMs: Int64 = 20_000, outputBytes: Int = 1 << 20, hasDescriptors: Bool = true) throws {
        loop = try EpollLoop()
        child = try ChildProcess(
            ChildCommand(path: path, arguments: arguments, environment: environment), limits: ChildLimits(timeMs: timeMs, outputBytes: outputBytes),
            on: loop, hasDescriptors: hasDescriptors
        ) { [unowned self] in end = $0 }
    }

    convenience init(shell: String, timeMs: Int64 = 20_000, outputBytes: Int = 1 << 20, hasDescriptors: Bool = true) throws {
        try self.init("/bin/sh", ["-c", shell], timeMs: timeMs, outputBytes: outputBytes, hasDescriptors: hasDescriptors)
    }

    /// Turns the loop until it has ended.
    @discardableResult
    func finish() -> ChildEnd? {
        _ = turn(loop, limitMs: 30_000) { end != nil }
        return end
    }

    var output: String? { finish().map { String(decoding: $0.output, as: UTF8.self) } }
}

/// Whether a process is there and is no zombie.
private func isAlive(_ process: pid_t) -> Bool {
    guard let file = fopen("/proc/\(process)/stat", "r") else { return false }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 512)
    guard fgets(&line, 512, file) != nil else { return false }
    let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return text.split(separator: ")").last?.split(separator: " ").first != "Z"
}

private var openDescriptors: Int {
    var count = 0
    guard let folder = opendir("/proc/self/fd") else { return -1 }
    while readdir(folder) != nil { count += 1 }
    closedir(folder)
    return count
}

/// Whether many rounds leave no descriptor each. Other tests of this process open and close some meanwhile.
private func leavesNothingOpen(_ round: () throws -> Void) rethrows -> Bool {
    for _ in 0..<5 {
        let before = openDescriptors
        for _ in 0..<20 { try round() }
        if openDescriptors < before + 10 { return true }
    }
    return false
}

@Suite(.serialized) struct ChildProcessTests {
    @Test func argumentsReachTheProgramAsTheyAreWithoutAShell() throws {
        let run = try Run("/bin/echo", ["$HOME", "`id`; *", "a\nb", ""])
        #expect(run.output == "$HOME `id`; * a\nb \n")
        #expect(run.end?.exit == .code(0))
    }

    @Test func theEnvironmentIsExactlyWhatIsGiven() throws {
        #expect(try Run("/usr/bin/env", environment: ["A=1", "B=two words"]).output == "A=1\nB=two words\n")
        #expect(try Run("/usr/bin/env", environment: []).output == "")
    }

    @Test func standardInputIsEmpty() throws {
        #expect(try Run("/bin/cat").finish() == ChildEnd(.code(0)))
        #expect(try Run("/usr/bin/readlink", ["/proc/self/fd/0"]).output == "/dev/null\n")
        // That of this process may be /dev/null as well.
        #expect(statusOfChild {
            guard dup2(open("/etc/passwd", O_RDONLY), 0) == 0, let run = try? Run("/bin/cat") else { return 1 }
            return run.finish() == ChildEnd(.code(0)) ? 0 : 2
        } == 0)
    }

    @Test func noOtherDescriptorIsOpenInTheChild() throws {
        // Without close-on-exec, as a host may have them.
        let open = dup(0)
        defer { close(open) }
        // 3 is the folder that ls itself reads.
        #expect(try Run("/bin/ls", ["/proc/self/fd"]).output == "0\n1\n2\n3\n")
    }

    @Test func noSignalIsBlockedOrIgnoredInTheChild() throws {
        var blocked = sigset_t()
        var before = sigset_t()
        sigfillset(&blocked)
        pthread_sigmask(SIG_SETMASK, &blocked, &before)
        let ignored = signal(SIGPIPE, SIG_IGN)
        defer {
            pthread_sigmask(SIG_SETMASK, &before, nil)
            _ = signal(SIGPIPE, ignored)
        }
        let lines = try Run("/bin/grep", ["^Sig[BI]", "/proc/self/status"]).output?.split(separator: "\n")
        #expect(lines == ["SigBlk:\t0000000000000000", "SigIgn:\t0000000000000000"])
    }

    @Test func itsSessionAndGroupAreItsOwn() throws {
        let run = try Run("/bin/cat", ["/proc/self/stat"])
        let fields = run.output?.split(separator: " ").map(String.init) ?? []
        let number = try #require(run.child).process
        #expect(fields.count > 6 && fields[0] == "\(number)" && fields[4] == "\(number)" && fields[5] == "\(number)")
    }

    @Test(arguments: [true, false]) func howItEndedIsTold(hasDescriptors: Bool) throws {
        #expect(try Run(shell: "exit 3", hasDescriptors: hasDescriptors).finish()?.exit == .code(3))
        #expect(try Run(shell: "kill -TERM $$", hasDescriptors: hasDescriptors).finish()?.exit == .signal(SIGTERM))
        let both = try Run(shell: "echo out; echo err >&2", hasDescriptors: hasDescriptors).finish()
        #expect(both == ChildEnd(.code(0), output: Array("out\n".utf8), errors: Array("err\n".utf8)))
    }

    @Test func whatItWroteJustBeforeItsEndIsRead() throws {
        let path = "/tmp/kubecr-child-\(getpid())-last"
        defer { unlink(path) }
        let run = try Run(shell: "until [ -e \(path) ]; do sleep 0.01; done; echo last", hasDescriptors: false)
        let child = try #require(run.child)
        // In the turn that finds it ended, but after that turn has looked at its pipes.
        run.loop.after(0) {
            close(open(path, O_CREAT | O_WRONLY, 0o600))
            _ = eventually { !isAlive(child.process) }
        }
        let due = MonotonicClock.nowMs + 30
        #expect(eventually { MonotonicClock.nowMs > due })
        #expect(run.output == "last\n")
    }

    @Test func outputUpToTheLimitIsKeptWhole() throws {
        let end = try Run(shell: "head -c 300000 /dev/zero", outputBytes: 300_000).finish()
        #expect(end?.exceeded == nil && end?.output.count == 300_000)
    }

    @Test(arguments: ["yes", "yes >&2", "head -c 300001 /dev/zero"]) func whatFloodsIsKilled(command: String) throws {
        let end = try Run(shell: command, outputBytes: 300_000).finish()
        #expect(end?.exceeded == .output)
    }

    @Test(arguments: [true, false]) func whatHangsIsKilledWithItsChildren(hasDescriptors: Bool) throws {
        let path = "/tmp/kubecr-child-\(getpid())-\(hasDescriptors)"
        defer { unlink(path) }
        let run = try Run(shell: "trap '' TERM; sleep 1000 & echo $! > \(path); wait; wait", timeMs: 500, hasDescriptors: hasDescriptors)
        let began = MonotonicClock.nowMs
        #expect(run.finish()?.exceeded == .time)
        #expect(run.end?.exit == .signal(SIGKILL))
        #expect((400...5000).contains(MonotonicClock.nowMs - began))
        let text = try #require(try Run("/bin/cat", [path]).output).dropLast()
        let grandchild = try #require(pid_t(text))
        #expect(eventually { !isAlive(grandchild) })
    }

    @Test func aChildOfItsOwnThatLivesOnDelaysNothing() throws {
        let began = MonotonicClock.nowMs
        let run = try Run(shell: "sleep 100 & echo $!")
        let text = try #require(run.output)
        #expect(run.end?.exit == .code(0) && MonotonicClock.nowMs - began < 10_000)
        let left = try #require(pid_t(text.dropLast()))
        #expect(isAlive(left))
        kill(left, SIGKILL)
    }

    @Test func aProgramThatIsNotThereIsRefused() throws {
        for (path, number) in [("/nowhere/plugin", ENOENT), ("/etc/passwd", EACCES), ("/bin", EACCES)] {
            let loop = try EpollLoop()
            let leavesNothing = leavesNothingOpen {
                let error = #expect(throws: SystemError.self) {
                    try ChildProcess(ChildCommand(path: path), limits: ChildLimits(timeMs: 1000, outputBytes: 10), on: loop) { _ in }
                }
                #expect(error?.number == number)
            }
            #expect(leavesNothing)
        }
    }

    @Test func aNULInAnArgumentIsRefused() throws {
        #expect(throws: SystemError.self) { _ = try Run("/bin/echo", ["a\0b"]) }
    }

    @Test func cancellingLeavesNothing() throws {
        let leavesNothing = try leavesNothingOpen {
            let run = try Run(shell: "sleep 100 & wait")
            let child = try #require(run.child)
            run.child = nil
            child.cancel()
            child.cancel()
            var status: Int32 = 0
            #expect(waitpid(child.process, &status, WNOHANG) == -1 && errno == ECHILD, "a zombie is left")
            _ = turn(run.loop, limitMs: 20) { false }
            #expect(run.end == nil)
        }
        #expect(leavesNothing)
    }

    @Test func manyRunsLeaveNoDescriptor() throws {
        let leavesNothing = try leavesNothingOpen {
            let exit = try Run("/bin/true").finish()?.exit
            #expect(exit == .code(0))
        }
        #expect(leavesNothing)
    }

    @Test func otherChildrenOfTheHostAreNotReaped() throws {
        let other = forkProcess()
        if other == 0 { _exit(7) }
        for _ in 0..<5 { try Run("/bin/true").finish() }
        #expect(exitStatus(of: other) == 7)
    }

    @Test func anOuterLoopIsWokenByItsEnd() throws {
        let run = try Run(shell: "sleep 0.2")
        _ = turn(run.loop, limitMs: 50) { false }
        #expect(isReadable(run.loop.descriptor, withinMs: 10_000))
        #expect(run.finish()?.exit == .code(0))
    }

    @Test(arguments: [true, false]) func aHostThatIgnoresSIGCHLDGetsTheOutput(hasDescriptors: Bool) {
        #expect(statusOfChild {
            _ = signal(SIGCHLD, SIG_IGN)
            guard let run = try? Run(shell: "echo token; exit 3", hasDescriptors: hasDescriptors), let end = run.finish() else { return 1 }
            guard let slow = try? Run(shell: "sleep 1000", timeMs: 200, hasDescriptors: hasDescriptors), let killed = slow.finish() else { return 2 }
            return end == ChildEnd(.unknown, output: Array("token\n".utf8)) && killed.exceeded == .time ? 0 : 3
        } == 0)
    }

    @Test func aHostWithoutStandardDescriptorsCanRunAProgram() {
        #expect(statusOfChild {
            for descriptor in [0, 1, 2] as [Int32] { close(descriptor) }
            guard let run = try? Run(shell: "echo out; echo err >&2; readlink /proc/self/fd/0"), let end = run.finish() else { return 1 }
            return end == ChildEnd(.code(0), output: Array("out\n/dev/null\n".utf8), errors: Array("err\n".utf8)) ? 0 : 2
        } == 0)
    }

    @Test func aGroupWhoseLeaderSomebodyElseHasReapedIsNotKilled() {
        let path = "/tmp/kubecr-child-\(getpid())-left"
        defer { unlink(path) }
        #expect(statusOfChild {
            _ = signal(SIGCHLD, SIG_IGN)
            guard let run = try? Run(shell: "sleep 100 & echo $! > \(path)"), let child = run.child else { return 1 }
            guard eventually(5000, { kill(child.process, 0) != 0 }) else { return 2 }
            // Its number is free by now, and may be another's.
            child.cancel()
            guard let text = try? Run("/bin/cat", [path]).output, let left = pid_t(text.dropLast()) else { return 3 }
            defer { kill(left, SIGKILL) }
            return isAlive(left) ? 0 : 4
        } == 0)
    }

    @Test func theLoopGoesOnWhileTheProgramRuns() throws {
        let path = "/tmp/kubecr-child-\(getpid())-gate"
        defer { unlink(path) }
        // It gives up after ten seconds, as it must when the loop waits for it.
        let run = try Run(shell: "echo early; for i in $(seq 100); do if [ -e \(path) ]; then exit 0; fi; sleep 0.1; done; exit 1")
        var hasTurned = false
        run.loop.after(50) { hasTurned = true }
        #expect(turn(run.loop) { hasTurned } && run.end == nil)
        close(open(path, O_CREAT | O_WRONLY, 0o600))
        #expect(run.finish() == ChildEnd(.code(0), output: Array("early\n".utf8)))
    }

    @Test func aForkedChildOfTheHostKillsNothing() throws {
        let run = try Run(shell: "sleep 0.5; echo done")
        #expect(statusOfChild {
            run.child?.cancel()
            return 0
        } == 0)
        #expect(run.output == "done\n")
    }
}
