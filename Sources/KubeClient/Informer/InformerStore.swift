// The local copy: one writer (the loop), any number of readers. A reader waits for a pointer swap or one insertion.
package import KubeCore
import KubeSystem

package final class InformerStore {
    private let lock = Lock()
    private let indexes: [IndexDefinition]
    private var content: IndexedObjects
    private var synced = false
    /// The resourceVersion of what is in it.
    private var revision = ""

    init(indexes: [IndexDefinition]) {
        self.indexes = indexes
        content = IndexedObjects(indexes: indexes)
    }

    var isSynced: Bool { lock.withLock { synced } }
    package var count: Int { lock.withLock { content.table.count } }
    var bytes: Int { lock.withLock { content.table.bytes } }
    var resourceVersion: String { lock.withLock { revision } }

    /// The object of a key, by its two parts.
    package func find(_ namespace: UnsafeRawBufferPointer, _ name: UnsafeRawBufferPointer) -> ObjectBlob? {
        let hash = ObjectKey.hash(namespace, name)
        lock.lock()
        defer { lock.unlock() }
        return Unmanaged.passUnretained(content)._withUnsafeGuaranteedRef { $0.find(namespace, name, hash: hash) }
    }

    /// One consistent state (H2), which is read without the lock: a copy shares what does not change.
    func snapshot() -> [ObjectBlob] { lock.withLock { content.table }.snapshot() }

    /// The objects of one state that are selected, and its resourceVersion. Throws `.argument` for an index that there is not.
    func list(_ selection: ObjectSelection) throws(KubeError) -> ObjectList {
        let (state, revision) = lock.withLock {
            (selection.index.map { content.objects(index: $0.name, value: $0.value) } ?? content.table, self.revision)
        }
        guard let found = state else {
            let names = indexes.map { "\"\($0.name)\"" }
            let known = names.isEmpty ? "the informer has none" : "there are " + names.joined(separator: ", ")
            throw KubeError(.argument, "there is no index \"\(selection.index?.name ?? "")\": \(known)")
        }
        return ObjectList(selection.isOfEach ? found.snapshot() : found.snapshot(where: selection.includes), resourceVersion: revision)
    }

    // MARK: The writer

    /// A relist builds beside what is there.
    func replacement() -> Replacement { Replacement(of: lock.withLock { content.table }, indexes: indexes) }

    func swap(_ replacement: Replacement, resourceVersion: String) {
        let old = lock.withLock { () -> IndexedObjects in
            let old = content
            content = replacement.content
            (synced, revision) = (true, resourceVersion)
            return old
        }
        // The old content goes outside the lock.
        withExtendedLifetime(old) {}
    }

    /// Puts an object in; returns the one of the same key that was there.
    func insert(_ blob: ObjectBlob, resourceVersion: String) -> ObjectBlob? {
        lock.withLock {
            revision = resourceVersion
            return content.insert(blob)
        }
    }

    /// Takes the object of that key out and returns it.
    func remove(like blob: ObjectBlob, resourceVersion: String) -> ObjectBlob? {
        lock.withLock {
            revision = resourceVersion
            return content.remove(like: blob)
        }
    }

    /// Nothing changed until then.
    func advance(to resourceVersion: String) { lock.withLock { revision = resourceVersion } }
}
