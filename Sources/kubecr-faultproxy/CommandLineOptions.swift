// The command line as a value. It opens nothing.
import FaultProxy
import KubeCore

struct CommandLineOptions {
    var upstream: (host: String, port: UInt16)?
    var listen: (host: String, port: UInt16) = ("127.0.0.1", 0)
    var control: (host: String, port: UInt16)?
    var script: String?
    var seed: UInt64 = 1
    var maxConnections = 1024
    var kubeconfig: String?
    var kubeconfigOut: String?
    var isQuiet = false
    var wantsHelp = false

    static let help = """
        kubecr-faultproxy: trouble between a Kubernetes client and its API server, on demand.

        --upstream HOST:PORT      where the API server is; default: the server of --kubeconfig
        --listen [HOST:]PORT      where clients connect; default 127.0.0.1 and a free port
        --control [HOST:]PORT     HTTP control: /rules, /connections, /stats, /reset; default: none
        --script FILE             rules at the start: one JSON object a line, or an array
        --seed N                  for "chance" and ranges of "after"; default 1
        --max-connections N       further ones wait; default 1024
        --kubeconfig FILE         the kubeconfig to copy; its current context counts
        --kubeconfig-out FILE     the copy, whose server is the proxy; mode 0600
        --quiet                   no line on stderr for what a rule did
        --help

        Says "listening on HOST:PORT" when it is ready, and ends on SIGTERM or SIGINT. Manual: Sources/kubecr-faultproxy/README.md.
        """

    /// Throws `.argument`.
    init(_ arguments: some Sequence<String>) throws(KubeError) {
        var rest = Array(arguments)[...]
        var seen: Set<String> = []
        while let word = rest.popFirst() {
            // --name value, or --name=value.
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let name = parts[0]
            guard seen.insert(name).inserted else { throw KubeError(.argument, "\(name) is given twice") }
            if ["--quiet", "--help"].contains(word) {
                if word == "--quiet" { isQuiet = true } else { wantsHelp = true }
                continue
            }
            guard ["--upstream", "--listen", "--control", "--script", "--seed", "--max-connections", "--kubeconfig", "--kubeconfig-out"].contains(name) else {
                throw KubeError(.argument, "\(name) is no option; see --help")
            }
            guard let value = parts.count > 1 ? parts[1] : rest.popFirst(), !value.isEmpty else { throw KubeError(.argument, "\(name) needs a value") }
            try take(name, value)
        }
        if !wantsHelp, upstream == nil, kubeconfig == nil { throw KubeError(.argument, "--upstream or --kubeconfig is needed") }
        if kubeconfigOut != nil, kubeconfig == nil { throw KubeError(.argument, "--kubeconfig-out needs --kubeconfig") }
    }

    private mutating func take(_ name: String, _ value: String) throws(KubeError) {
        do throws(KubeError) {
            switch name {
            case "--upstream":
                let place = try SocketAddress.parts(value)
                guard place.port > 0 else { throw KubeError(.argument, "the port must be from 1 to 65535") }
                upstream = place
            case "--listen": listen = try SocketAddress.parts(value, defaultHost: "127.0.0.1")
            case "--control": control = try SocketAddress.parts(value, defaultHost: "127.0.0.1")
            case "--script": script = value
            case "--seed":
                guard let number = UInt64(value) else { throw KubeError(.argument, "must be a whole number") }
                seed = number
            case "--max-connections":
                guard let number = Int(value), (1...100_000).contains(number) else { throw KubeError(.argument, "must be a number from 1 to 100000") }
                maxConnections = number
            case "--kubeconfig": kubeconfig = value
            default: kubeconfigOut = value
            }
        } catch {
            throw KubeError(.argument, "\(name): \(error.message)")
        }
    }
}
