// The store's hash table against a dictionary, by operations at random; small tables, so that probe chains are long.
import KubeCore
import Testing

private extension ObjectTable {
    var content: [String: String] { Dictionary(snapshot().map { ($0.key, $0.resourceVersion) }) { first, _ in first + " twice" } }

    func find(_ namespace: String, _ name: String) -> ObjectBlob? {
        onHeap(utf8(namespace)) { space in onHeap(utf8(name)) { find(space, $0) } }
    }
}

@Suite struct ObjectTableTests {
    @Test func anEmptyTableHoldsNothing() {
        var table = ObjectTable()
        #expect(table.count == 0 && table.bytes == 0 && table.snapshot().isEmpty && table.find("", "") == nil && table.find(blob("a")) == nil)
        #expect(table.remove(like: blob("a")) == nil && table.count == 0)
    }

    @Test func anObjectIsFoundByItsKeyAlone() {
        var table = ObjectTable()
        let pod = blob("a", namespace: "x", uid: "1", version: "5")
        #expect(table.insert(pod) == nil && table.find("x", "a") === pod && table.find(blob("a", namespace: "x", uid: "2", version: "6")) === pod)
        #expect(table.find("", "a") == nil && table.find("x", "") == nil && table.find("a", "x") == nil && table.find("x", "aa") == nil)
    }

    @Test func theLastOfAKeyStaysAndTheOneBeforeIsReturned() {
        var table = ObjectTable()
        let (old, new) = (blob("a", version: "1"), blob("a", version: "2", extra: #","spec":{"x":1}"#))
        table.insert(old)
        #expect(table.insert(new) === old && table.count == 1 && table.bytes == new.footprint && table.find(old) === new)
        #expect(table.remove(like: old) === new && table.count == 0 && table.bytes == 0 && table.find(new) == nil)
    }

    @Test func aCopyDoesNotChange() {
        var table = ObjectTable()
        table.insert(blob("a"))
        let copy = table
        table.insert(blob("b"))
        table.remove(like: blob("a"))
        #expect(copy.content == ["ns/a": "1"] && table.content == ["ns/b": "1"])
    }

    /// Beyond 384 objects segments are split.
    @Test(arguments: [12, 13, 384, 385, 1200, 20_000]) func aTableGrows(objects: Int) {
        var table = ObjectTable()
        var model: [String: String] = [:]
        var bytes = 0
        for number in 0..<objects {
            let object = blob("o\(number)", namespace: number % 3 == 0 ? "" : "ns\(number % 3)", version: "\(number)")
            #expect(table.insert(object) == nil)
            model[object.key] = "\(number)"
            bytes += object.footprint
            #expect(table.count == number + 1 && table.bytes == bytes && table.find(object) === object)
        }
        #expect(table.content == model)
        var seen = 0
        table.forEach { object in seen += model[object.key] == object.resourceVersion ? 1 : 0 }
        #expect(seen == objects)
        for number in 0..<objects { #expect(table.find(number % 3 == 0 ? "" : "ns\(number % 3)", "o\(number)")?.resourceVersion == "\(number)") }
    }

    @Test func aSnapshotIsOfWhatIsWanted() {
        var table = ObjectTable()
        for namespace in ["", "a", "ab", "b"] { for name in ["x", "y"] { table.insert(blob(name, namespace: namespace)) } }
        func keys(_ namespace: String) -> [String] { table.snapshot { $0.namespace == namespace }.map(\.key).sorted() }
        #expect(keys("a") == ["a/x", "a/y"] && keys("ab") == ["ab/x", "ab/y"] && keys("") == ["x", "y"] && keys("c") == [] && table.snapshot().count == 8)
    }

    /// Few keys fill a table of 16 nearly always and wrap around its end; many make it grow on the way.
    @Test(arguments: [2, 12, 13, 24, 60], 0..<5) func randomOperationsAgreeWithADictionary(keys: Int, seed: Int) {
        var random = SeededRandom(UInt64(seed * 100 + keys))
        let pool = (0..<keys).map { number in (0..<3).map { blob("o\(number)", namespace: ["", "a", "b"][number % 3], version: "\($0)") } }
        var table = ObjectTable()
        var model: [String: ObjectBlob] = [:]
        for step in 0..<800 {
            let object = random.pick(random.pick(pool))
            if random.chance(step % 200 < 100 ? 60 : 45) {
                #expect(table.insert(object) === model[object.key], "keys \(keys), seed \(seed), step \(step)")
                model[object.key] = object
            } else {
                #expect(table.remove(like: object) === model[object.key], "keys \(keys), seed \(seed), step \(step)")
                model[object.key] = nil
            }
            #expect(table.count == model.count && table.bytes == model.values.reduce(0) { $0 + $1.footprint })
            for versions in pool {
                #expect(table.find(versions[0]) === model[versions[0].key], "keys \(keys), seed \(seed), step \(step): \(versions[0].key)")
            }
        }
        #expect(table.content == model.mapValues(\.resourceVersion))
        for namespace in ["", "a", "b"] {
            let listed = table.snapshot { $0.namespace == namespace }
            #expect(Set(listed.map(\.key)) == Set(model.values.filter { $0.namespace == namespace }.map(\.key)))
        }
    }

    /// Copies taken at any time stay as they were, however many share a segment.
    @Test(arguments: 0..<4) func copiesOfALargeTableStayAsTheyWere(seed: Int) {
        var random = SeededRandom(UInt64(seed))
        let pool = (0..<3000).map { number in (0..<2).map { blob("o\(number)", version: "\($0)") } }
        var table = ObjectTable()
        var model: [String: String] = [:]
        var copies: [(ObjectTable, [String: String])] = []
        for step in 0..<12_000 {
            let object = random.pick(random.pick(pool))
            if random.chance(step < 8000 ? 70 : 30) {
                table.insert(object)
                model[object.key] = object.resourceVersion
            } else {
                table.remove(like: object)
                model[object.key] = nil
            }
            if step % 1500 == 0 { copies.append((table, model)) }
        }
        copies.append((table, model))
        for (copy, content) in copies { #expect(copy.content == content && copy.count == content.count) }
    }

    @Test func objectsOfAFreedTableAreFreed() {
        weak var gone: ObjectBlob?
        var kept: ObjectTable?
        do {
            var table = ObjectTable()
            let first = blob("a")
            gone = first
            table.insert(first)
            kept = table
            for number in 0..<2000 { table.insert(blob("b\(number)")) }
            table.remove(like: first)
        }
        #expect(gone != nil && kept?.count == 1)
        kept = nil
        #expect(gone == nil)
    }
}
