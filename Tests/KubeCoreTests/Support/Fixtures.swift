// What the tests of KubeCore share: bytes, objects, a seeded random source and how a failure is looked at. No tests.
import Glibc
import KubeCore
import Testing

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

/// The KubeError of something that has to fail.
@discardableResult
func failure<T>(_ place: SourceLocation = #_sourceLocation, _ body: () throws -> T) -> KubeError {
    do {
        let value = try body()
        Issue.record("nothing was thrown, there is \(value)", sourceLocation: place)
    } catch let error as KubeError {
        #expect(!error.message.isEmpty && !error.message.contains("\n"), "the message is one line", sourceLocation: place)
        return error
    } catch {
        Issue.record("another error: \(error)", sourceLocation: place)
    }
    return KubeError(.internal, "")
}

/// The outline of a text. The text lies alone on the heap, so that a sanitizer sees a byte read too far.
func outline(_ bytes: [UInt8], _ shape: JSONExaminer.Shape = .document) throws -> JSONOutline {
    try onHeap(bytes) { try JSONExaminer().examine($0, shape) }
}

func isValid(_ bytes: [UInt8]) -> Bool { (try? outline(bytes)) != nil }

func onHeap<T>(_ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    defer { copy.deallocate() }
    copy.copyBytes(from: bytes)
    return try body(UnsafeRawBufferPointer(copy))
}

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
