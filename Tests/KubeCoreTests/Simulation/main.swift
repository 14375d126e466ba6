// The simulation as a program: many seeds, or one that is told in full.
//
//   simulation COUNT [WORKERS WORKER]    seeds 0..<COUNT, or every WORKERS-th of them from WORKER on; 1: one has failed
//   simulation replay SEED
import Glibc
import KubeCore

let arguments = CommandLine.arguments.dropFirst()
let numbers = arguments.compactMap { UInt64($0) }

func run(_ seed: UInt64, tracing: Bool = false) -> String? {
    let simulation = ReflectorSimulation(seed: seed, tracing: tracing)
    do { try simulation.run() } catch { return "\(error)" }
    return simulation.faults.first ?? (simulation.writes < 200 ? "only \(simulation.writes) writes" : nil)
}

if arguments.first == "replay", numbers.count == 1 {
    let fault = run(numbers[0], tracing: true)
    exit(fault == nil ? 0 : 1)
}
guard numbers.count == arguments.count, numbers.count == 1 || numbers.count == 3, numbers.count == 1 || numbers[1] > 0 else {
    print("usage: simulation COUNT [WORKERS WORKER] | simulation replay SEED")
    exit(2)
}
for seed in stride(from: numbers.count == 3 ? numbers[2] : 0, to: numbers[0], by: numbers.count == 3 ? Int(numbers[1]) : 1) {
    if let fault = run(seed) {
        print("seed \(seed): \(fault)\nto see it whole: simulation replay \(seed)")
        exit(1)
    }
}
