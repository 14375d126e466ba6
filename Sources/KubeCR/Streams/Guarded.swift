// A value that one thread at a time touches.
import KubeSystem

final class Guarded<Value>: Sendable {
    private final class Storage {
        let lock = Lock()
        var value: Value
        init(_ value: Value) { self.value = value }
    }

    // Its `value` is touched under its lock only.
    private let storage: AnyThread<Storage>

    init(_ value: Value) { storage = AnyThread(Storage(value)) }

    func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        storage.value.lock.lock()
        defer { storage.value.lock.unlock() }
        return try body(&storage.value.value)
    }
}
