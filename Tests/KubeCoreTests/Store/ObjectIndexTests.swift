// Indexes and selections: what stands under which value, kept exact through changes, against a plain filter.
import KubeCore
import Testing

private func indexed(_ pointers: [String: String]) throws -> IndexedObjects {
    IndexedObjects(indexes: try pointers.map { IndexDefinition(name: $0.key, pointer: try JSONPointer($0.value)) })
}

private func object(_ name: String, _ version: Int = 1, node: String) -> ObjectBlob {
    blob(name, version: "\(version)", extra: ",\"spec\":{\"node\":\(node)}")
}

private extension IndexedObjects {
    func names(_ value: String, in index: String = "node") -> [String] { objects(index: index, value: utf8(value))?.snapshot().map(\.name).sorted() ?? ["no index"] }
}

@Suite struct ObjectIndexTests {
    /// The value as it stands in the object, and what it is found under.
    @Test(arguments: [
        (#""n1""#, ["n1"]), (#""""#, [""]), (#""\u006e1""#, ["n1"]), (#""a\"b\\""#, [#"a"b\"#]), ("7", ["7"]), ("1.50", ["1.50"]), ("true", ["true"]),
        ("null", []), ("{}", []), (#"{"x":"n1"}"#, []), ("[]", []), (#"["n1","n2","n1"]"#, ["n1", "n2"]), (#"[1, null, ["n3"], {"x":1}, "é"]"#, ["1", "é"]),
    ]) func anObjectIsFoundUnder(json: String, values: [String]) throws {
        let content = try indexed(["node": "/spec/node"])
        content.insert(object("a", node: json))
        for value in ["n1", "n2", "n3", "", #"a"b\"#, "7", "1.5", "1.50", "true", "null", "{}", "1", "é"] {
            #expect(content.names(value) == (values.contains(value) ? ["a"] : []), "\(json) under \"\(value)\"")
        }
        content.remove(like: object("a", node: "0"))
        for value in values { #expect(content.names(value) == []) }
    }

    @Test func withoutAValueNothingIsFound() throws {
        let content = try indexed(["node": "/spec/node"])
        content.insert(blob("a"))
        #expect(content.names("") == [] && content.names("a") == [] && content.names("a", in: "other") == ["no index"])
    }

    @Test func anUpdateMovesTheObject() throws {
        let content = try indexed(["node": "/spec/node"])
        content.insert(object("a", 1, node: #"["n1","n2"]"#))
        content.insert(object("b", 1, node: #""n1""#))
        content.insert(object("a", 2, node: #"["n2","n3"]"#))
        #expect(content.names("n1") == ["b"] && content.names("n2") == ["a"] && content.names("n3") == ["a"])
        #expect(content.objects(index: "node", value: utf8("n2"))?.snapshot().first?.resourceVersion == "2")
    }

    @Test func whatWasAskedForDoesNotChange() throws {
        let content = try indexed(["node": "/spec/node"])
        for number in 0..<50 { content.insert(object("o\(number)", node: #""n""#)) }
        let before = content.objects(index: "node", value: utf8("n"))
        for number in 0..<49 { content.remove(like: object("o\(number)", node: "0")) }
        #expect(before?.count == 50 && content.names("n") == ["o49"])
    }

    @Test(arguments: 0..<6) func randomChangesAgreeWithAFilter(seed: Int) throws {
        var random = SeededRandom(UInt64(seed))
        let content = try indexed(["node": "/spec/node", "name": "/metadata/name", "group": "/spec/group"])
        var model: [String: (node: [String], group: String, object: ObjectBlob)] = [:]
        for step in 0..<6000 {
            let name = "o\(random.below(400))"
            if random.chance(65) {
                let nodes = (0..<random.below(3)).map { _ in "n\(random.below(seed % 2 == 0 ? 4 : 900))" }
                let group = "g\(random.below(2))"
                let list = nodes.map { "\"\($0)\"" }.joined(separator: ",")
                let new = blob(name, version: "\(step)", extra: ",\"spec\":{\"node\":[\(list)],\"group\":\"\(group)\"}")
                #expect(content.insert(new) === model[name]?.object)
                model[name] = (nodes, group, new)
            } else {
                #expect(content.remove(like: blob(name)) === model[name]?.object)
                model[name] = nil
            }
            guard step % 500 == 499 else { continue }
            for value in (0..<900).map({ "n\($0)" }) {
                #expect(content.names(value) == model.filter { $0.value.node.contains(value) }.keys.sorted(), "seed \(seed), step \(step), \(value)")
            }
            for value in ["g0", "g1"] { #expect(content.names(value, in: "group") == model.filter { $0.value.group == value }.keys.sorted()) }
            for name in model.keys { #expect(content.names(name, in: "name") == [name]) }
            #expect(content.table.count == model.count)
        }
    }

    @Test func aRelistMakesTheIndexesAnew() throws {
        let old = try indexed(["node": "/spec/node"])
        let same = object("same", node: #""n1""#)
        old.insert(same)
        old.insert(object("gone", node: #""n1""#))
        let next = Replacement(of: old.table, indexes: [IndexDefinition(name: "node", pointer: try JSONPointer("/spec/node"))])
        for new in [object("same", node: #""n1""#), object("new", node: #""n2""#)] {
            try onHeap(Array(new.json)) { try next.add($0, JSONExaminer().examine($0, .document), Retention(cutManagedFields: true)) }
        }
        #expect(next.content.names("n1") == ["same"] && next.content.names("n2") == ["new"] && old.names("n1") == ["gone", "same"])
        #expect(next.content.objects(index: "node", value: utf8("n1"))?.snapshot().first === same)
    }
}

@Suite struct ObjectSelectionTests {
    private func labelled(_ labels: String, namespace: String = "ns") -> ObjectBlob {
        parsed(#"{"metadata":{"name":"a","namespace":"\#(namespace)","labels":\#(labels)}}"#)
    }

    @Test func allThatIsGivenMustHold() throws {
        var selection = ObjectSelection()
        #expect(selection.isOfEach && selection.includes(labelled("{}")))
        selection.namespace = utf8("ns")
        selection.labels = try LabelSelector("a=1")
        #expect(!selection.isOfEach && selection.includes(labelled(#"{"a":"1"}"#)))
        #expect(!selection.includes(labelled(#"{"a":"2"}"#)) && !selection.includes(labelled(#"{"a":"1"}"#, namespace: "other")))
    }
}
