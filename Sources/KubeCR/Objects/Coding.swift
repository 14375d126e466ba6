// Swift values to JSON and back, with Kubernetes' times; and Swift's coding errors in the library's words, without values.
import FoundationEssentials
import KubeCore

enum Coding {
    /// The object that is being decoded, for `ObjectMeta`.
    static let origin = CodingUserInfoKey(rawValue: "kubecr.origin")

    /// Throws `.decode`.
    static func decode<Value: Decodable>(_ type: Value.Type, _ json: UnsafeRawBufferPointer, of object: KubeObject?) throws -> Value {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { try time($0) }
        if let origin, let object { decoder.userInfo[origin] = object }
        do {
            return try decoder.decode(type, from: json.baseAddress.map { Data(bytes: $0, count: json.count) } ?? Data())
        } catch {
            throw KubeError(.decode, "\(object?.description ?? "JSON") is no \(Value.self): \(words(error))")
        }
    }

    /// What `value` encodes to, keys sorted. Throws `.argument`.
    static func tree(_ value: some Encodable) throws -> JSONValue {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(text(date))
        }
        let json: Data
        do {
            json = try encoder.encode(value)
        } catch {
            throw KubeError(.argument, "\(type(of: value)) can't be encoded: \(words(error))")
        }
        return try KubeError.translating { () throws(Engine.Failure) in try JSONValue.parse(Array(json)) }
    }

    /// metav1.Time, or metav1.MicroTime with its fraction of a second.
    private static func time(_ decoder: any Decoder) throws -> Date {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        if let date = try? Date(text, strategy: .iso8601) { return date }
        if let date = try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)) { return date }
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "no RFC 3339 time")
    }

    private static func text(_ date: Date) -> String {
        let isWhole = date.timeIntervalSince1970.rounded() == date.timeIntervalSince1970
        return isWhole ? date.formatted(.iso8601) : date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    /// Where and what, without the value itself, which may be a secret.
    private static func words(_ error: any Error) -> String {
        func at(_ path: [any CodingKey], _ what: String) -> String {
            let place = path.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
            return (place.hasPrefix(".") ? String(place.dropFirst()) : place) + (place.isEmpty ? what : ": \(what)")
        }
        switch error {
        case DecodingError.typeMismatch(let type, let context): return at(context.codingPath, "not of type \(type)")
        case DecodingError.valueNotFound(let type, let context): return at(context.codingPath, "null, not of type \(type)")
        case DecodingError.keyNotFound(let key, let context): return at(context.codingPath + [key], "missing")
        case DecodingError.dataCorrupted(let context): return at(context.codingPath, "not readable")
        case EncodingError.invalidValue(_, let context): return at(context.codingPath, "not a JSON value")
        case let error as KubeError: return error.message
        default: return "\(type(of: error))"
        }
    }
}
