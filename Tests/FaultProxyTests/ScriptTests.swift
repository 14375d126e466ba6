// Scripts: every form of a rule is read, everything else is refused by place and key; connections meet rules by number, by chance.
@testable import FaultProxy
import KubeCore
import Testing

@Suite struct ScriptTests {
    @Test func rulesComeAsLinesAsAnArrayAndAlone() throws {
        let one = FaultRule(.reset, after: 5...5), two = FaultRule(.refuse)
        #expect(rules("# a script\n\n{\"do\":\"reset\",\"after\":5}\r\n  {\"do\":\"refuse\"}") == [one, two])
        #expect(rules("\n [{\"do\":\"reset\",\"after\":5},\n{\"do\":\"refuse\"}]") == [one, two])
        #expect(rules("{\n\"do\": \"reset\",\n\"after\": 5\n}\n") == [one])
        #expect(try FaultScript.rules([]) == [] && FaultScript.rules(Array("[]".utf8)) == [])
    }

    @Test(arguments: [
        FaultRule(.refuse, scope: .chance(0.25), times: 3), FaultRule(.reset, scope: .connection(7), ways: [.toServer], after: 10...20), FaultRule(.close),
        FaultRule(.truncate, ways: Way.allCases), FaultRule(.blackhole, scope: .every(3)), FaultRule(.stall(ms: nil)), FaultRule(.stall(ms: 5)),
        FaultRule(.slow(bytesPerSecond: 9)), FaultRule(.split(bytes: 1, pauseMs: 2)), FaultRule(.corrupt(bytes: 2, xor: 4)), FaultRule(.drop(bytes: 8)),
        FaultRule(.insert(text: "\"\n")), FaultRule(.chunk(text: "x")),
    ])
    func aRuleSurvivesItsJSON(rule: FaultRule) throws {
        #expect(try FaultRule(rule.json) == rule)
        #expect(try FaultRule(JSONValue.parse(rule.json.bytes())) == rule)
    }

    @Test(arguments: [
        (#"{"after":1}"#, #"line 1: "do" is missing"#), ("\n{\"do\":\"explode\"}", #"line 2: "do" is "explode", which is none of refuse"#),
        (#"{"do":"reset","ms":5}"#, #"line 1: "ms" is not known, or does not go with "do": "reset""#), (#"{"do":"reset","afer":5}"#, #""afer""#),
        (#"{"do":"refuse","after":5}"#, #""after""#), (#"{"do":"refuse","direction":"both"}"#, #""direction""#), (#"{"do":"reset","direction":"up"}"#, #""direction" must"#),
        (#"{"do":"reset","connection":1,"every":2}"#, #""every" does not go"#), (#"{"do":"reset","connection":1,"chance":0.5}"#, #""chance" does not go"#),
        (#"{"do":"reset","connection":0}"#, #""connection" must"#), (#"{"do":"reset","connection":1.5}"#, #""connection" must"#), (#"{"do":"reset","after":-1}"#, #""after" must"#),
        (#"{"do":"reset","after":[2,1]}"#, "the lowest is above"), (#"{"do":"reset","after":[1]}"#, "[lowest, highest]"), (#"{"do":"reset","after":99999999999999999999}"#, #""after" must"#),
        (#"{"do":"reset","chance":0}"#, #""chance" must"#), (#"{"do":"reset","chance":1.01}"#, #""chance" must"#), (#"{"do":"reset","times":0}"#, #""times" must"#),
        (#"{"do":"slow"}"#, #"needs "bytesPerSecond""#), (#"{"do":"split"}"#, #"needs "bytes""#), (#"{"do":"drop"}"#, #"needs "bytes""#), (#"{"do":"insert"}"#, #""text" must"#),
        (#"{"do":"corrupt","xor":0}"#, #""xor" must"#), (#"{"do":"chunk","text":"a\r\n"}"#, "control characters"), (#"{"do":5}"#, #""do" must be a string"#),
        (#"{"do":"reset","do":"close"}"#, #""do" is there twice"#), ("[1]", "rule 1: a rule must be an object, not a number"), (#"[{"do":"reset"},{"do":"x"}]"#, "rule 2"),
        ("{\"do\":\"reset\"", "line 1"), ("[{]", ""), ("{\"do\":\"reset\"}\nnonsense", "line 2"),
    ])
    func whatIsWrongIsRefusedByPlaceAndKey(script: String, message: String) {
        let error = #expect(throws: KubeError.self) { try FaultScript.rules(Array(script.utf8)) }
        #expect(error?.code == .argument && (message.isEmpty || error?.message.contains(message) == true), "\(error?.message ?? "")")
    }

    @Test func aScriptHasLimits() {
        #expect(throws: KubeError.self) { try FaultScript.rules([UInt8](repeating: 0x20, count: FaultScript.maxBytes + 1)) }
        let many = Array(String(repeating: "{\"do\":\"reset\"}\n", count: FaultScript.maxRules + 1).utf8)
        #expect(throws: KubeError.self) { try FaultScript.rules(many) }
    }
}

@Suite struct PlanTests {
    private func met(_ rule: FaultRule, seed: UInt64 = 1, of count: Int64 = 12) -> [Int64] {
        let plan = FaultPlan([rule], seed: seed)
        return (1...count).filter { !plan.armed(connection: $0, way: .toClient).isEmpty }
    }

    @Test func connectionsAreMetByNumber() {
        #expect(met(FaultRule(.reset, scope: .connection(3))) == [3])
        #expect(met(FaultRule(.reset, scope: .every(5))) == [5, 10])
        #expect(met(FaultRule(.reset)).count == 12)
        #expect(met(FaultRule(.reset, ways: [.toServer])) == [])
    }

    @Test func chanceIsSharedAndRepeatable() {
        let rule = FaultRule(.reset, scope: .chance(0.3))
        #expect(met(rule, of: 200) == met(rule, of: 200) && met(rule, of: 200) != met(rule, seed: 2, of: 200))
        #expect((400...800).contains(met(rule, of: 2000).count))
        #expect(met(FaultRule(.reset, scope: .chance(1)), of: 100).count == 100)
        // Both ways of a connection share the draw.
        let both = FaultPlan([FaultRule(.reset, scope: .chance(0.5), ways: Way.allCases)])
        for number in Int64(1)...50 { #expect(both.armed(connection: number, way: .toServer).count == both.armed(connection: number, way: .toClient).count) }
    }

    @Test func aRangeIsDrawnForEachConnectionAndDoesNotDependOnOrder() {
        let plan = FaultPlan([FaultRule(.reset, after: 100...1000)], seed: 7)
        let drawn = (1...50).map { plan.armed(connection: $0, way: .toClient)[0].after }
        #expect(drawn.allSatisfy { (100...1000).contains($0) } && Set(drawn).count > 30)
        #expect((1...50).reversed().map { plan.armed(connection: $0, way: .toClient)[0].after } == drawn.reversed())
    }

    @Test func refusalsCountAndRunOut() {
        var plan = FaultPlan([FaultRule(.refuse, scope: .every(2), times: 2)])
        #expect((1...8).map { plan.admits(connection: $0) } == [true, false, true, false, true, true, true, true])
        #expect(plan.takeEvents().map(\.connection) == [2, 4] && plan.takeEvents() == [])
    }

    @Test func theEarliestByteComesFirst() {
        let plan = FaultPlan(rules("{\"do\":\"reset\",\"after\":9}\n{\"do\":\"close\",\"after\":2}\n{\"do\":\"truncate\",\"after\":9}"))
        #expect(plan.armed(connection: 1, way: .toClient).map(\.number) == [2, 1, 3])
        #expect(plan.armed(connection: 1, way: .toClient, rules: 2..<3).map(\.number) == [2])
    }
}
