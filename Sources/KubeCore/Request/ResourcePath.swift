// From a resource, a namespace and a name to a request target. Segments are checked and escaped here, once.

/// What may stand between two slashes (R7).
package enum PathSegment {
    /// Throws `.argument` for what can't be one segment: empty, ".", "..", with "/" or "%" or a control character
    /// (apimachinery, pkg/api/validation/path).
    package static func check(_ text: String, _ what: String) throws(KubeError) {
        if text.isEmpty { throw KubeError(.argument, "the \(what) is empty") }
        if text == "." || text == ".." { throw KubeError(.argument, "\"\(text)\" can't be a \(what)") }
        for byte in text.utf8 where byte == UInt8(ascii: "/") || byte == UInt8(ascii: "%") || byte < 0x20 || byte == 0x7f {
            throw KubeError(.argument, "the \(what) must not contain \"/\", \"%\" or control characters")
        }
    }
}

package enum PercentEncoding {
    /// RFC 3986: everything but unreserved characters is escaped.
    package static func encode(_ text: String) -> String {
        var out: [UInt8] = []
        let hex = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): out.append(byte)
            default: out.append(contentsOf: [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]])
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}

/// A query string in the making.
package struct Query: Equatable, Sendable {
    package private(set) var items: [HTTPField] = []

    package init() {}

    package mutating func set(_ key: String, _ value: String) { items.append(HTTPField(key, value)) }
    package mutating func set(_ key: String, _ value: String?) { if let value, !value.isEmpty { set(key, value) } }
    package mutating func set(_ key: String, _ value: Int64?) { if let value { set(key, String(value)) } }
    package mutating func set(_ key: String, _ value: Bool?) { if let value { set(key, value ? "true" : "false") } }

    /// "" or "?a=b&c=d".
    package var text: String {
        guard !items.isEmpty else { return "" }
        return "?" + items.map { PercentEncoding.encode($0.name) + "=" + PercentEncoding.encode($0.value) }.joined(separator: "&")
    }
}

/// A place in the API: a collection, or one object in it.
package struct ResourcePath: Equatable, Sendable {
    package var gvr: GVR
    /// "" = no namespace in the URL.
    package var namespace: String
    /// "" for the collection.
    package var name: String
    package var subresource: String

    /// Throws `.argument` for a namespace, name or subresource that can't be a segment.
    package init(_ gvr: GVR, namespace: String, name: String = "", subresource: String = "") throws(KubeError) {
        if !namespace.isEmpty { try PathSegment.check(namespace, "namespace") }
        if !name.isEmpty { try PathSegment.check(name, "name") }
        if !subresource.isEmpty { try PathSegment.check(subresource, "subresource") }
        self.gvr = gvr
        self.namespace = namespace
        self.name = name
        self.subresource = subresource
    }

    package func target(_ query: Query = Query()) -> String {
        var path = gvr.group.isEmpty ? "/api/" : "/apis/" + PercentEncoding.encode(gvr.group) + "/"
        path += PercentEncoding.encode(gvr.version)
        if !namespace.isEmpty { path += "/namespaces/" + PercentEncoding.encode(namespace) }
        path += "/" + PercentEncoding.encode(gvr.resource)
        if !name.isEmpty { path += "/" + PercentEncoding.encode(name) }
        if !subresource.isEmpty { path += "/" + PercentEncoding.encode(subresource) }
        return path + query.text
    }
}
