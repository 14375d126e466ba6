// A ReflectorMachine on a bench: its clock is turned by hand, chance always gives the least, actions are short texts. No tests.
import KubeCore

struct MachineBench {
    private(set) var machine: ReflectorMachine
    private(set) var now: Int64 = 1_000_000
    private var random = Extreme.least
    private var lastPause: Int64 = 0

    init(informerFrom firstList: String = "", streamsLists: Bool = false) { machine = ReflectorMachine(informerFrom: firstList, streamsLists: streamsLists) }

    init(watchFrom resourceVersion: String?, timeoutSeconds: Int64? = nil) {
        machine = ReflectorMachine(watchFrom: resourceVersion, timeoutSeconds: timeoutSeconds)
    }

    /// An informer that has listed and watches.
    static func watching(from resourceVersion: String, firstList: String = "") -> MachineBench {
        var bench = MachineBench(informerFrom: firstList)
        _ = bench.start()
        _ = bench.listed(resourceVersion)
        bench.opened()
        return bench
    }

    /// "list", "list 42", "stream 42", "watch 42", "pause 800", "end", "end gone".
    private mutating func told(_ action: ReflectorMachine.Action) -> String {
        switch action {
        case .list(let resourceVersion): return resourceVersion.isEmpty ? "list" : "list \(resourceVersion)"
        case .watch(let resourceVersion, _): return "watch \(resourceVersion)"
        case .watchList(let resourceVersion, _): return resourceVersion.isEmpty ? "stream" : "stream \(resourceVersion)"
        case .pause(let milliseconds):
            lastPause = milliseconds
            return "pause \(milliseconds)"
        case .end(let error): return error.map { "end \($0.code)" } ?? "end"
        }
    }

    mutating func start() -> String { told(machine.start(now: now, random: &random)) }
    mutating func stop() { machine.stop() }
    mutating func listed(_ resourceVersion: String) -> String { told(machine.listSucceeded(resourceVersion: resourceVersion, now: now, random: &random)) }
    mutating func listFailed(_ error: KubeError) -> String { told(machine.listFailed(error, now: now, random: &random)) }
    mutating func initialEventsEnded(_ resourceVersion: String) { machine.initialEventsEnded(resourceVersion: resourceVersion, now: now) }
    mutating func opened() { machine.streamOpened() }
    mutating func event(_ type: EventType, _ resourceVersion: String) { machine.event(type, resourceVersion: resourceVersion) }

    /// The stream ends, usually some time after it began.
    mutating func ended(_ end: ReflectorMachine.StreamEnd, after milliseconds: Int64 = 5000) -> String {
        now += milliseconds
        return told(machine.streamEnded(end, now: now, random: &random))
    }

    mutating func refused(_ error: KubeError) -> String { ended(.refused(error)) }

    /// The pause that was asked for goes by.
    mutating func rested() -> String {
        now += lastPause
        return told(machine.pauseOver(now: now, random: &random))
    }

    mutating func wait(_ milliseconds: Int64) { now += milliseconds }
}
