// Section "Client" of kubecr.h: the client itself and the blocking verbs.
public import CKubeCR
import KubeClient
import KubeConfig
import KubeCore

final class ClientHandle: Handle {
    static var magic: UInt32 { 0x636c_636b }
    let client: Client

    init(_ client: Client) {
        self.client = client
        super.init(magic: Self.magic)
    }
}

func client(_ handle: OpaquePointer?) throws(KubeError) -> Client {
    try use(handle, ClientHandle.magic, "client", as: ClientHandle.self).client
}

@c(kcr_client_new) @implementation
public func kcr_client_new(_ config: OpaquePointer?, _ options_json: UnsafePointer<CChar>?, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<OpaquePointer?>?) -> kcr_status {
    boundary(error) { () throws(KubeError) in
        let out = try needed(out)
        let options = try ClientOptions(try options(options_json, "client"))
        let resolved = config == nil
            ? try ClientConfig.load(options: nil, environment: .process)
            : try value(config, ConfigHandle.magic, "config", as: ConfigHandle.self).config
        out.pointee = give(ClientHandle(try Client.make(resolved, options)))
    }
}

/// What a verb needs, from C's arguments.
private func request(
    _ verb: Verb, _ resource: UnsafePointer<CChar>?, _ ns: UnsafePointer<CChar>?, _ name: UnsafePointer<CChar>?, _ options_json: UnsafePointer<CChar>?,
    body: [UInt8]? = nil
) throws(KubeError) -> CallRequest {
    CallRequest(
        verb, resource: try neededText(resource, "resource"), namespace: try optionalText(ns, "namespace"), name: try optionalText(name, "name"),
        body: body, options: try options(options_json, "call"))
}

@c(kcr_client_get) @implementation
public func kcr_client_get(_ self_: OpaquePointer?, _ resource: UnsafePointer<CChar>?, _ ns: UnsafePointer<CChar>?, _ name: UnsafePointer<CChar>?, _ options_json: UnsafePointer<CChar>?, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<OpaquePointer?>?) -> kcr_status {
    boundary(error) { () throws(KubeError) in
        let out = try needed(out)
        out.pointee = try client(self_).perform(try request(.get, resource, ns, name, options_json)).object.map { give($0) }
    }
}

@c(kcr_client_list) @implementation
public func kcr_client_list(_ self_: OpaquePointer?, _ resource: UnsafePointer<CChar>?, _ ns: UnsafePointer<CChar>?, _ options_json: UnsafePointer<CChar>?, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<OpaquePointer?>?) -> kcr_status {
    boundary(error) { () throws(KubeError) in
        let out = try needed(out)
        out.pointee = try client(self_).perform(try request(.list, resource, ns, nil, options_json)).list.map { give($0) }
    }
}

/// The verbs that send a body and give the object back; `out` may be NULL.
private func write(
    _ verb: Verb, _ self_: OpaquePointer?, _ resource: UnsafePointer<CChar>?, _ ns: UnsafePointer<CChar>?, _ name: UnsafePointer<CChar>?,
    _ json: UnsafePointer<CChar>?, _ json_len: Int, _ options_json: UnsafePointer<CChar>?, _ out: HandleOut, _ error: ErrorOut
) -> Int32 {
    boundary(error) { () throws(KubeError) in
        let client = try client(self_)
        guard let body = try body(json, json_len, "body") else { throw KubeError(.argument, "the body is NULL") }
        let result = try client.perform(try request(verb, resource, ns, name, options_json, body: body))
        out?.pointee = result.object.map { give($0) }
    }
}

@c(kcr_client_create) @implementation
public func kcr_client_create(_ self_: OpaquePointer?, _ resource: UnsafePointer<CChar>?, _ ns: UnsafePointer<CChar>?, _ name: UnsafePointer<CChar>?, _ json: UnsafePointer<CChar>?, _ json_len: Int, _ options_json: UnsafePointer<CChar>?, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<OpaquePointer?>?) -> kcr_status {
    write(.create, self_, resource, ns, name, json, json_len, options_json, out, error)
}

@c(kcr_client_replace) @implementation
public func kcr_client_replace(_ self_: OpaquePointer?, _ resource: UnsafePointer<CChar>?, _ ns: UnsafePointer<CChar>?, _ name: UnsafePointer<CChar>?, _ json: UnsafePointer<CChar>?, _ json_len: Int, _ options_json: UnsafePointer<CChar>?, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<OpaquePointer?>?) -> kcr_status {
    write(.replace, self_, resource, ns, name, json, json_len, options_json, out, error)
}

@c(kcr_client_patch) @implementation
public func kcr_client_patch(_ self_: OpaquePointer?, _ resource: UnsafePointer<CChar>?, _ ns: UnsafePointer<CChar>?, _ name: UnsafePointer<CChar>?, _ patch_type: Int32, _ patch: UnsafePointer<CChar>?, _ patch_len: Int, _ options_json: UnsafePointer<CChar>?, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<OpaquePointer?>?) -> kcr_status {
    guard let type = PatchType(rawValue: patch_type) else {
        return boundary(error) { () throws(KubeError) in throw KubeError(.argument, "\(patch_type) is no patch type") }
    }
    return write(.patch(type), self_, resource, ns, name, patch, patch_len, options_json, out, error)
}

@c(kcr_client_apply) @implementation
public func kcr_client_apply(_ self_: OpaquePointer?, _ manifest: UnsafePointer<CChar>?, _ manifest_len: Int, _ options_json: UnsafePointer<CChar>?, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<OpaquePointer?>?) -> kcr_status {
    boundary(error) { () throws(KubeError) in
        let client = try client(self_)
        guard let text = try body(manifest, manifest_len, "manifest") else { throw KubeError(.argument, "the manifest is NULL") }
        let result = try client.perform(CallRequest(.apply, body: text, options: try options(options_json, "apply")))
        out?.pointee = result.list.map { give($0) }
    }
}

@c(kcr_client_delete) @implementation
public func kcr_client_delete(_ self_: OpaquePointer?, _ resource: UnsafePointer<CChar>?, _ ns: UnsafePointer<CChar>?, _ name: UnsafePointer<CChar>?, _ options_json: UnsafePointer<CChar>?, _ error: UnsafeMutablePointer<OpaquePointer?>?) -> kcr_status {
    boundary(error) { () throws(KubeError) in
        _ = try client(self_).perform(try request(.delete, resource, ns, name, options_json))
    }
}

@c(kcr_client_delete_collection) @implementation
public func kcr_client_delete_collection(_ self_: OpaquePointer?, _ resource: UnsafePointer<CChar>?, _ ns: UnsafePointer<CChar>?, _ options_json: UnsafePointer<CChar>?, _ error: UnsafeMutablePointer<OpaquePointer?>?) -> kcr_status {
    boundary(error) { () throws(KubeError) in
        _ = try client(self_).perform(try request(.deleteCollection, resource, ns, nil, options_json))
    }
}

@c(kcr_client_request) @implementation
public func kcr_client_request(_ self_: OpaquePointer?, _ method: UnsafePointer<CChar>?, _ path: UnsafePointer<CChar>?, _ body: UnsafePointer<CChar>?, _ body_len: Int, _ options_json: UnsafePointer<CChar>?, _ out: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ out_len: UnsafeMutablePointer<Int>?, _ http_status: UnsafeMutablePointer<Int32>?, _ error: UnsafeMutablePointer<OpaquePointer?>?) -> kcr_status {
    boundary(error) { () throws(KubeError) in
        let client = try client(self_)
        let verb = Verb.request(method: try neededText(method, "method"), path: try neededText(path, "path"))
        let content = try KubeCRABI.body(body, body_len, "body")
        let result = try client.perform(CallRequest(verb, body: content, options: try options(options_json, "call")))
        let answer = result.bytes ?? []
        out?.pointee = newString(answer)
        out_len?.pointee = answer.count
        http_status?.pointee = Int32(truncatingIfNeeded: result.httpStatus)
    }
}

@c(kcr_client_discover) @implementation
public func kcr_client_discover(_ self_: OpaquePointer?, _ resource: UnsafePointer<CChar>?, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<OpaquePointer?>?) -> kcr_status {
    boundary(error) { () throws(KubeError) in
        let out = try needed(out)
        out.pointee = try client(self_).perform(try request(.discover, resource, nil, nil, nil)).object.map { give($0) }
    }
}

@c(kcr_client_stats) @implementation
public func kcr_client_stats(_ self_: OpaquePointer?, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<OpaquePointer?>?) -> kcr_status {
    boundary(error) { () throws(KubeError) in
        let out = try needed(out)
        out.pointee = give(try ObjectBlob.parse(try client(self_).stats().bytes()))
    }
}

@c(kcr_client_free) @implementation
public func kcr_client_free(_ self_: OpaquePointer?) {
    guard let handle: ClientHandle = borrow(self_, ClientHandle.magic), handle.isOurs else { return }
    handle.client.endExternal()
    drop(self_, ClientHandle.magic)
}
