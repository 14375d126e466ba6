// A file with a token for one test, removed at its end.
import Glibc

final class TokenFolder {
    let path: String

    init() {
        var name = Array("/tmp/kubecr-token-XXXXXX".utf8CString)
        let descriptor = name.withUnsafeMutableBufferPointer { buffer in buffer.baseAddress.map { mkstemp($0) } ?? -1 }
        close(descriptor)
        path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func write(_ token: String) {
        guard let file = fopen(path, "w") else { return }
        fputs(token + "\n", file)
        fclose(file)
    }

    deinit { unlink(path) }
}
