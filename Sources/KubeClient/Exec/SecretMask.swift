// Covers the secrets of a configuration in text from outside (T11): what a plugin writes to its standard error.
package import KubeConfig
import KubeCore
import KubeTransport

package struct SecretMask {
    private var secrets: [[UInt8]] = []
    /// Shorter arguments and variables are settings, and shorter lines of a key are no secret.
    private static let shortest = 8
    /// Nobody reads more than so many lines of one run.
    private static let maxLines = 100
    private static let maxLine = 4096

    /// Beside a plugin a configuration has no other credential; a secret may be among what the plugin is given.
    package init(_ config: ClientConfig) {
        add(config.proxy?.password)
        let arguments = (config.exec?.arguments ?? []).compactMap { argument in
            argument.hasPrefix("-") ? argument.split(separator: "=", maxSplits: 1).dropFirst().first.map(String.init) : argument
        }
        for text in arguments + (config.exec?.environment ?? []).map(\.value) where text.utf8.count >= Self.shortest { add(text) }
    }

    package func and(_ credential: PluginCredential?) -> SecretMask {
        var more = self
        more.add(credential?.token)
        more.add(credential?.certificate?.keyPEM)
        return more
    }

    private mutating func add(_ secret: String?) {
        if let secret, !secret.isEmpty { secrets.append(Array(secret.utf8)) }
    }

    /// A key is many lines, and text is told line by line.
    private mutating func add(_ key: [UInt8]?) {
        for line in (key ?? []).split(whereSeparator: { $0 == 0x0a || $0 == 0x0d }) where line.count >= Self.shortest && line.first != UInt8(ascii: "-") {
            secrets.append(Array(line))
        }
    }

    private func cover(_ text: [UInt8]) -> [UInt8] {
        // The longest first: one secret may be a part of another.
        secrets.sorted { $0.count > $1.count }.reduce(text) { Self.replace($1, in: $0) }
    }

    /// What a plugin wrote to its standard error, fit for a log: a line each, without control characters, secrets covered.
    package func lines(_ text: [UInt8]) -> [String] {
        let parts = text.split(maxSplits: Self.maxLines) { $0 == 0x0a || $0 == 0x0d }
        var lines = parts.prefix(Self.maxLines).map { ServerError.oneLine(cover(Array($0)), limit: Self.maxLine) }.filter { !$0.isEmpty }
        if parts.count > Self.maxLines, let rest = parts.last { lines.append("and \(rest.count { $0 == 0x0a }) more lines") }
        return lines
    }

    private static func replace(_ secret: [UInt8], in text: [UInt8]) -> [UInt8] {
        guard let first = secret.first else { return text }
        var out: [UInt8] = []
        var at = 0
        while at < text.count {
            if text[at] == first, text[at...].starts(with: secret) {
                out.append(contentsOf: "REDACTED".utf8)
                at += secret.count
            } else {
                out.append(text[at])
                at += 1
            }
        }
        return out
    }
}
