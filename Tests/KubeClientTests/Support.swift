// What the tests of this module share: calls and their results, watches and informers on a ManualDrive, scripts used up whole.
import Glibc
import KubeClient
import KubeConfig
import KubeCore
import KubeSystem
import KubeTesting
import Testing

let projects = "example.sealyun.com/v1alpha1/projects"
let root = "/apis/example.sealyun.com/v1alpha1"
let all = "\(root)/projects"
let discoveryLine = "GET \(root)"

/// The request of an informer's or a watch's first list, and of its streams.
let firstList = "GET \(all)?limit=500"
func relist(_ revision: Int) -> String { "GET \(all)?resourceVersion=\(revision)" }
func stream(_ revision: Int) -> String { "GET \(all)?watch=true&allowWatchBookmarks=true&resourceVersion=\(revision)" }

func added(_ name: String, _ revision: Int) -> String { Sample.event("ADDED", Sample.object(name, revision)) }
func modified(_ name: String, _ revision: Int) -> String { Sample.event("MODIFIED", Sample.object(name, revision)) }
func deleted(_ name: String, _ revision: Int) -> String { Sample.event("DELETED", Sample.object(name, revision)) }
func list(_ objects: [(String, Int)], _ revision: Int, token: String = "") -> Answer {
    .text(Sample.list(objects.map { Sample.object($0.0, $0.1) }, revision, token: token))
}
let emptyStream = Answer.stream()

func json(_ text: String) throws -> JSONValue { try JSONValue.parse(Array(text.utf8)) }

/// The code of the error that is thrown, nil when none is.
func code(_ body: () throws -> Void) -> KubeError.Code? {
    do {
        try body()
        return nil
    } catch {
        return (error as? KubeError)?.code
    }
}

/// What became of a call.
final class Outcome {
    var results: [Result<CallResult, KubeError>] = []
    var call: Call?

    var value: CallResult? { try? results.first?.get() }
    var error: KubeError? {
        guard case .failure(let error)? = results.first else { return nil }
        return error
    }
    /// "a@1 b@2".
    var listed: String? { value?.list.map { $0.objects.map { "\($0.name)@\($0.resourceVersion)" }.joined(separator: " ") } }
}

extension ManualDrive {
    convenience init(options: String, streamsLists: Bool = false, _ change: (inout ClientConfig) -> Void = { _ in }) throws {
        self.init(try ClientOptions(json(options)), streamsLists: streamsLists, change)
    }

    /// Starts a call and lets everything happen that can happen now.
    func call(_ request: CallRequest) throws -> Outcome {
        let outcome = Outcome()
        let call = try Call(client, request) { outcome.results.append($0) }
        outcome.call = call
        call.start()
        settle()
        return outcome
    }

    func call(
        _ verb: Verb, _ resource: String = projects, ns: String? = "ns", name: String? = nil, body: String? = nil, options: String? = nil
    ) throws -> Outcome {
        try call(CallRequest(verb, resource: resource, namespace: ns, name: name, body: body.map { Array($0.utf8) }, options: options.map(json)))
    }

    /// The error that a call is refused with before anything is sent.
    func refusal(
        _ verb: Verb, _ resource: String = projects, ns: String? = "ns", name: String? = nil, body: String? = nil, options: String? = nil
    ) -> KubeError? {
        do {
            _ = try call(verb, resource, ns: ns, name: name, body: body, options: options)
            return nil
        } catch {
            return error as? KubeError
        }
    }

    func watch(_ log: DeliveryLog, options: String? = nil, resource: String = projects, ns: String? = nil) throws -> Watch {
        let watch = try Watch(client, resource: resource, namespace: ns, options: options.map(json), consumer: log.makeConsumer())
        watch.start()
        settle()
        return watch
    }

    func informer(options: String? = nil, resource: String = projects, ns: String? = nil) throws -> Informer {
        try Informer(client, resource: resource, namespace: ns, options: options.map(json))
    }

    /// An informer that is started, with one handler.
    func started(_ log: DeliveryLog, options: String? = nil) throws -> Informer {
        let informer = try informer(options: options)
        _ = try informer.addHandler(log.makeConsumer())
        try informer.start()
        settle()
        return informer
    }

    /// An informer that has listed a@3 and b@4 at 10, and what is asked for after that.
    func synced(_ log: DeliveryLog, _ steps: (String, Answer)...) throws -> Informer {
        server.expect(firstList, list([("a", 3), ("b", 4)], 10))
        for (line, answer) in steps { server.expect(line, answer) }
        return try started(log)
    }

    /// Turns the clock until one more request was begun, two minutes at most.
    func untilNextRequest() {
        let before = server.exchanges.count
        for _ in 0..<1200 where server.exchanges.count == before { advance(100) }
    }

    /// What keeps a script from being used up whole: requests it did not foresee, steps nobody asked for.
    var leftOver: [String] {
        server.surprises + server.linesLeft.map { "never asked: \($0)" } + (loop.ranAway ? ["the loop never came to rest"] : [])
    }

    /// How long after the start of the one request the next began, for all requests.
    var gaps: [Int64] {
        let starts = server.exchanges.map(\.startedMs)
        return zip(starts.dropFirst(), starts).map { $0 - $1 }
    }
}

extension Informer {
    /// "a@1 b@2", sorted.
    var content: String {
        get throws { try list(nil).objects.map { "\($0.name)@\($0.resourceVersion)" }.sorted().joined(separator: " ") }
    }

    func stat(_ name: String) -> Int64? { stats[name]?.int }
}

extension DeliveryLog {
    /// What was told after SYNCED.
    var afterSync: [String] { Array(lines.drop { $0 != "SYNCED" }.dropFirst()) }
}

/// Waits until `condition` holds; false when it did not within `limitMs`. For tests with real threads.
func eventually(_ limitMs: Int64 = 10_000, _ condition: () throws -> Bool) rethrows -> Bool {
    let deadline = MonotonicClock.nowMs + limitMs
    while try !condition() {
        if MonotonicClock.nowMs > deadline { return false }
        usleep(500)
    }
    return true
}
