// One handler of an informer: its mailbox and whether it has been told of all that was there.
import KubeCore

package final class InformerHandler {
    package let informer: Informer
    package let mailbox: Mailbox

    init(_ informer: Informer, consumer: Consumer, runner: CallbackRunner, maxQueued: Int) {
        self.informer = informer
        mailbox = Mailbox(consumer, runner: runner, maxQueued: maxQueued)
    }

    /// All that is there, then SYNCED (H7, H8).
    func tellInitial(_ objects: [ObjectBlob]) {
        mailbox.post(objects.map { Delivery(.added, $0, flags: .initial) })
        mailbox.post(Delivery(.synced))
    }

    /// Any thread, idempotent, never waits: no further event, then END.
    package func remove() { informer.remove(self) }
}
