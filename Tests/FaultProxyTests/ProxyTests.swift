// The proxy between real sockets: what each side hears, and that nothing is left behind.
@testable import FaultProxy
import Glibc
import KubeCore
import KubeSystem
import Testing

@Suite(.serialized) struct ProxyTests {
    @Test func bytesPassBothWaysAndEndsEachForItself() throws {
        let rig = try Rig()
        let (client, server) = try rig.pair()
        client.say("question")
        #expect(server.hear(8).text == "question")
        client.finish()
        #expect(server.hear() == ("", .fin))
        // The other way is still there.
        server.say("answer")
        server.finish()
        #expect(client.hear() == ("answer", .fin))
        #expect(rig.eventually { rig.stat("open") == 0 })
        #expect(rig.stat("bytesToServer") == 8 && rig.stat("bytesToClient") == 6)
    }

    @Test func muchIsCarriedThroughASmallBuffer() throws {
        let rig = try Rig()
        let (client, server) = try rig.pair()
        let text = String(repeating: "0123456789abcdef", count: 500_000)
        let thread = startThread {
            server.say(text)
            server.finish()
        }
        // It cannot all be on its way while nobody reads.
        #expect(rig.eventually { rig.stat("bytesToClient") > 0 })
        let heard = client.hear()
        pthread_join(thread, nil)
        #expect(heard.text == text && heard.ending == .fin)
    }

    @Test(arguments: [0, 1, 4, 9]) func resetReachesBothSidesBehindTheLastByte(after: Int) throws {
        let rig = try Rig("{\"do\":\"reset\",\"after\":\(after)}")
        let (client, server) = try rig.pair()
        // A reset is told once: by a send that fails, or by the next word heard.
        let isSaid = server.say("0123456789")
        let heard = client.hear()
        #expect(heard.text == "0123456789".prefix(after) && heard.ending == .reset)
        #expect(!isSaid || server.hear().ending == .reset)
        #expect(rig.eventually { rig.stat("open") == 0 })
    }

    @Test func closeIsAnOrderlyEndForBoth() throws {
        let rig = try Rig(#"{"do":"close","after":4}"#)
        let (client, server) = try rig.pair()
        server.say("0123456789")
        #expect(client.hear() == ("0123", .fin))
        #expect(server.hear() == ("", .fin))
        #expect(rig.eventually { rig.stat("open") == 0 })
    }

    @Test func truncateEndsOneWayAndTheServerLearnsNothing() throws {
        let rig = try Rig(#"{"do":"truncate","after":4}"#)
        let (client, server) = try rig.pair()
        server.say("0123456789")
        #expect(client.hear() == ("0123", .fin))
        client.say("still here")
        #expect(server.hear(10).text == "still here")
        #expect(server.say("more") && server.isSilent())
        client.finish()
        server.finish()
        #expect(rig.eventually { rig.stat("open") == 0 })
    }

    @Test func fault17_blackholeSwallowsBothWaysAndEveryEndOfTheServer() throws {
        let rig = try Rig(#"{"do":"blackhole","after":4}"#)
        var (client, server): (Peer, Peer?) = try rig.pair()
        server?.say("0123456789")
        #expect(client.hear(4).text == "0123")
        client.say("hello?")
        #expect(server?.isSilent() == true && client.isSilent())
        server?.finish()
        #expect(client.isSilent())
        // A server that is killed does not reach the client either.
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(try #require(server).descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        server = nil
        #expect(client.isSilent() && rig.stat("open") == 1)
        client.finish()
        #expect(rig.eventually { rig.stat("open") == 0 })
    }

    @Test func aClientThatGivesUpOnABlackHoleLeavesNothingBehind() throws {
        let rig = try Rig(#"{"do":"blackhole"}"#)
        let (client, server) = try rig.pair()
        client.say("hello?")
        client.finish()
        #expect(server.hear().ending == .reset)
        #expect(rig.eventually { rig.stat("open") == 0 })
    }

    @Test func fault14_aStallHoldsOneWayUntilTheRulesGo() throws {
        let rig = try Rig(#"{"do":"stall","after":2}"#)
        let (client, server) = try rig.pair()
        server.say("0123456789")
        server.finish()
        #expect(client.hear(2).text == "01" && client.isSilent())
        client.say("question")
        #expect(server.hear(8).text == "question")
        #expect(rig.ask("DELETE", "/rules") == (200, "[]\n"))
        #expect(client.hear() == ("23456789", .fin))
    }

    @Test func aStallEndsByItself() throws {
        let rig = try Rig(#"{"do":"stall","after":2,"ms":200}"#)
        let (client, server) = try rig.pair()
        let began = MonotonicClock.nowMs
        server.say("0123456789")
        #expect(client.hear(10).text == "0123456789")
        #expect(MonotonicClock.nowMs - began >= 200)
    }

    @Test func refusedConnectionsAreResetAndNeverReachTheServer() throws {
        let rig = try Rig(#"{"do":"refuse","connection":1}"#)
        #expect(rig.client().hear().ending == .reset)
        let (client, server) = try rig.pair()
        client.say("second")
        #expect(server.hear(6).text == "second" && rig.stat("refused") == 1)
    }

    @Test func fault68_aServerThatIsNotThereIsAReset() throws {
        let rig = try Rig(withServer: false)
        #expect(rig.client().hear().ending == .reset)
        #expect(rig.eventually { rig.stat("dialFailures") == 1 && rig.stat("open") == 0 })
    }

    @Test func aResetOfOneSideIsPassedOn() throws {
        let rig = try Rig()
        var (client, server): (Peer, Peer?) = try rig.pair()
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(try #require(server).descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        server = nil
        #expect(client.hear().ending == .reset)
        #expect(rig.eventually { rig.stat("open") == 0 })
    }

    @Test func moreConnectionsThanAllowedWait() throws {
        let rig = try Rig(maxConnections: 1)
        var first: (client: Peer, server: Peer)? = try rig.pair()
        let second = rig.client()
        second.say("second")
        #expect(second.isSilent() && rig.stat("open") == 1)
        first = nil
        #expect(try rig.server().hear(6).text == "second")
        withExtendedLifetime(first) {}
    }

    @Test func rulesThatComeLaterMeetConnectionsThatAreOpen() throws {
        let rig = try Rig()
        let (client, server) = try rig.pair()
        server.say("before")
        #expect(client.hear(6).text == "before")
        #expect(rig.ask("POST", "/rules", #"{"do":"reset","after":3}"#).status == 200)
        server.say("012345")
        #expect(client.hear() == ("012", .reset))
    }

    @Test func splitIsSeenAsSinglePieces() throws {
        let rig = try Rig(#"{"do":"split","bytes":1,"pauseMs":2}"#)
        let (client, server) = try rig.pair()
        server.say("01234567")
        var pieces: [Int] = []
        var buffer = [UInt8](repeating: 0, count: 100)
        while pieces.reduce(0, +) < 8 {
            let count = recv(client.descriptor, &buffer, 100, 0)
            try #require(count > 0)
            pieces.append(count)
        }
        #expect(pieces.count >= 6, "\(pieces)")
    }

    @Test func descriptorsComeBack() throws {
        let rig = try Rig(#"{"do":"reset","every":3,"after":2}"# + "\n" + #"{"do":"blackhole","every":5}"# + "\n" + #"{"do":"truncate","every":7,"after":1}"#)
        func open() -> Int { (0..<1024).count { fcntl($0, F_GETFD) != -1 } }
        let before = open()
        for _ in 0..<100 {
            let (client, server) = try rig.pair()
            client.say("hi")
            server.say("0123")
        }
        #expect(rig.eventually { rig.stat("open") == 0 })
        // Other suites may open some of their own meanwhile.
        #expect(rig.eventually { open() <= before + 20 })
    }
}

@Suite(.serialized) struct ControlTests {
    @Test func rulesAreAddedReplacedCountedAndDeleted() throws {
        let rig = try Rig(#"{"do":"refuse","connection":99}"#)
        #expect(rig.ask("GET", "/rules") == (200, #"[{"rule":1,"connection":99,"do":"refuse","fired":0,"unmet":0}]"# + "\n"))
        #expect(rig.ask("POST", "/rules", #"[{"do":"close"}]"#).body.contains(#"{"rule":2,"direction":"toClient","after":0,"do":"close","fired":0,"unmet":0}"#))
        #expect(rig.client().hear().ending == .fin)
        #expect(rig.ask("GET", "/rules").body.contains(#""do":"close","fired":1"#))
        #expect(rig.ask("PUT", "/rules", #"{"do":"reset"}"#) == (200, #"[{"rule":3,"direction":"toClient","after":0,"do":"reset","fired":0,"unmet":0}]"# + "\n"))
        #expect(rig.ask("DELETE", "/rules") == (200, "[]\n"))
    }

    @Test func aRefusedScriptChangesNothing() throws {
        let rig = try Rig(#"{"do":"refuse","connection":99}"#)
        for method in ["PUT", "POST"] {
            let answer = rig.ask(method, "/rules", "{\"do\":\"reset\"}\n{\"do\":\"reset\",\"tims\":1}")
            #expect(answer.status == 400 && answer.body.contains(#"line 2: \"tims\""#))
        }
        #expect(rig.ask("GET", "/rules").body.contains("refuse") && rig.on { proxy, _ in proxy.entries.count } == 1)
    }

    @Test(arguments: [
        ("GET", "/", 404), ("GET", "/rule", 404), ("PATCH", "/rules", 405), ("POST", "/stats", 405), ("GET", "/reset", 405), ("GET", "/stats?x", 400),
        ("POST", "/reset?connection=x", 400), ("POST", "/reset?connection=5", 404), ("POST", "/reset?n=5", 400),
    ])
    func whatIsNotThereIsRefused(method: String, path: String, status: Int) throws {
        let answer = try Rig().ask(method, path)
        #expect(answer.status == status && answer.body.hasPrefix(#"{"error":"#))
    }

    @Test func connectionsAreListedAndReset() throws {
        let rig = try Rig()
        let (first, firstServer) = try rig.pair()
        let (second, secondServer) = try rig.pair()
        second.say("four")
        #expect(secondServer.hear(4).text == "four")
        let list = try JSONValue.parse(rig.ask("GET", "/connections").body).array ?? []
        #expect(list.map { $0["connection"]?.int } == [1, 2] && list.allSatisfy { $0["state"] == "open" })
        #expect(list.last?["toServer"]?["sent"]?.int == 4 && list.last?["toClient"]?["sent"]?.int == 0)
        #expect(rig.ask("POST", "/reset?connection=1") == (200, "{\"reset\":1}\n"))
        #expect(first.hear().ending == .reset && firstServer.hear().ending == .reset)
        #expect(second.isSilent())
        #expect(rig.ask("POST", "/reset") == (200, "{\"reset\":1}\n"))
        #expect(second.hear().ending == .reset)
    }
}

/// Runs `body` on a thread of its own.
func startThread(_ body: @escaping () -> Void) -> pthread_t {
    final class Box {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    pthread_create(&thread, nil, { argument in
        if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
        return nil
    }, Unmanaged.passRetained(Box(body)).toOpaque())
    return thread
}
