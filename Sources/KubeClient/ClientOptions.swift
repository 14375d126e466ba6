// The options of kcr_client_new: read once, strictly.
package import KubeCore

package struct ClientOptions {
    package var isExternal = false
    package var callbackThreads = 4
    package var userAgent = ""
    package var timeoutMs: Int64 = 60_000
    package var connectTimeoutMs: Int64 = 10_000
    package var idleMs: Int64 = 150_000
    package var qps = 50.0
    package var burst = 100.0
    package var maxRetries: Int64 = 10
    package var maxObjectBytes = 33_554_432
    package var http2 = true
    /// Informers list as the begin of a stream where the server can (L10). Not in the C contract: it is what they do.
    package var streamsLists = true

    package init() {}

    /// Throws `.argument` for an unknown key, a wrong type or a value out of range.
    package init(_ json: JSONValue?) throws(KubeError) {
        var reader = try OptionReader(json, "client")
        isExternal = try reader.choice("loop", ["thread", "external"]) == "external"
        callbackThreads = Int(truncatingIfNeeded: try reader.int("callbackThreads", in: 1...64) ?? 4)
        userAgent = try reader.string("userAgent") ?? ""
        for byte in userAgent.utf8 where byte < 0x20 || byte == 0x7f {
            throw KubeError(.argument, "the client option \"userAgent\" contains a control character")
        }
        let day: Int64 = 86_400_000
        timeoutMs = try reader.int("timeoutMs", in: 1...day) ?? timeoutMs
        connectTimeoutMs = try reader.int("connectTimeoutMs", in: 1...day) ?? connectTimeoutMs
        idleMs = try reader.int("idleMs", in: 1000...day) ?? idleMs
        qps = try reader.double("qps") ?? qps
        burst = try reader.double("burst") ?? burst
        maxRetries = try reader.int("maxRetries", in: 0...1000) ?? maxRetries
        maxObjectBytes = Int(truncatingIfNeeded: try reader.int("maxObjectBytes", in: 1024...1_073_741_824) ?? Int64(maxObjectBytes))
        http2 = try reader.bool("http2") ?? http2
        try reader.finish()
    }
}
