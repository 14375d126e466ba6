// A folder for files of one test, a process environment around it, and the checks every error has to pass. No tests.
import Glibc
import KubeConfig
import KubeCore
import Testing

/// Stands in every secret of a test: none may be seen in a message.
let secret = "s3cr3t"

let caPEM = pem("CERTIFICATE", "\(secret)ca")
let certificatePEM = pem("CERTIFICATE", "\(secret)cert")
let keyPEM = pem("PRIVATE KEY", "\(secret)key")

func pem(_ label: String, _ body: String) -> String { "-----BEGIN \(label)-----\n\(body)\n-----END \(label)-----\n" }

func base64(_ text: String) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    let bytes = Array(text.utf8)
    var out = ""
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let part = bytes[start..<min(start + 3, bytes.count)]
        let bits = part.reduce(0) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - part.count))
        for place in 0..<4 {
            out.append(place > part.count ? "=" : alphabet[Int(bits >> UInt32(18 - 6 * place) & 63)])
        }
    }
    return out
}

/// A new empty folder, removed with everything in it at the end.
final class Folder {
    let path: String

    init() {
        var name = Array("/tmp/kubecr-config-XXXXXX".utf8CString)
        path = name.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? ""
        }
    }

    deinit { Self.removeAll(path) }

    private static func removeAll(_ path: String) {
        guard remove(path) != 0, let folder = opendir(path) else { return }
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name != "." && name != ".." { removeAll(path + "/" + name) }
        }
        closedir(folder)
        remove(path)
    }

    @discardableResult
    func write(_ name: String, _ text: String) -> String { write(name, Array(text.utf8)) }

    @discardableResult
    func write(_ name: String, _ bytes: [UInt8]) -> String {
        let parts = name.split(separator: "/").dropLast()
        for end in parts.indices { mkdir(path + "/" + parts[...end].joined(separator: "/"), 0o700) }
        let file = path + "/" + name
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        close(descriptor)
        return file
    }

    /// Home and service account lie in this folder, and nothing of them is there yet.
    func environment(_ variables: [String: String] = [:], isSecure: Bool = false) -> Environment {
        Environment(variables: variables, home: path + "/home", inClusterRoot: path + "/account", isSecure: isSecure)
    }
}

/// A kubeconfig with one of each, chosen. The lines given stand inside the entries.
func kubeconfig(
    cluster: [String] = ["server: https://a.example:6443"], user: [String] = [], context: [String] = []
) -> String {
    func lines(_ text: [String]) -> String { text.map { "\n    " + $0 }.joined() }
    return """
        apiVersion: v1
        kind: Config
        current-context: ctx
        contexts:
        - name: ctx
          context:
            cluster: clu
            user: usr\(lines(context))
        clusters:
        - name: clu
          cluster:\(cluster.isEmpty ? " {}" : lines(cluster))
        users:
        - name: usr
          user:\(user.isEmpty ? " {}" : lines(user))
        """
}

/// Loads options in an empty environment.
func load(_ options: [JSONValue.Member], _ environment: Environment = Environment()) throws -> ClientConfig {
    try ClientConfig.load(options: .object(options), environment: environment)
}

/// Loads a text through the option kubeconfigYAML, further options beside it.
func load(yaml: String, _ options: [JSONValue.Member] = []) throws -> ClientConfig {
    try load([.init("kubeconfigYAML", .string(yaml))] + options)
}

/// The error of something that has to fail. Its message is one line, without a secret, plain or encoded.
func failure(
    _ what: String = "", _ body: () throws -> ClientConfig, _ place: SourceLocation = #_sourceLocation
) -> KubeError {
    do {
        let config = try body()
        Issue.record("\(what): loaded \(config.redacted().text)", sourceLocation: place)
    } catch let error as KubeError {
        let isClean = !error.message.contains(secret) && !error.message.contains(base64(secret).prefix(8))
        #expect(isClean, "\(what): a secret in the message", sourceLocation: place)
        let isOneLine = !error.message.isEmpty && error.message.unicodeScalars.allSatisfy { $0.value >= 0x20 }
        #expect(isOneLine, "\(what): \(error.message)", sourceLocation: place)
        return error
    } catch {
        Issue.record("\(what): \(error)", sourceLocation: place)
    }
    return KubeError(.internal, "no error")
}

/// Whether an error has this code and a message with all these parts.
func expect(
    _ error: KubeError, _ code: KubeError.Code, _ parts: String..., what: String = "",
    at place: SourceLocation = #_sourceLocation
) {
    #expect(error.code == code, "\(what): \(error.message)", sourceLocation: place)
    for part in parts {
        #expect(error.message.contains(part), "\(what): \(part) is not in: \(error.message)", sourceLocation: place)
    }
}
