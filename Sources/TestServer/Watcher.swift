// One watch: where it stands in the history, and the frames that come next. It is read, it is not called.
import KubeCore

package struct Watcher: Sendable {
    let type: ResourceType
    let prefix: String
    let labels: LabelSelector
    let fields: FieldSelector
    let form: AnswerForm
    let bookmarks: Bool
    let generation: Int
    let deadline: Int64
    /// Everything up to this revision was sent.
    var position: UInt64
    /// What is there at the start, and is sent before any change.
    var initial: [JSONValue]
    /// A bookmark says when all of `initial` was sent.
    var endsInitial: Bool
    var nextBookmark: Int64

    func selects(_ object: JSONValue?) -> Bool { object.map { labels.matches($0) && fields.matches($0) } ?? false }

    /// An event as a line of JSON.
    func frame(_ type: String, _ object: JSONValue) -> [UInt8] { JSONValue.members(["type": .string(type), "object": object]).bytes() + [0x0A] }

    func bookmark(endsInitial: Bool) -> [UInt8] {
        let annotations: JSONValue? = endsInitial ? .members(["k8s.io/initial-events-end": "true"]) : nil
        let metadata = JSONValue.members(["annotations": annotations, "creationTimestamp": .null, "resourceVersion": .string(String(position))])
        if case .metadataOnly = form { return frame("BOOKMARK", form.shape(.members(["metadata": metadata]))) }
        return frame("BOOKMARK", .members(["apiVersion": .string(type.apiVersion), "kind": .string(type.kind), "metadata": metadata]))
    }

    /// What the change is to this watch; nil: nothing. An object that stops being selected is DELETED.
    func frame(_ change: Change) -> [UInt8]? {
        guard change.table == type.id, prefix.isEmpty || change.key.hasPrefix(prefix) else { return nil }
        let kind: String
        switch (selects(change.previous), selects(change.object)) {
        case (false, true): kind = "ADDED"
        case (true, true): kind = "MODIFIED"
        case (true, false): kind = "DELETED"
        case (false, false): return nil
        }
        let state = kind == "DELETED" ? change.previous.map { ObjectStore.stamped($0, change.revision) } ?? .null : change.lastState
        return frame(kind, form.shape(type.render(state)))
    }
}

/// What a watch sends next.
package struct WatchBatch: Sendable {
    package var frames: [UInt8] = []
    package var ends = false
    /// When to ask again though nothing has changed, in milliseconds since 1970.
    package var wakeAt: Int64 = 0
    /// There is more already.
    package var hasMore = false
}

extension APIServer {
    private static let batchLimit = 500
    /// The real server ends a watch after 30 to 60 minutes when the client does not say.
    private static let defaultWatchSeconds: Int64 = 1800

    mutating func watch(_ place: Place, _ query: ListQuery, _ form: AnswerForm) throws(APIFailure) -> Watcher {
        let seconds = query.timeoutSeconds.flatMap { $0 > 0 ? $0 : nil } ?? Self.defaultWatchSeconds + Int64(randomNumber() % UInt64(Self.defaultWatchSeconds))
        let deadline = now &+ min(seconds, 1 << 32) * 1000
        let fromStart: Bool
        var position = store.revision
        switch query.version {
        case .notOlderThan(let revision) where revision > 0:
            if query.sendInitialEvents == true, revision > store.revision { throw .tooLargeVersion(revision, current: store.revision) }
            fromStart = query.sendInitialEvents == true
            if !fromStart { position = revision }
        default: fromStart = query.sendInitialEvents != false
        }
        let prefix = place.namespace.isEmpty ? "" : place.namespace + "/"
        var initial: [JSONValue] = []
        if fromStart {
            initial = store.objects(place.type.id).filter { (prefix.isEmpty || $0.key.hasPrefix(prefix)) && query.selects($0.object) }.map(\.object)
        }
        watches += 1
        return Watcher(
            type: place.type, prefix: prefix, labels: query.labels, fields: query.fields, form: form, bookmarks: query.bookmarks,
            generation: watchGeneration, deadline: deadline, position: position, initial: initial,
            endsInitial: query.sendInitialEvents == true && query.bookmarks, nextBookmark: bookmarkTime(deadline: deadline, now))
    }

    /// What to send now. When `ends`, that was all of it.
    package mutating func next(_ watcher: inout Watcher, now: Int64) -> WatchBatch {
        var batch = WatchBatch()
        let initial = watcher.initial.prefix(Self.batchLimit)
        if !initial.isEmpty {
            for object in initial { batch.frames += watcher.frame("ADDED", watcher.form.shape(watcher.type.render(object))) }
            watcher.initial.removeFirst(initial.count)
            batch.hasMore = true
            return batch
        }
        if watcher.endsInitial {
            batch.frames += watcher.bookmark(endsInitial: true)
            watcher.endsInitial = false
        }
        guard let changes = store.changes(after: watcher.position, limit: Self.batchLimit) else {
            let expired = APIFailure.expired("too old resource version: \(watcher.position) (\(store.compacted))")
            batch.frames += watcher.frame("ERROR", expired.status)
            batch.ends = true
            return batch
        }
        for change in changes {
            if let frame = watcher.frame(change) { batch.frames += frame }
            watcher.position = change.revision
        }
        batch.hasMore = watcher.position < store.revision
        if watcher.bookmarks, !batch.hasMore, now >= watcher.nextBookmark {
            batch.frames += watcher.bookmark(endsInitial: false)
            watcher.nextBookmark = bookmarkTime(deadline: watcher.deadline, now)
        }
        let isServed = registry.type(GroupVersionResource(group: watcher.type.group, version: watcher.type.version, resource: watcher.type.plural))?.definition == watcher.type.definition
        batch.ends = !batch.hasMore && (now >= watcher.deadline || watcher.generation != watchGeneration || !isServed)
        batch.wakeAt = watcher.bookmarks ? min(watcher.deadline, watcher.nextBookmark) : watcher.deadline
        return batch
    }

    /// To be called once when nobody reads the watch any more.
    package mutating func end(_ watcher: Watcher) { watches -= 1 }

    /// Regularly, and two seconds before the end.
    private func bookmarkTime(deadline: Int64, _ now: Int64) -> Int64 {
        let regular = now + settings.bookmarkMilliseconds
        return deadline - 2000 > now ? min(regular, deadline - 2000) : regular
    }
}
