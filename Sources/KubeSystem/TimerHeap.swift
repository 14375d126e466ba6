// The timers of a loop: a binary heap by deadline, in the order they were set among equals. It knows no clock.

/// A timer of `EpollLoop`. Belongs to the loop.
final class HeapTimer: LoopTimer {
    fileprivate(set) var deadline: Int64 = 0
    fileprivate(set) var order: UInt64 = 0
    var action: (() -> Void)?
    /// Where it stands in the heap; nil: not in it.
    fileprivate var index: Int?
    fileprivate unowned(unsafe) var heap: TimerHeap?

    override func cancel() {
        action = nil
        if let index { heap?.remove(at: index) }
    }

    fileprivate func isBefore(_ other: HeapTimer) -> Bool {
        deadline != other.deadline ? deadline < other.deadline : order < other.order
    }
}

/// Belongs to the loop.
final class TimerHeap {
    private var timers: [HeapTimer] = []
    private var nextOrder: UInt64 = 0

    deinit { removeAll() }

    /// The earliest deadline.
    var earliest: Int64? { timers.first?.deadline }
    var count: Int { timers.count }

    func add(deadline: Int64, _ action: @escaping () -> Void) -> HeapTimer {
        nextOrder &+= 1
        let timer = HeapTimer()
        timer.deadline = deadline
        timer.order = nextOrder
        timer.action = action
        timer.heap = self
        timer.index = timers.count
        timers.append(timer)
        siftUp(timers.count &- 1)
        return timer
    }

    /// Takes out what is due at `now`, earliest first. Whoever gets it runs the actions that are not cancelled meanwhile.
    func takeDue(_ now: Int64) -> [HeapTimer] {
        var due: [HeapTimer] = []
        while let first = timers.first, first.deadline <= now {
            remove(at: 0)
            due.append(first)
        }
        return due
    }

    func removeAll() {
        for timer in timers { forget(timer) }
        timers.removeAll()
    }

    private func forget(_ timer: HeapTimer) {
        timer.index = nil
        timer.heap = nil
    }

    fileprivate func remove(at index: Int) {
        guard index < timers.count else { return }
        let last = timers.count &- 1
        let removed = timers[index]
        if index != last { move(timers[last], to: index) }
        timers.removeLast()
        forget(removed)
        if index != last {
            siftUp(index)
            siftDown(index)
        }
    }

    private func move(_ timer: HeapTimer, to index: Int) {
        timers[index] = timer
        timer.index = index
    }

    private func siftUp(_ start: Int) {
        var index = start
        let timer = timers[index]
        while index > 0 {
            let parent = (index &- 1) / 2
            guard timer.isBefore(timers[parent]) else { break }
            move(timers[parent], to: index)
            index = parent
        }
        move(timer, to: index)
    }

    private func siftDown(_ start: Int) {
        var index = start
        let timer = timers[index]
        while true {
            var child = index &* 2 &+ 1
            guard child < timers.count else { break }
            if child &+ 1 < timers.count, timers[child &+ 1].isBefore(timers[child]) { child &+= 1 }
            guard timers[child].isBefore(timer) else { break }
            move(timers[child], to: index)
            index = child
        }
        move(timer, to: index)
    }
}
