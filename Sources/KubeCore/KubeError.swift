// The one error of the engine: what failed, in a line without secrets, and what the server said of it.

/// An error of any part of the library.
package struct KubeError: Error, Equatable {
    /// What went wrong, as a class. The raw value is the `kcr_status` of `include/kubecr.h`.
    package enum Code: Int32, CaseIterable {
        case argument = -1
        case state = -2
        case config = -3
        case auth = -4
        case tls = -5
        case connect = -6
        case proxy = -7
        case timeout = -8
        case cancelled = -9
        case decode = -10
        case type = -11
        case unsupported = -12
        case noMemory = -13
        case `internal` = -14
        case badRequest = -101
        case unauthorized = -102
        case forbidden = -103
        case notFound = -104
        case alreadyExists = -105
        case conflict = -106
        case gone = -107
        case invalid = -108
        case tooManyRequests = -109
        case unavailable = -110
        case server = -111

        /// "NOT_FOUND": what stands behind KCR_ERR_ in the header.
        package var name: StaticString {
            switch self {
            case .argument: "ARGUMENT"
            case .state: "STATE"
            case .config: "CONFIG"
            case .auth: "AUTH"
            case .tls: "TLS"
            case .connect: "CONNECT"
            case .proxy: "PROXY"
            case .timeout: "TIMEOUT"
            case .cancelled: "CANCELLED"
            case .decode: "DECODE"
            case .type: "TYPE"
            case .unsupported: "UNSUPPORTED"
            case .noMemory: "NO_MEMORY"
            case .internal: "INTERNAL"
            case .badRequest: "BAD_REQUEST"
            case .unauthorized: "UNAUTHORIZED"
            case .forbidden: "FORBIDDEN"
            case .notFound: "NOT_FOUND"
            case .alreadyExists: "ALREADY_EXISTS"
            case .conflict: "CONFLICT"
            case .gone: "GONE"
            case .invalid: "INVALID"
            case .tooManyRequests: "TOO_MANY_REQUESTS"
            case .unavailable: "UNAVAILABLE"
            case .server: "SERVER"
            }
        }
    }

    package var code: Code
    /// One line, no secrets, no line breaks.
    package var message: String
    /// The HTTP status of the answer, 0 without one.
    package var httpStatus: Int = 0
    /// The `reason` of the server's Status, "" without one.
    package var reason: String = ""
    /// The server's metav1.Status as it came.
    package var statusJSON: [UInt8]?
    /// The pause the server asked for, -1 without one.
    package var retryAfterMs: Int64 = -1
    /// Whether repeating the same call is safe and may help.
    package var isRetryable: Bool = false

    package init(_ code: Code, _ message: String, isRetryable: Bool = false) {
        self.code = code
        // Names and keys of the caller are quoted in messages: whatever they hold, the message stays one line.
        self.message = message.utf8.contains { $0 < 0x20 || $0 >= 0x7f } ? ServerError.oneLine(Array(message.utf8), limit: .max) : message
        self.isRetryable = isRetryable
    }
}
