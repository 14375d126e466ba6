// The error of every function of this module: a class of failure, one line, and what the server said of it.
import KubeCore

/// Why something failed. Never holds a secret.
public struct KubeError: Error, Sendable, CustomStringConvertible {
    /// What went wrong, as a class; the same classes and numbers as `kcr_status` in `kubecr.h`.
    public enum Code: Int32, CaseIterable, Sendable, CustomStringConvertible {
        /// The call itself is wrong: bad text, an unknown option, a value out of range.
        case argument = -1
        /// Not now: the client is closed, or the informer stopped.
        case state = -2
        /// Kubeconfig, environment or certificates; the message names file, entry and field.
        case config = -3
        /// A credential can't be had.
        case auth = -4
        /// The server's certificate or the handshake was refused.
        case tls = -5
        /// No connection, or it was lost.
        case connect = -6
        case proxy = -7
        case timeout = -8
        /// The task was cancelled, or the client closed. A write may have been executed all the same.
        case cancelled = -9
        /// The answer is not what it should be, or does not fit the type it is decoded to.
        case decode = -10
        /// A JSON pointer leads to another type.
        case type = -11
        /// This version can't do it, and says what.
        case unsupported = -12
        /// Memory, descriptors or threads have run out.
        case noMemory = -13
        /// A fault of the library or of the system below it.
        case `internal` = -14

        case badRequest = -101
        case unauthorized = -102
        case forbidden = -103
        /// Also: an absent JSON pointer.
        case notFound = -104
        case alreadyExists = -105
        case conflict = -106
        /// A resourceVersion or page token that is too old.
        case gone = -107
        case invalid = -108
        case tooManyRequests = -109
        case unavailable = -110
        case server = -111

        /// The name in `kubecr.h` without `KCR_ERR_`: "NOT_FOUND".
        public var description: String { engine.name.description }

        /// The engine's class of the same number.
        var engine: Engine.Failure.Code { Engine.Failure.Code(rawValue: rawValue) ?? .internal }
    }

    public let code: Code
    /// One line: what failed, where, and the server's own words.
    public let message: String
    /// The HTTP status of the answer; 0: there was none.
    public let httpStatus: Int
    /// The server's Status; nil: the answer had none.
    public let status: Status?
    /// How long the server asks to wait; nil: it does not say.
    public let retryAfter: Duration?
    /// Whether repeating the call is safe and may help.
    public let isRetryable: Bool

    /// "NOT_FOUND: projects.example.sealyun.com \"demo\" not found".
    public var description: String { "\(code): \(message)" }

    init(_ code: Code, _ message: String, isRetryable: Bool = false) {
        self.init(Engine.Failure(code.engine, message, isRetryable: isRetryable))
    }

    init(_ failure: Engine.Failure) {
        code = Code(rawValue: failure.code.rawValue) ?? .internal
        message = failure.message
        httpStatus = failure.httpStatus
        status = failure.statusJSON.flatMap { Status($0) }
        retryAfter = failure.retryAfterMs < 0 ? nil : .milliseconds(failure.retryAfterMs)
        isRetryable = failure.isRetryable
    }

    static let taskCancelled = KubeError(.cancelled, "the task was cancelled")

    /// Runs what may throw the engine's error.
    static func translating<Value>(_ body: () throws(Engine.Failure) -> Value) throws(KubeError) -> Value {
        do throws(Engine.Failure) { return try body() } catch { throw KubeError(error) }
    }
}
