// The event loop: one epoll descriptor with a timerfd and an eventfd in it. It knows sockets by number and nothing of HTTP;
// who turns it (LoopThread, or the program's own loop) is not its business.
import Glibc

/// What a watched descriptor is ready for. Errors and hang-ups count as both, so that whoever reads meets them.
package struct Readiness: Equatable, Sendable {
    package var readable: Bool
    package var writable: Bool
    package var failed: Bool
}

/// Everything but `post`, `keepReadable` and `wake` belongs to whoever drives the loop.
package final class EpollLoop: Loop {
    /// Becomes readable when a socket is ready, a timer is due or a job was posted: enough for an outer poll loop.
    package let descriptor: Int32
    let generation = ForkGeneration.current
    private let timerDescriptor: Int32
    private let wakeDescriptor: Int32
    private let events: EpollEvents
    private let control: EpollEvents
    private let timers = TimerHeap()
    private var sockets: [Int32: Watched] = [:]
    private var socketSerial: UInt32 = 0
    private var isTurning = false
    /// What the timerfd is set to.
    private var armed: Int64?
    /// Called at the end of each turn, when all that it had to do is done. Set before the first.
    package var onTurnEnd: (() -> Void)?
    /// A thread of ours turns it, and others may in between. All of its turns block signals, so nobody needs `SignalGuard` in them.
    package var isShared = false
    /// Held by a turn of a shared loop.
    private let turning = Lock()
    private var farewells: [() -> Void] = []

    // Under `lock`.
    private let lock = Lock()
    private var jobs: [() -> Void] = []
    private var isDraining = false
    private var isSignalled = false
    private var isKeptReadable = false
    private var isRetired = false

    private final class Watched {
        let serial: UInt32
        /// What the kernel was told.
        var interest: UInt32
        /// nil: parked. The kernel still knows the descriptor, because it will likely be watched again soon.
        var handler: ((Int32, Readiness) -> Void)?

        init(serial: UInt32, interest: UInt32, handler: @escaping (Int32, Readiness) -> Void) {
            self.serial = serial
            self.interest = interest
            self.handler = handler
        }
    }

    /// `batch`: how many ready sockets one turn takes at most.
    package init(batch: Int = 64) throws(SystemError) {
        let events = EpollEvents(capacity: max(1, min(batch, 1024)))
        let control = EpollEvents(capacity: 1)
        var made: [Int32] = []
        func check(_ result: Int32, _ call: String) throws(SystemError) -> Int32 {
            if result >= 0 { return result }
            // No deinit runs for an object that was never whole.
            let number = errno
            for open in made { close(open) }
            events.deallocate()
            control.deallocate()
            throw SystemError(call, number)
        }
        let epoll = try check(linux_epoll_create1(Linux.closeOnExec), "epoll_create1")
        made.append(epoll)
        let timer = try check(linux_timerfd_create(Int32(CLOCK_MONOTONIC), Linux.closeOnExec | Linux.nonBlocking), "timerfd_create")
        made.append(timer)
        let wake = try check(linux_eventfd(0, Linux.closeOnExec | Linux.nonBlocking), "eventfd")
        made.append(wake)
        for inner in [timer, wake] {
            control.store(0, events: Linux.epollIn, data: UInt64(UInt32(bitPattern: inner)))
            _ = try check(linux_epoll_ctl(epoll, Linux.epollAdd, inner, control.memory), "epoll_ctl")
        }
        self.events = events
        self.control = control
        descriptor = epoll
        timerDescriptor = timer
        wakeDescriptor = wake
        super.init()
    }

    deinit {
        close(descriptor)
        close(timerDescriptor)
        close(wakeDescriptor)
        events.deallocate()
        control.deallocate()
    }

    /// False in a forked child: the epoll set is shared with the parent there, so nothing may be changed in it.
    package var isOwn: Bool { generation == ForkGeneration.current }

    package override var now: Int64 { MonotonicClock.nowMs }

    // MARK: Timers and jobs

    @discardableResult
    package override func after(_ milliseconds: Int64, _ action: @escaping () -> Void) -> LoopTimer {
        let (deadline, overflow) = now.addingReportingOverflow(max(milliseconds, 0))
        let timer = timers.add(deadline: overflow ? Int64.max : deadline, action)
        if !isTurning { arm() }
        return timer
    }

    package override func post(_ job: @escaping () -> Void) {
        guard isOwn else { return }
        lock.withLock {
            if isRetired { return }
            jobs.append(job)
            if !isDraining { setSignalled(true) }
        }
    }

    /// Keeps the descriptor readable until switched off: something outside the loop waits for the next round of the
    /// program. It does not keep `turn` from waiting. Any thread.
    package func keepReadable(_ keep: Bool) {
        guard isOwn else { return }
        lock.withLock {
            isKeptReadable = keep
            if !isDraining { setSignalled(keep || !jobs.isEmpty) }
        }
    }

    /// Makes a waiting `turn` return. Any thread.
    package func wake() { post {} }

    // Under `lock`.
    private func setSignalled(_ wanted: Bool) {
        guard wanted != isSignalled else { return }
        isSignalled = wanted
        var value: UInt64 = 1
        if wanted { _ = write(wakeDescriptor, &value, 8) } else { _ = read(wakeDescriptor, &value, 8) }
    }

    /// Milliseconds until the loop wants a turn, without one of its sockets being ready: 0 at once, -1 never.
    package var nextTimeoutMs: Int64 {
        if lock.withLock({ isKeptReadable || !jobs.isEmpty }) { return 0 }
        guard let earliest = timers.earliest else { return -1 }
        return max(0, earliest &- now)
    }

    /// Takes no job any more, and forgets those it has: whoever drives it does not come back.
    package func retire() {
        lock.withLock { isRetired = true }
        discardAll()
    }

    /// Releases jobs, timers and handlers without running them; for a loop that will not turn again.
    package func discardAll() {
        timers.removeAll()
        sockets.removeAll()
        let dropped = lock.withLock {
            let dropped = jobs
            jobs = []
            return dropped
        }
        withExtendedLifetime(dropped) {}
    }

    // MARK: Sockets

    /// Calls `handler` in a turn whenever the descriptor is ready for what is asked; replaces an earlier call for it.
    package func watch(_ socket: Int32, readable: Bool, writable: Bool, _ handler: @escaping (Int32, Readiness) -> Void) {
        guard isOwn, socket >= 0 else { return }
        let interest = (readable ? Linux.epollIn : 0) | (writable ? Linux.epollOut : 0)
        if let known = sockets[socket] {
            known.handler = handler
            if known.interest == interest { return }
            known.interest = interest
            tell(socket, known, Linux.epollModify)
        } else {
            socketSerial &+= 1
            let new = Watched(serial: socketSerial, interest: interest, handler: handler)
            sockets[socket] = new
            tell(socket, new, Linux.epollAdd)
        }
    }

    private func tell(_ socket: Int32, _ watched: Watched, _ operation: Int32) {
        control.store(0, events: watched.interest, data: UInt64(watched.serial) << 32 | UInt64(UInt32(bitPattern: socket)))
        guard linux_epoll_ctl(descriptor, operation, socket, control.memory) != 0 else { return }
        // The number was closed and opened again behind our back, or is known to the kernel from before.
        if operation == Linux.epollModify, errno == ENOENT {
            _ = linux_epoll_ctl(descriptor, Linux.epollAdd, socket, control.memory)
        } else if operation == Linux.epollAdd, errno == EEXIST {
            _ = linux_epoll_ctl(descriptor, Linux.epollModify, socket, control.memory)
        }
    }

    /// No further call of the handler. A descriptor that was closed already is fine.
    package func unwatch(_ socket: Int32) {
        guard isOwn, sockets.removeValue(forKey: socket) != nil else { return }
        _ = linux_epoll_ctl(descriptor, Linux.epollDelete, socket, nil)
    }

    /// Like `unwatch` for a descriptor that stays open and will likely be watched again: the kernel is told at its next event
    /// only, which usually never comes. `unwatch` it before it is closed.
    package func park(_ socket: Int32) { sockets[socket]?.handler = nil }

    // MARK: Turning

    /// Waits until something is due, at most `waitMs` (negative: no limit), then runs it. A signal ends the wait early. Does
    /// nothing inside another turn of this loop, in a forked child, and once the process is leaving.
    package func turn(waitMs: Int64) {
        guard isOwn, !isTurning else { return }
        let ready = waitForEvents(waitMs)
        guard ProcessExit.enterTurn() else { return }
        work(ready)
        ProcessExit.leaveTurn(generation)
    }

    /// The turn of a shared loop's own thread: while it waits, `runNow` may come in between. Never returns once the process is leaving.
    func turnShared() {
        let count = linux_epoll_wait(descriptor, events.memory, Int32(events.capacity), -1)
        guard ProcessExit.enterTurn() else { while true { pause() } }
        let last = turning.withLock { () -> [() -> Void] in
            work(max(0, min(Int(count), events.capacity)))
            return takeFarewells()
        }
        for job in last { job() }
        ProcessExit.leaveTurn(generation)
    }

    /// Runs what wakes a thread that waits for this turn: when a shared loop is free again, so that this thread may `runNow`.
    package func whenFree(_ job: @escaping () -> Void) {
        if isShared, isTurning { farewells.append(job) } else { job() }
    }

    private func takeFarewells() -> [() -> Void] {
        if farewells.isEmpty { return [] }
        defer { farewells.removeAll(keepingCapacity: true) }
        return farewells
    }

    /// Runs the job of a shared loop on the calling thread at once, as a turn of its own, which saves waking the loop's thread.
    /// False: it is another's turn or jobs wait already, so the job has to be posted.
    package func runNow(_ job: () -> Void) -> Bool {
        guard isShared, isOwn, ProcessExit.enterTurn() else { return false }
        defer { ProcessExit.leaveTurn(generation) }
        guard turning.tryLock() else { return false }
        guard lock.withLock({ jobs.isEmpty && !isRetired }) else {
            turning.unlock()
            return false
        }
        // A host's pthread_cancel must not end the thread in the middle.
        var cancelState: Int32 = 0
        pthread_setcancelstate(Int32(PTHREAD_CANCEL_DISABLE), &cancelState)
        SignalGuard.around { work(0, job) }
        pthread_setcancelstate(cancelState, nil)
        let last = takeFarewells()
        turning.unlock()
        for job in last { job() }
        return true
    }

    /// What a turn does: sockets, timers, jobs.
    private func work(_ ready: Int, _ first: () -> Void = {}) {
        isTurning = true
        var batch = beginDraining()
        first()
        for index in 0..<ready { dispatch(index) }
        for timer in timers.takeDue(now) {
            let action = timer.action
            timer.action = nil
            action?()
        }
        // Jobs posted by jobs run in the same turn, as long as they come to an end.
        for _ in 0..<16 {
            for job in batch { job() }
            batch = lock.withLock { takeJobs() }
            if batch.isEmpty { break }
        }
        for job in batch { job() }
        batch = []
        onTurnEnd?()
        endDraining()
        isTurning = false
        if isOwn { arm() }
    }

    private func waitForEvents(_ waitMs: Int64) -> Int {
        var wait = waitMs < 0 ? Int64(Int32.max) : min(waitMs, Int64(Int32.max))
        if let earliest = timers.earliest { wait = min(wait, max(0, earliest &- now)) }
        if wait > 0 {
            // What is kept readable for an outer loop must not keep this one from waiting.
            lock.withLock { if isKeptReadable, jobs.isEmpty { setSignalled(false) } }
        }
        let noLimit = waitMs < 0 && timers.earliest == nil
        let count = linux_epoll_wait(descriptor, events.memory, Int32(events.capacity), noLimit ? -1 : Int32(wait))
        return max(0, min(Int(count), events.capacity))
    }

    private func beginDraining() -> [() -> Void] {
        lock.withLock {
            isDraining = true
            setSignalled(false)
            return takeJobs()
        }
    }

    private func endDraining() {
        lock.withLock {
            isDraining = false
            setSignalled(isKeptReadable || !jobs.isEmpty)
        }
    }

    // Under `lock`.
    private func takeJobs() -> [() -> Void] {
        if jobs.isEmpty { return [] }
        let taken = jobs
        jobs = []
        return taken
    }

    private func dispatch(_ index: Int) {
        let (events, data) = events.load(index)
        let serial = UInt32(truncatingIfNeeded: data >> 32)
        let socket = Int32(bitPattern: UInt32(truncatingIfNeeded: data))
        // Serial 0: the timerfd and the eventfd, looked after elsewhere. An unknown serial: an event of a descriptor that an
        // earlier handler of this turn has closed.
        guard serial != 0, let watched = sockets[socket], watched.serial == serial else { return }
        guard let handler = watched.handler else {
            unwatch(socket)
            return
        }
        let failed = events & (Linux.epollError | Linux.epollHangUp) != 0
        handler(socket, Readiness(readable: events & Linux.epollIn != 0 || failed, writable: events & Linux.epollOut != 0, failed: failed))
    }

    /// Sets the timerfd to the earliest deadline, unless it will wake up early enough as it is.
    private func arm() {
        var hasFired = false
        if let armed, armed <= now {
            hasFired = true
            self.armed = nil
        }
        var setting = itimerspec()
        if let earliest = timers.earliest {
            if let armed, armed <= earliest { return }
            // A time of zero would mean "off".
            setting.it_value = MonotonicClock.time(max(earliest, 1))
            armed = earliest
        } else if !hasFired {
            return
        }
        _ = linux_timerfd_settime(timerDescriptor, Linux.absoluteTime, &setting, nil)
    }
}
