// YAML text to JSON values, one per document. Not a YAML toolkit: no comments, no styles, nothing is ever written.
package import KubeCore

/// Reads YAML 1.1 as the Kubernetes tools do, within limits that no text can talk its way around.
///
/// Refused with `.decode`, line and column: bad syntax, control characters, bad UTF-8, duplicate keys, keys that are not
/// scalars or longer than 1024 characters, nesting deeper than 512, aliases that expand to more than 16 MiB.
package enum YAMLReader {
    /// Bytes of text, and what its aliases expand to.
    package static let maxBytes = 16 * 1024 * 1024
    package static let maxDepth = 512
    package static let maxKeyCharacters = 1024

    /// One document of a stream and the line, counted from 1, at which its content begins.
    package struct Document: Equatable {
        package var line: Int
        package var value: JSONValue
    }

    /// The one document of a text; `.null` when it holds none. A second document that is not empty is refused.
    package static func document(_ text: UnsafeRawBufferPointer) throws(KubeError) -> JSONValue {
        let found = try documents(text).filter { !$0.isNull }
        guard found.count <= 1 else { throw KubeError(.decode, "holds more than one YAML document") }
        return found.first ?? .null
    }

    /// All documents in order; an empty one is `.null`.
    package static func documents(_ text: UnsafeRawBufferPointer) throws(KubeError) -> [JSONValue] {
        guard text.count <= maxBytes else { throw KubeError(.decode, "is larger than \(maxBytes) bytes") }
        guard let json = jsonPart(of: text) else { return try events(of: text) }
        // libyaml refuses surrogate escapes, so JSON goes to the JSON reader; a YAML flow mapping begins the same way.
        do {
            return [try JSONValue.parse(json)]
        } catch {
            do { return try events(of: text) } catch _ { throw error }
        }
    }

    private static func events(of text: UnsafeRawBufferPointer) throws(KubeError) -> [JSONValue] { try composed(text, isStream: false).map(\.value) }

    package static func document(_ text: [UInt8]) throws(KubeError) -> JSONValue {
        var result: Result<JSONValue, KubeError> = .success(.null)
        text.withUnsafeBytes { bytes in
            do throws(KubeError) { result = .success(try document(bytes)) } catch { result = .failure(error) }
        }
        return try result.get()
    }

    package static func documents(_ text: [UInt8]) throws(KubeError) -> [JSONValue] {
        var result: Result<[JSONValue], KubeError> = .success([])
        text.withUnsafeBytes { bytes in
            do throws(KubeError) { result = .success(try documents(bytes)) } catch { result = .failure(error) }
        }
        return try result.get()
    }

    /// Reads a text with libyaml. In a stream an error also says which document it is in.
    static func composed(_ text: UnsafeRawBufferPointer, isStream: Bool) throws(KubeError) -> [Document] {
        var composer = YAMLComposer()
        guard let start = text.baseAddress, text.count > 0 else { return [] }
        var result: Result<Void, KubeError> = .success(())
        try YAMLEvents.withParser(UnsafeRawBufferPointer(start: start, count: text.count)) { events in
            do throws(KubeError) {
                while try composer.take(events.next()) {}
            } catch {
                result = .failure(isStream && error.code == .decode ? KubeError(.decode, "document \(composer.documents.count &+ 1), \(error.message)") : error)
            }
        }
        try result.get()
        return composer.documents
    }

    /// The text without its byte-order mark, when its first byte that is not blank is "{".
    static func jsonPart(of text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        var rest = text[...]
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
        let first = rest.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
        return first == UInt8(ascii: "{") ? UnsafeRawBufferPointer(rebasing: rest) : nil
    }
}
