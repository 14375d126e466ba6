// KubeCR's Swift API: the workloads of ../../README.md. usage: bench WORKLOAD URL N M
// Objects that are counted as received are Swift values of the type Project.
import Glibc
import KubeCR

struct Project: CustomResource {
    static let resource = ResourceName(group: "example.sealyun.com", version: "v1alpha1", plural: "projects", kind: "Project")

    struct Spec: Codable, Sendable { var replicas: Int? }

    var metadata: ObjectMeta
    var spec: Spec
}

func now() -> Double { seconds(CLOCK_MONOTONIC) }

func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

func cpu() -> Double { seconds(CLOCK_PROCESS_CPUTIME_ID) }

/// Of /proc/self/status, in MB.
func status(_ key: String) -> Double {
    guard let file = fopen("/proc/self/status", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, 256, file) != nil {
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if text.hasPrefix(key), let number = text.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first { return (Double(number) ?? 0) / 1024 }
    }
    return 0
}

let words = CommandLine.arguments
guard words.count == 5, let n = Int(words[3]), let m = Int(words[4]) else {
    print("usage: bench WORKLOAD URL N M")
    exit(2)
}
let (work, listVersion) = (words[1], 1_000_000)
var (t0, c0) = (now(), cpu())
let began = t0
let authority = getenv("BENCH_CA").map { String(cString: $0) }
let client = try KubeClient(config: .load(source: .none, server: words[2], certificateAuthority: authority), qps: 0)
let projects = client.resource(Project.self)
var (wall, used, extra) = (0.0, 0.0, "")

/// What the heap has free goes back to the system.
func trim() {
    guard let function = dlsym(nil, "malloc_trim") else { return }
    _ = unsafeBitCast(function, to: (@convention(c) (Int) -> Int32).self)(0)
}

@MainActor func measured() { (wall, used) = (now() - t0, cpu() - c0) }

switch work {
case "list":
    let list = try await projects.list()
    let all = Array(list)
    measured()
    trim()
    extra = "\"stored\":\(all.count),\"rss_mb\":\(status("VmRSS:"))"
case "sync":
    let informer = try projects.informer()
    try await informer.waitUntilSynced(timeout: .seconds(120))
    measured()
    trim()
    extra = "\"stored\":\(informer.count),\"rss_mb\":\(status("VmRSS:"))"
case "watch", "latency":
    let informer = try projects.informer(maxQueued: 1_000_000_000) // every event is to be told
    let last = String(listVersion + m)
    var (seen, latencies, events) = (0, [Double](), informer.events.makeAsyncIterator())
    loop: while let event = try await events.next() {
        var object: Project?
        switch event {
        case .synced: (t0, c0) = (now(), cpu())
        case .added(let project, let wasThere): object = wasThere ? nil : project
        case .modified(let project, _): object = project
        case .deleted(let project, _): object = project
        case .resync: break
        }
        guard let object else { continue }
        seen += 1
        if work == "latency", let sent = Double(object.metadata.annotations?["bench.sealyun.com/sent-ns"] ?? "") {
            latencies.append((seconds(CLOCK_REALTIME) * 1e9 - sent) / 1e3)
        }
        if seen >= m || object.metadata.resourceVersion == last { break loop }
    }
    measured()
    extra = "\"events_per_s\":\(Int(Double(m) / wall)),\"us_per_event\":\(used * 1e6 / Double(m)),\"stored\":\(informer.count),\"seen\":\(seen)"
    if latencies.count > 5 {
        let sorted = latencies.dropFirst(latencies.count / 5).sorted() // not what queued up during the start
        extra += ",\"p50_us\":\(sorted[sorted.count / 2]),\"p99_us\":\(sorted[sorted.count * 99 / 100])"
    }
case "get":
    let mine = client.resource(Project.self, namespace: "ns-00")
    _ = try await mine.get("project-0000000")
    (t0, c0) = (now(), cpu())
    for _ in 0..<m { _ = try await mine.get("project-0000000") }
    measured()
    extra = "\"per_s\":\(Double(m) / wall),\"us_per_request\":\(used * 1e6 / Double(m))"
case "lookup":
    let informer = try projects.informer()
    try await informer.waitUntilSynced(timeout: .seconds(120))
    let keys = informer.keys
    var found = 0
    (t0, c0) = (now(), cpu())
    for index in 0..<m where try informer[keys[index &* 7919 % keys.count]] != nil { found += 1 }
    measured()
    extra = "\"ns\":\(wall * 1e9 / Double(m)),\"found\":\(found)"
case "cold":
    _ = try await client.resource(Project.self, namespace: "ns-00").get("project-0000000")
    (wall, used) = (now() - began, cpu()) // the whole process
default:
    print("no workload \(work)")
    exit(2)
}
let count = ["watch", "latency", "get"].contains(work) ? m : n
print("{\"peer\":\"kubecr-swift\",\"workload\":\"\(work)\",\"n\":\(count),\"wall_s\":\(wall),\"cpu_s\":\(used),\"peak_rss_mb\":\(status("VmHWM:")),\"extra\":{\(extra)}}")
