// A first look at PEM text, so that a wrong or empty file is named while its name is known. Parses no certificate.

package enum PEMText {
    package static func hasCertificate(_ text: [UInt8]) -> Bool { labels(text).contains { $0.hasSuffix("CERTIFICATE") } }

    package static func hasKey(_ text: [UInt8]) -> Bool { labels(text).contains { $0.hasSuffix("PRIVATE KEY") } }

    package static func hasEncryptedKey(_ text: [UInt8]) -> Bool {
        labels(text).contains("ENCRYPTED PRIVATE KEY")
            || text.split(separator: 0x0A).contains { $0.starts(with: "Proc-Type:".utf8) && $0.last(9).elementsEqual("ENCRYPTED".utf8) }
    }

    /// What stands between "-----BEGIN " and "-----" at the beginning of lines.
    private static func labels(_ text: [UInt8]) -> [String] {
        var out: [String] = []
        for line in text.split(separator: 0x0A) where line.starts(with: "-----BEGIN ".utf8) {
            let label = line.dropFirst(11).prefix { $0 != UInt8(ascii: "-") }
            if line.dropFirst(11 + label.count).starts(with: "-----".utf8) { out.append(String(decoding: label, as: UTF8.self)) }
        }
        return out
    }
}

extension ArraySlice<UInt8> {
    /// The end of a line, without the CR before its LF.
    fileprivate func last(_ count: Int) -> ArraySlice<UInt8> { (last == 0x0D ? dropLast() : self).suffix(count) }
}

extension PEMText {
    struct Block {
        var label: String
        var bytes: [UInt8]
    }

    /// What stands between BEGIN and END lines; blocks that are encrypted or not base64 are left out.
    static func blocks(_ text: [UInt8]) -> [Block] {
        var out: [Block] = []
        var label: String?
        var body = ""
        for line in text.split(separator: 0x0A) {
            let line = String(decoding: TextRules.trimmed(Array(line)), as: UTF8.self)
            if line.hasPrefix("-----BEGIN "), line.hasSuffix("-----") {
                label = String(line.dropFirst(11).dropLast(5))
                body = ""
            } else if line.hasPrefix("-----END "), let open = label {
                if let bytes = Base64.decode(body) { out.append(Block(label: open, bytes: bytes)) }
                label = nil
            } else if label != nil {
                body += line
            }
        }
        return out
    }
}
