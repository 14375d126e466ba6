// Keys of objects, and lists of them.
import KubeCore
import Testing

private func hash(_ namespace: String, _ name: String) -> UInt32 {
    onHeap(utf8(namespace)) { space in onHeap(utf8(name)) { ObjectKey.hash(space, $0) } }
}

private func equal(_ a: String, _ b: String) -> Bool { onHeap(utf8(a)) { a in onHeap(utf8(b)) { ObjectKey.equal(a, $0) } } }

private func split(_ key: String) -> [String] {
    onHeap(utf8(key)) { bytes in
        let (namespace, name) = ObjectKey.split(bytes)
        return [text(namespace), text(name)]
    }
}

@Suite struct ObjectKeyTests {
    @Test func equalKeysHashAlike() {
        for name in ["", "a", "1234567", "12345678", "123456789", "a-name-of-more-than-sixteen-bytes"] {
            #expect(hash("ns", name) == hash("ns", name) && hash("", name) == hash("", name))
        }
    }

    /// No promise, but a hash that fails this is none: 2 of these in 2^32 would be bad luck.
    @Test func keysThatDifferHashApart() {
        let pairs = [("a", "bc"), ("ab", "c"), ("abc", ""), ("", "abc"), ("bc", "a"), ("a", "b/c"), ("a", "bc\u{0}"), ("a", "\u{0}bc"), ("a\u{0}", "bc"), ("", ""), ("", "\u{0}")]
        #expect(Set(pairs.map { hash($0.0, $0.1) }).count == pairs.count)
    }

    @Test func theLowBitsAreSpread() {
        var filled = Set<UInt32>()
        for number in 0..<4096 { filled.insert(hash("default", "web-\(number)") & 4095) }
        // 4096 balls into 4096 boxes fill 63 % of them.
        #expect(filled.count > 2300)
    }

    @Test func equalityIsOfBytes() {
        #expect(equal("", "") && equal("a", "a") && !equal("a", "b") && !equal("a", "ab") && !equal("ab", "a") && !equal("", "a"))
        #expect(!equal("é", "e\u{301}"))
    }

    @Test(arguments: [("ns/name", ["ns", "name"]), ("name", ["", "name"]), ("", ["", ""]), ("/name", ["", "name"]), ("ns/", ["ns", ""]), ("a/b/c", ["a", "b/c"]), ("/", ["", ""])])
    func keysAreSplitAtTheFirstSlash(key: String, parts: [String]) {
        #expect(split(key) == parts)
    }

    @Test func aKeyOfAnObjectIsSplitBackIntoItsParts() {
        for object in [blob("a"), blob("a", namespace: ""), blob("a.b-c", namespace: "kube-system")] {
            #expect(split(object.key) == [object.namespace, object.name] && object.hash == hash(object.namespace, object.name))
        }
    }
}

@Suite struct ObjectListTests {
    @Test func aListKeepsItsObjectsAndItsTexts() {
        let objects = [blob("a"), blob("b")]
        let list = ObjectList(objects, resourceVersion: "12", continueToken: "abc")
        #expect(list.objects.map(\.name) == ["a", "b"] && list.objects[0] === objects[0] && list.resourceVersion == "12" && list.continueToken == "abc")
        #expect(String(cString: list.cResourceVersion) == "12" && String(cString: list.cContinue) == "abc" && list.magic == ObjectList.magic)
    }

    @Test func anEmptyListHasEmptyTexts() {
        let list = ObjectList([])
        #expect(list.objects.isEmpty && String(cString: list.cResourceVersion) == "" && String(cString: list.cContinue) == "")
    }

    @Test func theHandlesOfCDiffer() {
        #expect(Set([ObjectList.magic, ObjectBlob.magic, ErrorObject.magic]).count == 3)
    }

    @Test func anErrorForCHasItsTexts() {
        let error = ErrorObject(answer(404, status(404, "NotFound", "no such thing")))
        #expect(String(cString: error.cMessage) == "no such thing" && String(cString: error.cReason) == "NotFound")
        #expect(error.cStatusJSON.map { String(cString: $0.start) } == status(404, "NotFound", "no such thing"))
        #expect(error.cStatusJSON?.count == status(404, "NotFound", "no such thing").utf8.count)
        #expect(ErrorObject(KubeError(.tls, "x")).cStatusJSON == nil)
    }
}
