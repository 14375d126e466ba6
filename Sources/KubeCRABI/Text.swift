// Section "Text" of kubecr.h.
import CKubeCR
import KubeCore

@c(kcr_json_quote) @implementation
public func kcr_json_quote(_ text: UnsafePointer<CChar>?, _ text_len: Int) -> UnsafeMutablePointer<CChar>? {
    guard let found = try? bytes(text, text_len, "text"), found.count <= Int32.max, UTF8Check.firstInvalid(found) == nil else { return nil }
    var out: [UInt8] = []
    JSONText.quote(found, into: &out)
    return newString(out)
}

@c(kcr_string_free) @implementation
public func kcr_string_free(_ string: UnsafeMutablePointer<CChar>?) { string?.deallocate() }
