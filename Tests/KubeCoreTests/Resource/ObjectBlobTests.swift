// Objects in one block: what they are known by, however it is written, and what is left when managedFields are cut out.
import KubeCore
import Testing

private func cut(_ json: String) throws -> ObjectBlob {
    try onHeap(utf8(json)) { try ObjectBlob.parse($0, cutManagedFields: true) }
}

private func string(_ pointer: UnsafePointer<CChar>) -> String { String(cString: pointer) }

@Suite struct ObjectBlobTests {
    @Test func anObjectIsKnownByFourTexts() {
        let pod = blob("web-0", namespace: "prod", uid: "u-1", version: "42")
        #expect(pod.name == "web-0" && pod.namespace == "prod" && pod.uid == "u-1" && pod.resourceVersion == "42" && pod.key == "prod/web-0")
        #expect(!pod.isPartial && pod.written == objectText("web-0", namespace: "prod", uid: "u-1", version: "42"))
        let node = blob("n1", namespace: "")
        #expect(node.key == "n1" && node.namespace == "")
    }

    @Test(arguments: ["{}", "[]", "1", "null", "\"s\"", #"{"metadata":null}"#, #"{"metadata":[{"name":"x"}]}"#, #"{"name":"x"}"#, #"{"spec":{"metadata":{"name":"x"}}}"#])
    func aDocumentWithoutMetadataHasEmptyTexts(json: String) {
        let document = parsed(json)
        #expect(document.name == "" && document.key == "" && document.uid == "" && document.resourceVersion == "" && document.written == json)
        for which in [ObjectBlob.CText.key, .name, .namespace, .uid, .resourceVersion] { #expect(string(document.cText(which)) == "") }
    }

    @Test func blanksAroundADocumentAreNotPartOfIt() {
        #expect(parsed(" \r\n{ \"a\" : 1 }\t ").written == "{ \"a\" : 1 }")
    }

    @Test func aNULStandsBehindTheText() {
        for json in [objectText("a"), #"{"metadata":{"name":"\u0061"}}"#] {
            let object = parsed(json)
            #expect(UnsafePointer<UInt8>(object.json.baseAddress!.assumingMemoryBound(to: UInt8.self))[object.json.count] == 0)
        }
    }

    @Test(arguments: [
        (#"{"metadata":{"name":"\u0077eb","namespace":"prod","uid":"u","resourceVersion":"1"}}"#, "prod", "web"),
        (#"{"metadata":{"name":"web","namespace":"pro\u0064","uid":"u","resourceVersion":"1"}}"#, "prod", "web"),
        (#"{"metadata":{"name":"w\u0065b","namespace":"\u0070rod","uid":"\u0075","resourceVersion":"\u0031"}}"#, "prod", "web"),
        (#"{"metadata":{"name":"\u0077\u0065\u0062","uid":"u","resourceVersion":"1"}}"#, "", "web"),
        (#"{"metadata":{"name":"\u00e9\ud83d\ude42","namespace":"prod","uid":"u","resourceVersion":"1"}}"#, "prod", "é🙂"),
    ])
    func escapedTextsAreDecodedAndHashAlike(json: String, namespace: String, name: String) {
        let escaped = parsed(json)
        let plain = blob(name, namespace: namespace)
        #expect(escaped.name == name && escaped.namespace == namespace && escaped.uid == "u" && escaped.resourceVersion == "1")
        #expect(escaped.hash == plain.hash && escaped.isSameState(as: plain) && escaped.written == json)
        #expect(string(escaped.cText(.key)) == plain.key && string(escaped.cText(.name)) == name && string(escaped.cText(.namespace)) == namespace)
        #expect(string(escaped.cText(.uid)) == "u" && string(escaped.cText(.resourceVersion)) == "1")
    }

    @Test(arguments: ["name", "namespace", "uid", "resourceVersion"]) func aTextOfAnotherTypeIsRefused(field: String) {
        for value in ["1", "null", "{}", "[\"x\"]", "true"] {
            let others = ["name", "namespace", "uid", "resourceVersion"].filter { $0 != field }.map { "\"\($0)\":\"x\"" }.joined(separator: ",")
            let result = Result { try ObjectBlob.parse(utf8("{\"metadata\":{\(others),\"\(field)\":\(value)}}")) }
            // null is "not set", as everywhere in Kubernetes.
            guard value != "null" else {
                #expect((try? result.get()) != nil)
                continue
            }
            #expect(failure { try result.get() } == KubeError(.decode, "metadata.\(field) is not a string"), "\(value)")
        }
    }

    @Test(arguments: ["name", "namespace", "uid", "resourceVersion"]) func aTextBeyond65535BytesIsRefused(field: String) throws {
        func object(_ count: Int) -> [UInt8] { utf8("{\"metadata\":{\"\(field)\":\"") + Array(repeating: 0x78, count: count) + utf8("\"}}") }
        let longest = try ObjectBlob.parse(object(65535))
        #expect([longest.nameBytes, longest.namespaceBytes, longest.uidBytes, longest.resourceVersionBytes].map(\.count).max() == 65535)
        #expect(failure { try ObjectBlob.parse(object(65536)) } == KubeError(.decode, "metadata.\(field) is too long"))
    }

    @Test func sameStateNeedsBothTextsOfBoth() {
        let one = blob("a", uid: "u", version: "1")
        #expect(one.isSameState(as: blob("a", uid: "u", version: "1", extra: #","spec":1"#)))
        #expect(!one.isSameState(as: blob("a", uid: "u", version: "2")) && !one.isSameState(as: blob("a", uid: "v", version: "1")))
        #expect(!blob("a", uid: "", version: "1").isSameState(as: blob("a", uid: "", version: "1")))
        #expect(!blob("a", uid: "u", version: "").isSameState(as: blob("a", uid: "u", version: "")))
    }

    @Test func footprintGrowsWithTheText() {
        #expect(blob("a", extra: #","spec":"xxxxxxxx""#).footprint - blob("a").footprint == #","spec":"xxxxxxxx""#.utf8.count)
    }
}

@Suite struct ObjectBlobCTextTests {
    @Test func textsForCEndWithANULAndStay() {
        let pod = blob("web-0", namespace: "prod", uid: "u-1", version: "42")
        let all: [(ObjectBlob.CText, String)] = [(.key, "prod/web-0"), (.name, "web-0"), (.namespace, "prod"), (.uid, "u-1"), (.resourceVersion, "42")]
        for (which, plain) in all { #expect(string(pod.cText(which)) == plain && pod.cText(which) == pod.cText(which)) }
        let node = blob("n1", namespace: "")
        #expect(string(node.cText(.key)) == "n1" && string(node.cText(.name)) == "n1" && string(node.cText(.namespace)) == "" && string(node.cText(.uid)) == "u")
    }

    @Test func threadsThatAskAtOnceGetTheSameText() {
        for round in 0..<50 {
            let pod = blob("web-\(round)", namespace: "prod")
            var keys = [UnsafePointer<CChar>?](repeating: nil, count: 4)
            let ran = keys.withUnsafeMutableBufferPointer { keys in
                nonisolated(unsafe) let keys = keys
                return onThreads(4) { number in keys[number] = pod.cText(number % 2 == 0 ? .key : .name) }
            }
            withExtendedLifetime(pod) {
                #expect(ran == 4 && keys[0] == keys[2] && keys[1] == keys[3] && keys[0].map { string($0) } == "prod/web-\(round)")
                #expect(keys[1].map { string($0) } == "web-\(round)")
            }
        }
    }

    @Test func aCopyForCHasNoNULInside() {
        let copy = CText.copy("a\u{0}é")
        defer { copy.deallocate() }
        #expect(string(copy) == "a é")
    }
}

@Suite struct ManagedFieldsTests {
    private static let fields = #"[{"manager":"kubectl","fieldsV1":{"f:spec":{"f:name, }]":{}}}}]"#
    private static let others = [#""name":"web""#, #""namespace":"prod""#, #""uid":"u-1""#, #""resourceVersion":"42""#]

    /// First, in the middle and last; with and without blanks.
    @Test(arguments: 0...4, ["", " ", "\n  "]) func theyAreCutOutWhereverTheyStand(position: Int, blank: String) throws {
        var members = Self.others
        members.insert(#""managedFields""# + blank + ":" + blank + Self.fields, at: position)
        let metadata = members.joined(separator: blank + "," + blank)
        let object = try cut("{\"kind\":\"Pod\",\"metadata\"\(blank):\(blank){\(blank)\(metadata)\(blank)},\"spec\":{\"managedFields\":1}}")
        let left = try #require(PlainReader.read(utf8(object.written)), "\(object.written)")
        #expect(left["metadata"]?.members?.map(\.key) == ["name", "namespace", "uid", "resourceVersion"] && left["spec"]?["managedFields"] == 1)
        #expect(object.name == "web" && object.namespace == "prod" && object.uid == "u-1" && object.resourceVersion == "42")
        #expect(object.hash == blob("web", namespace: "prod").hash && string(object.cText(.key)) == "prod/web")
    }

    @Test(arguments: ["null", "[]", "{}", "\"x\"", "1"]) func theyMayHoldAnything(value: String) throws {
        #expect(try cut("{\"metadata\":{\"name\":\"a\",\"managedFields\":\(value)}}").written == #"{"metadata":{"name":"a"}}"#)
        #expect(try cut("{\"metadata\":{\"managedFields\":\(value),\"name\":\"a\"}}").written == #"{"metadata":{"name":"a"}}"#)
        #expect(try cut("{\"metadata\":{\"managedFields\":\(value)}}").written == #"{"metadata":{}}"#)
    }

    @Test func escapedTextsBehindThemAreStillFound() throws {
        let object = try cut(#"{"metadata":{"managedFields":[1,2,3],"name":"\u0077eb","namespace":"prod","uid":"\u0075"},"spec":{}}"#)
        #expect(object.key == "prod/web" && object.uid == "u" && object.written == #"{"metadata":{"name":"\u0077eb","namespace":"prod","uid":"\u0075"},"spec":{}}"#)
    }

    @Test func twiceWrittenTheyLeaveValidJSON() throws {
        let object = try cut(#"{"metadata":{"managedFields":[1],"name":"a","managedFields":[2]}}"#)
        #expect(PlainReader.read(utf8(object.written)) != nil && object.name == "a")
    }

    @Test func theyStayWhenNobodyWantsThemCut() throws {
        let json = #"{"metadata":{"managedFields":[1],"name":"a"}}"#
        #expect(try ObjectBlob.parse(utf8(json)).written == json)
        #expect(try cut(#"{"managedFields":[1],"metadata":{"name":"a"}}"#).written == #"{"managedFields":[1],"metadata":{"name":"a"}}"#)
    }
}
