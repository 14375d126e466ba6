// The local copy: one writer (the loop), any number of readers. A reader waits for a pointer swap or one insertion.
package import KubeCore
import KubeSystem

package final class InformerStore {
    private let lock = Lock()
    private var table = ObjectTable()
    private var synced = false

    var isSynced: Bool { lock.withLock { synced } }
    package var count: Int { lock.withLock { table.count } }
    var bytes: Int { lock.withLock { table.bytes } }

    /// The object of a key, by its two parts.
    package func find(_ namespace: UnsafeRawBufferPointer, _ name: UnsafeRawBufferPointer) -> ObjectBlob? {
        lock.lock()
        defer { lock.unlock() }
        return table.find(namespace, name)
    }

    /// One consistent state (H2).
    func snapshot(namespace: String? = nil) -> [ObjectBlob] {
        guard var namespace else { return lock.withLock { table.snapshot() } }
        return namespace.withUTF8 { bytes in lock.withLock { table.snapshot(namespace: UnsafeRawBufferPointer(bytes)) } }
    }

    // MARK: The writer

    /// A relist builds beside what is there.
    func replacement() -> Replacement { Replacement(of: lock.withLock { table }) }

    func swap(_ replacement: Replacement) {
        let old = lock.withLock { () -> ObjectTable in
            let old = table
            table = replacement.table
            synced = true
            return old
        }
        // The old content goes outside the lock.
        withExtendedLifetime(old) {}
    }

    func insert(_ blob: ObjectBlob) -> ObjectBlob? { lock.withLock { table.insert(blob) } }
    func remove(like blob: ObjectBlob) -> ObjectBlob? { lock.withLock { table.remove(like: blob) } }
}
