// What the simulation shares with the tests: bytes, objects, answers and a seeded random source. No tests.
import Glibc
import KubeCore

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 0x1234_5678 }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z &>> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z &>> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z &>> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
    mutating func pick<T>(_ from: [T]) -> T { from[below(from.count)] }
}

func text(_ bytes: some Sequence<UInt8>) -> String { String(decoding: Array(bytes), as: UTF8.self) }
func utf8(_ text: String) -> [UInt8] { Array(text.utf8) }

/// An object as a server writes it.
func objectText(_ name: String, namespace: String = "ns", uid: String = "u", version: String = "1", extra: String = "") -> String {
    let place = namespace.isEmpty ? "" : #","namespace":"\#(namespace)""#
    return #"{"kind":"Thing","metadata":{"name":"\#(name)"\#(place),"uid":"\#(uid)","resourceVersion":"\#(version)"}\#(extra)}"#
}

func blob(_ name: String, namespace: String = "ns", uid: String = "u", version: String = "1", extra: String = "") -> ObjectBlob {
    parsed(objectText(name, namespace: namespace, uid: uid, version: version, extra: extra))
}

/// An object that is valid, or the test run is over.
func parsed(_ json: String) -> ObjectBlob {
    do { return try ObjectBlob.parse(utf8(json)) } catch {
        print("a fixture is broken: \(error.message): \(json)")
        exit(70)
    }
}

extension ObjectBlob {
    /// The document as text. The bytes of `json` are gone with a blob that nobody holds any more, as a temporary one is.
    var written: String { withExtendedLifetime(self) { text(json) } }
}

/// The error of an HTTP answer.
func answer(_ status: Int, _ body: String = "", retryAfter: String? = nil) -> KubeError {
    let fields = retryAfter.map { [HTTPField("Retry-After", $0)] } ?? []
    return ServerError.make(head: HTTPHead(status: status, fields: fields), body: utf8(body), what: "GET /x", isRead: true)
}

/// A metav1.Status as text.
func status(_ code: Int, _ reason: String, _ message: String = "m", details: String = "") -> String {
    #"{"kind":"Status","apiVersion":"v1","status":"Failure","message":"\#(message)","reason":"\#(reason)","code":\#(code)\#(details.isEmpty ? "" : ",\"details\":\(details)")}"#
}

enum Refusal {
    static let expired = answer(410, status(410, "Expired", "too old resource version: 1 (2)"))
    static let bareGone = answer(410, "gone")
    static let tooLarge = answer(504, status(504, "Timeout", "Timeout: Too large resource version: 9, current: 8"))
    static let tooLargeByCause = answer(504, status(504, "Timeout", "t", details: #"{"causes":[{"reason":"ResourceVersionTooLarge"}]}"#))
    static let tooLargeByMessage = answer(504, status(504, "Timeout", "t", details: #"{"causes":[{"message":"Too large resource version"}]}"#))
    static let throttled = answer(429, status(429, "TooManyRequests"))
}
