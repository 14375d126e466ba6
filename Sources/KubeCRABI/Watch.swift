// Section "Watch" of kubecr.h.
public import CKubeCR
import KubeClient
import KubeCore

final class WatchHandle: Handle {
    static var magic: UInt32 { 0x7477_636b }
    let watch: KubeClient.Watch
    let client: Client

    init(_ watch: KubeClient.Watch, _ client: Client) {
        self.watch = watch
        self.client = client
        super.init(magic: Self.magic)
    }
}

@c(kcr_client_watch) @implementation
public func kcr_client_watch(_ self_: OpaquePointer?, _ resource: UnsafePointer<CChar>?, _ ns: UnsafePointer<CChar>?, _ options_json: UnsafePointer<CChar>?, _ fn: kcr_watch_fn?, _ user_data: UnsafeMutableRawPointer?, _ user_data_free: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<OpaquePointer?>?) -> kcr_status {
    let status = boundary(error) { () throws(KubeError) in
        let out = try needed(out)
        let client = try client(self_)
        guard let fn else { throw KubeError(.argument, "fn is NULL") }
        let consumer = Consumer(deliver: { delivery in
            let wanted = fn(delivery.type.rawValue, delivery.object.map { lend($0) }, delivery.error.map { lend($0) }, user_data)
            withExtendedLifetime(delivery) {}
            return wanted == 0
        }, release: { user_data_free?(user_data) })
        try client.drive.enter()
        defer { client.drive.leave() }
        let watch = try KubeClient.Watch(
            client, resource: try neededText(resource, "resource"), namespace: try optionalText(ns, "namespace"),
            options: try options(options_json, "watch"), consumer: consumer)
        // Before the first callback can run, so that it may free the handle.
        out.pointee = give(WatchHandle(watch, client))
        watch.start()
    }
    if status != 0 { user_data_free?(user_data) }
    return status
}

@c(kcr_watch_stop) @implementation
public func kcr_watch_stop(_ self_: OpaquePointer?) {
    guard let handle: WatchHandle = borrow(self_, WatchHandle.magic), handle.isOurs else { return }
    handle.watch.stop()
}

@c(kcr_watch_free) @implementation
public func kcr_watch_free(_ self_: OpaquePointer?) {
    guard let handle: WatchHandle = borrow(self_, WatchHandle.magic), handle.isOurs else { return }
    handle.watch.stop()
    handle.client.drive.waitForEnd(of: handle.watch.mailbox)
    drop(self_, WatchHandle.magic)
}
