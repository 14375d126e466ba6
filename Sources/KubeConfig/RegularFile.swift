// Reads a whole regular file within a limit. Never hangs: pipes, sockets, devices and directories are refused.
import Glibc
package import KubeCore

package enum RegularFile {
    static let maxBytes = 16 * 1024 * 1024

    /// The bytes of a file; nil when there is no such file. The message of an error begins with the path.
    static func readIfPresent(_ path: String) throws(KubeError) -> [UInt8]? {
        let shown = ShownText.plain(path)
        guard !path.isEmpty, !path.utf8.contains(0) else { throw KubeError(.config, "\(shown): not a path") }
        // O_NONBLOCK: opening a pipe nobody writes to would wait for ever.
        var file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
        while file < 0 && errno == EINTR { file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY) }
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw KubeError(.config, "\(shown): \(reason(errno))")
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw KubeError(.config, "\(shown): \(reason(errno))") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw KubeError(.config, "\(shown): is not a regular file") }
        guard status.st_size <= maxBytes else { throw tooLarge(shown) }
        return try readAll(file, shown)
    }

    package static func read(_ path: String) throws(KubeError) -> [UInt8] {
        guard let bytes = try readIfPresent(path) else {
            throw KubeError(.config, "\(ShownText.plain(path)): no such file")
        }
        return bytes
    }

    /// What differs once a file was written or replaced.
    package struct Stamp: Equatable {
        private let numbers: [Int]

        /// nil: there is no such file, or it can't be seen.
        package init?(_ path: String) {
            var status = stat()
            guard !path.utf8.contains(0), stat(path, &status) == 0 else { return nil }
            numbers = [
                Int(truncatingIfNeeded: status.st_dev), Int(truncatingIfNeeded: status.st_ino), status.st_size,
                status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec,
            ]
        }
    }

    /// Whether something other than a folder is there, readable or not.
    static func isThere(_ path: String) -> Bool {
        var status = stat()
        return !path.utf8.contains(0) && stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFDIR
    }

    private static func readAll(_ file: Int32, _ shown: String) throws(KubeError) -> [UInt8] {
        var out: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16384)
        while true {
            let count = piece.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw KubeError(.config, "\(shown): \(reason(errno))")
            }
            if count == 0 { return out }
            // The size may have changed since fstat.
            guard out.count &+ count <= maxBytes else { throw tooLarge(shown) }
            out.append(contentsOf: piece.prefix(count))
        }
    }

    private static func tooLarge(_ shown: String) -> KubeError {
        KubeError(.config, "\(shown): is larger than \(maxBytes) bytes")
    }

    private static func reason(_ number: Int32) -> String {
        switch number {
        case EACCES, EPERM: "permission denied"
        case ENOTDIR: "a part of the path is not a folder"
        case EISDIR, ENXIO, ENODEV: "is not a regular file"
        case ELOOP: "too many symbolic links"
        case ENAMETOOLONG: "the path is too long"
        case EMFILE, ENFILE: "too many open files"
        default: "cannot be read (errno \(number))"
        }
    }
}
