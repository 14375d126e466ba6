// JSON pointers: the table of RFC 6901, section 5, and values read in place as a type.
import KubeCore
import Testing

private func at(_ pointer: String, _ json: String) throws -> String? {
    try onHeap(utf8(json)) { bytes in try JSONPointer(pointer).find(in: bytes).map { text($0) } }
}

private let document = #"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}"#

@Suite struct JSONPointerTests {
    @Test(arguments: [
        ("", document), ("/foo", #"["bar","baz"]"#), ("/foo/0", "\"bar\""), ("/", "0"), ("/a~1b", "1"), ("/c%d", "2"), ("/e^f", "3"), ("/g|h", "4"),
        ("/i\\j", "5"), ("/k\"l", "6"), ("/ ", "7"), ("/m~0n", "8"),
    ])
    func theTableOfRFC6901(pointer: String, value: String) throws {
        #expect(try at(pointer, document) == value)
    }

    @Test func tildesAreDecodedOnce() throws {
        let json = #"{"~1":1,"/":2,"~0":3,"~":4,"app.kubernetes.io/name":5,"~01":6}"#
        #expect(try at("/~01", json) == "1" && at("/~1", json) == "2" && at("/~00", json) == "3" && at("/~0", json) == "4")
        #expect(try at("/app.kubernetes.io~1name", json) == "5" && at("/~001", json) == "6")
    }

    @Test(arguments: ["a", "a/b", "/~", "/~2", "/a~", "/~a/b", " /a", "#/a"]) func whatIsNoPointerIsRefused(pointer: String) {
        #expect(failure { try JSONPointer(pointer) }.code == .argument)
    }

    @Test func indexesArePlainNumbers() throws {
        let json = #"[10, [20, {"a": 21}] , "x,]", {"0":"k"}]"#
        #expect(try at("/0", json) == "10" && at("/1/0", json) == "20" && at("/1/1/a", json) == "21" && at("/2", json) == "\"x,]\"" && at("/3/0", json) == "\"k\"")
        for pointer in ["/4", "/-", "/-1", "/00", "/01", "/ 1", "/1x", "/", "/99999999999999999999999", "/0/0", "/2/0", "/1/2"] {
            #expect(try at(pointer, json) == nil, "\(pointer)")
        }
        #expect(try at("/0", "[]") == nil && at("/0", "[ ]") == nil && at("/a", "{}") == nil && at("/a", "null") == nil)
    }

    @Test func theLastOfEqualKeysIsFound() throws {
        #expect(try at("/a", #"{"a":1,"b":{"a":2},"a":3}"#) == "3")
        #expect(try at("/a/b", #"{"a":{"b":1},"a":{"c":2}}"#) == nil)
        #expect(try at("/a", #"{"a":1,"\u0061":[ 4 ]}"#) == "[ 4 ]")
    }

    @Test func blanksAroundValuesAreNotPartOfThem() throws {
        #expect(try at("", " \n{ } \t") == "{ }" && at("", " 1 ") == "1" && at("/a/1", "{ \"a\" :\n[ 1 ,\t{ \"b\" : 2 } ] }") == "{ \"b\" : 2 }")
    }

    @Test(arguments: 0..<4) func randomPointersFindWhatTheTreeHolds(seed: Int) throws {
        var json = RandomJSON(UInt64(seed) + 4000)
        for round in 0..<150 {
            let (value, written) = json.object(depth: 5)
            var (node, pointer) = (value, "")
            while json.random.chance(85) {
                if let elements = node.array, !elements.isEmpty {
                    let index = json.random.below(elements.count)
                    (node, pointer) = (elements[index], pointer + "/\(index)")
                } else if let members = node.members, !members.isEmpty {
                    let key = json.random.pick(members).key
                    guard let next = members.last(where: { Array($0.key.utf8) == Array(key.utf8) })?.value else { break }
                    var escaped = String.UnicodeScalarView()
                    for scalar in key.unicodeScalars {
                        if scalar == "~" { escaped += "~0".unicodeScalars } else if scalar == "/" { escaped += "~1".unicodeScalars } else { escaped.append(scalar) }
                    }
                    (node, pointer) = (next, pointer + "/" + String(escaped))
                } else {
                    break
                }
            }
            let found = try #require(try at(pointer, text(written)), "seed \(seed), round \(round): \(pointer) in \(text(written))")
            #expect(PlainReader.read(utf8(found)) == node, "seed \(seed), round \(round): \(pointer) in \(text(written))")
        }
    }

    @Test func valuesAreReadAsTheirType() throws {
        let object = parsed(#"{"s":"a\u00e9\n","i":-9223372036854775808,"d":1.5,"big":9223372036854775808,"t":true,"f":false,"n":null,"o":{},"a":[]}"#)
        #expect(try text(object.string("/s")) == "aé\n" && object.int("/i") == .min && object.double("/d") == 1.5 && object.double("/i") < -9e18)
        #expect(try object.bool("/t") && !object.bool("/f"))
        #expect(text(try object.value("/o")) == "{}")
        #expect(object.slice(try JSONPointer("/x")) == nil)
    }

    @Test func anotherTypeIsNamedAndAbsenceIsNotFound() {
        let object = parsed(#"{"s":"a","i":1,"d":1.5,"big":9223372036854775808,"t":true,"n":null,"o":{},"a":[]}"#)
        #expect(failure { try object.string("/i") } == KubeError(.type, "\"/i\" holds a number, not a string"))
        #expect(failure { try object.int("/s") } == KubeError(.type, "\"/s\" holds a string, not a 64-bit integer"))
        #expect(failure { try object.int("/d") }.code == .type && failure { try object.int("/big") }.code == .type)
        #expect(failure { try object.double("/t") } == KubeError(.type, "\"/t\" holds a boolean, not a number"))
        #expect(failure { try object.bool("/n") } == KubeError(.type, "\"/n\" holds null, not a boolean"))
        #expect(failure { try object.bool("/o") }.message.contains("an object") && failure { try object.string("/a") }.message.contains("an array"))
        #expect(failure { try object.string("/none") } == KubeError(.notFound, "nothing at \"/none\""))
        #expect(failure { try object.string("none") }.code == .argument)
    }
}
