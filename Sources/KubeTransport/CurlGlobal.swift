// libcurl's one-time start in this process, and the one environment variable that would weaken it. No handle lives here.
import CCurl
import Glibc
import KubeCore
import KubeSystem

enum CurlGlobal {
    // Both are written once, under the lock of the process, before the first handle exists.
    nonisolated(unsafe) private static var isStarted = false
    nonisolated(unsafe) private static var writesKeys = false

    /// libcurl writes every TLS key to `$SSLKEYLOGFILE`.
    static var keyLogIsOn: Bool { ProcessState.exclusively { writesKeys } }

    /// Throws `.config` where a program with more rights than its caller would write keys to a file the caller names,
    /// `.noMemory` when libcurl can't start.
    static func start() throws(KubeError) {
        let refusal: KubeError? = ProcessState.exclusively {
            let keyLog = getenv("SSLKEYLOGFILE").map { $0.pointee != 0 } ?? false
            if keyLog, kcr_curl_process_is_secure() != 0 {
                return KubeError(.config, "SSLKEYLOGFILE is refused in a program that runs with more rights than its caller")
            }
            if isStarted { return nil }
            guard curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK else {
                return KubeError(.noMemory, "libcurl can't be initialised")
            }
            isStarted = true
            writesKeys = keyLog
            releaseThreadsOfOpenSSL()
            // OpenSSL has registered its exit handler by now; ours must run before it.
            ProcessExit.registerAfterLibraryStart()
            return nil
        }
        if let refusal { throw refusal }
    }

    /// The libcrypto that libcurl has loaded, if it uses OpenSSL.
    private static func releaseThreadsOfOpenSSL() {
        for name in ["libcrypto.so.3", "libcrypto.so.1.1"] {
            guard let library = dlopen(name, RTLD_LAZY | RTLD_NOLOAD), let function = dlsym(library, "OPENSSL_thread_stop") else { continue }
            ThreadEnd.register(unsafeBitCast(function, to: (@convention(c) () -> Void).self))
        }
    }
}
