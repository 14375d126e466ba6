// The queue of a handler that lags for ever keeps its order and its size. What is merged is another test's matter.
import Testing

@testable import KubeCore

@Suite struct HandlerQueueMemoryTests {
    private func object(_ name: Int, _ version: Int) throws -> ObjectBlob {
        try ObjectBlob.parse(Array("{\"metadata\":{\"name\":\"n\(name)\",\"resourceVersion\":\"\(version)\"}}".utf8))
    }

    @Test func aHandlerThatIsNeverDoneKeepsTheQueueSmall() throws {
        var queue = HandlerQueue(maxQueued: 10)
        for name in 0..<20 { queue.push(Delivery(.added, try object(name, 1))) }
        for name in 20..<20_000 {
            queue.push(Delivery(.added, try object(name, 1)))
            let told = queue.pop()
            #expect(told?.object?.name == "n\(name - 20)")
        }
        #expect(queue.count == 20)
        #expect(queue.places <= 1025)
    }

    @Test func whatComesAndGoesUnseenTakesNoPlace() throws {
        var queue = HandlerQueue(maxQueued: 1)
        queue.push(Delivery(.added, try object(0, 1)))
        queue.push(Delivery(.synced))
        for name in 1..<20_000 {
            queue.push(Delivery(.added, try object(name, 1)))
            queue.push(Delivery(.deleted, try object(name, 2)))
        }
        #expect(queue.count == 2)
        #expect(queue.places <= 1026)
        #expect(queue.coalesced == 19_999)
        queue.push(Delivery(.modified, try object(0, 3)))
        let (first, second, third) = (queue.pop(), queue.pop(), queue.pop())
        #expect(first?.object?.resourceVersion == "3")
        #expect(second?.type == .synced)
        #expect(third == nil)
        #expect(queue.isEmpty)
    }
}
