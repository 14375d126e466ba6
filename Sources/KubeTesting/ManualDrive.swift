// A client without sockets, threads or a running clock: the test turns the loop, the callbacks and the time.
package import KubeClient
package import KubeConfig
import KubeCore
import KubeSystem

/// A client over a ManualLoop and a ScriptedTransport. Everything happens on the thread that turns it.
package final class ManualDrive {
    package let loop: ManualLoop
    package let server: ScriptedTransport
    package let callbacks: CallbackQueue
    package let client: Client
    /// While true, what is to be told waits: a consumer that is busy.
    package var holdsCallbacks = false

    /// `streamsLists`: as every real client does; most scripts are shorter without.
    package init(
        _ options: ClientOptions = ClientOptions(), plugins: PluginHost? = nil, streamsLists: Bool = false, _ change: (inout ClientConfig) -> Void = { _ in }
    ) {
        var options = options
        options.streamsLists = streamsLists
        loop = ManualLoop()
        let seam = loop.makeLoop()
        server = ScriptedTransport(loop: seam)
        callbacks = CallbackQueue()
        var config = ClientConfig(server: ClientConfig.Server(scheme: .http, host: "scripted", port: 80))
        change(&config)
        let drive = Drive.byHand(loop: seam, callbacks: callbacks)
        client = Client(options: options, drive: drive, transport: server.makeTransport(), config: config, plugins: plugins)
        loop.onQuiet = { [unowned self] in
            if holdsCallbacks || callbacks.isEmpty { return false }
            callbacks.runPending()
            return true
        }
    }

    /// Everything that can happen in this moment, callbacks included.
    package func settle() { loop.settle() }

    package func advance(_ milliseconds: Int64) { loop.advance(milliseconds) }

    /// Lets a busy consumer take up to one turn of what waits, and no more.
    package func runCallbacksOnce() {
        callbacks.runPending()
        loop.settle()
    }
}
