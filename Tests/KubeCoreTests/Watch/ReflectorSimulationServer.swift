// The simulation's API server: objects, a revision, a history that is compacted, a cache that lags, pages, and moods in which
// it answers badly. It answers; when and over which connection is the simulation's matter. No tests.
import KubeCore

/// One state of an object, read once.
final class SimulatedObject {
    let revision: Int
    let bytes: [UInt8]
    let outline: JSONOutline
    let blob: ObjectBlob
    let key: String
    /// What the store's index goes by: another one in each state, and in some none.
    let node: String?

    init(_ examiner: JSONExaminer, namespace: String, name: String, uid: Int, revision: Int) throws {
        self.revision = revision
        node = revision % 5 == 0 ? nil : "n\(revision % 3)"
        let spec = node.map { #","spec":{"node":"\#($0)"}"# } ?? ""
        let bytes = utf8(objectText(name, namespace: namespace, uid: "u\(uid)", version: "\(revision)", extra: spec))
        let outline = try bytes.withUnsafeBytes { try examiner.examine($0, .document) }
        blob = try bytes.withUnsafeBytes { try ObjectBlob.make($0, outline, cutManagedFields: true) }
        (self.bytes, self.outline, key) = (bytes, outline, blob.key)
    }
}

struct SimulatedEvent {
    var type: EventType
    var object: SimulatedObject
}

/// A page of a list, or the beginning of a stream.
enum SimulatedAnswer<Content> {
    case good(Content)
    /// The connection is lost when this much has arrived.
    case cut(Content)
    case refused(KubeError)
    case unreachable
}

struct SimulatedPage {
    var items: [SimulatedObject]
    var envelope: String
}

struct SimulatedServer {
    enum Mood: CaseIterable {
        case calm
        /// A bit of everything.
        case flaky
        /// No connection.
        case down
        /// Streams end as soon as they begin.
        case flapping
        case throttling
        case failing
        case forbidden
        /// The resource does not exist; its objects may be gone when it is back.
        case missing
        /// Every revision is too old, and every page token.
        case expiring
        /// The cache does not follow.
        case lagging
    }

    /// What it makes of the parameters of streaming lists.
    enum Streaming { case served, refused, ignored }

    private(set) var mood = Mood.calm
    let streaming: Streaming
    /// A request broke the rules of the API or of the semantics.
    private(set) var complaint: String?
    private(set) var revision = 100
    private(set) var objects: [String: SimulatedObject] = [:]
    private var history: [SimulatedEvent] = []
    /// Revisions below this can't be watched or continued from.
    private var compacted = 0
    /// What the cache has seen; lists at a revision and streams come from it.
    private var cached = 100
    /// The revision of an event that no stream can bring over.
    private var poisoned: Int?
    private var random: SeededRandom
    private var lives = 0
    private let examiner = JSONExaminer()

    init(seed: UInt64) {
        random = SeededRandom(seed)
        streaming = random.pick([.served, .served, .refused, .ignored])
    }

    // MARK: What happens at the server

    /// One object is created, changed, deleted, or deleted and created again. Other resources move the revision too.
    mutating func write() throws {
        revision += 1 + random.below(3)
        let (namespace, name) = (random.pick(["", "a", "b"]), "o\(random.below(4))")
        let key = namespace.isEmpty ? name : namespace + "/" + name
        if let old = objects[key], random.chance(40) {
            objects[key] = nil
            history.append(.init(type: .deleted, object: try SimulatedObject(examiner, namespace: namespace, name: name, uid: uid(old), revision: revision)))
            guard random.chance(30) else { return moved() }
            revision += 1
        }
        if objects[key] == nil { lives += 1 }
        let new = try SimulatedObject(examiner, namespace: namespace, name: name, uid: objects[key].map(uid) ?? lives, revision: revision)
        history.append(.init(type: objects[key] == nil ? .added : .modified, object: new))
        objects[key] = new
        if mood == .flaky, random.chance(3) { poisoned = revision }
        moved()
    }

    private func uid(_ object: SimulatedObject) -> Int { Int(object.blob.uid.dropFirst()) ?? 0 }

    private mutating func moved() {
        if mood == .calm || (mood != .lagging && random.chance(70)) { cached = revision }
        if mood != .calm, random.chance(4) { compacted = revision - random.below(12) }
    }

    mutating func enter(_ mood: Mood) throws {
        if self.mood == .missing, random.chance(50) {
            for object in objects.values.sorted(by: { $0.key < $1.key }) {
                revision += 1
                let gone = try SimulatedObject(examiner, namespace: object.blob.namespace, name: object.blob.name, uid: uid(object), revision: revision)
                history.append(.init(type: .deleted, object: gone))
            }
            objects = [:]
            compacted = revision
        }
        self.mood = mood
        if mood != .lagging { cached = revision }
    }

    /// The state at a revision, in the order of lists.
    private func state(at revision: Int) -> [SimulatedObject] {
        var state: [String: SimulatedObject] = [:]
        for event in history where event.object.revision <= revision { state[event.object.key] = event.type == .deleted ? nil : event.object }
        return state.values.sorted { $0.key < $1.key }
    }

    // MARK: Lists

    /// One page.
    mutating func list(_ page: Pager.Page) -> SimulatedAnswer<SimulatedPage> {
        if mood == .down { return .unreachable }
        if let error = refusal() { return .refused(error) }
        var (at, from) = (revision, 0)
        if let token = page.continueToken {
            if page.resourceVersion != nil || page.resourceVersionMatch != nil {
                complaint = "L6: a revision beside a token"
                return .refused(answer(400, status(400, "BadRequest", "specifying resource version is not allowed when using continue")))
            }
            let parts = token.split(separator: " ").compactMap { Int($0) }
            (at, from) = (parts.first ?? 0, parts.last ?? 0)
            if at < compacted || mood == .expiring || (mood == .flaky && random.chance(15)) { return .refused(Refusal.expired) }
        } else if let asked = page.resourceVersion {
            guard let asked = Int(asked) else { return .refused(answer(400)) }
            if asked > 0, page.limit != nil { complaint = "L5: a limit at revision \(asked)" }
            if asked > cached { return .refused(random.pick([Refusal.tooLarge, Refusal.tooLargeByCause, Refusal.tooLargeByMessage])) }
            if asked > 0, mood == .expiring || (mood == .flaky && random.chance(10)) { return .refused(random.pick([Refusal.expired, Refusal.bareGone])) }
            at = asked == 0 && mood != .calm ? max(100, cached - random.below(20)) : cached
        }
        let all = state(at: at)
        let end = min(all.count, from + Int(page.limit ?? 1000))
        let items = Array(all[min(from, end)..<end])
        // Only page one's revision is that of the whole.
        let shown = from > 0 ? revision : at
        let token = end < all.count ? "\(at) \(end)" : ""
        let envelope = #"{"kind":"ThingList","metadata":{"resourceVersion":"\#(shown)","continue":"\#(token)"},"items":\#(items.isEmpty ? "null" : "[]")}"#
        if mood == .flaky {
            switch random.below(100) {
            case 0..<12: return .cut(SimulatedPage(items: Array(items.prefix(random.below(items.count + 1))), envelope: ""))
            case 12..<20: return .good(SimulatedPage(items: [], envelope: random.pick(["{}", "<html></html>", status(200, ""), #"{"kind":"Table","metadata":{},"rows":[]}"#, ""])))
            default: break
            }
        }
        return .good(SimulatedPage(items: items, envelope: envelope))
    }

    // MARK: Streams

    /// Where a stream begins.
    mutating func watch(from asked: String) -> SimulatedAnswer<Int> {
        if mood == .down { return .unreachable }
        if let error = refusal() { return .refused(error) }
        guard let position = Int(asked) else { return .refused(answer(400)) }
        if position < compacted || mood == .expiring || (mood == .flaky && random.chance(5)) { return .refused(random.pick([Refusal.expired, Refusal.bareGone])) }
        if position > cached { return .refused(random.pick([Refusal.tooLarge, Refusal.tooLargeByCause])) }
        return mood == .flaky && random.chance(5) ? .cut(position) : .good(position)
    }

    /// What a stream says before its bookmark, and the bookmark's revision: an older state first, and how it became the present one.
    mutating func watchList(from asked: String) -> SimulatedAnswer<(events: [SimulatedEvent], revision: Int)> {
        if mood == .down { return .unreachable }
        if let error = refusal() { return .refused(error) }
        if streaming == .refused { return .refused(answer(random.pick([400, 422]), status(422, "Invalid", "sendInitialEvents is forbidden"))) }
        if let asked = Int(asked) {
            if asked > cached { return .refused(random.pick([Refusal.tooLarge, Refusal.tooLargeByCause])) }
            if mood == .expiring || (mood == .flaky && random.chance(10)) { return .refused(random.pick([Refusal.expired, Refusal.bareGone])) }
        }
        if asked.isEmpty {
            // It waits until its cache is as new as the request, but not for ever.
            if mood == .lagging { return .refused(Refusal.tooLarge) }
            cached = revision
        }
        let to = cached
        let from = random.chance(50) ? to : max(100, to - random.below(12))
        let changes = history.filter { $0.object.revision > from && $0.object.revision <= to }
        let begin = (state(at: from).map { SimulatedEvent(type: .added, object: $0) } + changes, to)
        return mood == .flaky && random.chance(5) ? .cut(begin) : .good(begin)
    }

    /// The next event behind a position, as far as the cache has seen.
    func event(behind position: Int) -> SimulatedEvent? {
        var next = history.count
        while next > 0, history[next - 1].object.revision > position { next -= 1 }
        guard next < history.count, history[next].object.revision <= cached else { return nil }
        return history[next]
    }

    func isPoisoned(_ event: SimulatedEvent) -> Bool { event.object.revision == poisoned }

    /// What a bookmark says when nothing is left behind the position.
    var bookmark: Int { cached }

    private mutating func refusal() -> KubeError? {
        let retryAfter = random.pick([nil, nil, "1", "7", "90", "-1", "soon"])
        switch mood {
        case .throttling: return answer(429, random.pick(["", status(429, "TooManyRequests")]), retryAfter: retryAfter)
        case .failing: return answer(random.pick([500, 502, 503, 504]), "", retryAfter: retryAfter)
        case .forbidden: return answer(random.pick([401, 403]))
        case .missing: return answer(404, "404 page not found")
        case .flaky where random.chance(15): return answer(random.pick([400, 403, 404, 429, 500, 503]), "", retryAfter: retryAfter)
        default: return nil
        }
    }
}
