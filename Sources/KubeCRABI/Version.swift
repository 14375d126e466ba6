// Section "Version" of kubecr.h.
import CKubeCR
import KubeClient

@c(kcr_version) @implementation
public func kcr_version() -> UnsafePointer<CChar>? { constant(Version.constant) }

@c(kcr_abi) @implementation
public func kcr_abi() -> Int32 { Int32(KCR_ABI) }
