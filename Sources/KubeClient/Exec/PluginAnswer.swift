// What a plugin's end means: its exit, and the ExecCredential it wrote. Errors name the plugin and never repeat its output.
package import KubeConfig
package import KubeCore
package import KubeSystem
import KubeTransport

package enum PluginAnswer {
    /// Of standard output, and of standard error.
    package static let maxBytes = 1 << 20

    package static func judge(_ end: ChildEnd, _ plugin: ClientConfig.ExecPlugin) -> Result<PluginCredential, KubeError> {
        func failed(_ problem: String, mayPass: Bool = true) -> Result<PluginCredential, KubeError> {
            .failure(KubeError(.auth, "\(plugin.title) \(problem)", isRetryable: mayPass))
        }
        switch end.exceeded {
        case .time?: return failed("was killed: it took longer than execTimeoutMs (\(plugin.timeoutMs) ms)")
        case .output?: return failed("was killed: it wrote more than \(maxBytes) bytes", mayPass: false)
        case nil: break
        }
        switch end.exit {
        case .code(0): break
        case .code(let number): return failed("ended with exit code \(number)")
        case .signal(let number): return failed("was ended by signal \(number)")
        case .unknown:
            // Nobody knows how it ended: a whole answer is taken, and nothing is no answer.
            if end.output.isEmpty { return failed("ended, this process could not learn how, and it wrote nothing") }
        }
        do throws(KubeError) {
            return .success(try read(end.output, plugin))
        } catch {
            return failed(error.message, mayPass: false)
        }
    }

    /// JSON or YAML. The message of an error goes on after the plugin's name.
    package static func read(_ output: [UInt8], _ plugin: ClientConfig.ExecPlugin) throws(KubeError) -> PluginCredential {
        guard output.contains(where: { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }) else { throw KubeError(.auth, "wrote nothing") }
        guard let document = try? YAMLReader.document(output), document.members != nil else {
            throw KubeError(.auth, "wrote something that is neither a JSON nor a YAML object")
        }
        guard document["kind"]?.string == "ExecCredential" else { throw KubeError(.auth, "wrote an object whose kind is not ExecCredential") }
        guard document["apiVersion"]?.string == plugin.apiVersion.rawValue else {
            throw KubeError(.auth, "wrote an ExecCredential whose apiVersion is not \(plugin.apiVersion.rawValue), as its configuration says")
        }
        func text(_ field: String) throws(KubeError) -> String? {
            switch document["status"]?[field] {
            case nil, .null, .string(""): return nil
            case .string(let text): return text
            default: throw KubeError(.auth, "wrote an ExecCredential whose status.\(field) is no string")
            }
        }
        var credential = PluginCredential(token: try text("token"))
        if credential.token?.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) ?? false {
            throw KubeError(.auth, "wrote a status.token with a line break or another control character")
        }
        let pair = (try text("clientCertificateData"), try text("clientKeyData"))
        switch pair {
        case (nil, nil):
            if credential.token == nil { throw KubeError(.auth, "wrote an ExecCredential with neither a token nor a client certificate") }
        case (let certificate?, let key?): credential.certificate = try identity(Array(certificate.utf8), Array(key.utf8))
        default: throw KubeError(.auth, "wrote an ExecCredential with one of clientCertificateData and clientKeyData and without the other")
        }
        if let expiry = try text("expirationTimestamp") {
            guard let milliseconds = Timestamp.milliseconds(expiry) else {
                throw KubeError(.auth, "wrote an ExecCredential whose status.expirationTimestamp is no RFC 3339 time")
            }
            credential.expiryMs = milliseconds
        }
        return credential
    }

    private static func identity(_ certificate: [UInt8], _ key: [UInt8]) throws(KubeError) -> ClientCertificate {
        guard PEMText.hasCertificate(certificate) else { throw KubeError(.auth, "wrote a clientCertificateData without a PEM certificate") }
        guard PEMText.hasKey(key) else { throw KubeError(.auth, "wrote a clientKeyData without a PEM private key") }
        // OpenSSL would ask the terminal for the password.
        guard !PEMText.hasEncryptedKey(key) else { throw KubeError(.auth, "wrote an encrypted clientKeyData, which is not supported") }
        do {
            try KeyPair.check(certificate: certificate, key: key, "clientCertificateData", "clientKeyData")
        } catch {
            throw KubeError(.auth, "wrote a client certificate and a key that do not belong together")
        }
        return ClientCertificate(certificatePEM: certificate, keyPEM: key)
    }
}

extension ClientConfig.ExecPlugin {
    /// `FILE: user "NAME": exec: plugin "aws"`, for messages.
    var title: String { "\(place): plugin \"\(ServerError.oneLine(Array(command.utf8), limit: 200))\"" }
}

/// RFC 3339, as Kubernetes writes its times.
package enum Timestamp {
    /// Milliseconds since 1970; nil when it is none.
    package static func milliseconds(_ text: String) -> Int64? {
        var rest = Array(text.utf8)[...]
        func number(_ digits: Int) -> Int64? {
            guard rest.count >= digits, rest.prefix(digits).allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            defer { rest = rest.dropFirst(digits) }
            return rest.prefix(digits).reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        }
        func mark(_ characters: String) -> Bool {
            guard let first = rest.first, characters.utf8.contains(first) else { return false }
            rest = rest.dropFirst()
            return true
        }
        guard let year = number(4), mark("-"), let month = number(2), mark("-"), let day = number(2), mark("Tt "),
            let hour = number(2), mark(":"), let minute = number(2), mark(":"), let second = number(2),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
        else { return nil }
        var fraction: Int64 = 0
        if mark(".,") {
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            guard !digits.isEmpty else { return nil }
            rest = rest.dropFirst(digits.count)
            for place in 0..<3 { fraction = fraction * 10 + (place < digits.count ? Int64(digits[digits.startIndex + place] - 0x30) : 0) }
        }
        var offset: Int64 = 0
        if !mark("Zz") {
            let isEast = rest.first == UInt8(ascii: "+")
            guard mark("+-"), let hours = number(2), mark(":"), let minutes = number(2), hours < 24, minutes < 60 else { return nil }
            offset = (hours * 60 + minutes) * (isEast ? 60 : -60)
        }
        guard rest.isEmpty else { return nil }
        // Days since 1970 of the proleptic Gregorian calendar; the year begins in March, so that the leap day is its last.
        let shifted = month > 2 ? year : year - 1
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let days = 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
        return ((days * 24 + hour) * 60 + minute) * 60_000 + (second - offset) * 1000 + fraction
    }
}
