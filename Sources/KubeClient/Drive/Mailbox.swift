// What waits to be told to one consumer, told one by one and never twice at once; and the one last call it gets.
package import KubeCore
import KubeSystem

/// Who is told: a C function, a Swift stream, a test. Its functions run where callbacks run, never two at once.
package final class Consumer {
    /// Returns false when the consumer wants no more (a watch callback's KCR_STOP).
    let deliver: (Delivery) -> Bool
    /// The last word: after the last `deliver`, exactly once, on every path.
    package let release: () -> Void

    package init(deliver: @escaping (Delivery) -> Bool, release: @escaping () -> Void = {}) {
        self.deliver = deliver
        self.release = release
    }
}

/// The serial queue of one consumer. Any thread may post; the runner decides where it is emptied.
package final class Mailbox {
    private enum Phase { case idle, scheduled, running, finished }

    /// How many deliveries one turn makes before others get theirs.
    private static let turn = 64

    private let lock = Lock()
    private let runner: CallbackRunner
    private let generation = ForkGeneration.current
    private var consumer: Consumer?
    private var queue: HandlerQueue
    private var queuedBytes = 0
    private var phase = Phase.idle
    private var last: Delivery?
    private var isClosing = false
    /// The consumer wants no more: all it still gets is its last word.
    private var isRefused = false
    private var wasFull = false
    private var roomCount = 0
    private var roomBytes = 0
    /// Called on the runner's thread when the consumer wants no more. Set before the first post.
    package var onStop: (() -> Void)?
    /// Called on the runner's thread when a full mailbox has half emptied. Set before the first post.
    package var onRoom: (() -> Void)?
    /// Done when `release` has returned.
    package let finished: Completion

    package init(_ consumer: Consumer, runner: CallbackRunner, maxQueued: Int) {
        self.consumer = consumer
        self.runner = runner
        queue = HandlerQueue(maxQueued: maxQueued)
        finished = Completion()
    }

    package func post(_ delivery: Delivery) {
        lock.lock()
        if isClosing || isRefused {
            lock.unlock()
            return
        }
        queue.push(delivery)
        queuedBytes += delivery.object?.json.count ?? 0
        scheduleLocked()
    }

    package func post(_ deliveries: [Delivery]) {
        guard !deliveries.isEmpty else { return }
        lock.lock()
        if isClosing || isRefused {
            lock.unlock()
            return
        }
        for delivery in deliveries {
            queue.push(delivery)
            queuedBytes += delivery.object?.json.count ?? 0
        }
        scheduleLocked()
    }

    /// Tells the objects again that have no change pending (H12).
    package func postResync(_ objects: [ObjectBlob]) {
        lock.lock()
        if isClosing || isRefused || objects.isEmpty {
            lock.unlock()
            return
        }
        let before = queue.count
        queue.pushResync(objects)
        if queue.count == before {
            lock.unlock()
            return
        }
        scheduleLocked()
    }

    /// Drops what is queued, tells the last delivery and releases the consumer. Of several last words the first counts.
    package func close(_ last: Delivery?) {
        lock.lock()
        queue.removeAll()
        queuedBytes = 0
        if isClosing {
            lock.unlock()
            return
        }
        isClosing = true
        self.last = last
        scheduleLocked()
    }

    /// Like `close`, but what is queued is told first.
    package func closeAfterRest(_ last: Delivery?) {
        lock.lock()
        if isClosing {
            lock.unlock()
            return
        }
        isClosing = true
        self.last = last
        scheduleLocked()
    }

    /// Leaves the lock.
    private func scheduleLocked() {
        let isNew = phase == .idle
        if isNew { phase = .scheduled }
        lock.unlock()
        if isNew { runner.schedule(self) }
    }

    /// Whether so much waits that no more should be read. When it is, `onRoom` follows.
    package func isFull(maxQueued: Int, maxBytes: Int) -> Bool {
        lock.withLock {
            let isFull = queue.count >= maxQueued || queuedBytes >= maxBytes
            if isFull { (wasFull, roomCount, roomBytes) = (true, maxQueued / 2, maxBytes / 2) }
            return isFull
        }
    }

    package var coalesced: Int64 { lock.withLock { queue.coalesced } }
    package var queued: Int { lock.withLock { queue.count } }

    /// False in a child that was forked in a callback and came back from it: whatever is left to tell is told in the parent,
    /// and a lock that another thread held stays held.
    var isOurs: Bool { generation == ForkGeneration.current }

    /// Tells what waits, up to `turn` deliveries; false when there was nothing to tell. Called by the runner only.
    @discardableResult
    func run(turn: Int = turn) -> Bool {
        guard isOurs else { return false }
        lock.lock()
        phase = .running
        var told = 0
        while told < turn {
            guard let consumer else { break }
            if let delivery = queue.pop() {
                queuedBytes -= delivery.object?.json.count ?? 0
                let hasRoom = wasFull && queue.count <= roomCount && queuedBytes <= roomBytes
                if hasRoom { wasFull = false }
                lock.unlock()
                if hasRoom { onRoom?() }
                let wantsMore = consumer.deliver(delivery)
                guard isOurs else { return true }
                if !wantsMore { onStop?() }
                told += 1
                lock.lock()
                if !wantsMore {
                    isRefused = true
                    queue.removeAll()
                    queuedBytes = 0
                }
            } else if isClosing {
                let last = self.last
                self.last = nil
                self.consumer = nil
                phase = .finished
                lock.unlock()
                if let last { _ = consumer.deliver(last) }
                guard isOurs else { return true }
                consumer.release()
                guard isOurs else { return true }
                // What these hold (a watch, an informer) must not live as long as this mailbox.
                onStop = nil
                onRoom = nil
                finished.finish()
                return true
            } else {
                break
            }
        }
        let hasMore = consumer != nil && (!queue.isEmpty || isClosing)
        phase = hasMore ? .scheduled : .idle
        lock.unlock()
        if hasMore { runner.schedule(self) }
        return told > 0
    }
}
