// One run of the simulation: a ReflectorMachine, a Pager and an informer's store against the model server, over a virtual
// clock. Everything follows from the seed. No tests.
import KubeCore

final class ReflectorSimulation {
    private enum Job {
        case write, page, open, openList, tick, read(Int), resync
        case pauseOver
    }

    private static let idleMs: Int64 = 150_000
    private static let patienceMs: Int64 = 20 * 60_000

    private var random: SeededRandom
    private var server: SimulatedServer
    private var machine: ReflectorMachine
    private var informer = SimulatedInformer()
    private var pager = Pager(limit: 0)
    private let pageSize: Int64
    private var now: Int64 = 0
    /// `attempt`: jobs of a list, stream or pause that is over are void.
    private var agenda: [(at: Int64, attempt: Int?, job: Job)] = []
    private var attempt = 0
    private var writesLeft = 0
    private(set) var writes = 0

    // The stream.
    private var watchFrom = ""
    private var position: Int?
    private var streamEnds: Int64 = 0
    /// What a streaming list still has to say before its bookmark; nil: it is a list request, or complete.
    private var initial: (events: ArraySlice<SimulatedEvent>, revision: Int)?
    /// The server has shown that it has no streaming lists.
    private var cannotStream = false
    private var isSilent = false

    // What is watched over.
    private var attemptTimes: [Int64] = []
    private var moodBegan: Int64 = 0
    /// A stream was at work.
    private var worked: Int64 = 0
    /// No request before this: the server asked for it.
    private var notBefore: Int64 = 0
    /// Revisions that a list was refused at, until one succeeds.
    private var refusedRevisions: Set<String> = []
    /// How a stream ended decides what comes next, and by which rule.
    private var nextIsList: (Bool, rule: String)?
    private(set) var faults: [String] = []
    private let tracing: Bool

    init(seed: UInt64, tracing: Bool = false) {
        self.tracing = tracing
        random = SeededRandom(seed)
        server = SimulatedServer(seed: seed ^ 0x5eed)
        pageSize = random.pick([1, 2, 3, 5, 500])
        machine = ReflectorMachine(informerFrom: random.pick(["", "", "0"]), streamsLists: random.chance(70))
    }

    private func trace(_ text: @autoclosure () -> String) { if tracing { print("\(now) \(text())") } }
    private func fault(_ text: String) {
        trace("FAULT \(text)")
        faults.append("\(text) (at \(now) ms, after \(writes) writes, the server is \(server.mood))")
    }

    // MARK: The run

    /// Alternates storms and calms; looks at the result in every calm.
    func run() throws {
        for maxQueued in [100_000, random.pick([1, 2]), random.pick([3, 8])] { informer.addHandler(maxQueued: maxQueued) }
        for index in 0..<3 { later(random.below(2000), .read(index), ofAttempt: false) }
        perform(machine.start(now: now, random: &random))
        for storm in 0..<6 where faults.isEmpty {
            let moods = (0...random.below(3)).map { _ in random.chance(50) ? .flaky : random.pick(SimulatedServer.Mood.allCases) }
            for mood in moods {
                try enter(mood)
                try runStorm(of: 36 / moods.count + 1)
            }
            if storm == 2 {
                informer.addHandler(maxQueued: random.pick([1, 4, 100_000]))
                later(0, .read(3), ofAttempt: false)
            }
            if random.chance(30) { later(random.below(5000), .resync, ofAttempt: false) }
            try enter(.calm)
            try settle()
        }
    }

    private func enter(_ mood: SimulatedServer.Mood) throws {
        trace("the server is \(mood)")
        try server.enter(mood)
        moodBegan = now
        if mood == .down, position != nil { ended(.closed) }
    }

    private func runStorm(of writes: Int) throws {
        writesLeft = writes
        later(random.below(1000), .write, ofAttempt: false)
        while writesLeft > 0, faults.isEmpty { try step() }
    }

    /// Until the stream has brought all there is; then store, handlers and server must agree.
    private func settle() throws {
        let deadline = now + Self.patienceMs
        while faults.isEmpty, !hasCaughtUp {
            if now > deadline { return fault("not caught up after \(Self.patienceMs) ms of calm: \(machine.state)") }
            try step()
        }
        guard faults.isEmpty else { return }
        let truth = server.objects.mapValues { "\($0.revision)" }
        if informer.store != truth { fault("the store is \(informer.store), the server's objects are \(truth)") }
        for node in ["n0", "n1", "n2", "none"] {
            let (found, wanted) = (informer.keys(ofNode: node), server.objects.values.filter { $0.node == node }.map(\.key).sorted())
            if found != wanted { fault("the index has \(found) at \(node), the server \(wanted)") }
        }
        for index in informer.handlers.indices {
            if let wrong = informer.read(index, .max) { fault("handler \(index): \(wrong)") }
            let handler = informer.handlers[index]
            if handler.listener.known.mapValues({ "\($0)" }) != truth { fault("handler \(index) knows \(handler.listener.known), the server's objects are \(truth)") }
            if handler.queue.coalesced == 0, handler.listener.count != handler.posted { fault("handler \(index) lost a delivery") }
            if handler.maxQueued == 100_000, handler.queue.coalesced > 0 { fault("handler \(index) was merged below its limit") }
        }
    }

    private var hasCaughtUp: Bool {
        guard let position, !isSilent, informer.isSynced else { return false }
        return server.event(behind: position) == nil
    }

    private func later(_ milliseconds: Int, _ job: Job, ofAttempt: Bool = true) {
        agenda.append((now + Int64(milliseconds), ofAttempt ? attempt : nil, job))
    }

    private func step() throws {
        guard let next = agenda.indices.min(by: { agenda[$0].at < agenda[$1].at }) else { return fault("nothing is going to happen any more") }
        let (at, of, job) = agenda.remove(at: next)
        if let of, of != attempt { return }
        now = max(now, at)
        switch job {
        case .write:
            guard writesLeft > 0 else { return }
            writesLeft -= 1
            writes += 1
            try server.write()
            later(random.chance(5) ? random.below(90_000) : random.below(3000), .write, ofAttempt: false)
        case .read(let index):
            // A handler may sleep for long.
            if let wrong = informer.read(index, random.below(4)) { fault("handler \(index): \(wrong)") }
            later(random.chance(3) ? random.below(60_000) : random.below(4000), .read(index), ofAttempt: false)
        case .resync: informer.resync()
        case .pauseOver: perform(machine.pauseOver(now: now, random: &random))
        case .page: try pageArrives()
        case .open: opens()
        case .openList: opensList()
        case .tick: try tick()
        }
    }

    // MARK: What the machine wants

    private func perform(_ action: ReflectorMachine.Action) {
        trace("\(action)")
        attempt += 1
        (position, initial) = (nil, nil)
        switch action {
        case .watchList(let resourceVersion, let timeoutSeconds):
            if refusedRevisions.contains(resourceVersion) { fault("L3: a streaming list at \(resourceVersion), which was refused") }
            if cannotStream { fault("L10: a streaming list of a server that has none") }
            follows(isList: true)
            watchFrom = resourceVersion
            streamEnds = now + timeoutSeconds * 1000
            informer.listBegins()
            attempts()
            request(.openList)
        case .list(let resourceVersion):
            if refusedRevisions.contains(resourceVersion) { fault("L3: a list at \(resourceVersion), which was refused") }
            follows(isList: true)
            pager = Pager(limit: pageSize, resourceVersion: resourceVersion)
            informer.listBegins()
            attempts()
            request(.page)
        case .watch(let resourceVersion, let timeoutSeconds):
            if !(300...600).contains(timeoutSeconds) { fault("W1: a stream of \(timeoutSeconds) s") }
            follows(isList: false)
            watchFrom = resourceVersion
            streamEnds = now + timeoutSeconds * 1000
            attempts()
            request(.open)
        case .pause(let milliseconds):
            if !(800...60_000).contains(milliseconds) { fault("B1: a pause of \(milliseconds) ms") }
            later(Int(milliseconds), .pauseOver)
        case .end(let error): fault("an informer ended: \(String(describing: error))")
        }
    }

    private func follows(isList: Bool) {
        if let nextIsList, nextIsList.0 != isList { fault("\(nextIsList.rule): \(isList ? "a list" : "a stream")") }
        nextIsList = nil
    }

    private func request(_ job: Job) {
        if now < notBefore { fault("B2: a request \(notBefore - now) ms before the server allowed it") }
        later(1 + random.below(200), job)
    }

    /// Fault 21 and its like: where nothing works, nobody spins. The pages of a list count once.
    private func attempts() {
        attemptTimes.append(now)
        let isHopeless = [.down, .flapping, .throttling, .failing, .forbidden, .missing].contains(server.mood)
        let since = max(moodBegan, worked)
        let late = attemptTimes.reversed().prefix { $0 > max(since, now - 20_000) }.count { $0 > since + 20_000 }
        if isHopeless, late > 8 { fault("B1, B3: pauses do not grow, \(late) attempts in 20 s") }
        // A revision that is too old is listed, refused, and listed again: twice the attempts.
        let most = server.mood == .expiring ? 24 : 12
        if isHopeless || server.mood == .expiring, attemptTimes.count > most, attemptTimes[attemptTimes.count - most - 1] > max(since, now - 8000) {
            fault("more than \(most) attempts in 8 s")
        }
    }

    private func asked(for milliseconds: Int64) { if milliseconds > 0 { notBefore = now + min(milliseconds, 60_000) } }

    // MARK: Lists

    private func pageArrives() throws {
        let answer = server.list(pager.page)
        if let complaint = server.complaint { fault(complaint) }
        switch answer {
        case .unreachable: listFailed(KubeError(.connect, "no connection"))
        case .refused(let error): listFailed(error)
        case .cut(let page):
            for object in page.items { try informer.item(object) }
            listFailed(KubeError(.connect, "the connection was lost"))
        case .good(let page):
            for object in page.items { try informer.item(object) }
            let envelope: ListEnvelope
            do throws(KubeError) { envelope = try ListEnvelope(utf8(page.envelope)) } catch { return listFailed(error) }
            switch pager.pageArrived(continueToken: envelope.continueToken, revision: envelope.resourceVersion) {
            case .nextPage: request(.page)
            case .done:
                informer.listCompleted()
                refusedRevisions = []
                perform(machine.listSucceeded(resourceVersion: pager.revision ?? "", now: now, random: &random))
            }
        }
    }

    private func listFailed(_ error: KubeError) {
        trace("the list failed: \(error.message)")
        if pager.startsOver(after: error) {
            informer.listBegins()
            return request(.page)
        }
        asked(for: error.retryAfterMs)
        if let at = pager.page.resourceVersion, error.code == .gone || ServerError.isTooLargeResourceVersion(error) { refusedRevisions.insert(at) }
        perform(machine.listFailed(error, now: now, random: &random))
    }

    // MARK: Streaming lists

    private func opensList() {
        switch server.watchList(from: watchFrom) {
        case .unreachable: ended(.unreachable)
        case .refused(let error): ended(.refused(error))
        case .cut: ended(.closed)
        case .good(let begin):
            (initial, isSilent) = ((begin.events[...], begin.revision), false)
            if server.mood == .flapping { ended(.closed) } else { later(0, .tick) }
        }
    }

    private func initialTick(_ begin: (events: ArraySlice<SimulatedEvent>, revision: Int)) throws {
        if let event = begin.events.first {
            initial?.events.removeFirst()
            if event.type == .deleted { try informer.itemGone(event.object) } else { try informer.item(event.object) }
            return later(random.below(30), .tick)
        }
        guard server.streaming == .served else {
            // A bookmark of another sort, or silence.
            return ended(.noInitialEvents)
        }
        (initial, refusedRevisions) = (nil, [])
        position = begin.revision
        trace("the initial events are complete at \(begin.revision)")
        informer.listCompleted()
        machine.initialEventsEnded(resourceVersion: "\(begin.revision)", now: now)
        later(0, .tick)
    }

    // MARK: Streams

    private func opens() {
        switch server.watch(from: watchFrom) {
        case .unreachable: ended(.unreachable)
        case .refused(let error): ended(.refused(error))
        case .cut: ended(.closed)
        case .good(let from):
            machine.streamOpened()
            (position, isSilent) = (from, false)
            if server.mood == .flapping { ended(.closed) } else { later(0, .tick) }
        }
    }

    private func tick() throws {
        guard position != nil || initial != nil else { return }
        if isSilent { return ended(.silent) }
        worked = now
        if now >= streamEnds { return ended(.closed) }
        if server.mood == .flaky {
            switch random.below(100) {
            case 0..<6: return ended(.closed)
            case 6: return ended(.refused(random.pick([answer(500), answer(504), Refusal.throttled, Refusal.expired, Refusal.bareGone, Refusal.tooLarge])))
            case 7: return ended(.undecodable)
            case 8:
                isSilent = true
                return later(Int(Self.idleMs), .tick)
            default: break
            }
        }
        if let initial { return try initialTick(initial) }
        guard let position else { return }
        if let event = server.event(behind: position) {
            if server.isPoisoned(event) { return ended(.undecodable) }
            deliver(event)
            // A state that is known already may come once more.
            if server.mood == .flaky, event.type != .deleted, random.chance(5) { deliver(event) }
            later(random.below(30), .tick)
        } else {
            if random.chance(20) {
                self.position = server.bookmark
                machine.event(.bookmark, resourceVersion: "\(server.bookmark)")
            }
            later(500 + random.below(5000), .tick)
        }
    }

    private func deliver(_ event: SimulatedEvent) {
        position = event.object.revision
        trace("\(event.type) \(event.object.key)@\(event.object.revision)")
        machine.event(event.type, resourceVersion: event.object.blob.resourceVersion)
        informer.changed(event)
    }

    private func ended(_ end: ReflectorMachine.StreamEnd) {
        trace("the stream ended: \(end)")
        if machine.state == .listing { return listEnded(end) }
        position = nil
        switch end {
        case .noInitialEvents: nextIsList = nil
        case .unreachable: nextIsList = (false, "W7: behind a server out of reach comes")
        case .refused(let error) where error.code == .tooManyRequests: nextIsList = (false, "W7: behind too many requests comes")
        case .refused(let error) where error.code == .notFound: nextIsList = (true, "W9: behind a resource that is gone comes")
        case .refused(let error) where error.code == .gone: nextIsList = (true, "W6: behind a revision that is too old comes")
        case .closed, .silent: nextIsList = (false, "W5: behind an ordinary end comes")
        case .refused, .undecodable: nextIsList = nil
        }
        if case .refused(let error) = end { asked(for: error.code == .gone ? -1 : error.retryAfterMs) }
        perform(machine.streamEnded(end, now: now, random: &random))
    }

    /// A streaming list ended before its bookmark.
    private func listEnded(_ end: ReflectorMachine.StreamEnd) {
        nextIsList = (true, "L10: behind a streaming list that ended early comes")
        switch end {
        case .noInitialEvents: cannotStream = true
        case .refused(let error):
            if !watchFrom.isEmpty, error.code == .gone || ServerError.isTooLargeResourceVersion(error) { refusedRevisions.insert(watchFrom) }
            if [400, 422].contains(error.httpStatus) { cannotStream = true }
            if error.code == .tooManyRequests || error.httpStatus >= 500 { asked(for: error.retryAfterMs) }
        default: break
        }
        perform(machine.streamEnded(end, now: now, random: &random))
    }
}
