// A failed system call, as a value. It knows no policy: who made the call says what the failure means.
import Glibc

/// Which call failed, and with what errno.
package struct SystemError: Error {
    package var number: Int32
    package var call: String

    package init(_ call: String, _ number: Int32) {
        self.call = call
        self.number = number
    }

    /// "epoll_create1: Too many open files".
    package var message: String { "\(call): \(SystemError.text(number))" }

    /// What the system calls this errno.
    package static func text(_ number: Int32) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let base = buffer.baseAddress, strerror_r(number, base, 256) == 0 else { return "error \(number)" }
            return String(cString: base)
        }
    }
}
