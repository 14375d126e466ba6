// Makes the two descriptors that libcurl opens with a multi handle close-on-exec. libcurl 7.88 leaves them open across exec
// and tells nobody their numbers. Nothing here touches a descriptor it hasn't recognised.
import CCurl
import Glibc
import KubeSystem

enum WakeupPair {
    /// `curl_multi_init`, with descriptors that no program started later inherits.
    static func makeMulti() -> UnsafeMutableRawPointer? {
        let guess = lowestFree()
        guard let multi = curl_multi_init() else { return nil }
        if let (reader, writer) = guess, recognise(reader, writer, multi) {
            _ = fcntl(reader, F_SETFD, FD_CLOEXEC)
            _ = fcntl(writer, F_SETFD, FD_CLOEXEC)
        }
        return multi
    }

    /// The two numbers the next socketpair will get, if no other thread opens something first.
    private static func lowestFree() -> (Int32, Int32)? {
        var pair: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &pair) == 0 else { return nil }
        close(pair[0])
        close(pair[1])
        return (pair[0], pair[1])
    }

    /// Whether a byte that wakes `multi` arrives at `reader`, and one that `reader` sends at `writer`. libcurl reads neither: it
    /// looks at the pair in `curl_multi_poll` only, which is not used here.
    private static func recognise(_ reader: Int32, _ writer: Int32, _ multi: UnsafeMutableRawPointer) -> Bool {
        guard isLocalStream(reader), isLocalStream(writer), waiting(reader) == 0, waiting(writer) == 0 else { return false }
        guard curl_multi_wakeup(multi) == CURLM_OK, waiting(reader) == 1 else { return false }
        var byte: UInt8 = 0
        return send(reader, &byte, 1, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)) == 1 && waiting(writer) == 1
    }

    private static func isLocalStream(_ descriptor: Int32) -> Bool {
        func option(_ name: Int32) -> Int32 {
            var value: Int32 = -1
            var length = socklen_t(MemoryLayout<Int32>.size)
            return getsockopt(descriptor, SOL_SOCKET, name, &value, &length) == 0 ? value : -1
        }
        return option(SO_DOMAIN) == AF_UNIX && option(SO_TYPE) == Int32(SOCK_STREAM.rawValue)
    }

    /// Bytes that could be read, at most 2 of them counted.
    private static func waiting(_ descriptor: Int32) -> Int {
        withUnsafeTemporaryAllocation(byteCount: 2, alignment: 1) { buffer in
            max(0, recv(descriptor, buffer.baseAddress, 2, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)))
        }
    }
}
