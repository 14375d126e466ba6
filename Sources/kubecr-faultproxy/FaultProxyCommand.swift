// kubecr-faultproxy: trouble between a Kubernetes client and its API server, on demand. The command line, and the order of starting.
import FaultProxy
import Glibc
import KubeCore
import KubeSystem

@main
enum FaultProxyCommand {
    static func main() {
        do throws(KubeError) {
            let options = try CommandLineOptions(CommandLine.arguments.dropFirst())
            guard !options.wantsHelp else { return say(CommandLineOptions.help) }
            try run(options)
        } catch {
            complain("kubecr-faultproxy: \(error.message)")
            exit(error.code == .argument ? 2 : 1)
        }
    }

    private static func run(_ options: CommandLineOptions) throws(KubeError) {
        // Waited for below; the loop's thread has all signals blocked.
        var ending = sigset_t()
        sigemptyset(&ending)
        for number in [SIGTERM, SIGINT] { sigaddset(&ending, number) }
        pthread_sigmask(SIG_BLOCK, &ending, nil)
        signal(SIGPIPE, SIG_IGN)
        raiseDescriptorLimit()

        let config = try options.kubeconfig.map { path throws(KubeError) in try KubeconfigCopy.read(path) }
        let (host, port) = try upstream(options, config)
        var settings = try FaultProxy.Settings(upstream: SocketAddress.resolve(host: host, port: port), listen: first(options.listen))
        settings.rules = try options.script.map { path throws(KubeError) in try rules(path) } ?? []
        settings.seed = options.seed
        settings.maxConnections = options.maxConnections

        let proxy: FaultProxy
        var control: ControlServer?
        let loop: EpollLoop
        do throws(SystemError) {
            loop = try EpollLoop()
            proxy = try FaultProxy(settings, loop: loop)
        } catch { throw KubeError(.connect, "\(options.listen.host):\(options.listen.port): \(error.message)") }
        if !options.isQuiet { proxy.onLog = { complain($0) } }
        if let address = options.control {
            let place = try first(address)
            do throws(SystemError) { control = try ControlServer(proxy, at: place) } catch {
                throw KubeError(.connect, "\(address.host):\(address.port): \(error.message)")
            }
        }
        if let config, let out = options.kubeconfigOut, let source = options.kubeconfig {
            let copy = try KubeconfigCopy.through(options.listen.host, proxy.address.port, config, folder: folder(of: source))
            try KubeconfigCopy.write(copy, to: out)
        }
        let thread: LoopThread
        do throws(SystemError) { thread = try LoopThread(loop) } catch { throw KubeError(.noMemory, error.message) }
        if let control { say("control on http://\(control.address.text)") }
        say("listening on \(proxy.address.text)")

        var number: Int32 = 0
        sigwait(&ending, &number)
        loop.post {
            control?.stop()
            proxy.stop()
        }
        thread.stop()
        _ = thread.join(untilMs: MonotonicClock.nowMs + 5000)
    }

    private static func upstream(_ options: CommandLineOptions, _ config: JSONValue?) throws(KubeError) -> (host: String, port: UInt16) {
        if let upstream = options.upstream { return upstream }
        guard let config else { throw KubeError(.argument, "--upstream or --kubeconfig is needed") }
        return try KubeconfigCopy.server(of: config)
    }

    private static func first(_ place: (host: String, port: UInt16)) throws(KubeError) -> SocketAddress {
        let found = try SocketAddress.resolve(host: place.host, port: place.port)
        return found[0]
    }

    private static func rules(_ path: String) throws(KubeError) -> [FaultRule] {
        let text = try InputFile.read(path)
        do throws(KubeError) { return try FaultScript.rules(text) } catch { throw KubeError(.argument, "\(path): \(error.message)") }
    }

    private static func folder(of path: String) throws(KubeError) -> String {
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        guard let whole = realpath(folder, nil) else { throw KubeError(.config, "\(folder): errno \(errno)") }
        defer { free(whole) }
        return String(cString: whole)
    }

    /// Two descriptors a connection: the soft limit of 1024 is soon reached.
    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    static func say(_ text: String) { put(text, 1) }
    static func complain(_ text: String) { put(text, 2) }

    /// One line, whole, at once.
    private static func put(_ text: String, _ descriptor: Int32) {
        let line = Array((text + "\n").utf8)
        _ = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    }
}
