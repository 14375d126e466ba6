// The token of a list's next page: which revision is being listed, and after which key it goes on.
import KubeCore

struct ContinueToken: Equatable {
    /// nil: whatever is there now; the list is then not consistent, which the server offers when the revision is forgotten.
    var revision: UInt64?
    /// The last key that was sent.
    var after: String

    var text: String {
        let json = JSONValue.members([
            "v": "meta.k8s.io/v1", "rv": revision.map { .number($0) } ?? -1, "start": .string(after + "\u{0}"),
        ])
        return Base64.url(json.bytes())
    }

    init(revision: UInt64?, after: String) {
        self.revision = revision
        self.after = after
    }

    init(_ text: String) throws(APIFailure) {
        guard let bytes = Base64.decode(text), let json = try? JSONValue.parse(bytes), json["v"]?.string == "meta.k8s.io/v1",
              let start = json["start"]?.string, let revision = json["rv"]?.int, start.hasSuffix("\u{0}"), revision != 0 else {
            throw .badRequest("invalid continue token: continue key is not valid: no token of this server")
        }
        self.revision = revision < 0 ? nil : UInt64(revision)
        after = String(start.dropLast())
    }
}

package enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The standard alphabet, padded.
    package static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var out: [UInt8] = []
        var group: UInt32 = 0
        var count = 0
        for byte in bytes {
            group = group << 8 | UInt32(byte)
            count += 1
            if count == 3 {
                for shift in [18, 12, 6, 0] { out.append(alphabet[Int(group >> UInt32(shift) & 63)]) }
                (group, count) = (0, 0)
            }
        }
        if count > 0 {
            group <<= UInt32(8 * (3 - count))
            for shift in [18, 12, 6, 0].prefix(count + 1) { out.append(alphabet[Int(group >> UInt32(shift) & 63)]) }
            out += Array(repeating: UInt8(ascii: "="), count: 3 - count)
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// The alphabet for URLs, without padding.
    static func url(_ bytes: [UInt8]) -> String {
        String(encode(bytes).compactMap { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 == "=" ? nil : $0 })
    }

    /// Either alphabet, padded or not; nil for anything else.
    static func decode(_ text: String) -> [UInt8]? {
        var out: [UInt8] = []
        var group: UInt32 = 0
        var bits: UInt32 = 0
        for byte in text.utf8.reversed().drop(while: { $0 == UInt8(ascii: "=") }).reversed() {
            let plain = byte == UInt8(ascii: "-") ? UInt8(ascii: "+") : byte == UInt8(ascii: "_") ? UInt8(ascii: "/") : byte
            guard let value = alphabet.firstIndex(of: plain) else { return nil }
            group = (group << 6 | UInt32(value)) & 0xFFFFFF
            bits += 6
            if bits >= 8 {
                bits -= 8
                out.append(UInt8(truncatingIfNeeded: group >> bits))
            }
        }
        return out
    }
}
