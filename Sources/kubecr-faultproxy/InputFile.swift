// A script's bytes: a file, or standard input for "-".
import FaultProxy
import Glibc
import KubeCore

enum InputFile {
    /// At most one byte more than a script may have. Throws `.argument`, beginning with the path.
    static func read(_ path: String) throws(KubeError) -> [UInt8] {
        let file = path == "-" ? 0 : open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failed(path) }
        defer { if file != 0 { close(file) } }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while bytes.count <= FaultScript.maxBytes {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count < 0 { throw failed(path) }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return bytes
    }

    private static func failed(_ path: String) -> KubeError { KubeError(.argument, "\(path): \(String(cString: strerror(errno)))") }
}
