// The one way over the border: handles to objects and back, C text to String, thrown errors to kcr_status and kcr_error.
import KubeCore
import KubeSystem

typealias ErrorOut = UnsafeMutablePointer<OpaquePointer?>?
typealias HandleOut = UnsafeMutablePointer<OpaquePointer?>?
typealias UserDataFree = (@convention(c) (UnsafeMutableRawPointer?) -> Void)?

/// Runs the body of an exported function: KCR_OK, or the error's code with the error handed out when it is wanted.
func boundary(_ error: ErrorOut, _ body: () throws(KubeError) -> Void) -> Int32 {
    do throws(KubeError) {
        try body()
        return 0
    } catch let failure {
        error?.pointee = give(ErrorObject(failure))
        return failure.code.rawValue
    }
}

/// A new reference for C.
func give(_ object: some AnyObject) -> OpaquePointer { OpaquePointer(Unmanaged.passRetained(object).toOpaque()) }

/// A reference that C borrows.
func lend(_ object: some AnyObject) -> OpaquePointer { OpaquePointer(Unmanaged.passUnretained(object).toOpaque()) }

/// The object behind a handle; nil for NULL and for a handle of another type. Every object that C sees has its magic word as
/// first stored property, which is 16 bytes behind the reference.
func borrow<Object: AnyObject>(_ handle: OpaquePointer?, _ magic: UInt32, as type: Object.Type = Object.self) -> Object? {
    guard let handle else { return nil }
    let raw = UnsafeRawPointer(handle)
    guard raw.load(fromByteOffset: 16, as: UInt32.self) == magic else { return nil }
    return Unmanaged<Object>.fromOpaque(raw).takeUnretainedValue()
}

/// Gives up a reference of C's. False when it was none of that type.
@discardableResult
func drop(_ handle: OpaquePointer?, _ magic: UInt32) -> Bool {
    guard let handle else { return false }
    let raw = UnsafeRawPointer(handle)
    guard raw.load(fromByteOffset: 16, as: UInt32.self) == magic else { return false }
    Unmanaged<AnyObject>.fromOpaque(raw).release()
    return true
}

/// A handle of something that runs: it belongs to the process that made it (rule 9).
class Handle {
    /// First, so that handles can be told apart.
    final let magic: UInt32
    private let generation = ForkGeneration.current

    init(magic: UInt32) { self.magic = magic }

    /// False in a forked child.
    final var isOurs: Bool { generation == ForkGeneration.current }
}

/// The running thing behind a handle. Throws `.argument` for NULL or another type, `.state` in a forked child.
func use<Running: Handle>(_ handle: OpaquePointer?, _ magic: UInt32, _ what: StaticString, as type: Running.Type = Running.self) throws(KubeError) -> Running {
    guard let running: Running = borrow(handle, magic) else {
        throw KubeError(.argument, handle == nil ? "the \(what) is NULL" : "the handle is no \(what)")
    }
    guard running.isOurs else { throw KubeError(.state, "the \(what) belongs to the parent process; make a new client after fork") }
    return running
}

/// As `use`, for calls so short that counting a reference would be felt. What comes back is valid while C's reference is.
func useUncounted<Running: Handle>(
    _ handle: OpaquePointer?, _ magic: UInt32, _ what: StaticString, as type: Running.Type = Running.self
) throws(KubeError) -> Unmanaged<Running> {
    guard let handle, UnsafeRawPointer(handle).load(fromByteOffset: 16, as: UInt32.self) == magic else {
        return Unmanaged.passUnretained(try use(handle, magic, what, as: type))
    }
    let running = Unmanaged<Running>.fromOpaque(UnsafeRawPointer(handle))
    guard running._withUnsafeGuaranteedRef({ $0.isOurs }) else { return Unmanaged.passUnretained(try use(handle, magic, what, as: type)) }
    return running
}

/// An object, list, error or config: readable in any process.
func value<Object: AnyObject>(_ handle: OpaquePointer?, _ magic: UInt32, _ what: StaticString, as type: Object.Type = Object.self) throws(KubeError) -> Object {
    guard let object: Object = borrow(handle, magic) else {
        throw KubeError(.argument, handle == nil ? "the \(what) is NULL" : "the handle is no \(what)")
    }
    return object
}

/// An output that the caller must give.
func needed<Pointee>(_ out: UnsafeMutablePointer<Pointee>?, _ what: StaticString = "out") throws(KubeError) -> UnsafeMutablePointer<Pointee> {
    guard let out else { throw KubeError(.argument, "\(what) is NULL") }
    return out
}

/// Text that the caller may leave out.
func optionalText(_ text: UnsafePointer<CChar>?, _ what: StaticString) throws(KubeError) -> String? {
    guard let text else { return nil }
    guard let string = String(validatingCString: text) else { throw KubeError(.argument, "the \(what) is not valid UTF-8") }
    return string
}

/// Text that the caller must give.
func neededText(_ text: UnsafePointer<CChar>?, _ what: StaticString) throws(KubeError) -> String {
    guard let string = try optionalText(text, what) else { throw KubeError(.argument, "the \(what) is NULL") }
    return string
}

/// A pointer and a length, KCR_AUTO_LEN included. Nil for NULL, which must have the length 0 or KCR_AUTO_LEN.
func bytes(_ text: UnsafePointer<CChar>?, _ length: Int, _ what: StaticString) throws(KubeError) -> UnsafeRawBufferPointer? {
    guard length >= -1 else { throw KubeError(.argument, "the length of the \(what) is negative") }
    guard let text else {
        if length > 0 { throw KubeError(.argument, "the \(what) is NULL, but its length is \(length)") }
        return nil
    }
    return UnsafeRawBufferPointer(start: text, count: length == -1 ? CText.length(text) : length)
}

func neededBytes(_ text: UnsafePointer<CChar>?, _ length: Int, _ what: StaticString) throws(KubeError) -> UnsafeRawBufferPointer {
    guard let buffer = try bytes(text, length, what) else { throw KubeError(.argument, "the \(what) is NULL") }
    return buffer
}

/// A body for the wire. Throws `.argument` for a length that no body can have: copying it could only end the process.
func body(_ text: UnsafePointer<CChar>?, _ length: Int, _ what: StaticString) throws(KubeError) -> [UInt8]? {
    guard let buffer = try bytes(text, length, what) else { return nil }
    guard buffer.count <= Int32.max else { throw KubeError(.argument, "the \(what) is larger than 2 GiB") }
    return Array(buffer)
}

/// A JSON object of options; NULL is none.
func options(_ json: UnsafePointer<CChar>?, _ what: String) throws(KubeError) -> JSONValue? {
    guard let buffer = try bytes(json, -1, "options") else { return nil }
    return try OptionReader.parse(buffer, what)
}

/// An owned C string with a NUL behind it; kcr_string_free.
func newString(_ bytes: some Collection<UInt8>) -> UnsafeMutablePointer<CChar> {
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count + 1)
    var at = 0
    for byte in bytes {
        copy[at] = CChar(bitPattern: byte)
        at += 1
    }
    copy[at] = 0
    return copy
}

/// A C string that lives for ever.
func constant(_ text: StaticString) -> UnsafePointer<CChar> {
    UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
}
