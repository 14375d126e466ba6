// Section "List" of kubecr.h.
public import CKubeCR
import KubeClient
import KubeCore

private func list(_ handle: OpaquePointer?) -> ObjectList? { borrow(handle, ObjectList.magic) }

@c(kcr_list_count) @implementation
public func kcr_list_count(_ self_: OpaquePointer?) -> Int { list(self_)?.objects.count ?? 0 }

@c(kcr_list_at) @implementation
public func kcr_list_at(_ self_: OpaquePointer?, _ index: Int) -> OpaquePointer? {
    guard let objects = list(self_)?.objects, index >= 0, index < objects.count else { return nil }
    return lend(objects[index])
}

@c(kcr_list_resource_version) @implementation
public func kcr_list_resource_version(_ self_: OpaquePointer?) -> UnsafePointer<CChar>? { list(self_)?.cResourceVersion ?? constant("") }

@c(kcr_list_continue) @implementation
public func kcr_list_continue(_ self_: OpaquePointer?) -> UnsafePointer<CChar>? { list(self_)?.cContinue ?? constant("") }

@c(kcr_list_from_yaml) @implementation
public func kcr_list_from_yaml(_ yaml: UnsafePointer<CChar>?, _ yaml_len: Int, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<OpaquePointer?>?) -> kcr_status {
    boundary(error) { () throws(KubeError) in
        let out = try needed(out)
        out.pointee = give(try Manifest(try neededBytes(yaml, yaml_len, "yaml")).list)
    }
}

@c(kcr_list_retain) @implementation
public func kcr_list_retain(_ self_: OpaquePointer?) -> OpaquePointer? { list(self_).map { give($0) } }

@c(kcr_list_free) @implementation
public func kcr_list_free(_ self_: OpaquePointer?) { drop(self_, ObjectList.magic) }
