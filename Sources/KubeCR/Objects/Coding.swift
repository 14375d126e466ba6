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
        if let date = plain(text) { return date }
        if let date = try? Date(text, strategy: .iso8601) { return date }
        if let date = try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)) { return date }
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "no RFC 3339 time")
    }

    /// "2026-11-26T17:03:00Z", as servers write nearly all times. Foundation's own reading takes a third of an object's decoding.
    private static func plain(_ text: String) -> Date? {
        let bytes = Array(text.utf8)
        guard bytes.count == 20, bytes[10] == UInt8(ascii: "T"), bytes[19] == UInt8(ascii: "Z") else { return nil }
        guard bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"), bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":") else { return nil }
        func number(_ range: Range<Int>) -> Int? {
            bytes[range].reduce(0) { sum, byte in sum.flatMap { (0x30...0x39).contains(byte) ? $0 * 10 + Int(byte &- 0x30) : nil } }
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), let hour = number(11..<13), let minute = number(14..<16),
            let second = number(17..<19), (1...12).contains(month), (1...28).contains(day) || (1...31).contains(day) && Self.days(year, month) >= day,
            hour < 24, minute < 60, second < 60
        else { return nil }
        // Days since 1970, the year beginning in March; older times have an older calendar.
        let (y, m) = month > 2 ? (year, month - 3) : (year - 1, month + 9)
        guard y >= 1600 else { return nil }
        let days = y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 719_469
        return Date(timeIntervalSince1970: Double(days * 86_400 + hour * 3600 + minute * 60 + second))
    }

    private static func days(_ year: Int, _ month: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
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
