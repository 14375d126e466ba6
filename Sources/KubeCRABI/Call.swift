// Section "Call" of kubecr.h: any verb without blocking.
public import CKubeCR
import KubeClient
import KubeCore

final class CallHandle: Handle {
    static var magic: UInt32 { 0x6163_636b }
    let call: ClientCall

    init(_ call: ClientCall) {
        self.call = call
        super.init(magic: Self.magic)
    }
}

/// Where a call's result waits for its callback.
private final class ResultSlot {
    var result: Result<CallResult, KubeError> = .failure(KubeError(.cancelled, "the call was cancelled"))
    /// "answer": "base64" of `request`.
    var wantsBase64 = false
}

@c(kcr_client_call) @implementation
public func kcr_client_call(_ self_: OpaquePointer?, _ request_json: UnsafePointer<CChar>?, _ fn: kcr_call_fn?, _ user_data: UnsafeMutableRawPointer?, _ user_data_free: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<OpaquePointer?>?) -> kcr_status {
    let status = boundary(error) { () throws(KubeError) in
        let client = try client(self_)
        guard let fn else { throw KubeError(.argument, "fn is NULL") }
        guard let json = try OptionReader.parse(try neededBytes(request_json, -1, "request"), "request") else {
            throw KubeError(.argument, "the request is null")
        }
        let slot = ResultSlot()
        let request = try CallRequest(json: json, wantsBase64: &slot.wantsBase64)
        let mailbox = Mailbox(Consumer(deliver: { _ in
            tell(fn, user_data, slot)
            return true
        }, release: { user_data_free?(user_data) }), runner: client.drive.callbacks, maxQueued: 1)
        try client.drive.enter()
        defer { client.drive.leave() }
        let call = try ClientCall.make(client, request) { result in
            slot.result = result
            mailbox.close(Delivery(.end))
        }
        // Before the callback can run, so that it may free the handle.
        out?.pointee = give(CallHandle(call))
        call.start()
    }
    if status != 0 { user_data_free?(user_data) }
    return status
}

private func tell(_ fn: kcr_call_fn, _ userData: UnsafeMutableRawPointer?, _ slot: ResultSlot) {
    switch slot.result {
    case .failure(let failure):
        let error = ErrorObject(failure)
        fn(failure.code.rawValue, nil, nil, lend(error), userData)
        withExtendedLifetime(error) {}
    case .success(let result):
        var object = result.object
        if let bytes = result.bytes {
            // `request`: a JSON answer arrives as object, anything else does not fit here, unless it is encoded.
            do throws(KubeError) {
                object = try slot.wantsBase64 ? Base64.object(bytes, httpStatus: result.httpStatus) : ObjectBlob.parse(bytes)
            } catch {
                let failure = ErrorObject(KubeError(.type, "the answer is no JSON; ask for it with \"answer\": \"base64\", or use kcr_client_request"))
                fn(failure.error.code.rawValue, nil, nil, lend(failure), userData)
                return withExtendedLifetime(failure) {}
            }
        }
        fn(0, object.map { lend($0) }, result.list.map { lend($0) }, nil, userData)
        withExtendedLifetime((object, result.list)) {}
    }
}

extension CallRequest {
    /// From the request object of `kcr_client_call`. Throws `.argument` and `.unsupported`.
    init(json: JSONValue, wantsBase64: inout Bool) throws(KubeError) {
        var reader = try OptionReader(json, "request")
        let verb = try reader.string("verb")
        let patchType = try reader.string("patchType")
        let method = try reader.string("method")
        let path = try reader.string("path")
        let answer = try reader.choice("answer", ["json", "base64"])
        let body = reader.take("body")
        self.init(.get)
        guard let verb else { throw KubeError(.argument, "the request has no \"verb\"") }
        switch verb {
        case "get": self.verb = .get
        case "list": self.verb = .list
        case "create": self.verb = .create
        case "replace": self.verb = .replace
        case "delete": self.verb = .delete
        case "deleteCollection": self.verb = .deleteCollection
        case "discover": self.verb = .discover
        case "patch":
            guard let patchType, let type = PatchType(name: patchType) else {
                throw KubeError(.argument, "\"patch\" needs a \"patchType\": json, merge, strategic or apply")
            }
            self.verb = .patch(type)
        case "request":
            guard let method, let path else { throw KubeError(.argument, "\"request\" needs a \"method\" and a \"path\"") }
            self.verb = .request(method: method, path: path)
        case "apply": self.verb = .apply
        default: throw KubeError(.argument, "\"\(verb)\" is no verb")
        }
        if verb != "patch", patchType != nil { throw KubeError(.argument, "\"patchType\" goes with the verb \"patch\" only") }
        if verb != "request", method != nil || path != nil { throw KubeError(.argument, "\"method\" and \"path\" go with the verb \"request\" only") }
        if verb != "request", answer != nil { throw KubeError(.argument, "\"answer\" goes with the verb \"request\" only") }
        wantsBase64 = answer == "base64"
        resource = try reader.string("resource") ?? ""
        namespace = try reader.string("namespace")
        name = try reader.string("name")
        options = reader.take("options")
        switch body {
        case nil: break
        case .string(let text): self.body = Array(text.utf8)
        case let tree?: self.body = tree.bytes()
        }
        try reader.finish()
    }
}

@c(kcr_call_cancel) @implementation
public func kcr_call_cancel(_ self_: OpaquePointer?) {
    guard let handle: CallHandle = borrow(self_, CallHandle.magic), handle.isOurs else { return }
    handle.call.cancel()
}

@c(kcr_call_free) @implementation
public func kcr_call_free(_ self_: OpaquePointer?) {
    guard let handle: CallHandle = borrow(self_, CallHandle.magic), handle.isOurs else { return }
    drop(self_, CallHandle.magic)
}
