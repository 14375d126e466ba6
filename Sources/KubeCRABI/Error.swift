// Section "Error" of kubecr.h.
public import CKubeCR
import KubeCore

private func error(_ handle: OpaquePointer?) -> ErrorObject? { borrow(handle, ErrorObject.magic) }

@c(kcr_error_status) @implementation
public func kcr_error_status(_ self_: OpaquePointer?) -> kcr_status { error(self_)?.error.code.rawValue ?? 0 }

@c(kcr_error_message) @implementation
public func kcr_error_message(_ self_: OpaquePointer?) -> UnsafePointer<CChar>? { error(self_)?.cMessage ?? constant("") }

@c(kcr_error_http_status) @implementation
public func kcr_error_http_status(_ self_: OpaquePointer?) -> Int32 {
    Int32(truncatingIfNeeded: error(self_)?.error.httpStatus ?? 0)
}

@c(kcr_error_reason) @implementation
public func kcr_error_reason(_ self_: OpaquePointer?) -> UnsafePointer<CChar>? { error(self_)?.cReason ?? constant("") }

@c(kcr_error_status_json) @implementation
public func kcr_error_status_json(_ self_: OpaquePointer?, _ len: UnsafeMutablePointer<Int>?) -> UnsafePointer<CChar>? {
    guard let json = error(self_)?.cStatusJSON else {
        len?.pointee = 0
        return nil
    }
    len?.pointee = json.count
    return json.start
}

@c(kcr_error_retry_after_ms) @implementation
public func kcr_error_retry_after_ms(_ self_: OpaquePointer?) -> Int64 { error(self_)?.error.retryAfterMs ?? -1 }

@c(kcr_error_is_retryable) @implementation
public func kcr_error_is_retryable(_ self_: OpaquePointer?) -> Int32 { error(self_)?.error.isRetryable == true ? 1 : 0 }

@c(kcr_error_retain) @implementation
public func kcr_error_retain(_ self_: OpaquePointer?) -> OpaquePointer? { error(self_).map { give($0) } }

@c(kcr_error_free) @implementation
public func kcr_error_free(_ self_: OpaquePointer?) { drop(self_, ErrorObject.magic) }

@c(kcr_status_name) @implementation
public func kcr_status_name(_ status: kcr_status) -> UnsafePointer<CChar>? {
    if status == 0 { return constant("OK") }
    return constant(KubeError.Code(rawValue: status)?.name ?? "UNKNOWN")
}
