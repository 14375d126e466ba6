// What a name means by what is known, which documents a search lacks, and when what is known is too old.
import KubeCore
import Testing

struct ResourceCatalogTests {
    private static func version(_ text: String) -> GroupVersion { GroupVersion(apiVersion: text) ?? GroupVersion(group: "", version: "") }

    private static func info(_ version: String, _ plural: String, _ kind: String, singular: String? = nil, short: String...) -> ResourceInfo {
        let id = Self.version(version)
        return ResourceInfo(
            gvr: GVR(group: id.group, version: id.version, resource: plural), kind: kind, namespaced: true, singular: singular ?? kind.lowercased(), shortNames: short)
    }

    /// Aggregated, read by requests 1 and 2.
    private func catalog(_ groups: [(String, [ResourceInfo]?)], core: [ResourceInfo] = [info("v1", "pods", "Pod", short: "po")]) -> ResourceCatalog {
        var catalog = ResourceCatalog()
        catalog.take(.resources([.init(Self.version("v1"), core)]), of: .core, request: 1, now: 0)
        catalog.take(.resources(groups.map { .init(Self.version($0.0), $0.1) }), of: .groups, request: 2, now: 0)
        return catalog
    }

    private func find(_ catalog: ResourceCatalog, _ name: String, now: Int64 = 1, atLeast: UInt64 = 0, began: UInt64 = 2) throws -> String {
        switch catalog.find(ResourceQuery(try ResourceName(name).target), .init(now: now, atLeast: atLeast, began: began)) {
        case .found(let info): info.gvr.apiVersion + "/" + info.gvr.resource
        case .read(let documents): "read " + documents.map(\.path).joined(separator: " ")
        case .missing(let missing): "missing " + missing.unread.map(\.what).joined(separator: " ")
        }
    }

    @Test(arguments: [
        ("pods", "v1/pods"), ("po", "v1/pods"), ("Pod", "v1/pods"), ("POD", "v1/pods"), ("PO", "v1/pods"), ("P", "missing "), ("pod ", "missing "),
        // Singular in the second group goes before the short name in the first, and both before a kind.
        ("gadget", "b.io/v1/gadgets"), ("gd", "a.io/v1/things"), ("Widget", "a.io/v1/widgets"),
        // Of a name that two groups have, the first group's.
        ("plans", "a.io/v1/plans"), ("plans.b.io", "b.io/v1/plans"), ("pl", "a.io/v1/plans"),
        // The preferred version, and another one where only that has it.
        ("plans.v1beta1.a.io", "a.io/v1beta1/plans"), ("relics", "a.io/v1beta1/relics"), ("relics.a.io", "a.io/v1beta1/relics"),
        // A group by its beginning; a whole one first.
        ("buckets.storage", "storage.k8s.io/v1/buckets"), ("plans.b", "b.io/v1/plans"), ("nothing.storage", "missing "),
        // A version without its group; a group that begins like a version.
        ("pods.v1", "v1/pods"), ("relics.v1beta1", "a.io/v1beta1/relics"), ("odd.v1.example.com", "v1.example.com/v2/odds"),
        // Kinds as they are written, or all in lower case.
        ("FooBar", "b.io/v1/foos"), ("foobar", "b.io/v1/foos"), ("FOOBAR", "b.io/v1/foos"), ("fb", "b.io/v1/foos"),
        ("a.io/v1/plans", "a.io/v1/plans"), ("v1/pods", "v1/pods"),
    ])
    func namesAreKubectls(name: String, meaning: String) throws {
        let catalog = catalog([
            ("a.io/v1", [Self.info("a.io/v1", "plans", "Plan", short: "pl"), Self.info("a.io/v1", "things", "Thing", short: "gd", "gadget"), Self.info("a.io/v1", "widgets", "Widget")]),
            ("a.io/v1beta1", [Self.info("a.io/v1beta1", "plans", "Plan", short: "pl"), Self.info("a.io/v1beta1", "relics", "Relic")]),
            ("b.io/v1", [Self.info("b.io/v1", "plans", "Plan", short: "pl"), Self.info("b.io/v1", "gadgets", "Gadget"), Self.info("b.io/v1", "foos", "FooBar", singular: "fb")]),
            ("storage.k8s.io/v1", [Self.info("storage.k8s.io/v1", "buckets", "Bucket")]),
            ("v1.example.com/v2", [Self.info("v1.example.com/v2", "odds", "Odd")]),
        ])
        #expect(try find(catalog, name) == meaning)
    }

    @Test func aResourceWithoutASingularHasItsKindsName() throws {
        #expect(try find(catalog([("a.io/v1", [Self.info("a.io/v1", "things", "Gadget", singular: "")])]), "gadget") == "a.io/v1/things")
    }

    @Test func kindsAreFoundAsTheyAreWritten() {
        let catalog = catalog([("a.io/v1", [Self.info("a.io/v1", "plans", "Plan")])])
        func find(_ kind: String, _ version: String) -> ResourceCatalog.Search {
            catalog.find(.kind(kind, Self.version(version)), .init(now: 1, atLeast: 0, began: 2))
        }
        #expect(find("Plan", "a.io/v1") == .found(Self.info("a.io/v1", "plans", "Plan")))
        // What the aggregated document does not hold is asked of the version's own.
        #expect(find("plan", "a.io/v1") == .read([.version(Self.version("a.io/v1"))]))
        #expect(find("Plan", "a.io/v2") == .read([.version(Self.version("a.io/v2"))]))
    }

    // MARK: Documents

    @Test func aSearchSaysWhatItLacks() throws {
        var catalog = ResourceCatalog()
        #expect(try find(catalog, "pods") == "read /api /apis")
        #expect(try find(catalog, "plans.a.io") == "read /apis")
        #expect(try find(catalog, "pods.v1") == "read /api")
        #expect(try find(catalog, "a.io/v1/plans") == "read /apis/a.io/v1")
        catalog.take(.versions([Self.version("v1")]), of: .core, request: 1, now: 0)
        catalog.take(.versions(["a.io/v1", "a.io/v1beta1", "b.io/v1"].map(Self.version)), of: .groups, request: 2, now: 0)
        #expect(try find(catalog, "pods") == "read /api/v1 /apis/a.io/v1 /apis/a.io/v1beta1 /apis/b.io/v1")
        #expect(try find(catalog, "plans.a.io") == "read /apis/a.io/v1 /apis/a.io/v1beta1")
        #expect(try find(catalog, "plans.v1beta1.a.io") == "read /apis/a.io/v1beta1")
        catalog.take(.list([Self.info("a.io/v1beta1", "plans", "Plan")]), of: .version(Self.version("a.io/v1beta1")), request: 3, now: 0)
        #expect(try find(catalog, "plans.v1beta1.a.io") == "a.io/v1beta1/plans")
        #expect(try find(catalog, "a.io/v1beta1/plans") == "a.io/v1beta1/plans")
    }

    @Test func oneRootMayBeAggregatedAndTheOtherNot() throws {
        var catalog = catalog([("a.io/v1", [Self.info("a.io/v1", "plans", "Plan")])])
        catalog.take(.versions([Self.version("v1")]), of: .core, request: 3, now: 0)
        #expect(try find(catalog, "plans") == "read /api/v1")
        catalog.take(.list([Self.info("v1", "pods", "Pod")]), of: .version(Self.version("v1")), request: 4, now: 0)
        #expect(try find(catalog, "plans") == "a.io/v1/plans")
        #expect(try find(catalog, "pods") == "v1/pods")
    }

    @Test func whatIsTooOldIsReadAgain() throws {
        let catalog = catalog([("a.io/v1", [Self.info("a.io/v1", "plans", "Plan")])])
        let life = ResourceCatalog.lifetimeMs
        #expect(try find(catalog, "plans", now: life - 1) == "a.io/v1/plans")
        #expect(try find(catalog, "plans", now: life) == "read /api /apis")
        // A search that takes longer than that does not begin anew for ever.
        #expect(try find(catalog, "plans", now: life, began: 0) == "a.io/v1/plans")
        #expect(try find(catalog, "plans", atLeast: 2) == "read /api")
        #expect(try find(catalog, "plans", atLeast: 3) == "read /api /apis")
        var expired = catalog
        expired.expire()
        #expect(try find(expired, "plans") == "read /api /apis")
    }

    @Test func whatIsListedNoMoreIsGone() throws {
        var catalog = catalog([("a.io/v1", [Self.info("a.io/v1", "plans", "Plan")]), ("b.io/v1", nil)])
        #expect(try find(catalog, "nothing") == "missing b.io/v1")
        catalog.take(.resources([]), of: .groups, request: 3, now: 0)
        #expect(try find(catalog, "plans") == "missing ")
        #expect(try find(catalog, "a.io/v1/plans") == "read /apis/a.io/v1")
        #expect(try find(catalog, "pods") == "v1/pods")
    }

    // MARK: What could not be read

    @Test func aStaleVersionHidesNothingAndIsNamedByAMiss() throws {
        let catalog = catalog([
            ("metrics.io/v1", nil), ("a.io/v2", nil), ("a.io/v1", [Self.info("a.io/v1", "plans", "Plan")]), ("b.io/v1", [Self.info("b.io/v1", "plans", "Plan")]),
        ])
        // As in client-go the version that can be read is the preferred one now.
        #expect(try find(catalog, "plans") == "a.io/v1/plans")
        #expect(try find(catalog, "nothing") == "missing metrics.io/v1 a.io/v2")
        #expect(try find(catalog, "nothing.b.io") == "missing ")
        guard case .missing(let missing) = catalog.find(.word("nothing", version: "", group: ""), .init(now: 1, atLeast: 0, began: 2)) else {
            Issue.record("not missing")
            return
        }
        let error = missing.error("there is no \"nothing\"")
        #expect(error.code == .unavailable && error.isRetryable)
        #expect(error.message == #"there is no "nothing" in what could be read; not read: metrics.io/v1 (its server is down (freshness Stale)), a.io/v2"#)
    }

    @Test func aFailedReadingTakesNothingAway() throws {
        var catalog = catalog([("a.io/v1", [Self.info("a.io/v1", "plans", "Plan")])])
        catalog.fail(.groups, KubeError(.unavailable, "503"), request: 3, now: 0)
        #expect(try find(catalog, "plans") == "a.io/v1/plans")
        #expect(try find(catalog, "nothing") == "missing /apis")
        // It is tried again sooner than what was read.
        #expect(try find(catalog, "plans", now: ResourceCatalog.failureLifetimeMs, began: 3) == "read /apis")
    }

    @Test func aDocumentThatIsNotThereSaysNothing() throws {
        var catalog = catalog([])
        catalog.fail(.core, KubeError(.notFound, "404"), request: 3, now: 0)
        #expect(try find(catalog, "pods") == "missing ")
        catalog.fail(.version(Self.version("a.io/v1")), KubeError(.notFound, "404"), request: 4, now: 0)
        #expect(try find(catalog, "a.io/v1/plans") == "missing ")
        let error = ResourceCatalog.Missing().error("no such thing")
        #expect(error.code == .notFound && error.httpStatus == 404 && error.message == "no such thing")
    }

    @Test func aMissKnowsTheOldestThatItRestsOn() {
        let catalog = catalog([])
        #expect(catalog.find(.word("x", version: "", group: ""), .init(now: 1, atLeast: 0, began: 2)) == .missing(.init(oldest: 1)))
        #expect(catalog.find(.word("x", version: "", group: "a.io"), .init(now: 1, atLeast: 0, began: 2)) == .missing(.init(oldest: 2)))
    }
}
