// metav1.Status: what the server says of a failure.
import KubeCore

extension KubeError {
    /// The server's words on a failure, as `metav1.Status`.
    public struct Status: Codable, Sendable, Equatable {
        public var kind: String?
        public var apiVersion: String?
        /// "Failure".
        public var status: String?
        public var message: String?
        /// "NotFound", "AlreadyExists", "Conflict", "Invalid", ...
        public var reason: String?
        public var details: Details?
        /// The HTTP status.
        public var code: Int?

        public struct Details: Codable, Sendable, Equatable {
            public var name: String?
            public var group: String?
            public var kind: String?
            public var uid: String?
            public var causes: [Cause]?
            public var retryAfterSeconds: Int?
        }

        /// One thing that is wrong, such as a field.
        public struct Cause: Codable, Sendable, Equatable {
            /// "FieldValueInvalid", "FieldValueRequired", ...
            public var reason: String?
            public var message: String?
            /// "spec.replicas".
            public var field: String?
        }

        init?(_ json: [UInt8]) {
            guard let object = try? KubeObject(json: json), let status = try? object.decode(Status.self) else { return nil }
            self = status
        }
    }
}
