// Section "Config" of kubecr.h.
public import CKubeCR
import KubeConfig
import KubeCore

/// Immutable, readable in any process.
final class ConfigHandle {
    static var magic: UInt32 { 0x6672_636b }

    /// First, so that handles can be told apart.
    let magic: UInt32 = ConfigHandle.magic
    let config: ClientConfig
    let cJSON: UnsafePointer<CChar>
    let jsonCount: Int
    let cNamespace: UnsafePointer<CChar>

    init(_ config: ClientConfig) {
        self.config = config
        let json = config.redacted().text
        cJSON = CText.copy(json)
        jsonCount = json.utf8.count
        cNamespace = CText.copy(config.namespace)
    }

    deinit {
        cJSON.deallocate()
        cNamespace.deallocate()
    }
}

private func config(_ handle: OpaquePointer?) -> ConfigHandle? { borrow(handle, ConfigHandle.magic) }

@c(kcr_config_load) @implementation
public func kcr_config_load(_ options_json: UnsafePointer<CChar>?, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<OpaquePointer?>?) -> kcr_status {
    boundary(error) { () throws(KubeError) in
        let out = try needed(out)
        out.pointee = give(ConfigHandle(try ClientConfig.load(options: try options(options_json, "config"), environment: .process)))
    }
}

@c(kcr_config_json) @implementation
public func kcr_config_json(_ self_: OpaquePointer?, _ len: UnsafeMutablePointer<Int>?) -> UnsafePointer<CChar>? {
    let found = config(self_)
    len?.pointee = found?.jsonCount ?? 0
    return found?.cJSON ?? constant("")
}

@c(kcr_config_namespace) @implementation
public func kcr_config_namespace(_ self_: OpaquePointer?) -> UnsafePointer<CChar>? { config(self_)?.cNamespace ?? constant("") }

@c(kcr_config_free) @implementation
public func kcr_config_free(_ self_: OpaquePointer?) { drop(self_, ConfigHandle.magic) }
