// A relist: what is taken over, what is told and in which order, and that nothing shows before it is complete (H4, H5, L8).
import KubeCore
import Testing

private func table(_ objects: [ObjectBlob]) -> ObjectTable {
    var table = ObjectTable()
    for object in objects { table.insert(object) }
    return table
}

private extension Replacement {
    func add(_ json: String, cutManagedFields: Bool = true) throws {
        try onHeap(utf8(json)) { try add($0, JSONExaminer().examine($0, .document), Retention(cutManagedFields: cutManagedFields)) }
    }
}

@Suite struct ReplacementTests {
    @Test func anEmptyStoreIsFilledByAdds() throws {
        let next = Replacement(of: ObjectTable())
        for name in ["a", "b"] { try next.add(objectText(name)) }
        #expect(next.difference().map(told).sorted() == ["added ns/a@1", "added ns/b@1"] && next.content.table.count == 2)
    }

    /// H4: what is missing is a tombstone with the last state that was known.
    @Test func whatIsMissingIsDeletedAndStale() throws {
        let (gone, stays) = (blob("gone", version: "3"), blob("stays", version: "4"))
        let next = Replacement(of: table([gone, stays]))
        try next.add(objectText("stays", version: "4"))
        let difference = next.difference()
        #expect(difference.map(told) == ["deleted ns/gone@3 stale"] && difference.first?.object === gone)
    }

    /// H4: deletions first.
    @Test func deletionsComeBeforeTheRest() throws {
        let before = (0..<40).map { blob("o\($0)", version: "1") }
        let next = Replacement(of: table(before))
        for number in 0..<60 where number % 2 == 0 { try next.add(objectText("o\(number)", version: "2")) }
        let types = next.difference().map(\.type)
        #expect(types.count == 50 && types.prefix(20).allSatisfy { $0 == .deleted } && !types.dropFirst(20).contains(.deleted))
        #expect(types.count { $0 == .modified } == 20 && types.count { $0 == .added } == 10)
    }

    /// H5; the memory of an unchanged object is not allocated anew.
    @Test func anUnchangedObjectIsTakenOverAndNoChange() throws {
        let old = blob("a", uid: "u", version: "7")
        let next = Replacement(of: table([old]))
        try next.add(objectText("a", uid: "u", version: "7", extra: #","spec":"the server says the same"#+"\""))
        #expect(next.difference().isEmpty && next.content.table.find(old) === old)
    }

    @Test func aNameWrittenWithEscapesIsTheSameObject() throws {
        let old = blob("a", uid: "u", version: "7")
        for json in [
            #"{"metadata":{"name":"\u0061","namespace":"ns","uid":"u","resourceVersion":"7"}}"#,
            #"{"metadata":{"name":"a","namespace":"ns","uid":"\u0075","resourceVersion":"7"}}"#,
        ] {
            let next = Replacement(of: table([old]))
            try next.add(json)
            #expect(next.difference().isEmpty && next.content.table.find(old) === old && next.content.table.count == 1, "\(json)")
        }
    }

    @Test func anotherRevisionIsAnUpdateFromTheOldState() throws {
        let old = blob("a", version: "7")
        let next = Replacement(of: table([old]))
        try next.add(objectText("a", version: "8"))
        let difference = next.difference()
        #expect(difference.map(told) == ["modified ns/a@8 (was 7)"] && difference.first?.old === old)
    }

    /// H1, fault 30: deleted and made again while nobody looked.
    @Test func anotherUIDIsAnUpdateEvenAtTheSameRevision() throws {
        let old = blob("a", uid: "u", version: "7")
        let next = Replacement(of: table([old]))
        try next.add(objectText("a", uid: "v", version: "7"))
        #expect(next.difference().map(told) == ["modified ns/a@7 (was 7)"] && next.content.table.find(old)?.uid == "v")
    }

    @Test(arguments: [("", "1"), ("u", ""), ("", "")]) func withoutUIDOrRevisionNothingIsTakenOver(uid: String, version: String) throws {
        let old = blob("a", uid: uid, version: version)
        let next = Replacement(of: table([old]))
        try next.add(objectText("a", uid: uid, version: version))
        #expect(next.difference().count == 1 && next.content.table.find(old) !== old)
    }

    @Test func theSameUIDAndRevisionUnderAnotherKeyIsAnotherObject() throws {
        let next = Replacement(of: table([blob("a", namespace: "x")]))
        try next.add(objectText("a", namespace: "y"))
        try next.add(objectText("a", namespace: ""))
        #expect(Set(next.difference().map(told)) == ["deleted x/a@1 stale", "added y/a@1", "added a@1"])
    }

    @Test func ofTwoItemsOfAKeyTheLastStays() throws {
        let next = Replacement(of: ObjectTable())
        try next.add(objectText("a", version: "1"))
        try next.add(objectText("a", version: "2"))
        #expect(next.difference().map(told) == ["added ns/a@2"])
    }

    @Test(arguments: ["{}", #"{"metadata":{}}"#, #"{"metadata":{"name":""}}"#, #"{"metadata":{"name":null}}"#, #"{"metadata":{"name":7}}"#, #"{"kind":"Status","message":"x"}"#])
    func anItemWithoutANameIsAnError(json: String) {
        let next = Replacement(of: ObjectTable())
        #expect(failure { try next.add(json) } == KubeError(.decode, "an item of the list has no metadata.name"))
    }

    @Test func managedFieldsAreCutWhenAsked() throws {
        let json = #"{"metadata":{"name":"a","managedFields":[{}]}}"#
        for (cuts, left) in [(true, #"{"metadata":{"name":"a"}}"#), (false, json)] {
            let next = Replacement(of: ObjectTable())
            try next.add(json, cutManagedFields: cuts)
            #expect(next.content.table.snapshot().map { $0.written } == [left])
        }
    }

    @Test func theOldContentStaysAsItIs() throws {
        let old = table([blob("a"), blob("b")])
        let next = Replacement(of: old)
        try next.add(objectText("c"))
        #expect(Set(old.snapshot().map(\.name)) == ["a", "b"] && next.content.table.snapshot().map(\.name) == ["c"])
    }

    @Test(arguments: 0..<30) func aDifferenceAppliedToTheOldContentGivesTheNew(seed: Int) throws {
        var random = SeededRandom(UInt64(seed) + 7)
        var (old, new): ([String: Int], [String: Int]) = ([:], [:])
        for number in 0..<random.below(60) {
            if random.chance(60) { old["ns/o\(number)"] = random.below(3) + 1 }
            if random.chance(60) { new["ns/o\(number)"] = old["ns/o\(number)"].map { $0 + random.below(2) } ?? 9 }
        }
        let before = table(old.map { blob(String($0.key.dropFirst(3)), version: "\($0.value)") })
        let next = Replacement(of: before)
        for (key, version) in new { try next.add(objectText(String(key.dropFirst(3)), version: "\(version)")) }
        var listener = Listener()
        for delivery in before.snapshot().map({ Delivery(.added, $0) }) + next.difference() {
            let wrong = listener.hear(delivery)
            #expect(wrong == nil, "seed \(seed)")
        }
        #expect(listener.known == new, "seed \(seed)")
    }
}
