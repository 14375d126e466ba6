// What an examination finds in an object or event: the texts it is known by, and managedFields with the comma to cut.
import KubeCore
import Testing

private struct Found: Equatable {
    var type = "", apiVersion = "", kind = "", name = "", namespace = "", uid = "", version = ""
}

private func found(_ json: String, _ shape: JSONExaminer.Shape = .document) throws -> Found {
    let bytes = utf8(json)
    let outline = try outline(bytes, shape)
    func part(_ part: JSONOutline.Text) -> String { text(bytes[part.range]) }
    return Found(
        type: part(outline.type), apiVersion: part(outline.apiVersion), kind: part(outline.kind), name: part(outline.name),
        namespace: part(outline.namespace), uid: part(outline.uid), version: part(outline.resourceVersion))
}

/// What is left of an object's text without managedFields.
private func cut(_ json: String) throws -> String {
    try onHeap(utf8(json)) { bytes in
        try ObjectBlob.make(bytes, JSONExaminer().examine(bytes, .document), cutManagedFields: true)
    }.written
}

/// The tree of a text without metadata.managedFields.
private func withoutManagedFields(_ json: String) -> JSONValue? {
    guard case .object(var members)? = PlainReader.read(utf8(json)) else { return nil }
    for index in members.indices where members[index].key == "metadata" {
        if case .object(let fields) = members[index].value { members[index].value = .object(fields.filter { $0.key != "managedFields" }) }
    }
    return .object(members)
}

@Suite struct JSONOutlineTests {
    @Test func theTextsOfAnObjectAreFound() throws {
        let json = #"{"spec":{"name":"no","metadata":{"name":"no"}},"apiVersion":"g/v1","metadata":{"labels":{"name":"no"},"uid":"U","name":"N","ownerReferences":[{"name":"no","uid":"no"}],"namespace":"S","resourceVersion":"7"},"kind":"K","status":{"kind":"no"}}"#
        #expect(try found(json) == Found(apiVersion: "g/v1", kind: "K", name: "N", namespace: "S", uid: "U", version: "7"))
    }

    @Test func theTextsOfAnEventAreFound() throws {
        let object = objectText("N", namespace: "S", uid: "U", version: "7")
        for json in ["{\"type\":\"ADDED\",\"object\":\(object)}", "{ \"object\" : \(object) , \"type\" : \"ADDED\" }"] {
            #expect(try found(json, .event) == Found(type: "ADDED", kind: "Thing", name: "N", namespace: "S", uid: "U", version: "7"))
            let bytes = utf8(json)
            let outline = try outline(bytes, .event)
            #expect(text(bytes[outline.object]) == object && outline.objectIsJSONObject && outline.hasMetadata)
        }
    }

    @Test func anEventWithoutAnObjectHasNone() throws {
        for json in [#"{"type":"ADDED"}"#, "{}", "[]", "1", #"[{"object":{"metadata":{"name":"a"}}}]"#, #"{"type":"ADDED","x":{"object":{"metadata":{"name":"a"}}}}"#] {
            let outline = try outline(utf8(json), .event)
            #expect(outline.object.isEmpty && !outline.objectIsJSONObject && outline.name.isEmpty, "\(json)")
        }
        for json in [#"{"object":null}"#, #"{"object":[{"metadata":{"name":"a"}}]}"#, #"{"object":"x"}"#] {
            let outline = try outline(utf8(json), .event)
            #expect(!outline.objectIsJSONObject && outline.name.isEmpty, "\(json)")
        }
    }

    /// Fault 65.
    @Test func fault65_aTextOfAnotherTypeIsMarkedAndNullIsAsGoodAsAbsent() throws {
        for value in ["1", "true", "[\"a\"]", "{\"name\":\"a\"}"] {
            let outline = try outline(utf8("{\"metadata\":{\"name\": \(value) }}"))
            #expect(outline.name.isWrongType && outline.name.isEmpty, "\(value)")
            #expect(failure { try ObjectBlob.parse(utf8("{\"metadata\":{\"name\":\(value)}}")) }.message == "metadata.name is not a string")
        }
        let none = try outline(utf8("{\"metadata\":{\"name\":null,\"uid\":\"\"}}"))
        #expect(!none.name.isWrongType && none.name.isEmpty && none.uid.isEmpty)
        #expect(try found("{\"metadata\":[{\"name\":\"a\"}]}") == Found())
        #expect(try found("{\"metadata\":\"name\"}") == Found())
        #expect(try found("[{\"metadata\":{\"name\":\"a\"}}]") == Found())
    }

    /// Fault 54: the last of equal keys counts, as a whole: nothing of an earlier one shows through.
    @Test func fault54_ofEqualKeysTheLastCounts() throws {
        #expect(try found(#"{"metadata":{"name":"a","name":"b"}}"#).name == "b")
        #expect(try found(#"{"metadata":{"name":"a","name":null}}"#).name == "")
        #expect(try found(#"{"metadata":{"name":"a","uid":"u"},"metadata":{"name":"b"}}"#) == Found(name: "b"))
        #expect(try found(#"{"metadata":{"name":"a"},"metadata":null}"#) == Found())
        let first = objectText("first", version: "1")
        #expect(try found("{\"object\":\(first),\"object\":{\"metadata\":{\"name\":\"b\"}}}", .event) == Found(name: "b"))
        for second in ["null", "{}", "1"] {
            #expect(try found("{\"object\":\(first),\"object\":\(second)}", .event) == Found(), "\(second)")
            #expect(try outline(utf8("{\"object\":\(first),\"object\":\(second)}"), .event).objectIsJSONObject == (second == "{}"))
        }
    }

    @Test(arguments: [
        #"{"metadata":{"managedFields":[{"a":1}],"name":"a"}}"#, #"{"metadata":{"name":"a","managedFields":[{"a":1}],"uid":"u"}}"#,
        #"{"metadata":{"name":"a","managedFields":[{"a":1}]}}"#, #"{"metadata":{"managedFields":[{"a":1}]}}"#, #"{"metadata":{"managedFields":null}}"#,
        "{ \"metadata\" : { \"managedFields\" : [ ] , \"name\" : \"a\" } }", "{ \"metadata\" : { \"name\" : \"a\" \n, \"managedFields\" : [ { } ] \n } }",
        "{\"metadata\":{ \r\n\"managedFields\"\t:\t[1,2] \r\n}}", "{\"metadata\":{\"name\":\"a\" , \"managedFields\" : {} , \"uid\" : \"u\"}, \"x\":1}",
        #"{"spec":{"managedFields":[1]},"metadata":{"labels":{"managedFields":"x"},"name":"a"}}"#, #"{"metadata":{"managedFields":"a,b}","name":"a"}}"#,
        #"{"metadata":{"annotations":{},"managedFields":[{"f":{"k:{\"a\":1}":{}}}],"name":"a","uid":"u"},"managedFields":[1]}"#, #"{"metadata":{"name":"a"}}"#,
    ])
    func cuttingManagedFieldsLeavesTheRestAsItWas(json: String) throws {
        let left = try cut(json)
        #expect(PlainReader.read(utf8(left)) == withoutManagedFields(json), "\(left)")
    }

    @Test(arguments: 0..<4) func cuttingManagedFieldsFromRandomObjectsLeavesTheRest(seed: Int) throws {
        var json = RandomJSON(UInt64(seed) + 3000)
        json.keys = json.keys.filter { $0 != "metadata" && $0 != "name" } + ["labels"]
        for round in 0..<150 {
            let managed = json.value(depth: 3)
            let name = (JSONValue.string("the-name"), utf8("\"the-name\""))
            var fields = [("name", name.0, name.1)]
            if json.random.chance(80) { fields.append(("managedFields", managed.0, managed.1)) }
            fields.shuffle(using: &json.random)
            let metadata = json.object(depth: 2, fields)
            let whole = text(json.object(depth: 3, [("metadata", metadata.0, metadata.1)]).1)
            let blob = try onHeap(utf8(whole)) { try ObjectBlob.parse($0, cutManagedFields: true) }
            #expect(PlainReader.read(utf8(blob.written)) == withoutManagedFields(whole), "seed \(seed), round \(round): \(whole)")
            #expect(blob.name == "the-name", "seed \(seed), round \(round): \(whole)")
            #expect(try ObjectBlob.parse(utf8(whole)).written == whole)
        }
    }

    @Test func textsBehindTheCutKeepTheirPlaces() throws {
        let json = #"{"metadata":{"uid":"before","managedFields":[{"manager":"x"}],"name":"after","namespace":"ns","resourceVersion":"9"}}"#
        let blob = try onHeap(utf8(json)) { try ObjectBlob.parse($0, cutManagedFields: true) }
        #expect(blob.uid == "before" && blob.name == "after" && blob.namespace == "ns" && blob.resourceVersion == "9")
        #expect(blob.written == #"{"metadata":{"uid":"before","name":"after","namespace":"ns","resourceVersion":"9"}}"#)
    }
}
