// Cases: informers.
import KubeCR

extension Case {
    func line(_ event: InformerEvent<Project>) -> String {
        switch event {
        case .added(let project, let isInitial): "ADDED \(number(project)) r\(project.spec.replicas)\(isInitial ? " initial" : "")"
        case .modified(let project, let old): "MODIFIED \(number(project)) r\(old.spec.replicas)>r\(project.spec.replicas)"
        case .deleted(let project, _): "DELETED \(number(project)) r\(project.spec.replicas)"
        case .synced: "SYNCED"
        case .resync(let project): "RESYNC \(number(project))"
        }
    }

    func take(_ count: Int, _ iterator: inout InformerEvents<Project>.AsyncIterator) async throws -> [String] {
        var lines: [String] = []
        for _ in 0..<count {
            guard let event = try await iterator.next() else { throw Failed("the events ended after \(lines)") }
            lines.append(line(event))
        }
        return lines
    }

    func synced() async throws -> Informer<Project> {
        let informer = try projects.informer(labelSelector: selector)
        try await informer.waitUntilSynced(timeout: patient(.seconds(10)))
        return informer
    }

    func cached(_ informer: Informer<Project>, _ number: Int) throws -> Int? { try informer["default/\(name(number))"]?.spec.replicas }
}

let informerCases: [String: Play] = [
    "informer-syncs-and-answers": { one in
        for number in 1...3 { try await one.make(number, number) }
        let informer = try await one.synced()
        try expect(informer.isSynced && informer.count == 3, "\(informer.count) objects")
        for number in 1...3 { try same(try one.cached(informer, number), number, "replicas of \(number)") }
        try expect(try informer["default/nothing"] == nil, "an absent key is found")
        try same(informer.keys.sorted(), (1...3).map { "default/\(one.name($0))" }, "the keys")
        await informer.stop()
    },
    "informer-tells-what-was-there-first": { one in
        try await one.make(1)
        let informer = try await one.synced()
        var events = informer.events.makeAsyncIterator()
        try same(try await one.take(2, &events), ["ADDED 1 r1 initial", "SYNCED"], "what was there")
        try await one.make(2, 2)
        try same(try await one.take(1, &events), ["ADDED 2 r2"], "what came later")
    },
    "informer-follows": { one in
        let informer = try await one.synced()
        var events = informer.events.makeAsyncIterator()
        try same(try await one.take(1, &events), ["SYNCED"], "the begin")
        try await one.make(1)
        try same(try await one.take(1, &events), ["ADDED 1 r1"], "the add")
        try same(try one.cached(informer, 1), 1, "the cache after the add")
        try await one.setReplicas(1, 3)
        try same(try await one.take(1, &events), ["MODIFIED 1 r1>r3"], "the change")
        try same(try one.cached(informer, 1), 3, "the cache after the change")
        try await one.projects.delete(one.name(1))
        try same(try await one.take(1, &events), ["DELETED 1 r3"], "the delete")
        try same(informer.count, 0, "objects after the delete")
    },
    "informer-late-handler": { one in
        try await one.make(1)
        try await one.make(2)
        let informer = try await one.synced()
        var first = informer.events.makeAsyncIterator()
        _ = try await one.take(3, &first)
        var late = informer.events.makeAsyncIterator()
        try same(try await one.take(3, &late).sorted(), ["ADDED 1 r1 initial", "ADDED 2 r1 initial", "SYNCED"], "the late one")
        try await one.setReplicas(1, 4)
        try same(try await one.take(1, &late), ["MODIFIED 1 r1>r4"], "what it hears then")
        try same(try await one.take(1, &first), ["MODIFIED 1 r1>r4"], "what the first hears")
    },
    "two-informers-agree": { one in
        let (first, second) = (try await one.synced(), try await one.synced())
        for number in 1...6 { try await one.make(number, number) }
        for number in 1...3 { try await one.setReplicas(number, 10 + number) }
        try await one.projects.delete(one.name(6))
        for informer in [first, second] {
            try await one.eventually("the last change") { try one.cached(informer, 6) == nil && informer.count == 5 }
            for number in 1...5 { try same(try one.cached(informer, number), number <= 3 ? 10 + number : number, "replicas of \(number)") }
        }
    },
    "informer-knows-its-age": { one in
        // An informer in Swift is started when it is made; one whose server is never heard stays at "unknown".
        let lonely = try KubeClient(config: .load(source: .none, server: "https://127.0.0.1:1"))
        try expect(try lonely.resource(Project.self).informer().staleness == nil, "known before the server was heard")
        let informer = try await one.synced()
        guard let age = informer.staleness else { throw Failed("unknown after the sync") }
        try expect(age < patient(.seconds(10)), "\(age) after the sync")
    },
    "informer-stopped-stays-readable": { one in
        try await one.make(1)
        let (informer, other) = (try await one.synced(), try await one.synced())
        let events = informer.events
        var iterator = events.makeAsyncIterator()
        try same(try await one.take(2, &iterator), ["ADDED 1 r1 initial", "SYNCED"], "what was there")
        await informer.stop()
        try await one.make(2)
        try await one.eventually("the other informer's change") { try one.cached(other, 2) == 1 }
        try expect(try await iterator.next() == nil, "it heard something after its end")
        try expect(try one.cached(informer, 1) == 1 && one.cached(informer, 2) == nil, "its cache is not as it was")
    },
    "informer-outlives-its-crd": { one in
        let things = Things(of: one)
        try await things.remove()
        let informer = try things.resource.informer()
        try await failure(.notFound, "the sync without a CRD") { try await informer.waitUntilSynced(timeout: patient(.milliseconds(300))) }
        var events = informer.events.makeAsyncIterator()
        func heard(_ wanted: String) async throws {
            while let event = try await events.next() {
                let line: String = switch event {
                case .added(let thing, _): "ADDED \(one.number(thing.name))"
                case .deleted(let thing, _): "DELETED \(one.number(thing.name))"
                default: ""
                }
                if line == wanted { return }
            }
            throw Failed("the events ended without \(wanted)")
        }
        try await things.make(1)
        try await heard("ADDED 1")
        try await things.remove()
        try await things.make(2)
        // The delete may be told before or after the new object.
        try await one.eventually("the second thing", within: .seconds(60)) { try informer["default/\(one.name(2))"] != nil }
        try await one.eventually("an end of the first thing", within: .seconds(60)) { try informer["default/\(one.name(1))"] == nil }
        try await heard("DELETED 1")
        await informer.stop()
        try await things.remove()
    },
]
