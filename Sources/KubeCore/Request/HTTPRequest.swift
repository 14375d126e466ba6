// An HTTP request and the head of its answer, as values. Nothing here knows a socket.

/// A header field.
package struct HTTPField: Equatable, Sendable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// A request to the API server, without the server and without credentials.
package struct HTTPRequest: Equatable, Sendable {
    /// "GET", "POST", "PUT", "PATCH", "DELETE" or any other token.
    package var method: String
    /// Path and query, percent-encoded, beginning with "/"; the server's path prefix is put in front by the transport.
    package var target: String
    package var headers: [HTTPField]
    package var body: [UInt8]?

    package init(_ method: String, _ target: String, headers: [HTTPField] = [], body: [UInt8]? = nil) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
    }
}

/// Status and header fields of an answer.
package struct HTTPHead: Equatable, Sendable {
    package var status: Int
    package var fields: [HTTPField]

    package init(status: Int, fields: [HTTPField] = []) {
        self.status = status
        self.fields = fields
    }

    /// The first field of that name, compared without case.
    package func first(_ name: String) -> String? {
        fields.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}
