// What waits for a handler: singly and in order, merged only beyond the limit, and nothing lost (H10, H12).
import KubeCore
import Testing

private func added(_ name: String, _ version: Int, _ flags: EventFlags = []) -> Delivery { Delivery(.added, blob(name, version: "\(version)"), flags: flags) }
private func deleted(_ name: String, _ version: Int, _ flags: EventFlags = []) -> Delivery { Delivery(.deleted, blob(name, version: "\(version)"), flags: flags) }
private func modified(_ name: String, _ old: Int, _ version: Int, _ flags: EventFlags = []) -> Delivery {
    Delivery(.modified, blob(name, version: "\(version)"), old: blob(name, version: "\(old)"), flags: flags)
}

private func queue(_ maxQueued: Int, _ deliveries: [Delivery]) -> HandlerQueue {
    var queue = HandlerQueue(maxQueued: maxQueued)
    for delivery in deliveries { queue.push(delivery) }
    return queue
}

private func drained(_ queue: HandlerQueue) -> [String] {
    var queue = queue
    var all: [String] = []
    while let delivery = queue.pop() { all.append(told(delivery)) }
    #expect(queue.isEmpty && queue.count == 0)
    return all
}

@Suite struct HandlerQueueTests {
    @Test func anEmptyQueueGivesNothing() {
        #expect(drained(HandlerQueue(maxQueued: 1)) == [])
    }

    /// H10: every event is delivered singly until the queue holds `maxQueued`.
    @Test func belowTheLimitEveryEventIsToldInOrder() {
        let all = queue(4, [added("a", 1), modified("a", 1, 2), modified("a", 2, 3), deleted("a", 4)])
        #expect(all.count == 4 && all.coalesced == 0)
        #expect(drained(all) == ["added ns/a@1", "modified ns/a@2 (was 1)", "modified ns/a@3 (was 2)", "deleted ns/a@4"])
    }

    @Test func atTheLimitThePendingEntryOfTheKeyIsMerged() {
        let all = queue(2, [added("a", 1), added("b", 2), modified("a", 1, 3), added("c", 4), modified("c", 4, 5)])
        #expect(all.count == 3 && all.coalesced == 2)
        #expect(drained(all) == ["added ns/a@3", "added ns/b@2", "added ns/c@5"])
    }

    @Test func ofSeveralPendingEntriesTheNewestIsMerged() {
        let all = queue(3, [added("a", 1), modified("a", 1, 2), added("b", 3), modified("a", 2, 4)])
        #expect(drained(all) == ["added ns/a@1", "modified ns/a@4 (was 1)", "added ns/b@3"])
    }

    /// The whole table: what waits, what comes, what is told. The handler knew the object at 1 unless an add waits.
    @Test func whatWaitsAndWhatComesBecomeOne() {
        let table: [(Delivery, Delivery, String?)] = [
            (added("a", 2), modified("a", 2, 3), "added ns/a@3"), (added("a", 2), deleted("a", 3), nil), (added("a", 2), added("a", 3), "added ns/a@3"),
            (added("a", 2, .initial), modified("a", 2, 3), "added ns/a@3 initial"), (added("a", 2, .initial), deleted("a", 3), nil),
            (modified("a", 1, 2), modified("a", 2, 3), "modified ns/a@3 (was 1)"), (modified("a", 1, 2), deleted("a", 3), "deleted ns/a@3"),
            (modified("a", 1, 2), deleted("a", 2, .stale), "deleted ns/a@2 stale"), (modified("a", 1, 2), added("a", 3), "modified ns/a@3 (was 1)"),
            (modified("a", 1, 1, .resync), modified("a", 1, 2), "modified ns/a@2 (was 1)"), (modified("a", 1, 1, .resync), deleted("a", 2), "deleted ns/a@2"),
            (deleted("a", 2), added("a", 3), "modified ns/a@3 (was 2)"), (deleted("a", 2, .stale), added("a", 3), "modified ns/a@3 (was 2)"),
            (deleted("a", 2), modified("a", 2, 3), "modified ns/a@3 (was 2)"), (deleted("a", 2), deleted("a", 3), "deleted ns/a@3"),
        ]
        for (waits, comes, becomes) in table {
            let all = queue(1, [waits, comes])
            #expect(all.coalesced == 1 && all.count == (becomes == nil ? 0 : 1) && all.isEmpty == (becomes == nil))
            #expect(drained(all) == (becomes.map { [$0] } ?? []), "\(told(waits)), \(told(comes))")
        }
    }

    /// Deleted and made again while it waits: one update that shows the new uid (H1).
    @Test func aNewUIDBehindADeletionIsAnUpdate() {
        let all = queue(1, [deleted("a", 2), Delivery(.added, blob("a", uid: "new", version: "3")), Delivery(.deleted, blob("a", uid: "new", version: "4"))])
        #expect(drained(all) == ["deleted ns/a@4"])
    }

    @Test func aDeletionIsNeverLost() {
        let all = queue(2, [deleted("a", 2), added("a", 3), deleted("a", 4), added("a", 5), deleted("a", 6)])
        #expect(drained(all) == ["deleted ns/a@6"] || drained(all) == ["deleted ns/a@2"])
    }

    @Test func keysAreNamespaceAndName() {
        func object(_ namespace: String, _ version: Int) -> Delivery { Delivery(.added, blob("a", namespace: namespace, version: "\(version)")) }
        #expect(drained(queue(1, [object("x", 1), object("y", 2), object("", 3)])) == ["added x/a@1", "added y/a@2", "added a@3"])
    }

    @Test func whatIsNoChangeIsNeverMerged() {
        let bookmark = Delivery(.bookmark, blob("a", version: "9"))
        let all = queue(1, [added("a", 1), Delivery(.synced), bookmark, bookmark, Delivery(.error), Delivery(.end)])
        #expect(drained(all) == ["added ns/a@1", "synced", "bookmark ns/a@9", "bookmark ns/a@9", "error", "end"])
    }

    @Test func anInitialAddStaysInFrontOfSynced() {
        let all = queue(2, [added("a", 1, .initial), Delivery(.synced), modified("a", 1, 2), modified("a", 2, 3)])
        #expect(drained(all) == ["added ns/a@3 initial", "synced"])
    }

    /// A queue that has been too long and is short again tells singly, and what comes then stays behind what came before.
    @Test func whatComesAfterALongQueueHasShrunkKeepsItsOrder() {
        var queue = queue(2, [modified("a", 1, 2), modified("b", 1, 3), modified("c", 1, 4)])
        #expect([queue.pop(), queue.pop()].compactMap { $0.map(told) } == ["modified ns/a@2 (was 1)", "modified ns/b@3 (was 1)"])
        queue.push(modified("c", 4, 5))
        queue.push(modified("c", 5, 6))
        #expect(drained(queue) == ["modified ns/c@4 (was 1)", "modified ns/c@6 (was 4)"])
    }

    @Test func aQueueThatIsEmptiedStartsAnew() {
        var queue = queue(1, [added("a", 1), modified("a", 1, 2)])
        queue.removeAll()
        #expect(queue.isEmpty && queue.pop() == nil)
        queue.push(added("a", 3))
        #expect(drained(queue) == ["added ns/a@3"])
    }

    /// H12: an object with a queued change is skipped; old and new are one.
    @Test func aResyncSkipsWhatHasAChangePending() {
        var queue = queue(10, [added("a", 1), modified("b", 1, 2)])
        _ = queue.pop()
        queue.pushResync([blob("a", version: "1"), blob("b", version: "2"), blob("c", version: "3")])
        queue.pushResync([blob("a", version: "1"), blob("b", version: "2"), blob("c", version: "3")])
        #expect(drained(queue) == ["modified ns/b@2 (was 1)", "modified ns/a@1 (was 1) resync", "modified ns/c@3 (was 3) resync"])
    }

    @Test func aResyncOfAFullQueueTellsEachObjectOnce() {
        var queue = queue(1, [added("x", 1)])
        for _ in 0..<3 { queue.pushResync([blob("a", version: "1"), blob("b", version: "1")]) }
        #expect(queue.count == 3 && queue.coalesced == 0)
    }
}

@Suite struct HandlerQueueModelTests {
    /// An informer's store changes, a handler reads at its own pace: what it rebuilds is legal at every step and equal in the end.
    @Test(arguments: 0..<60) func whatAHandlerRebuildsEqualsTheStore(seed: Int) { rebuild(seed: seed, steps: 400, leaving: 0) }

    /// A handler that never comes to the end of its queue, so that places are given up while it merges.
    @Test(arguments: 0..<4) func aHandlerThatIsNeverDoneRebuildsTheStoreToo(seed: Int) { rebuild(seed: seed, steps: 6000, leaving: 2) }

    private func rebuild(seed: Int, steps: Int, leaving rest: Int) {
        var random = SeededRandom(UInt64(seed) + 100)
        let maxQueued = random.pick([1, 2, 3, 5, 8, 20])
        var queue = HandlerQueue(maxQueued: maxQueued)
        var listener = Listener()
        var store: [String: ObjectBlob] = [:]
        let names = (0..<random.pick([1, 2, 4, 9])).map { "o\($0)" }
        var (revision, pushed, longest) = (0, 0, 0)
        /// How eager the handler is changes all the time.
        var eagerness = 50
        for step in 0..<steps {
            if step % 40 == 0 { eagerness = random.pick([0, 20, 45, 55, 100]) }
            revision += 1
            let name = random.pick(names)
            let new = blob(name, uid: "u\(revision)", version: "\(revision)")
            if random.chance(4) {
                let before = queue.count
                queue.pushResync(store.keys.sorted().compactMap { store[$0] })
                pushed += queue.count - before
            } else if let old = store["ns/" + name], random.chance(35) {
                // A deletion that was seen, or one that a relist found.
                queue.push(random.chance(70) ? Delivery(.deleted, new) : Delivery(.deleted, old, flags: .stale))
                store["ns/" + name] = nil
                pushed += 1
            } else {
                queue.push(store["ns/" + name].map { Delivery(.modified, new, old: $0) } ?? Delivery(.added, new))
                store["ns/" + name] = new
                pushed += 1
            }
            longest = max(longest, queue.count)
            while random.chance(eagerness), queue.count > rest, let delivery = queue.pop() {
                if let wrong = listener.hear(delivery) { Issue.record("seed \(seed), step \(step): \(wrong)") }
            }
            #expect(queue.count <= maxQueued + 2 * names.count, "seed \(seed), step \(step)")
            #expect(queue.isEmpty == (queue.count == 0))
        }
        while let delivery = queue.pop() {
            if let wrong = listener.hear(delivery) { Issue.record("seed \(seed), at the end: \(wrong)") }
        }
        #expect(listener.known == store.mapValues { Int($0.resourceVersion) ?? -1 }, "seed \(seed)")
        if longest < maxQueued { #expect(queue.coalesced == 0 && listener.count == pushed, "seed \(seed)") }
        if queue.coalesced == 0 { #expect(listener.count == pushed, "seed \(seed)") }
    }

    /// Nobody takes, or takes as fast as it comes but never all: for months.
    @Test(arguments: [0, 1]) func theQueueItselfStaysSmall(taken: Int) {
        var queue = HandlerQueue(maxQueued: 4)
        for number in 0..<8 { queue.push(added("fixed\(number)", 1)) }
        var most = 0
        for number in 0..<20_000 {
            let (old, new) = (blob("o\(number)", version: "1"), blob("o\(number)", version: "2"))
            queue.push(Delivery(.added, old))
            if taken == 0 { queue.push(Delivery(.deleted, new)) }
            for _ in 0..<taken { _ = queue.pop() }
            most = max(most, queue.places)
            #expect(queue.count == 8)
        }
        #expect(most < 4096, "\(most) places for 8 entries")
    }
}
