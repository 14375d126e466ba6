// What the tests of KubeCore share: texts alone on the heap, and how a failure is looked at. No tests.
import KubeCore
import Testing

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
