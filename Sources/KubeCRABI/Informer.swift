// Section "Informer" of kubecr.h.
public import CKubeCR
import KubeClient
import KubeCore

final class InformerHandle: Handle {
    static var magic: UInt32 { 0x6e69_636b }
    let informer: KubeClient.Informer
    /// The informer's, which holds it.
    let store: Unmanaged<InformerStore>

    init(_ informer: KubeClient.Informer) {
        self.informer = informer
        store = Unmanaged.passUnretained(informer.store)
        super.init(magic: Self.magic)
    }
}

final class HandlerHandle: Handle {
    static var magic: UInt32 { 0x6468_636b }
    let handler: InformerHandler

    init(_ handler: InformerHandler) {
        self.handler = handler
        super.init(magic: Self.magic)
    }
}

private func informer(_ handle: OpaquePointer?) throws(KubeError) -> KubeClient.Informer {
    try use(handle, InformerHandle.magic, "informer", as: InformerHandle.self).informer
}

/// For functions that cannot fail: nil for NULL, another type, and in a forked child.
private func readable(_ handle: OpaquePointer?) -> KubeClient.Informer? {
    guard let found: InformerHandle = borrow(handle, InformerHandle.magic), found.isOurs else { return nil }
    return found.informer
}

@c(kcr_informer_new) @implementation
public func kcr_informer_new(_ client_: OpaquePointer?, _ resource: UnsafePointer<CChar>?, _ ns: UnsafePointer<CChar>?, _ options_json: UnsafePointer<CChar>?, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<OpaquePointer?>?) -> kcr_status {
    boundary(error) { () throws(KubeError) in
        let out = try needed(out)
        out.pointee = give(InformerHandle(try KubeClient.Informer(
            try client(client_), resource: try neededText(resource, "resource"), namespace: try optionalText(ns, "namespace"),
            options: try options(options_json, "informer"))))
    }
}

@c(kcr_informer_add_handler) @implementation
public func kcr_informer_add_handler(_ self_: OpaquePointer?, _ fn: kcr_informer_fn?, _ user_data: UnsafeMutableRawPointer?, _ user_data_free: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<OpaquePointer?>?) -> kcr_status {
    let status = boundary(error) { () throws(KubeError) in
        let informer = try informer(self_)
        guard let fn else { throw KubeError(.argument, "fn is NULL") }
        let consumer = Consumer(deliver: { delivery in
            fn(delivery.type.rawValue, delivery.flags.rawValue, delivery.object.map { lend($0) }, delivery.old.map { lend($0) }, user_data)
            withExtendedLifetime(delivery) {}
            return true
        }, release: { user_data_free?(user_data) })
        // Before the first callback can run, so that it may free the handle.
        _ = try informer.addHandler(consumer) { out?.pointee = give(HandlerHandle($0)) }
    }
    if status != 0 { user_data_free?(user_data) }
    return status
}

@c(kcr_handler_free) @implementation
public func kcr_handler_free(_ self_: OpaquePointer?) {
    guard let handle: HandlerHandle = borrow(self_, HandlerHandle.magic), handle.isOurs else { return }
    handle.handler.remove()
    handle.handler.informer.client.drive.waitForEnd(of: handle.handler.mailbox)
    drop(self_, HandlerHandle.magic)
}

@c(kcr_informer_start) @implementation
public func kcr_informer_start(_ self_: OpaquePointer?, _ error: UnsafeMutablePointer<OpaquePointer?>?) -> kcr_status {
    boundary(error) { () throws(KubeError) in
        let informer = try informer(self_)
        try informer.client.drive.enter()
        defer { informer.client.drive.leave() }
        try informer.start()
    }
}

@c(kcr_informer_wait_synced) @implementation
public func kcr_informer_wait_synced(_ self_: OpaquePointer?, _ timeout_ms: Int64, _ error: UnsafeMutablePointer<OpaquePointer?>?) -> kcr_status {
    boundary(error) { () throws(KubeError) in
        guard timeout_ms >= -1 else { throw KubeError(.argument, "timeout_ms is \(timeout_ms); -1 is no limit") }
        try informer(self_).waitSynced(timeoutMs: timeout_ms)
    }
}

@c(kcr_informer_has_synced) @implementation
public func kcr_informer_has_synced(_ self_: OpaquePointer?) -> Int32 { readable(self_)?.isSynced == true ? 1 : 0 }

@c(kcr_informer_get) @implementation
public func kcr_informer_get(_ self_: OpaquePointer?, _ key: UnsafePointer<CChar>?, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<OpaquePointer?>?) -> kcr_status {
    boundary(error) { () throws(KubeError) in
        let out = try needed(out)
        let informer = try useUncounted(self_, InformerHandle.magic, "informer", as: InformerHandle.self)
        let (namespace, name) = ObjectKey.split(try neededBytes(key, -1, "key"))
        guard let found = informer._withUnsafeGuaranteedRef({ $0.store._withUnsafeGuaranteedRef { $0.find(namespace, name) } }) else {
            let shown = ServerError.oneLine(Array(try neededText(key, "key").utf8), limit: 600)
            throw KubeError(.notFound, "\"\(shown)\" is not in the cache")
        }
        out.pointee = give(found)
    }
}

@c(kcr_informer_list) @implementation
public func kcr_informer_list(_ self_: OpaquePointer?, _ options_json: UnsafePointer<CChar>?, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<OpaquePointer?>?) -> kcr_status {
    boundary(error) { () throws(KubeError) in
        let out = try needed(out)
        out.pointee = give(try informer(self_).list(try options(options_json, "informer list")))
    }
}

@c(kcr_informer_count) @implementation
public func kcr_informer_count(_ self_: OpaquePointer?) -> Int { readable(self_)?.store.count ?? 0 }

@c(kcr_informer_staleness_ms) @implementation
public func kcr_informer_staleness_ms(_ self_: OpaquePointer?) -> Int64 { readable(self_)?.stalenessMs ?? -1 }

@c(kcr_informer_last_error) @implementation
public func kcr_informer_last_error(_ self_: OpaquePointer?) -> OpaquePointer? { readable(self_)?.lastFailure.map { give($0) } }

@c(kcr_informer_stats) @implementation
public func kcr_informer_stats(_ self_: OpaquePointer?, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<OpaquePointer?>?) -> kcr_status {
    boundary(error) { () throws(KubeError) in
        let out = try needed(out)
        out.pointee = give(try ObjectBlob.parse(try informer(self_).stats.bytes()))
    }
}

@c(kcr_informer_stop) @implementation
public func kcr_informer_stop(_ self_: OpaquePointer?) { readable(self_)?.stop() }

@c(kcr_informer_free) @implementation
public func kcr_informer_free(_ self_: OpaquePointer?) {
    guard let informer = readable(self_) else { return }
    informer.stop()
    informer.waitForEnd()
    drop(self_, InformerHandle.magic)
}
