// The version of the library, once.

package enum Version {
    package static let constant: StaticString = "0.1.0"
    package static var text: String { "\(constant)" }

    #if arch(x86_64)
    private static let architecture = "amd64"
    #elseif arch(arm64)
    private static let architecture = "arm64"
    #else
    private static let architecture = "other"
    #endif

    /// "kubecr/0.1.0 (linux/amd64)".
    package static let userAgent = "kubecr/\(text) (linux/\(architecture))"
}
