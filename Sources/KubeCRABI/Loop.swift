// Section "Loop" of kubecr.h: a client inside the program's own poll loop.
public import CKubeCR
import KubeClient
import KubeCore

@c(kcr_client_fd) @implementation
public func kcr_client_fd(_ self_: OpaquePointer?) -> Int32 { (try? client(self_))?.descriptor ?? -1 }

@c(kcr_client_timeout_ms) @implementation
public func kcr_client_timeout_ms(_ self_: OpaquePointer?) -> Int64 { (try? client(self_))?.timeoutMs ?? -1 }

@c(kcr_client_process) @implementation
public func kcr_client_process(_ self_: OpaquePointer?, _ error: UnsafeMutablePointer<OpaquePointer?>?) -> kcr_status {
    boundary(error) { () throws(KubeError) in try client(self_).process() }
}
