// The local copy: one writer (the loop), any number of readers. A reader waits for a pointer swap or one insertion.
package import KubeCore
import KubeSystem

package final class InformerStore {
    private let lock = Lock()
    private let indexes: [IndexDefinition]
    private var content: IndexedObjects
    private var synced = false

    init(indexes: [IndexDefinition]) {
        self.indexes = indexes
        content = IndexedObjects(indexes: indexes)
    }

    var isSynced: Bool { lock.withLock { synced } }
    package var count: Int { lock.withLock { content.table.count } }
    var bytes: Int { lock.withLock { content.table.bytes } }

    /// The object of a key, by its two parts.
    package func find(_ namespace: UnsafeRawBufferPointer, _ name: UnsafeRawBufferPointer) -> ObjectBlob? {
        lock.lock()
        defer { lock.unlock() }
        return content.table.find(namespace, name)
    }

    /// One consistent state (H2), which is read without the lock: a copy shares what does not change.
    func snapshot() -> [ObjectBlob] { lock.withLock { content.table }.snapshot() }

    /// The objects of one state that are selected. Throws `.argument` for an index that there is not.
    func snapshot(_ selection: ObjectSelection) throws(KubeError) -> [ObjectBlob] {
        let state = lock.withLock {
            selection.index.map { content.objects(index: $0.name, value: $0.value) } ?? content.table
        }
        guard let found = state else {
            let names = indexes.map { "\"\($0.name)\"" }
            let known = names.isEmpty ? "the informer has none" : "there are " + names.joined(separator: ", ")
            throw KubeError(.argument, "there is no index \"\(selection.index?.name ?? "")\": \(known)")
        }
        return selection.isOfEach ? found.snapshot() : found.snapshot(where: selection.includes)
    }

    // MARK: The writer

    /// A relist builds beside what is there.
    func replacement() -> Replacement { Replacement(of: lock.withLock { content.table }, indexes: indexes) }

    func swap(_ replacement: Replacement) {
        let old = lock.withLock { () -> IndexedObjects in
            let old = content
            content = replacement.content
            synced = true
            return old
        }
        // The old content goes outside the lock.
        withExtendedLifetime(old) {}
    }

    func insert(_ blob: ObjectBlob) -> ObjectBlob? { lock.withLock { content.insert(blob) } }
    func remove(like blob: ObjectBlob) -> ObjectBlob? { lock.withLock { content.remove(like: blob) } }
}
