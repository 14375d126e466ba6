// The body of create and replace: checked against namespace and name, completed with apiVersion and kind.
import KubeCore

struct CallBody {
    let bytes: [UInt8]
    /// "" when the body does not say.
    private(set) var name = ""
    private(set) var namespace = ""
    private(set) var hasAPIVersion = false
    private(set) var hasKind = false

    /// Throws `.argument` for what is no JSON object.
    init(object bytes: [UInt8]) throws(KubeError) {
        self.bytes = bytes
        let blob: ObjectBlob
        do {
            blob = try ObjectBlob.parse(bytes)
        } catch {
            throw KubeError(.argument, "the body: \(error.message)")
        }
        guard blob.json.first == UInt8(ascii: "{") else { throw KubeError(.argument, "the body is no JSON object") }
        name = blob.name
        namespace = blob.namespace
        hasAPIVersion = Self.has(blob, "/apiVersion")
        hasKind = Self.has(blob, "/kind")
    }

    private static func has(_ blob: ObjectBlob, _ pointer: String) -> Bool {
        guard let text = try? blob.string(pointer) else { return false }
        return !text.isEmpty
    }

    /// The body with what it does not say of its type.
    func completed(apiVersion: String, kind: String) -> [UInt8] {
        var front: [UInt8] = [UInt8(ascii: "{")]
        func put(_ key: String, _ value: String) {
            JSONText.quote(key.utf8, into: &front)
            front.append(UInt8(ascii: ":"))
            JSONText.quote(value.utf8, into: &front)
            front.append(UInt8(ascii: ","))
        }
        if !hasAPIVersion { put("apiVersion", apiVersion) }
        if !hasKind { put("kind", kind) }
        guard front.count > 1, let brace = bytes.firstIndex(of: UInt8(ascii: "{")) else { return bytes }
        let rest = bytes[(brace + 1)...]
        let isEmpty = rest.first { $0 != 0x20 && $0 != 0x0a && $0 != 0x0d && $0 != 0x09 } == UInt8(ascii: "}")
        if isEmpty { front.removeLast() }
        // An empty or null apiVersion or kind of the body itself would come later and win: it is left to the server's word.
        return front + rest
    }
}
