// What becomes of the bytes: each fault at each byte, however the input is cut.
@testable import FaultProxy
import Testing

private let abc = "abcdefghijklmnopqrstuvwxyz"

@Suite struct StreamFaultsTests {
    @Test func withoutRulesEverythingPassesAsItCame() {
        for pieces in [1, 3, 26] {
            let run = StreamRun([], abc, pieces: pieces)
            #expect(run.text == abc && run.end == .idle && run.position == 26)
        }
        #expect(StreamRun([], abc).writes == [26])
    }

    @Test(arguments: [("reset", StreamFaults.Step.reset), ("close", .close), ("truncate", .truncate), ("blackhole", .blackhole), ("stall", .hold)])
    func anEndComesAtItsByteAndNotLater(name: String, end: StreamFaults.Step) {
        for after in 0...26 {
            for pieces in [1, 2, 7, 26] {
                let run = StreamRun(rules("{\"do\":\"\(name)\",\"after\":\(after)}"), abc, pieces: pieces)
                #expect(run.text == abc.prefix(after) && run.end == end, "\(name) after \(after)")
            }
        }
        #expect(StreamRun(rules("{\"do\":\"\(name)\",\"after\":27}"), abc).end == .idle)
    }

    @Test func onlyItsOwnWayIsTouched() {
        let rule = rules("{\"do\":\"reset\",\"direction\":\"toServer\",\"after\":3}")
        #expect(StreamRun(rule, abc).end == .idle)
        #expect(StreamRun(rule, abc, way: .toServer).text == "abc")
        let both = rules("{\"do\":\"reset\",\"direction\":\"both\",\"after\":3}")
        #expect(StreamRun(both, abc).text == "abc" && StreamRun(both, abc, way: .toServer).text == "abc")
    }

    @Test func bytesAreCorruptedDroppedAndInsertedWhereTheRuleSays() {
        for pieces in [1, 4, 26] {
            #expect(StreamRun(rules(#"{"do":"corrupt","after":2,"xor":32}"#), abc, pieces: pieces).text == "abCdefghijklmnopqrstuvwxyz")
            #expect(StreamRun(rules(#"{"do":"corrupt","after":24,"bytes":9,"xor":32}"#), abc, pieces: pieces).text == "abcdefghijklmnopqrstuvwxYZ")
            #expect(StreamRun(rules(#"{"do":"drop","after":1,"bytes":24}"#), abc, pieces: pieces).text == "az")
            #expect(StreamRun(rules(#"{"do":"insert","after":0,"text":"<"}"# + "\n" + #"{"do":"insert","after":26,"text":">"}"#), abc, pieces: pieces).text == "<\(abc)>")
        }
        // What is dropped counts, what is inserted does not.
        let script = #"{"do":"insert","after":2,"text":"--"}"# + "\n" + #"{"do":"drop","after":4,"bytes":2}"# + "\n" + #"{"do":"reset","after":8}"#
        let run = StreamRun(rules(script), abc)
        #expect(run.text == "ab--cdgh" && run.end == .reset && run.position == 8)
    }

    @Test func aStallWaitsForItsTimeAndGoesOn() {
        let run = StreamRun(rules(#"{"do":"stall","after":5,"ms":250}"#), abc)
        #expect(run.text == abc && run.writes == [5, 21] && run.now == 1250)
        // What stands at the same byte comes behind it.
        let then = StreamRun(rules("{\"do\":\"stall\",\"after\":5,\"ms\":250}\n{\"do\":\"reset\",\"after\":5}"), abc)
        #expect(then.end == .reset && then.now == 1250 && then.text == "abcde")
    }

    @Test func splitCutsEachWriteAndPauses() {
        #expect(StreamRun(rules(#"{"do":"split","bytes":1}"#), abc).writes == Array(repeating: 1, count: 26))
        let run = StreamRun(rules(#"{"do":"split","bytes":10,"pauseMs":7,"after":3}"#), abc)
        #expect(run.writes == [3, 10, 10, 3] && run.now == 1021 && run.text == abc)
    }

    @Test(arguments: [1, 7, 100, 5000]) func slowKeepsItsRate(perSecond: Int) {
        let text = String(repeating: "x", count: perSecond * 3)
        let run = StreamRun(rules("{\"do\":\"slow\",\"bytesPerSecond\":\(perSecond)}"), text)
        #expect(run.text == text)
        #expect((2900...3200).contains(run.now - 1000), "\(run.now - 1000) ms")
    }

    @Test func timesIsCountedOverAllConnections() {
        var plan = FaultPlan(rules(#"{"do":"reset","times":2}"#))
        var ends: [StreamFaults.Step] = []
        for connection in 1...3 {
            var stream = StreamFaults(connection: Int64(connection), way: .toClient, plan: plan)
            ends.append(stream.next(UnsafeRawBufferPointer(start: nil, count: 0), now: 0, plan: &plan))
        }
        #expect(ends == [.reset, .reset, .idle] && plan.firedInAll == 2)
    }

    @Test func rulesThatComeLaterCountFromThereAndGoWithTheirEffect() {
        var plan = FaultPlan()
        var stream = StreamFaults(connection: 1, way: .toClient, plan: plan)
        let bytes = Array("0123456789".utf8)
        func step(_ now: Int64 = 0) -> StreamFaults.Step { bytes.withUnsafeBytes { stream.next($0, now: now, plan: &plan) } }
        #expect(step() == .pass(10))
        let numbers = plan.add(rules(#"{"do":"stall","after":4}"#))
        stream.arm(plan.armed(connection: 1, way: .toClient, rules: numbers))
        #expect(step() == .pass(4))
        #expect(step() == .hold && stream.isDead)
        plan.removeAll()
        stream.disarm()
        #expect(!stream.isDead && step() == .pass(10))
        // What is swallowed stays so.
        stream.swallow()
        stream.disarm()
        #expect(step() == .discard(10) && stream.isDead)
    }

    @Test func aRuleThatIsGoneDoesNothing() {
        var plan = FaultPlan(rules(#"{"do":"reset","after":0}"#))
        var stream = StreamFaults(connection: 1, way: .toClient, plan: plan)
        plan.removeAll()
        #expect(stream.next(UnsafeRawBufferPointer(start: nil, count: 0), now: 0, plan: &plan) == .idle)
    }
}
