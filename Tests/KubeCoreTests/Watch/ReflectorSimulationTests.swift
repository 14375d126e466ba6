// The whole of list, watch, relist and handlers against a model server that fails in every way it knows, from seeds.
// KUBECR_SIMULATION_SEEDS=N runs N of them; KUBECR_SIMULATION_SEED=N replays one and prints what happens. Tests/simulation.sh runs many
// more, optimised.
import Glibc
import KubeCore
import Testing

private func setting(_ name: String) -> Int? { getenv(name).flatMap { Int(String(cString: $0)) } }

@Suite struct ReflectorSimulationTests {
    private static let workers = 8
    private static let seeds = setting("KUBECR_SIMULATION_SEEDS") ?? 500

    /// At each quiet point the store equals the server, and every handler saw a legal sequence that ends there.
    @Test(.enabled(if: setting("KUBECR_SIMULATION_SEED") == nil), arguments: 0..<workers)
    func atEveryQuietPointTheStoreEqualsTheServer(worker: Int) throws {
        var failed = 0
        for seed in stride(from: worker, to: Self.seeds, by: Self.workers) where failed < 2 {
            let simulation = ReflectorSimulation(seed: UInt64(seed))
            try simulation.run()
            if let fault = simulation.faults.first {
                failed += 1
                Issue.record("KUBECR_SIMULATION_SEED=\(seed): \(fault)")
            } else {
                #expect(simulation.writes >= 200, "seed \(seed)")
            }
        }
    }

    @Test(.enabled(if: setting("KUBECR_SIMULATION_SEED") != nil)) func aSeedIsReplayed() throws {
        let simulation = ReflectorSimulation(seed: UInt64(setting("KUBECR_SIMULATION_SEED") ?? 0), tracing: true)
        try simulation.run()
        #expect(simulation.faults == [])
    }
}
