// The transport over libcurl: one multi handle driven by the loop through curl's multi-socket interface. The files of this
// module named Curl* and EasyHandle are the only ones that call curl_*.
import CCurl
import Glibc
package import KubeCore
package import KubeSystem

/// HTTP to one server. Belongs to its loop; `shutDown` must have been called on the loop before the last reference goes.
package final class CurlTransport: Transport {
    let loop: EpollLoop
    let settings: TransportSettings
    let origin: String
    private let options: HandleOptions
    private let generation = ForkGeneration.current
    private var multi: UnsafeMutableRawPointer?
    private(set) var active: [ObjectIdentifier: CurlTransfer] = [:]
    private var counters = TransportStats()

    private var pool: [EasyHandle] = []
    private static let poolLimit = 8

    /// Sockets libcurl has open.
    private(set) var sockets: Set<Int32> = []
    /// HTTP/2: the last stream the server answers, of connections that it gives up.
    var lastStreams: [Int32: UInt32] = [:]
    /// The errno of the last attempt to make a socket; 0: it went well.
    private var socketError: Int32 = 0

    /// curl functions on the stack. Inside, handles can't be added or removed: that waits until curl has returned.
    private var depth = 0
    private var isSettling = false
    private var isClosing = false
    /// Set once no request starts here any more; called when the last one is over.
    private var onOver: (() -> Void)?
    private var pendingAdds: [CurlTransfer] = []
    private var pendingResumes: [CurlTransfer] = []
    private var pendingRemoves: [EasyHandle] = []

    private var isKicked = false
    private var timer: LoopTimer?
    private var timerDeadline: Int64 = 0
    /// When curl wants to be called; nil: it doesn't. The timer may be set to an earlier moment.
    private var curlDeadline: Int64?
    private var onSocket: (Int32, Readiness) -> Void = { _, _ in }

    /// libcurl writes the keys of every connection to `$SSLKEYLOGFILE`; worth a warning in a log.
    package static var keyLogIsOn: Bool { CurlGlobal.keyLogIsOn }

    /// Throws `.config` for settings that can't work, `.noMemory`, and `.config` for `SSLKEYLOGFILE` in a process with more
    /// rights than its caller. Opens no connection.
    package init(loop: EpollLoop, settings: TransportSettings) throws(KubeError) {
        try CurlGlobal.start()
        self.loop = loop
        self.settings = settings
        options = try HandleOptions(settings)
        origin = settings.origin
        guard let multi = WakeupPair.makeMulti() else { throw KubeError(.noMemory, "libcurl can't make a multi handle") }
        self.multi = multi
        super.init()
        let context = Unmanaged.passUnretained(self).toOpaque()
        onSocket = { [weak self] socket, readiness in self?.isReady(socket, readiness) }
        var code = kcr_multi_set_socket_fn(multi, CurlCallbacks.socket, context)
        if code == CURLM_OK { code = kcr_multi_set_timer_fn(multi, CurlCallbacks.timer, context) }
        // One handle now, so that an option this libcurl refuses is found here and not by the first request.
        guard code == CURLM_OK, let first = EasyHandle(options, transport: context) else {
            throw KubeError(.config, "\(settings.origin): libcurl refuses the settings, or has no memory")
        }
        pool.append(first)
    }

    deinit { tearDown() }

    package override var stats: TransportStats {
        var stats = counters
        stats.active = Int64(active.count)
        stats.openConnections = Int64(sockets.count)
        return stats
    }

    func count(received bytes: Int) { counters.bytesReceived &+= Int64(bytes) }
    func count(connections: Int, isHTTP2: Bool) {
        counters.connections &+= Int64(connections)
        if isHTTP2 { counters.http2Requests &+= 1 }
    }

    var speaksHTTP2: Bool { options.speaksHTTP2 }

    // MARK: Starting and ending

    package override func start(_ request: HTTPRequest, options transferOptions: TransferOptions, receiver: ResponseReceiver) -> Transfer {
        let transfer = CurlTransfer(self, request.method, transferOptions, receiver)
        guard multi != nil, !isClosing, generation == ForkGeneration.current else {
            failLater(transfer, TransferFailure(.lost, KubeError(.cancelled, "\(origin): the transport is shut down")))
            return transfer
        }
        let isStream = transferOptions.isStream
        let context = Unmanaged.passUnretained(self).toOpaque()
        guard let handle = (isStream ? nil : pool.popLast()) ?? EasyHandle(options, transport: context, isForStreams: isStream) else {
            failLater(transfer, TransferFailure(.resources, KubeError(.noMemory, "\(origin): libcurl has no memory")))
            return transfer
        }
        if let error = handle.prepare(request, options) {
            failLater(transfer, TransferFailure(error.code == .noMemory ? .resources : .malformed, error))
            return transfer
        }
        counters.requests &+= 1
        handle.transfer = transfer
        transfer.handle = handle
        active[ObjectIdentifier(transfer)] = transfer
        transfer.startClock()
        if depth > 0 { pendingAdds.append(transfer) } else { add(transfer) }
        return transfer
    }

    private func add(_ transfer: CurlTransfer) {
        guard let multi, let handle = transfer.handle else { return }
        let code = insideCurl { curl_multi_add_handle(multi, handle.easy) }
        if code == CURLM_OK {
            transfer.isAdded = true
        } else {
            failLater(transfer, TransferFailure(.resources, KubeError(.noMemory, "\(origin): \(String(cString: curl_multi_strerror(code)))")))
        }
    }

    private func failLater(_ transfer: CurlTransfer, _ failure: TransferFailure) {
        loop.post { [self] in
            active[ObjectIdentifier(transfer)] = nil
            transfer.detach()?.end(.failed(failure))
            closeIfOver()
        }
    }

    func cancel(_ transfer: CurlTransfer, giveUp: Bool = false) {
        if giveUp, generation == ForkGeneration.current { transfer.handle?.forbidReuse() }
        active[ObjectIdentifier(transfer)] = nil
        let silenced = transfer.detach()
        if generation == ForkGeneration.current { giveBack(transfer, isReusable: false) }
        withExtendedLifetime(silenced) {}
        closeIfOver()
    }

    /// Takes the handle of a detached transfer out of curl, now or as soon as curl has returned.
    private func giveBack(_ transfer: CurlTransfer, isReusable: Bool) {
        guard let handle = transfer.handle else { return }
        transfer.handle = nil
        counters.bytesSent &+= handle.size(CURLINFO_SIZE_UPLOAD_T) &+ Int64(handle.number(CURLINFO_REQUEST_SIZE))
        guard transfer.isAdded else { return }
        if depth > 0 { return pendingRemoves.append(handle) }
        remove(handle)
        if isReusable, !handle.isForStreams, pool.count < CurlTransport.poolLimit, multi != nil {
            handle.dropBody()
            pool.append(handle)
        }
    }

    private func remove(_ handle: EasyHandle) {
        guard let multi else { return }
        _ = insideCurl { curl_multi_remove_handle(multi, handle.easy) }
    }

    func resume(_ transfer: CurlTransfer) {
        guard generation == ForkGeneration.current else { return }
        pendingResumes.append(transfer)
        kick()
    }

    /// Silence for `idleMs`: the connection under the transfer is taken for dead, so nothing may use it any more.
    func isSilent(_ transfer: CurlTransfer) {
        guard let multi else { return }
        if let socket = socket(of: transfer) {
            shutdown(socket, Int32(SHUT_RDWR))
            // At once, before a request that starts in the next moment is put on it: libcurl itself would still reuse it.
            _ = insideCurl { curl_multi_socket_action(multi, socket, CURL_CSELECT_IN | CURL_CSELECT_ERR, &unused) }
            settle()
        }
        // Still there: it had no connection yet, or one that wasn't found.
        guard transfer.transport != nil, let handle = transfer.handle else { return }
        handle.forbidReuse()
        finish(transfer, CURLE_OPERATION_TIMEDOUT, isReusable: false)
    }

    /// No request starts here any more. Streams are ended soon, what else runs goes to its end; then everything is closed and
    /// `onOver` called.
    func retire(_ onOver: @escaping () -> Void) {
        self.onOver = onOver
        loop.post { [self] in
            let error = KubeError(.connect, "\(origin): the connection was closed, as its certificates have changed", isRetryable: true)
            for stream in active.values where stream.options.isStream {
                // A word to one may have ended another.
                guard active.removeValue(forKey: ObjectIdentifier(stream)) != nil else { continue }
                let receiver = stream.detach()
                giveBack(stream, isReusable: false)
                receiver?.end(.failed(TransferFailure(.lost, error)))
            }
            closeIfOver()
        }
    }

    private func closeIfOver() {
        guard active.isEmpty, let onOver else { return }
        self.onOver = nil
        loop.post { [self] in
            shutDown()
            onOver()
        }
    }

    package override func shutDown() {
        guard multi != nil else { return }
        isClosing = true
        if generation == ForkGeneration.current, depth > 0 {
            for transfer in active.values { cancel(transfer) }
        } else {
            tearDown()
        }
    }

    private func tearDown() {
        guard let multi else { return }
        self.multi = nil
        isClosing = true
        let transfers = Array(active.values)
        active = [:]
        timer?.cancel()
        timer = nil
        guard generation == ForkGeneration.current else { return abandon(transfers) }
        var silenced: [ResponseReceiver?] = []
        var handles = pendingRemoves
        for transfer in transfers {
            silenced.append(transfer.detach())
            if transfer.isAdded, let handle = transfer.handle { handles.append(handle) }
            transfer.handle = nil
        }
        insideCurl {
            for handle in handles { curl_multi_remove_handle(multi, handle.easy) }
            pool = []
            handles = []
            pendingRemoves = []
            curl_multi_cleanup(multi)
        }
        pendingAdds = []
        pendingResumes = []
        for socket in sockets { loop.unwatch(socket) }
        sockets = []
        withExtendedLifetime(silenced) {}
    }

    /// In a forked child: the connections are the parent's, and a word of TLS on them would break them. The copies of the
    /// descriptors are closed, libcurl's memory is given up.
    private func abandon(_ transfers: [CurlTransfer]) {
        for socket in sockets { close(socket) }
        sockets = []
        for handle in pool + pendingRemoves + transfers.compactMap(\.handle) { _ = Unmanaged.passRetained(handle) }
        _ = Unmanaged.passRetained(options)
        for transfer in transfers { _ = transfer.detach() }
    }

    // MARK: Driving curl

    private var unused: Int32 = 0

    /// Runs `body`, which calls curl, with signals kept away unless the thread blocks them all.
    private func insideCurl<Result>(_ body: () -> Result) -> Result {
        depth &+= 1
        defer { depth &-= 1 }
        return loop.isShared ? body() : SignalGuard.around(body)
    }

    private func isReady(_ socket: Int32, _ readiness: Readiness) {
        guard let multi else { return }
        var events: Int32 = 0
        if readiness.readable { events |= CURL_CSELECT_IN }
        if readiness.writable { events |= CURL_CSELECT_OUT }
        if readiness.failed { events |= CURL_CSELECT_ERR }
        _ = insideCurl { curl_multi_socket_action(multi, socket, events, &unused) }
        settle()
    }

    private func runTimeouts() {
        guard let multi else { return }
        _ = insideCurl { curl_multi_socket_action(multi, CURL_SOCKET_BAD, 0, &unused) }
        settle()
    }

    /// Does what had to wait until curl returned, and tells the receivers whose transfers ended.
    private func settle() {
        guard depth == 0, !isSettling else { return }
        isSettling = true
        defer { isSettling = false }
        while let multi {
            if isClosing { return tearDown() }
            if let handle = pendingRemoves.popLast() {
                remove(handle)
            } else if !pendingAdds.isEmpty {
                let adds = pendingAdds
                pendingAdds = []
                for transfer in adds where transfer.transport != nil { add(transfer) }
            } else if !pendingResumes.isEmpty {
                let transfer = pendingResumes.removeFirst()
                if transfer.transport != nil, !transfer.isPaused, let handle = transfer.handle {
                    _ = insideCurl { curl_easy_pause(handle.easy, CURLPAUSE_CONT) }
                }
            } else {
                var left: Int32 = 0
                guard let message = curl_multi_info_read(multi, &left) else { return }
                if message.pointee.msg == CURLMSG_DONE { isDone(message) }
            }
        }
    }

    private func isDone(_ message: UnsafeMutablePointer<CURLMsg>) {
        let code = kcr_message_result(message)
        var context: UnsafeMutableRawPointer?
        guard let easy = message.pointee.easy_handle, kcr_easy_get_pointer(easy, CURLINFO_PRIVATE, &context) == CURLE_OK, let context,
              let transfer = Unmanaged<EasyHandle>.fromOpaque(context).takeUnretainedValue().transfer else { return }
        finish(transfer, code, isReusable: code == CURLE_OK)
    }

    private func finish(_ transfer: CurlTransfer, _ code: CURLcode, isReusable: Bool) {
        let end = transfer.end(code, socketError: socketError)
        active[ObjectIdentifier(transfer)] = nil
        let receiver = transfer.detach()
        giveBack(transfer, isReusable: isReusable)
        receiver?.end(end)
        closeIfOver()
    }

    /// Asks for a round of curl as soon as the loop gets to it.
    private func kick() {
        guard !isKicked else { return }
        isKicked = true
        loop.post { [weak self] in
            guard let self else { return }
            isKicked = false
            settle()
            runTimeouts()
        }
    }

    // MARK: Called by curl

    func setTimer(_ milliseconds: Int64) {
        if milliseconds <= 0 {
            curlDeadline = nil
            if milliseconds == 0 { kick() }
            return
        }
        let deadline = loop.now &+ milliseconds
        curlDeadline = deadline
        // It is set anew for almost every request; a timer that rings too early is cheaper.
        if timer == nil || timerDeadline > deadline { armTimer(milliseconds, deadline) }
    }

    private func armTimer(_ milliseconds: Int64, _ deadline: Int64) {
        timer?.cancel()
        timerDeadline = deadline
        timer = loop.after(milliseconds) { [weak self] in self?.timerRang() }
    }

    private func timerRang() {
        timer = nil
        guard let deadline = curlDeadline else { return }
        let left = deadline &- loop.now
        if left > 0 { return armTimer(left, deadline) }
        curlDeadline = nil
        runTimeouts()
    }

    func watch(_ socket: Int32, _ what: Int32) {
        if what == CURL_POLL_REMOVE {
            // Others than ours are closed without a word: the resolver's.
            if sockets.contains(socket) { loop.park(socket) } else { loop.unwatch(socket) }
        } else {
            // The resolver's; ours are born with it.
            if !sockets.contains(socket) { _ = fcntl(socket, F_SETFD, FD_CLOEXEC) }
            loop.watch(socket, readable: what & CURL_POLL_IN != 0, writable: what & CURL_POLL_OUT != 0, onSocket)
        }
    }

    func openSocket(_ family: Int32, _ type: Int32, _ number: Int32) -> Int32 {
        let descriptor = TCPSocket.open(family, type, number)
        guard descriptor >= 0 else {
            socketError = errno
            return CURL_SOCKET_BAD
        }
        socketError = 0
        sockets.insert(descriptor)
        loop.unwatch(descriptor)
        return descriptor
    }

    func closeSocket(_ socket: Int32) -> Int32 {
        loop.unwatch(socket)
        sockets.remove(socket)
        lastStreams[socket] = nil
        return close(socket)
    }
}
