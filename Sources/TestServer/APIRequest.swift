// A request as the server sees it, and what it answers. Values; how they travel is somebody else's job.

package struct APIRequest: Sendable {
    package var method: String
    /// The path as it was sent, without the query.
    package var path: String
    /// The decoded segments of the path.
    package var segments: [String]
    package var query: [QueryItem]
    /// The name in lower case.
    package var headers: [String: String]
    package var body: [UInt8]
    /// Who a client certificate says is asking.
    package var certificateUser: User?

    package struct QueryItem: Equatable, Sendable {
        package var name: String
        package var value: String
    }

    /// `target` is the path with its query, still encoded.
    package init(_ method: String, _ target: String, headers: [String: String] = [:], body: [UInt8] = []) {
        self.method = method
        self.headers = headers
        self.body = body
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = String(parts.first ?? "")
        segments = path.split(separator: "/").map { PercentText.decode($0, plusIsSpace: false) }
        query = (parts.count > 1 ? parts[1].split(separator: "&") : []).map { item in
            let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return QueryItem(name: PercentText.decode(pair.first ?? "", plusIsSpace: true), value: pair.count > 1 ? PercentText.decode(pair[1], plusIsSpace: true) : "")
        }
    }

    /// The first value of a parameter, "" without one.
    func parameter(_ name: String) -> String { query.first { $0.name == name }?.value ?? "" }

    /// As the real server reads a flag: present and not "false" or "0".
    func flag(_ name: String) -> Bool? {
        guard let item = query.first(where: { $0.name == name }) else { return nil }
        return item.value != "false" && item.value != "0"
    }

    /// The media type of the body, without parameters and in lower case.
    var contentType: String {
        (headers["content-type"] ?? "").split(separator: ";").first.map { $0.filter { $0 != " " }.lowercased() } ?? ""
    }
}

package struct APIResponse: Equatable, Sendable {
    package var status: Int
    package var contentType: String
    package var headers: [String: String] = [:]
    /// The texts of Warning headers.
    package var warnings: [String] = []
    package var body: [UInt8]

    package init(_ status: Int, _ contentType: String = "application/json", _ body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }
}

package enum APIAnswer: Sendable {
    case response(APIResponse)
    /// 200, and then what `APIServer.next` gives until it says that the stream ends.
    case watch(Watcher)
}

enum PercentText {
    /// A "%" that is not followed by two hexadecimal digits stands for itself.
    static func decode(_ text: Substring, plusIsSpace: Bool) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else { return String(text) }
        var out: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.count >= 2 {
                out.append(value)
                rest = rest.dropFirst(2)
            } else {
                out.append(plusIsSpace && byte == UInt8(ascii: "+") ? 0x20 : byte)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
