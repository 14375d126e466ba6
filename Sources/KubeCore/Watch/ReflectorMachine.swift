// List, watch, resume, relist, pause: the whole life of a watch or of an informer as one pure state machine.
//
//     start -> listing -> watching -> (watching | pausing -> watching | listing ...) -> ended
//
// A list is a list request, or the begin of a stream that goes on as the watch (L10).
// Events come in through the methods, each answers with the one next action. Time and chance are passed in.

/// Follows one resource. The rules are cited by their letter and number; upstream is client-go tools/cache/reflector.go.
package struct ReflectorMachine {
    package enum Policy {
        /// Never gives up: relists when the revision is too old.
        case informer
        /// A raw watch: ends when the revision is too old, or when the first request is refused.
        case watch
    }

    package enum State: Equatable {
        case idle
        /// A list is under way, as a request or as the begin of a stream; nothing of it is visible yet.
        case listing
        /// A stream is open, or being opened.
        case watching
        /// Waiting before the next attempt.
        case pausing(then: Next)
        case ended
    }

    package enum Next: Equatable { case list, watch }

    package enum Action: Equatable {
        /// Begin a list. `resourceVersion` "" is the newest state.
        case list(resourceVersion: String)
        /// Open a stream that begins with a list not older than the revision, "" the newest; `initialEventsEnded` or `streamEnded` follows.
        case watchList(resourceVersion: String, timeoutSeconds: Int64)
        /// Open a stream from the revision.
        case watch(resourceVersion: String, timeoutSeconds: Int64)
        /// Call `pauseOver` after so many milliseconds.
        case pause(Int64)
        /// It is over; nil is a wanted end.
        case end(KubeError?)
    }

    /// How a stream ended.
    package enum StreamEnd {
        /// Clean end, end of file, reset, time-out of the server: ordinary (W5).
        case closed
        /// Silent for too long; the connection was shut down (W13).
        case silent
        /// No connection (W7).
        case unreachable
        /// An HTTP error answer or an ERROR event.
        case refused(KubeError)
        /// Bytes that are no events (W11).
        case undecodable
        /// The server takes no notice of what a streaming list asks for: it has sent a bookmark of another sort, or nothing any more.
        case noInitialEvents
    }

    package private(set) var state = State.idle
    /// The last revision seen; where the next stream begins.
    package private(set) var resourceVersion: String
    private let policy: Policy
    private let listsFirst: Bool
    private let firstList: String
    private let fixedTimeout: Int64?
    private var streaming: Streaming
    /// The list under way is the begin of a stream.
    private var isStreaming = false
    /// Streaming lists in a row that ended before their list did.
    private var brokenLists = 0
    private static let brokenListsBeforeRequest = 3
    private var backoff = Backoff()
    /// A list has succeeded, or a stream has been opened (raw watches: "it has once worked").
    private var hasWorked = false
    private var hasListed = false
    /// The revision was refused as too old or too new; unset until a list succeeds (L3).
    private var isRevisionUnusable = false
    /// W4: a stream begun at "" or "0" starts with synthetic events whose revisions are out of order.
    private var holdsRevision = false
    private var streamStart: Int64 = 0
    private var streamEvents = 0
    /// Streams in a row that were answered with an error and brought nothing.
    private var refusals = 0
    private static let refusalsBeforeRelist = 5
    private static let gonesWithoutPause = 1
    /// Revisions in a row that were refused as too old soon after the list that gave them.
    private var gones = 0
    private var listedAt: Int64 = 0

    /// Whether lists are asked for as streams (L10).
    private enum Streaming { case wanted, notUntilListed, never }

    /// An informer. `firstList` is "" for the newest state or "0" for any. `streamsLists`: as streams, where the server can.
    package init(informerFrom firstList: String, streamsLists: Bool) {
        policy = .informer
        // What any replica has in its cache is best asked for by a request.
        streaming = !streamsLists ? .never : firstList.isEmpty ? .wanted : .notUntilListed
        listsFirst = true
        self.firstList = firstList
        resourceVersion = ""
        fixedTimeout = nil
    }

    /// A raw watch. Without a revision it lists first.
    package init(watchFrom resourceVersion: String?, timeoutSeconds: Int64?) {
        policy = .watch
        streaming = .never
        listsFirst = resourceVersion == nil
        firstList = ""
        self.resourceVersion = resourceVersion ?? ""
        fixedTimeout = timeoutSeconds
    }

    package mutating func start(now: Int64, random: inout some RandomNumberGenerator) -> Action {
        guard state == .idle else { return .end(nil) }
        return listsFirst ? list(now, &random) : watch(now, &random)
    }

    package mutating func stop() { state = .ended }

    // MARK: Lists

    private mutating func list(_ now: Int64, _ random: inout some RandomNumberGenerator) -> Action {
        state = .listing
        isStreaming = streaming == .wanted
        return isStreaming ? .watchList(resourceVersion: listRevision, timeoutSeconds: timeout(&random)) : .list(resourceVersion: listRevision)
    }

    /// L1 to L3: the first list as configured, every later one not older than what was seen; the newest state if that is refused.
    private var listRevision: String {
        if isRevisionUnusable { return "" }
        return hasListed ? resourceVersion : firstList
    }

    package mutating func listSucceeded(resourceVersion: String, now: Int64, random: inout some RandomNumberGenerator) -> Action {
        guard state == .listing else { return .end(nil) }
        listed(resourceVersion, now)
        return watch(now, &random)
    }

    private mutating func listed(_ resourceVersion: String, _ now: Int64) {
        self.resourceVersion = resourceVersion
        (hasListed, hasWorked, isRevisionUnusable, refusals, brokenLists) = (true, true, false, 0, 0)
        if streaming == .notUntilListed { streaming = .wanted }
        listedAt = now
    }

    package mutating func listFailed(_ error: KubeError, now: Int64, random: inout some RandomNumberGenerator) -> Action {
        guard state == .listing else { return .end(nil) }
        if isFinal(error) { return end(error) }
        if !listRevision.isEmpty, error.code == .gone || ServerError.isTooLargeResourceVersion(error) {
            isRevisionUnusable = true
            return list(now, &random)
        }
        return pause(.list, now, error.retryAfterMs, &random)
    }

    /// L10: the stream's list is complete; what follows on the stream are changes.
    package mutating func initialEventsEnded(resourceVersion: String, now: Int64) {
        guard state == .listing, isStreaming else { return }
        listed(resourceVersion, now)
        state = .watching
        (streamStart, streamEvents, holdsRevision) = (now, 0, false)
    }

    /// L10: a stream ended before its list did. Nothing of it was visible.
    private mutating func listStreamEnded(_ end: StreamEnd, _ now: Int64, _ random: inout some RandomNumberGenerator) -> Action {
        var retryAfterMs: Int64 = -1
        switch end {
        case .unreachable: return pause(.list, now, -1, &random)
        case .noInitialEvents:
            streaming = .never
            return list(now, &random)
        case .closed, .silent, .undecodable: break
        case .refused(let error):
            if error.code == .tooManyRequests { return pause(.list, now, error.retryAfterMs, &random) }
            if error.code == .gone || ServerError.isTooLargeResourceVersion(error), !listRevision.isEmpty {
                isRevisionUnusable = true
                return list(now, &random)
            }
            if error.httpStatus < 500 || error.httpStatus == 501 {
                // What says nothing of streams is said again to the request, whose rules then hold.
                let saysNothing = [401, 403, 404, 410].contains(error.httpStatus)
                streaming = saysNothing ? .notUntilListed : .never
                return list(now, &random)
            }
            retryAfterMs = error.retryAfterMs
        }
        // What is between may cut streams that take their time.
        brokenLists += 1
        if brokenLists >= Self.brokenListsBeforeRequest { streaming = .never }
        return pause(.list, now, retryAfterMs, &random)
    }

    // MARK: Streams

    private mutating func watch(_ now: Int64, _ random: inout some RandomNumberGenerator) -> Action {
        state = .watching
        streamStart = now
        streamEvents = 0
        holdsRevision = resourceVersion.isEmpty || resourceVersion == "0"
        return .watch(resourceVersion: resourceVersion, timeoutSeconds: timeout(&random))
    }

    /// W1: five to ten minutes, to spread the load and as the outer guard against a dead stream.
    private func timeout(_ random: inout some RandomNumberGenerator) -> Int64 { fixedTimeout ?? Int64.random(in: 300...600, using: &random) }

    /// The server accepted the stream.
    package mutating func streamOpened() {
        hasWorked = true
    }

    /// A good event arrived (W3).
    package mutating func event(_ type: EventType, resourceVersion: String) {
        guard state == .watching else { return }
        (streamEvents, refusals, gones) = (streamEvents + 1, 0, 0)
        if holdsRevision, type == .added { return }
        holdsRevision = false
        if !resourceVersion.isEmpty { self.resourceVersion = resourceVersion }
    }

    package mutating func streamEnded(_ end: StreamEnd, now: Int64, random: inout some RandomNumberGenerator) -> Action {
        if state == .listing, isStreaming { return listStreamEnded(end, now, &random) }
        guard state == .watching else { return .end(nil) }
        switch end {
        case .closed, .noInitialEvents:
            // W10: a short stream that brought nothing must not spin.
            if streamEvents == 0, now - streamStart < 1000 { return pause(.watch, now, -1, &random) }
            return watch(now, &random)
        case .silent: return watch(now, &random)
        case .unreachable: return pause(.watch, now, -1, &random)
        case .undecodable:
            refusals += 1
            return pause(relistsNow ? .list : .watch, now, -1, &random)
        case .refused(let error): return refused(error, now, &random)
        }
    }

    private mutating func refused(_ error: KubeError, _ now: Int64, _ random: inout some RandomNumberGenerator) -> Action {
        if error.code == .gone {
            // W6: the revision is too old.
            if policy == .watch { return self.end(error) }
            if now - listedAt >= Backoff.capMs { gones = 0 }
            gones += 1
            return gones <= Self.gonesWithoutPause ? list(now, &random) : pause(.list, now, error.retryAfterMs, &random)
        }
        if isFinal(error) { return self.end(error) }
        // W7: 429 says nothing about the revision.
        if error.code == .tooManyRequests { return pause(.watch, now, error.retryAfterMs, &random) }
        if ServerError.isTooLargeResourceVersion(error), policy == .informer {
            isRevisionUnusable = true
            return pause(.list, now, error.retryAfterMs, &random)
        }
        refusals += 1
        // W9: a resource that is gone may come back as another one; its old revisions then say nothing.
        let relists = policy == .informer && (error.code == .notFound || error.code == .badRequest || relistsNow)
        return pause(relists ? .list : .watch, now, error.retryAfterMs, &random)
    }

    private var relistsNow: Bool { policy == .informer && refusals >= Self.refusalsBeforeRelist }

    /// Raw watches: a first request answered 4xx, other than 410 and 429, ends the watch.
    private func isFinal(_ error: KubeError) -> Bool {
        policy == .watch && !hasWorked && (400..<500).contains(error.httpStatus) && error.code != .gone && error.code != .tooManyRequests
    }

    // MARK: Pauses and the end

    private mutating func pause(_ next: Next, _ now: Int64, _ retryAfterMs: Int64, _ random: inout some RandomNumberGenerator) -> Action {
        state = .pausing(then: next)
        return .pause(backoff.next(now: now, retryAfterMs: retryAfterMs, random: &random))
    }

    package mutating func pauseOver(now: Int64, random: inout some RandomNumberGenerator) -> Action {
        guard case .pausing(let next) = state else { return .end(nil) }
        return next == .list ? list(now, &random) : watch(now, &random)
    }

    private mutating func end(_ error: KubeError) -> Action {
        state = .ended
        return .end(error)
    }
}
