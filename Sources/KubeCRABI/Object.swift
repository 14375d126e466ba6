// Section "Object" of kubecr.h.
public import CKubeCR
import KubeCore

private func object(_ handle: OpaquePointer?) -> ObjectBlob? { borrow(handle, ObjectBlob.magic) }

@c(kcr_object_from_json) @implementation
public func kcr_object_from_json(_ json: UnsafePointer<CChar>?, _ json_len: Int, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<OpaquePointer?>?) -> kcr_status {
    boundary(error) { () throws(KubeError) in
        let out = try needed(out)
        out.pointee = give(try ObjectBlob.parse(try neededBytes(json, json_len, "json")))
    }
}

@c(kcr_object_retain) @implementation
public func kcr_object_retain(_ self_: OpaquePointer?) -> OpaquePointer? { object(self_).map { give($0) } }

@c(kcr_object_json) @implementation
public func kcr_object_json(_ self_: OpaquePointer?, _ len: UnsafeMutablePointer<Int>?) -> UnsafePointer<CChar>? {
    guard let json = object(self_)?.json, let start = json.baseAddress else {
        len?.pointee = 0
        return constant("")
    }
    len?.pointee = json.count
    return start.assumingMemoryBound(to: CChar.self)
}

@c(kcr_object_key) @implementation
public func kcr_object_key(_ self_: OpaquePointer?) -> UnsafePointer<CChar>? { object(self_)?.cText(.key) ?? constant("") }

@c(kcr_object_name) @implementation
public func kcr_object_name(_ self_: OpaquePointer?) -> UnsafePointer<CChar>? { object(self_)?.cText(.name) ?? constant("") }

@c(kcr_object_namespace) @implementation
public func kcr_object_namespace(_ self_: OpaquePointer?) -> UnsafePointer<CChar>? { object(self_)?.cText(.namespace) ?? constant("") }

@c(kcr_object_uid) @implementation
public func kcr_object_uid(_ self_: OpaquePointer?) -> UnsafePointer<CChar>? { object(self_)?.cText(.uid) ?? constant("") }

@c(kcr_object_resource_version) @implementation
public func kcr_object_resource_version(_ self_: OpaquePointer?) -> UnsafePointer<CChar>? { object(self_)?.cText(.resourceVersion) ?? constant("") }

@c(kcr_object_is_partial) @implementation
public func kcr_object_is_partial(_ self_: OpaquePointer?) -> Int32 { object(self_)?.isPartial == true ? 1 : 0 }

/// Reads one value: checks the three pointers, then hands the object and the JSON pointer to `read`.
private func get<Out>(
    _ handle: OpaquePointer?, _ pointer: UnsafePointer<CChar>?, _ out: UnsafeMutablePointer<Out>?, _ error: ErrorOut,
    _ read: (ObjectBlob, String) throws(KubeError) -> Out
) -> Int32 {
    boundary(error) { () throws(KubeError) in
        let out = try needed(out)
        let blob: ObjectBlob = try value(handle, ObjectBlob.magic, "object")
        out.pointee = try read(blob, try neededText(pointer, "pointer"))
    }
}

@c(kcr_object_get_string) @implementation
public func kcr_object_get_string(_ self_: OpaquePointer?, _ pointer: UnsafePointer<CChar>?, _ out: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ error: UnsafeMutablePointer<OpaquePointer?>?) -> kcr_status {
    get(self_, pointer, out, error) { (blob, path) throws(KubeError) in
        let text = try blob.string(path)
        if text.contains(0) { throw KubeError(.type, "\"\(path)\" holds a string with a NUL, which C can't take; use kcr_object_get_json") }
        return newString(text)
    }
}

@c(kcr_object_get_int) @implementation
public func kcr_object_get_int(_ self_: OpaquePointer?, _ pointer: UnsafePointer<CChar>?, _ out: UnsafeMutablePointer<Int64>?, _ error: UnsafeMutablePointer<OpaquePointer?>?) -> kcr_status {
    get(self_, pointer, out, error) { (blob, path) throws(KubeError) in try blob.int(path) }
}

@c(kcr_object_get_double) @implementation
public func kcr_object_get_double(_ self_: OpaquePointer?, _ pointer: UnsafePointer<CChar>?, _ out: UnsafeMutablePointer<Double>?, _ error: UnsafeMutablePointer<OpaquePointer?>?) -> kcr_status {
    get(self_, pointer, out, error) { (blob, path) throws(KubeError) in try blob.double(path) }
}

@c(kcr_object_get_bool) @implementation
public func kcr_object_get_bool(_ self_: OpaquePointer?, _ pointer: UnsafePointer<CChar>?, _ out: UnsafeMutablePointer<Int32>?, _ error: UnsafeMutablePointer<OpaquePointer?>?) -> kcr_status {
    get(self_, pointer, out, error) { (blob, path) throws(KubeError) in try blob.bool(path) ? 1 : 0 }
}

@c(kcr_object_get_json) @implementation
public func kcr_object_get_json(_ self_: OpaquePointer?, _ pointer: UnsafePointer<CChar>?, _ out: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ error: UnsafeMutablePointer<OpaquePointer?>?) -> kcr_status {
    get(self_, pointer, out, error) { (blob, path) throws(KubeError) in newString(try blob.value(path)) }
}

@c(kcr_object_slice) @implementation
public func kcr_object_slice(_ self_: OpaquePointer?, _ pointer: UnsafePointer<CChar>?, _ len: UnsafeMutablePointer<Int>?) -> UnsafePointer<CChar>? {
    len?.pointee = 0
    guard let len, let blob = object(self_), let path = try? optionalText(pointer, "pointer"), let parsed = try? JSONPointer(path),
        let found = blob.slice(parsed), let start = found.baseAddress
    else { return nil }
    len.pointee = found.count
    return start.assumingMemoryBound(to: CChar.self)
}

@c(kcr_object_free) @implementation
public func kcr_object_free(_ self_: OpaquePointer?) { drop(self_, ObjectBlob.magic) }
