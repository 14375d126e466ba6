// Base64 of an answer that is no JSON, so that it can travel inside of an object.
import KubeCore

enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Standard alphabet, padded, without line breaks.
    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var rest = bytes[...]
        while !rest.isEmpty {
            let three = rest.prefix(3)
            rest = rest.dropFirst(3)
            var bits = three.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            bits <<= UInt32(8 * (3 - three.count))
            for place in 0..<4 {
                text.append(place > three.count ? UInt8(ascii: "=") : alphabet[Int(bits >> UInt32(18 - 6 * place)) & 63])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// {"httpStatus", "base64"}.
    static func object(_ bytes: [UInt8], httpStatus: Int) throws(KubeError) -> ObjectBlob {
        try ObjectBlob.parse(JSONValue.object([
            .init("httpStatus", .number(String(httpStatus))), .init("base64", .string(encode(bytes))),
        ]).bytes())
    }
}
