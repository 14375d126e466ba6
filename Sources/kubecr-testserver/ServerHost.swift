// The one server value shared by all connections: a lock around it, its clock, and who is to be woken when something changes.
import Glibc
import NIOConcurrencyHelpers
import TestServer

final class ServerHost: Sendable {
    private struct State {
        var server: APIServer
        var waiting: [Int: AsyncStream<Void>.Continuation] = [:]
        var lastID = 0
    }

    private let state: NIOLockedValueBox<State>

    init(_ server: APIServer) { state = NIOLockedValueBox(State(server: server)) }

    /// Milliseconds since 1970.
    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    func answer(_ request: APIRequest) -> APIAnswer {
        let (answer, woken) = state.withLockedValue { state in
            let answer = state.server.answer(request, now: Self.now())
            return (answer, request.method == "GET" ? [] : Array(state.waiting.values))
        }
        for continuation in woken { continuation.yield() }
        return answer
    }

    func next(_ watcher: inout Watcher) -> WatchBatch {
        state.withLockedValue { $0.server.next(&watcher, now: Self.now()) }
    }

    /// Yields whenever there may be something new, until `leave`.
    func join() -> (id: Int, changes: AsyncStream<Void>, wake: AsyncStream<Void>.Continuation) {
        let (changes, wake) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let id = state.withLockedValue { state in
            state.lastID += 1
            state.waiting[state.lastID] = wake
            return state.lastID
        }
        return (id, changes, wake)
    }

    /// The watcher is not read any more.
    func leave(_ id: Int, _ watcher: Watcher) {
        state.withLockedValue { state in
            state.waiting[id] = nil
            state.server.end(watcher)
        }
    }
}
