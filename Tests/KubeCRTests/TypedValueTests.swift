// Types of a program against objects of a server: decoding, encoding, and what survives a replace.
import FoundationEssentials
@testable import KubeCR
import KubeCore
import Testing

private struct Machine: CustomResource, Equatable {
    static let resource = ResourceName(group: "infra.sealyun.com", version: "v1", plural: "machines", kind: "Machine")

    struct Disk: Codable, Sendable, Equatable { var size: Int }
    struct Template: Codable, Sendable, Equatable { var metadata: ObjectMeta }
    struct Spec: Codable, Sendable, Equatable {
        var disks: [Disk]
        var since: Date?
        var template: Template?
        var free: JSON?
    }

    var metadata: ObjectMeta
    var spec: Spec
}

struct TypedValueTests {
    private let raw = #"""
        {"apiVersion":"infra.sealyun.com/v1","kind":"Machine","metadata":{"name":"m","resourceVersion":"7","new":{"a":1},
        "creationTimestamp":"2024-05-06T07:08:09Z","labels":{"a":"1","b":"2"},
        "managedFields":[{"manager":"one","operation":"Update","time":"2024-05-06T07:08:09Z","fieldsV1":{"f:spec":{}},"more":1}]},
        "spec":{"disks":[{"size":1,"fast":true},{"size":2,"fast":false}],"secret":9007199254740993,"since":"2024-05-06T07:08:09.250000Z",
        "template":{"metadata":{"name":"inner","annotations":{"k":"v"}}},"free":{"n":[1,2.5,"x",null,true]}},"status":{"phase":"Up"}}
        """#

    private func machine() throws -> Machine { try Machine(object: KubeObject(json: raw)) }
    private func sent(_ machine: Machine) throws -> KubeObject { try KubeObject(json: machine.encoded(onOriginal: true)) }

    @Test func everythingIsRead() throws {
        let machine = try machine()
        #expect(machine.metadata.name == "m" && machine.metadata.labels == ["a": "1", "b": "2"])
        #expect(machine.metadata.creationTimestamp == Date(timeIntervalSince1970: 1_714_979_289))
        #expect(machine.spec.since == Date(timeIntervalSince1970: 1_714_979_289.25))
        #expect(machine.metadata.managedFields?.first?.fieldsV1 == ["f:spec": [:]])
        #expect(machine.spec.free == ["n": [1, 2.5, "x", nil, true]])
        #expect(machine.spec.template?.metadata.name == "inner")
    }

    @Test func anUnchangedValueIsSentAsItCame() throws {
        #expect(try tree(try sent(machine()).text) == tree(raw))
    }

    @Test func changesKeepWhatTheTypeDoesNotKnow() throws {
        var machine = try machine()
        machine.metadata.labels?["a"] = nil
        machine.metadata.labels?["c"] = "3"
        machine.spec.disks[1].size = 5
        machine.spec.disks.append(.init(size: 9))
        let sent = try sent(machine)
        #expect(sent.labels == ["b": "2", "c": "3"])
        #expect(try sent.value(at: "/spec/disks") == [["size": 1, "fast": true], ["size": 5, "fast": false], ["size": 9]])
        #expect(try sent.int(at: "/spec/secret") == 9_007_199_254_740_993)
        #expect(try sent.string(at: "/status/phase") == "Up")
        #expect(try sent.value(at: "/metadata/new") == ["a": 1])
        #expect(try sent.int(at: "/metadata/managedFields/0/more") == 1)
        #expect(try sent.string(at: "/spec/since") == "2024-05-06T07:08:09.250000Z")
    }

    @Test func whatIsTakenOutIsGone() throws {
        var machine = try machine()
        machine.spec.free = nil
        machine.spec.template = nil
        machine.spec.disks.removeFirst()
        let sent = try sent(machine)
        #expect(throws: KubeCR.KubeError.self) { try sent.value(at: "/spec/free") }
        #expect(try sent.value(at: "/spec/disks") == [["size": 2, "fast": false]])
    }

    @Test func timesAreWrittenAsKubernetesDoes() throws {
        var machine = try machine()
        machine.spec.since = Date(timeIntervalSince1970: 1_714_979_290)
        #expect(try sent(machine).string(at: "/spec/since") == "2024-05-06T07:08:10Z")
        machine.spec.since = Date(timeIntervalSince1970: 1_714_979_290.5)
        let text = try sent(machine).string(at: "/spec/since")
        #expect(text.hasPrefix("2024-05-06T07:08:10.5") && text.hasSuffix("Z"))
    }

    @Test func aNewValueIsCompletedWithItsType() throws {
        let machine = Machine(metadata: ObjectMeta(name: "n"), spec: .init(disks: []))
        for onOriginal in [false, true] {
            let text = String(decoding: try machine.encoded(onOriginal: onOriginal), as: UTF8.self)
            #expect(text == #"{"apiVersion":"infra.sealyun.com/v1","kind":"Machine","metadata":{"name":"n"},"spec":{"disks":[]}}"#)
        }
    }

    @Test func aCreateSendsWhatTheTypeKnows() throws {
        var copy = try machine()
        copy.metadata = ObjectMeta(name: "copy")
        let sent = try KubeObject(json: copy.encoded(onOriginal: true))
        #expect(sent.name == "copy" && sent.resourceVersion == "")
        #expect(throws: KubeCR.KubeError.self) { try sent.value(at: "/spec/secret") }
    }

    @Test func whereAValueComesFromIsNoDifference() throws {
        #expect(ObjectMeta(name: "inner", annotations: ["k": "v"]) == (try machine().spec.template?.metadata))
        #expect(try machine().spec.template?.metadata.decodedFrom == nil)
        #expect(try machine().metadata.decodedFrom?.name == "m")
        #expect(try machine() == machine())
    }

    @Test(arguments: [
        (#"{"metadata":{"name":"m"}}"#, "spec: missing"),
        (#"{"metadata":{"name":"m"},"spec":{"disks":[{"size":1},{"size":"s3cret"}]}}"#, "spec.disks[1].size: not of type Int"),
        (#"{"metadata":{"name":"m"},"spec":{"disks":null}}"#, "spec.disks: null, not of type"),
        (#"{"metadata":{"name":"m"},"spec":{"disks":[],"since":"s3cret"}}"#, "spec.since: not readable"),
    ])
    func whatDoesNotFitIsNamedWithoutItsValue(json: String, words: String) throws {
        let error = #expect(throws: KubeCR.KubeError.self) { try Machine(object: KubeObject(json: json)) }
        #expect(error?.code == .decode && error?.message.contains(words) == true && error?.message.contains("s3cret") == false)
    }

    @Test func whatCanNotBeEncodedIsAnArgument() {
        let error = #expect(throws: KubeCR.KubeError.self) { try JSON(encoding: ["a": Double.nan]) }
        #expect(error?.code == .argument)
    }

    @Test func jsonGoesBothWays() throws {
        let value: JSON = ["a": [1, -2.5, "x\n", nil, true, ["b": [:]]], "big": 9_007_199_254_740_993]
        #expect(value.text == #"{"a":[1,-2.5,"x\n",null,true,{"b":{}}],"big":9007199254740993}"#)
        #expect(try JSON(text: value.text) == value && JSON(encoding: value) == value)
        #expect(value["a"] != nil && value["c"] == nil && value["a"]?["b"] == nil)
        #expect(throws: KubeCR.KubeError.self) { try JSON(text: "{") }
    }

    /// Read by hand where it is plain, and as Foundation reads it.
    @Test func timesAreReadAsFoundationReadsThem() throws {
        func read(_ text: String) -> Date? {
            let json = Array("{\"since\":\"\(text)\"}".utf8)
            struct Holder: Decodable { var since: Date }
            return try? json.withUnsafeBytes { try Coding.decode(Holder.self, $0, of: nil).since }
        }
        var day = Date(timeIntervalSince1970: -12_200_000_000)
        while day.timeIntervalSince1970 < 20_000_000_000 {
            let text = day.formatted(.iso8601)
            #expect(read(text) == day, "\(text)")
            day += 86_400 * 37 + 12_345
        }
        for text in ["2024-02-29T00:00:00Z", "2000-02-29T23:59:59Z", "2024-12-31T12:00:00Z"] { #expect(try read(text) == Date(text, strategy: .iso8601)) }
        for text in ["2024-01-02", "yesterday", "2024-01-02 03:04:05Z", "2024-01-02T03:04:0xZ", ""] { #expect(read(text) == nil, "\(text)") }
        #expect(try read("2024-01-02T03:04:05+02:00") == Date("2024-01-02T03:04:05+02:00", strategy: .iso8601))
    }
}
