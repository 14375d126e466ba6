// The queue of one handler: singly and in order until there is too much, then merged by key, and never a delete lost (H10, H12).
import KubeCore
import Testing

private func line(_ delivery: Delivery?) -> String {
    guard let delivery else { return "nothing" }
    let object = delivery.object.map { " \($0.name)@\($0.resourceVersion)" } ?? ""
    return "\(delivery.type)\(object)" + (delivery.old.map { " from \($0.resourceVersion)" } ?? "") + (delivery.flags.contains(.resync) ? " resync" : "")
}

private func drain(_ queue: inout HandlerQueue) -> [String] {
    var lines: [String] = []
    while let delivery = queue.pop() { lines.append(line(delivery)) }
    return lines
}

private func at(_ version: Int) -> ObjectBlob { blob("a", version: "\(version)") }

@Suite struct HandlerQueueTests {
    @Test func belowTheLimitEveryEventIsDeliveredSingly() {
        var queue = HandlerQueue(maxQueued: 4)
        queue.push(Delivery(.added, at(1)))
        queue.push(Delivery(.modified, at(2), old: at(1)))
        queue.push(Delivery(.deleted, at(3)))
        #expect(drain(&queue) == ["added a@1", "modified a@2 from 1", "deleted a@3"] && queue.coalesced == 0)
    }

    private static var merges: [(Delivery, Delivery, [String])] { [
        (Delivery(.added, at(1)), Delivery(.modified, at(2), old: at(1)), ["added a@2"]),
        (Delivery(.added, at(1)), Delivery(.deleted, at(2)), []),
        (Delivery(.modified, at(2), old: at(1)), Delivery(.modified, at(3), old: at(2)), ["modified a@3 from 1"]),
        (Delivery(.modified, at(2), old: at(1)), Delivery(.deleted, at(3)), ["deleted a@3"]),
        (Delivery(.deleted, at(2)), Delivery(.added, at(3)), ["modified a@3 from 2"]),
        (Delivery(.deleted, at(2)), Delivery(.deleted, at(3)), ["deleted a@3"]),
    ] }

    @Test(arguments: 0..<6) func aboveTheLimitTwoEventsOfAnObjectBecomeOne(index: Int) {
        var queue = HandlerQueue(maxQueued: 1)
        let (first, second, expected) = Self.merges[index]
        queue.push(first)
        queue.push(second)
        #expect(drain(&queue) == expected && queue.coalesced == 1 && queue.isEmpty)
    }

    @Test func aResyncSkipsWhatHasAChangePending() {
        var queue = HandlerQueue(maxQueued: 10)
        queue.push(Delivery(.modified, at(2), old: at(1)))
        queue.pushResync([at(2), blob("b", version: "7")])
        #expect(drain(&queue) == ["modified a@2 from 1", "modified b@7 from 7 resync"])
    }

    @Test func syncedKeepsItsPlace() {
        var queue = HandlerQueue(maxQueued: 1)
        queue.push(Delivery(.added, at(1)))
        queue.push(Delivery(.synced))
        queue.push(Delivery(.added, blob("b", version: "2")))
        #expect(drain(&queue) == ["added a@1", "synced", "added b@2"])
    }

    /// What a handler that lags adds up is what happened: legal steps only, and at the end the same objects.
    @Test(arguments: 0..<200) func aLaggingHandlerEndsWithTheSameObjects(seed: Int) {
        var random = SeededRandom(UInt64(seed))
        var queue = HandlerQueue(maxQueued: 1 + random.below(12))
        var truth: [String: ObjectBlob] = [:]
        var seen: [String: Int] = [:]
        func take() {
            guard let delivery = queue.pop(), let object = delivery.object, let version = Int(object.resourceVersion) else { return }
            switch delivery.type {
            case .added: #expect(seen.updateValue(version, forKey: object.key) == nil, "added twice")
            case .modified: #expect((seen.updateValue(version, forKey: object.key) ?? Int.max) < version, "unknown, or back in time")
            default: #expect((seen.removeValue(forKey: object.key) ?? Int.max) < version, "deleted unknown")
            }
        }
        for version in 1...400 {
            let object = blob("n\(random.below(6))", version: "\(version)")
            if let before = truth[object.key] {
                if random.chance(30) {
                    truth[object.key] = nil
                    queue.push(Delivery(.deleted, object))
                } else {
                    truth[object.key] = object
                    queue.push(Delivery(.modified, object, old: before))
                }
            } else {
                truth[object.key] = object
                queue.push(Delivery(.added, object))
            }
            for _ in 0..<random.below(3) { take() }
        }
        while !queue.isEmpty { take() }
        #expect(seen == truth.mapValues { Int($0.resourceVersion) ?? -1 })
    }
}
