// Cases: watches.
import KubeCR

extension Case {
    /// "ADDED 1 r2", "BOOKMARK", ...
    func line(_ event: WatchEvent<Project>) -> String {
        switch event {
        case .added(let project): "ADDED \(number(project)) r\(project.spec.replicas)"
        case .modified(let project): "MODIFIED \(number(project)) r\(project.spec.replicas)"
        case .deleted(let project): "DELETED \(number(project)) r\(project.spec.replicas)"
        case .bookmark: "BOOKMARK"
        case .error(let error): "ERROR \(error.code)"
        }
    }

    /// The next `count` events, bookmarks left out.
    func take(_ count: Int, _ iterator: inout WatchEvents<Project>.AsyncIterator) async throws -> [String] {
        var lines: [String] = []
        while lines.count < count {
            guard let event = try await iterator.next() else { throw Failed("the watch ended after \(lines)") }
            if case .bookmark = event { continue }
            lines.append(line(event))
        }
        return lines
    }
}

let watchCases: [String: Play] = [
    "watch-from-a-list": { one in
        try await one.make(1)
        let listed = try await one.projects.list(labelSelector: one.selector)
        try await one.make(2, 2)
        var events = try one.projects.watch(labelSelector: one.selector, resourceVersion: listed.resourceVersion).makeAsyncIterator()
        try same(try await one.take(1, &events), ["ADDED 2 r2"], "what was made since")
        try await one.setReplicas(1, 5)
        try await one.projects.delete(one.name(2))
        try same(try await one.take(2, &events), ["MODIFIED 1 r5", "DELETED 2 r2"], "what came later")
    },
    "watch-from-nothing": { one in
        try await one.make(1)
        try await one.make(2)
        var events = try one.projects.watch(labelSelector: one.selector).makeAsyncIterator()
        try same(try await one.take(2, &events).sorted(), ["ADDED 1 r1", "ADDED 2 r1"], "what was there")
        try await one.setReplicas(2, 4)
        try same(try await one.take(1, &events), ["MODIFIED 2 r4"], "what changed")
    },
    "watch-outlives-its-requests": { one in
        try await one.make(0, 1)
        let listed = try await one.projects.list(labelSelector: one.selector)
        let events = try one.projects.watch(
            labelSelector: one.selector, resourceVersion: listed.resourceVersion, requestTimeout: .seconds(1))
        async let changes: Void = {
            for replicas in 2...7 {
                try await one.setReplicas(0, replicas)
                try await Task.sleep(for: .milliseconds(500))
            }
        }()
        var iterator = events.makeAsyncIterator()
        try same(try await one.take(6, &iterator), (2...7).map { "MODIFIED 0 r\($0)" }, "the changes")
        try await changes
    },
    "watch-ends-by-its-time-out": { one in
        let events = try one.projects.watch(labelSelector: one.selector, timeout: .milliseconds(700))
        let took = try await ContinuousClock().measure { for try await _ in events {} }
        try expect(took > .milliseconds(600) && took < patient(.seconds(5)), "it took \(took)")
    },
    "watch-ends-when-stopped": { one in
        let events = try one.projects.watch(labelSelector: one.selector)
        let (signal, begun) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            for try await _ in events { begun.yield() }
        }
        for await _ in signal { break }
        let took = try await ContinuousClock().measure {
            task.cancel()
            try await failure(.cancelled, "the watch") { try await task.value }
        }
        try expect(took < patient(.seconds(1)), "it took \(took)")
        try same(try await one.projects.list(labelSelector: one.selector).count, 0, "a list afterwards")
    },
    "watch-too-old-is-gone": { one in
        try await failure(.gone, "the watch") { for try await _ in try one.projects.watch(resourceVersion: "1") {} }
    },
    "watch-by-another-name": { one in
        let listed = try await one.projects.list(labelSelector: one.selector)
        var events = try one.client.resource("proj", namespace: "default").watch(labelSelector: one.selector, resourceVersion: listed.resourceVersion).makeAsyncIterator()
        try await one.make(1)
        guard case .added(let object)? = try await events.next() else { throw Failed("no ADDED") }
        try same(object.name, one.name(1), "the object")
    },
    "watch-all-namespaces": { one in
        let listed = try await one.projects.list(labelSelector: one.selector)
        var events = try one.client.resource(Project.self).watch(labelSelector: one.selector, resourceVersion: listed.resourceVersion).makeAsyncIterator()
        try await one.make(1)
        try same(try await one.take(1, &events), ["ADDED 1 r1"], "the watch")
    },
    "wait-until-a-state": { one in
        let definitions = one.client.resource("apiextensions.k8s.io/v1/customresourcedefinitions")
        let found = try await definitions.wait("projects.example.sealyun.com", until: .condition("Established"), timeout: patient(.seconds(10)))
        try same(try found?.string(at: "/spec/names/plural"), "projects", "what is established")
        let waiting = Task { try await one.projects.wait(one.name, until: .field("/status/phase", equals: "Ready"), timeout: patient(.seconds(20))) }
        try await one.make()
        let ready = try await one.projects.patchStatus(one.name, ["status": ["phase": "Ready"]])
        try same(try await waiting.value?.metadata.resourceVersion, ready.metadata.resourceVersion, "the state that was waited for")
        let error = try await failure(.timeout, "a wait in vain", http: 0, reason: "") {
            try await one.projects.wait(one.name, until: .deleted, timeout: .milliseconds(300))
        }
        try expect(error.message.contains(one.name) && error.message.contains("deleted"), error.message)
        try await one.projects.delete(one.name)
        try expect(try await one.projects.wait(one.name, until: .deleted, timeout: patient(.seconds(10))) == nil, "it is still there")
    },
]
