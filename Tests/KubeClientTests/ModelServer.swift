// An API server as a model: objects, revisions, a history that is compacted, and faults by chance. Answers a scripted transport.
import KubeCore
import KubeTesting
import KubeTransport

final class ModelServer {
    /// The truth: name to revision.
    private(set) var objects: [String: Int] = [:]
    /// Every state there ever was, "name@revision"; of a deletion too.
    private(set) var states: Set<String> = []
    private(set) var faults: [String: Int] = [:]
    /// Whether faults happen.
    var misbehaves = true

    private var uids: [String: Int] = [:]
    private var revision = 100
    /// What happened, oldest first; streams can begin at `oldest` or later.
    private var events: [(revision: Int, text: String)] = []
    private var oldest = 100
    private var streams: [ScriptedExchange] = []
    /// What it makes of a streaming list: it serves it, refuses it, or takes no notice.
    private let streaming: Int
    /// A whole list went out, and no 404 after it: a list of another kind can be told for what it is.
    private var isKnown = false
    private var random: SplitMix

    init(_ seed: UInt64) {
        random = SplitMix(seed)
        streaming = Int(seed / 2 % 4)
    }

    private func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &random) == 0 }

    private func fault(_ name: String) { faults[name, default: 0] += 1 }

    // MARK: What happens to the objects

    func change() {
        let name = "p\(Int.random(in: 0..<12, using: &random))"
        revision += Int.random(in: 1...3, using: &random)
        let type: String
        if objects[name] == nil {
            type = "ADDED"
            uids[name] = revision
            objects[name] = revision
        } else if chance(3) {
            type = "DELETED"
            objects[name] = nil
        } else {
            type = "MODIFIED"
            objects[name] = revision
        }
        states.insert("\(name)@\(revision)")
        let text = Sample.event(type, object(name, revision))
        events.append((revision, text))
        for stream in streams where stream.isOpen { send(text, to: stream) }
    }

    func compact() {
        oldest = Int.random(in: oldest...revision, using: &random)
        events.removeAll { $0.revision <= oldest }
    }

    private func object(_ name: String, _ revision: Int) -> String { Sample.object(name, revision, uid: "\(name)-\(uids[name] ?? 0)") }

    // MARK: Streams that are open

    /// One more event, in one piece or in two; or the stream breaks in the middle of it, or falls silent and tells nothing any more.
    private func send(_ text: String, to stream: ScriptedExchange) {
        let at = Int.random(in: 1..<text.utf8.count, using: &random)
        let (front, back) = (String(text.prefix(at)), String(text.dropFirst(at)))
        switch misbehaves ? Int.random(in: 0..<40, using: &random) : 40 {
        case 0: broken("cut", stream) { $0.send(front); $0.fail(.lost) }
        case 1: broken("end", stream) { $0.send(front); $0.complete() }
        case 2: broken("half and silent", stream) { $0.send(front) }
        case 3: broken("silent", stream) { _ in }
        case 4: broken("error 500", stream) { $0.send(Sample.event("ERROR", Sample.status(500, "InternalError"))) }
        case 5: broken("error 410", stream) { $0.send(Sample.event("ERROR", Sample.status(410, "Expired"))) }
        case 6: broken("nonsense", stream) { $0.send("{\"type\":\"ADDED\",\"object\":{]}") }
        case 7:
            fault("wrong kind")
            stream.send(Sample.event("ADDED", Sample.object("intruder", 999_999, kind: "Other")) + text)
        case 8...12: stream.send(text + bookmark)
        case 13...20:
            stream.send(front)
            stream.send(back)
        default: stream.send(text)
        }
    }

    private func broken(_ name: String, _ stream: ScriptedExchange, _ act: (ScriptedExchange) -> Void) {
        fault(name)
        streams.removeAll { $0 === stream }
        act(stream)
    }

    private var bookmark: String { Sample.bookmark(revision) }

    // MARK: Requests

    func answer(_ exchange: ScriptedExchange) -> Answer? {
        let query = exchange.request.target.split(separator: "?").dropFirst().first ?? ""
        func value(_ key: String) -> Substring? {
            query.split(separator: "&").first { $0.hasPrefix(key + "=") }.map { $0.dropFirst(key.count + 1) }
        }
        if misbehaves, chance(4), let answer = refusal(isStream: exchange.options.isStream) { return answer }
        let asked = value("resourceVersion").flatMap { Int($0) }
        if value("sendInitialEvents") != nil { return streamingList(exchange, from: asked ?? 0) }
        if exchange.options.isStream { return watch(exchange, from: asked ?? 0) }
        if let asked, asked > revision { return .status(504, "Timeout", "Too large resource version") }
        return list(limit: value("limit").flatMap { Int($0) }, token: value("continue").map(String.init))
    }

    private func refusal(isStream: Bool) -> Answer? {
        let answers: [(String, Answer)] = [
            ("refused", .failure(.refused)), ("lost", .failure(.lost)), ("500", .status(500, "InternalError")), ("unanswered", .nothing),
            ("429", .status(429, "TooManyRequests", retryAfter: "2")), ("403", .status(403, "Forbidden")), ("404", .status(404, "NotFound")),
            ("410", .status(410, "Expired")), ("HTML", .text("<html></html>", status: 200, type: "text/html")), ("503", .text("", status: 503)),
            ("{}", .text("{}")), ("204", .text("", status: 204)), ("Status", .text(Sample.status(200, ""))),
            ("another list", .text(Sample.list([Sample.object("intruder", 1, kind: "Other")], 999_999, kind: "OtherList"))),
        ]
        let (name, answer) = answers[Int.random(in: 0..<answers.count, using: &random)]
        if name == "another list", !isKnown { return nil }
        if name == "404" { isKnown = false }
        fault((isStream ? "watch " : "list ") + name)
        return answer
    }

    private func watch(_ exchange: ScriptedExchange, from: Int) -> Answer {
        if from < oldest { return .status(410, "Expired", "too old resource version") }
        streams.append(exchange)
        var missed = events.filter { $0.revision > from }.map(\.text)
        if chance(3) { missed.append(bookmark) }
        return .stream(missed)
    }

    private func streamingList(_ exchange: ScriptedExchange, from: Int) -> Answer {
        if streaming == 0 { return .status(422, "Invalid", "sendInitialEvents is forbidden") }
        if from > revision { return .status(504, "Timeout", "Too large resource version") }
        let items = objects.keys.sorted().map { Sample.event("ADDED", object($0, objects[$0] ?? 0)) }
        guard !(misbehaves && chance(8)) else {
            fault("streaming list cut")
            return Answer.stream(Array(items.dropLast(Int.random(in: 0...items.count, using: &random)))).cut
        }
        streams.append(exchange)
        if streaming == 1 { return .stream(items + (chance(2) ? [bookmark] : [])) }
        isKnown = true
        return .stream(items + [Sample.event(
            "BOOKMARK", #"{"apiVersion":"example.sealyun.com/v1alpha1","kind":"Project","metadata":{"resourceVersion":"\#(revision)","annotations":{"k8s.io/initial-events-end":"true"}}}"#)])
    }

    /// Pages are of the present, as those of a server whose token has just been made; a token of another state has expired.
    private func list(limit: Int?, token: String?) -> Answer {
        let all = objects.keys.sorted().map { object($0, objects[$0] ?? 0) }
        var first = 0
        if let token {
            let parts = token.split(separator: "-").compactMap { Int($0) }
            guard parts.count == 2, parts[0] == revision, !(misbehaves && chance(4)) else {
                fault("token expired")
                return .status(410, "Expired", "the provided continue parameter is too old")
            }
            first = parts[1]
        }
        let end = min(all.count, first + (limit ?? all.count))
        let text = Sample.list(Array(all[first..<end]), revision, token: end < all.count ? "\(revision)-\(end)" : "")
        let whole = Answer.text(text).split(into: Int.random(in: 1...400, using: &random))
        guard misbehaves, chance(8) else {
            if end == all.count { isKnown = true }
            return whole
        }
        fault("list cut")
        return whole.dropLast(Int.random(in: 1..<whole.steps.count, using: &random)).cut
    }
}
