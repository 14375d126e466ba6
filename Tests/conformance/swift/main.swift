// The conformance suite at the level of Swift: plays each case of cases.txt and says one line for each (../README.md).
//
//   conformance-swift [CASE...]
import Glibc
import KubeCR

typealias Play = @Sendable (Case) async throws -> Void

let plays = [objectCases, optionCases, changeCases, patchCases, manifestCases, requestCases, failureCases, watchCases, informerCases]
    .reduce(into: [String: Play]()) { $0.merge($1) { $1 } }

func stop(_ line: String) -> Never {
    let text = Array("conformance-swift: \(line)\n".utf8)
    write(STDERR_FILENO, text, text.count)
    exit(2)
}

/// Plays one case, in the time that it may take; why it failed, nil if it did not.
func play(_ name: String, _ client: KubeClient, _ play: @escaping Play) async -> String? {
    let one = Case(name: "swift-\(name)", client: client)
    let task = Task {
        try await one.sweep()
        try await play(one)
        try await one.sweep()
    }
    let limit = patient(.seconds(name.contains("-crd") ? 240 : 30))
    let timer = Task {
        try await Task.sleep(for: limit)
        task.cancel()
    }
    defer { timer.cancel() }
    do {
        try await task.value
        return nil
    } catch {
        try? await one.sweep()
        return (task.isCancelled ? "not over within \(limit): " : "") + "\(error)".split(separator: "\n").joined(separator: " ")
    }
}

guard let kubeconfig = Environment.value("KUBECONFIG") else { stop("KUBECONFIG is not set") }
let path = Environment.value("KUBECR_CASES") ?? "\(#filePath.dropLast("swift/main.swift".count))cases.txt"
guard let cases = CaseFile.read(path) else { stop("\(path) can't be read") }
let mine = cases.filter { $0.levels.contains("swift") }
let wanted = CommandLine.arguments.dropFirst()
for name in wanted where !mine.contains(where: { $0.name == name }) { stop("no case of Swift's is called \(name)") }
let capabilities = Set((Environment.value("KUBECR_CAPABILITIES") ?? "").split(separator: " ").map(String.init))

let client: KubeClient
do {
    client = try KubeClient(config: .load(kubeconfig: kubeconfig), qps: 0)
} catch {
    stop("\(error)")
}

var failed = 0
@MainActor func report(_ name: String, _ why: String?) {
    say(why.map { "FAIL \(name): \($0)" } ?? "ok \(name)")
    if why != nil { failed += 1 }
}

func say(_ line: String) {
    print(line)
    fflush(nil)
}

for one in mine where wanted.isEmpty || wanted.contains(one.name) {
    let missing = one.needs.filter { !capabilities.contains($0) }
    if !missing.isEmpty {
        say("skip \(one.name): needs \(missing.joined(separator: " "))")
    } else if let known = plays[one.name] {
        report(one.name, await play(one.name, client, known))
    } else {
        report(one.name, "this driver does not know it")
    }
}
if wanted.isEmpty {
    for name in plays.keys.sorted() where !mine.contains(where: { $0.name == name }) { report(name, "it is not in \(path) for Swift") }
}
exit(failed == 0 ? 0 : 1)
