// The C functions libcurl calls, each one line into the object behind its context pointer. No decision is taken here.
import CCurl
import Glibc

enum CurlCallbacks {
    /// What a data function returns to make the transfer fail, and to stop reading.
    static let failed = 0xffff_ffff
    static let paused = Int(CURL_WRITEFUNC_PAUSE)

    static let body: kcr_data_fn = { bytes, size, count, context in
        guard let transfer = CurlCallbacks.transfer(context) else { return CurlCallbacks.failed }
        return transfer.received(body: UnsafeRawBufferPointer(start: bytes, count: size &* count))
    }

    static let header: kcr_data_fn = { bytes, size, count, context in
        guard let transfer = CurlCallbacks.transfer(context) else { return CurlCallbacks.failed }
        return transfer.received(header: UnsafeRawBufferPointer(start: bytes, count: size &* count))
    }

    /// Only libcurl's own text is looked at: header lines and data hold credentials.
    static let debug: kcr_debug_fn = { _, kind, bytes, size, context in
        if kind == CURLINFO_TEXT, let note = StreamNote(UnsafeRawBufferPointer(start: bytes, count: size)) {
            CurlCallbacks.transfer(context)?.noted(note)
        }
        return 0
    }

    static let beforeRequest: kcr_prereq_fn = { context, _, local, _, localPort in
        guard let transfer = CurlCallbacks.transfer(context) else { return CURL_PREREQFUNC_ABORT }
        let isFine = transfer.willSend(from: local.map { String(cString: $0) } ?? "", port: localPort)
        return isFine ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
    }

    static let openSocket: kcr_open_fn = { context, _, address in
        guard let transport = CurlCallbacks.transport(context), let address else { return CURL_SOCKET_BAD }
        return transport.openSocket(address.pointee.family, address.pointee.socktype, address.pointee.protocol)
    }

    static let closeSocket: kcr_close_fn = { context, socket in
        guard let transport = CurlCallbacks.transport(context) else { return close(socket) }
        return transport.closeSocket(socket)
    }

    static let socket: kcr_socket_fn = { _, socket, what, context, _ in
        CurlCallbacks.transport(context)?.watch(socket, what)
        return 0
    }

    static let timer: kcr_timer_fn = { _, milliseconds, context in
        CurlCallbacks.transport(context)?.setTimer(Int64(milliseconds))
        return 0
    }

    private static func transfer(_ context: UnsafeMutableRawPointer?) -> CurlTransfer? {
        guard let context else { return nil }
        return Unmanaged<EasyHandle>.fromOpaque(context).takeUnretainedValue().transfer
    }

    private static func transport(_ context: UnsafeMutableRawPointer?) -> CurlTransport? {
        guard let context else { return nil }
        return Unmanaged<CurlTransport>.fromOpaque(context).takeUnretainedValue()
    }
}
