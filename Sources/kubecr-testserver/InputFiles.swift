// What comes in from outside at the start: files of objects, addresses, random tokens.
import ArgumentParser
import Glibc
import KubeConfig
import KubeCore
import NIOSSL
import TestServer

enum InputFiles {
    /// Every document of a YAML or JSON file becomes an object of the server.
    static func load(_ path: String, into server: inout APIServer, definitionsOnly: Bool = false) throws {
        let text = try read(path)
        let documents: [JSONValue]
        do throws(KubeError) { documents = try YAMLReader.documents(text) } catch { throw ValidationError("\(path): \(error.message)") }
        for document in documents where !document.isNull {
            let kind = document["kind"]?.string ?? ""
            let name = document["metadata"]?["name"]?.string ?? ""
            if definitionsOnly, kind != "CustomResourceDefinition" { throw ValidationError("\(path): \(kind) \"\(name)\" is no CustomResourceDefinition") }
            do throws(APIServer.LoadFailure) {
                try server.load(document, now: ServerHost.now())
            } catch {
                throw ValidationError("\(path): \(kind) \"\(name)\": \(error.message)")
            }
        }
    }

    /// The certificates of a PEM file; there must be one.
    static func certificates(_ path: String) throws -> [NIOSSLCertificate] {
        let text = try read(path)
        guard let found = try? NIOSSLCertificate.fromPEMBytes(text), !found.isEmpty else { throw ValidationError("\(path): holds no certificate in PEM") }
        return found
    }

    private static func read(_ path: String) throws -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw ValidationError("\(path): \(String(cString: strerror(errno)))") }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while bytes.count <= YAMLReader.maxBytes {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0 { throw ValidationError("\(path): \(String(cString: strerror(errno)))") }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return bytes
    }

    /// The bytes of an IPv4 or IPv6 address; nil for a name.
    static func addressBytes(_ text: String) -> [UInt8]? {
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: count)
            if inet_pton(family, text, &bytes) == 1 { return bytes }
        }
        return nil
    }

    /// 160 bits in hexadecimal.
    static func randomToken() -> String {
        var random = SystemRandomNumberGenerator()
        return (0..<20).map { _ in
            let text = String(UInt8.random(in: .min ... .max, using: &random), radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }
}
