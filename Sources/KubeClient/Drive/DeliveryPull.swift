// A consumer that asks for each delivery: nothing is told that was not asked for, and no thread waits for it.
import KubeSystem

/// Empties one mailbox. What is asked for is told by whoever has it first: the caller of `pull`, or who posts.
package final class DeliveryPull: CallbackRunner {
    private let lock = Lock()
    private var waiting: Mailbox?
    /// Deliveries asked for that were not there yet.
    private var wanted = 0

    package override init() { super.init() }

    override func schedule(_ mailbox: Mailbox) {
        lock.lock()
        guard wanted > 0 else {
            waiting = mailbox
            return lock.unlock()
        }
        wanted -= 1
        lock.unlock()
        tell(mailbox)
    }

    /// Asks for one delivery more. Any thread, never waits.
    package func pull() {
        lock.lock()
        guard let mailbox = waiting else {
            wanted += 1
            return lock.unlock()
        }
        waiting = nil
        lock.unlock()
        tell(mailbox)
    }

    /// What waited may have been merged away: then it is still asked for.
    private func tell(_ mailbox: Mailbox) {
        if !mailbox.run(turn: 1) { pull() }
    }
}
