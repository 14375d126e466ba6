// The table and the relist beside it, against a plain dictionary: random operations, the same content after each.
import KubeCore
import Testing

private func lines(_ objects: [ObjectBlob]) -> [String] { objects.map { "\($0.key)@\($0.resourceVersion)" }.sorted() }

@Suite struct ObjectTableTests {
    /// Few names in few namespaces, so that probes meet, gaps are closed and the table grows more than once.
    @Test(arguments: 0..<40) func randomOperationsLeaveWhatADictionaryHolds(seed: Int) {
        var random = SeededRandom(UInt64(seed))
        var (table, model) = (ObjectTable(), [String: ObjectBlob]())
        let names = 20 + random.below(400)
        for step in 0..<1500 {
            let (namespace, name) = (random.pick(["", "a", "b"]), "n\(random.below(names))")
            let object = blob(name, namespace: namespace, uid: "u\(step)", version: "\(step)")
            if random.chance(60) {
                #expect(table.insert(object) === model.updateValue(object, forKey: object.key))
            } else {
                #expect(table.remove(like: object) === model.removeValue(forKey: object.key))
            }
            #expect(table.count == model.count)
            let probe = blob("n\(random.below(names))", namespace: random.pick(["", "a", "b"]))
            #expect(table.find(probe) === model[probe.key])
        }
        #expect(lines(table.snapshot()) == lines(Array(model.values)))
        #expect(table.bytes == model.values.reduce(0) { $0 + $1.footprint })
        for namespace in ["", "a", "b", "c"] {
            let found = onHeap(utf8(namespace)) { table.snapshot(namespace: $0) }
            #expect(lines(found) == lines(model.values.filter { $0.namespace == namespace }))
        }
    }
}

@Suite struct ReplacementTests {
    private func add(_ replacement: inout Replacement, _ json: String) throws {
        try onHeap(utf8(json)) { bytes in
            let outline = try JSONExaminer().examine(bytes, .document)
            try replacement.add(bytes, outline, cutManagedFields: true)
        }
    }

    private func table(_ objects: ObjectBlob...) -> ObjectTable {
        var table = ObjectTable()
        for object in objects { table.insert(object) }
        return table
    }

    @Test func whatDidNotChangeIsTakenOverAndNoChange() throws {
        let (same, other) = (blob("same", version: "1"), blob("other", version: "1"))
        var replacement = Replacement(of: table(same, other))
        try add(&replacement, objectText("same", version: "1"))
        try add(&replacement, objectText("other", version: "2"))
        #expect(replacement.table.find(same) === same)
        let changes = replacement.difference()
        #expect(changes.count == 1 && changes.first?.type == .modified && changes.first?.old === other)
    }

    @Test func aNameWrittenWithEscapesIsTheSameObject() throws {
        let known = blob("web", version: "1")
        var replacement = Replacement(of: table(known))
        try add(&replacement, #"{"metadata":{"name":"\u0077eb","namespace":"ns","uid":"u","resourceVersion":"1"}}"#)
        #expect(replacement.table.find(known) === known && replacement.difference().isEmpty)
    }

    /// H4: deletions first, and marked as what was missed.
    @Test func whatIsMissingIsToldFirstAsStale() throws {
        var replacement = Replacement(of: table(blob("gone"), blob("stays")))
        try add(&replacement, objectText("new"))
        try add(&replacement, objectText("stays"))
        let changes = replacement.difference()
        #expect(changes.map(\.type) == [.deleted, .added])
        #expect(changes.first?.object?.name == "gone" && changes.first?.flags == .stale && changes.last?.object?.name == "new")
    }

    /// Fault 30: another uid under the same name is a change, whatever its revision.
    @Test func anotherUidIsAnotherState() throws {
        let before = blob("a", uid: "u1", version: "5")
        var replacement = Replacement(of: table(before))
        try add(&replacement, objectText("a", uid: "u2", version: "5"))
        #expect(replacement.difference().map(\.type) == [.modified] && replacement.table.find(before)?.uid == "u2")
    }

    @Test func anItemWithoutANameFailsTheList() {
        var replacement = Replacement(of: ObjectTable())
        #expect(failure { try add(&replacement, #"{"metadata":{"uid":"u"}}"#) }.code == .decode)
    }
}
