// Section "Log" of kubecr.h.
public import CKubeCR
import KubeClient
import KubeCore

@c(kcr_log_set) @implementation
public func kcr_log_set(
    _ level: Int32, _ fn: kcr_log_fn?, _ user_data: UnsafeMutableRawPointer?, _ user_data_free: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?
) {
    guard let fn else {
        Log.set(nil, level: 0)
        user_data_free?(user_data)
        return
    }
    Log.set(LogListener(write: { level, message in
        let text = CText.copy(message)
        fn(level.rawValue, text, user_data)
        text.deallocate()
    }, release: { user_data_free?(user_data) }), level: level)
}
