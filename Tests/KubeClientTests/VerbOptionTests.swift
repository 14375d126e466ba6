// Every option of every verb: where it arrives, that it is escaped once, and that a wrong type or a wrong verb names it.
// The names are those of apimachinery, pkg/apis/meta/v1/types.go.
import KubeCore
import KubeTesting
@testable import KubeClient
import Testing

/// Where a value is to be found in the request.
private enum Place {
    case query(String)
    /// A JSON pointer into the DeleteOptions of the body, and the value there.
    case body(String, JSONValue)
    case header(String, String)
    /// The library's own.
    case nowhere
}

private struct Option {
    let key: String
    let value: String
    let place: Place
    let wrong: [String]

    init(_ key: String, _ value: String, _ place: Place, wrong: [String]) {
        (self.key, self.value, self.place, self.wrong) = (key, value, place, wrong)
    }

    static func text(_ key: String) -> Option {
        Option(key, #""k=a&b+c %\"ü/\u2603""#, .query("\(key)=k%3Da%26b%2Bc%20%25%22%C3%BC%2F%E2%98%83"), wrong: ["1", "true", "[]", "{}", #""a\u0000""#])
    }
    static func int(_ key: String) -> Option {
        Option(key, "7", .query("\(key)=7"), wrong: [#""7""#, "7.5", "-1", "true", "[7]", "99999999999999999999"])
    }
}

private let timeout = Option("timeoutMs", "5000", .nowhere, wrong: ["0", "-1", "86400001", #""5""#, "1.5"])
private let dryRun = Option("dryRun", #"["All"]"#, .query("dryRun=All"), wrong: ["true", "[1]", "{}", #"["a\u0000"]"#])
private let metadataOnly = [ObjectForm.metadata.accept(isList: false), ObjectForm.metadata.accept(isList: true)].map {
    Option("metadataOnly", "true", .header("Accept", $0.value), wrong: [#""true""#, "1", "[]"])
}
private let writes = [dryRun, Option.text("fieldManager"), Option.text("fieldValidation"), timeout]
private let deletes = [
    Option("dryRun", #""All""#, .body("/dryRun/0", "All"), wrong: ["true", "[1]"]),
    Option("gracePeriodSeconds", "0", .body("/gracePeriodSeconds", 0), wrong: [#""0""#, "-1", "0.5"]),
    Option("propagationPolicy", #""Orphan""#, .body("/propagationPolicy", "Orphan"), wrong: ["1", "true"]),
    Option("orphanDependents", "false", .body("/orphanDependents", .bool(false)), wrong: [#""false""#, "0"]),
    Option("ignoreStoreReadErrorWithClusterBreakingPotential", "true", .body("/ignoreStoreReadErrorWithClusterBreakingPotential", .bool(true)), wrong: ["1", #""true""#]),
    Option("preconditions", #"{"uid":"u&\"ü"}"#, .body("/preconditions/uid", .string("u&\"ü")), wrong: ["[]", "\"u\"", #"{"uid":1}"#, #"{"name":"n"}"#]),
    Option("preconditions", #"{"resourceVersion":"5"}"#, .body("/preconditions/resourceVersion", "5"), wrong: [#"{"resourceVersion":5}"#]),
    timeout,
]
private let selectors = [Option.text("labelSelector"), .text("fieldSelector"), .text("shardSelector"), .text("resourceVersion"), .text("resourceVersionMatch"), .text("continue"), .int("limit"), .int("timeoutSeconds")]

private struct VerbCase: CustomTestStringConvertible, Sendable {
    let verb: Verb
    let options: [Option]
    var name: String?
    var body: String?
    var isList = false
    var testDescription: String { verb.name }
}

// Made of values that nothing changes.
extension Option: @unchecked Sendable {}

private let cases = [
    VerbCase(verb: .get, options: [.text("resourceVersion"), metadataOnly[0], timeout], name: "web"),
    VerbCase(verb: .list, options: selectors + [metadataOnly[1], timeout], isList: true),
    VerbCase(verb: .create, options: writes, body: Sample.object("web", 0)), VerbCase(verb: .replace, options: writes, body: Sample.object("web", 0)),
    VerbCase(verb: .patch(.apply), options: writes + [Option("force", "true", .query("force=true"), wrong: [#""true""#, "1"])], name: "web", body: "{}"),
    VerbCase(verb: .delete, options: deletes, name: "web"), VerbCase(verb: .deleteCollection, options: selectors + deletes),
    VerbCase(verb: .discover, options: [timeout]),
]

struct VerbOptionTests {
    let drive = ManualDrive()

    @Test(arguments: cases) private func eachOptionArrivesWhereKubernetesLooksForIt(one: VerbCase) throws {
        for option in one.options where one.verb != .discover {
            drive.server.otherwise = { _ in .nothing }
            _ = try drive.call(one.verb, name: one.name, body: one.body, options: "{\"\(option.key)\":\(option.value)}")
            let sent = try #require(drive.server.exchanges.last)
            let query = sent.request.target.split(separator: "?").dropFirst().joined().split(separator: "&").map(String.init)
            switch option.place {
            case .query(let text):
                #expect(query.contains(text), "\(option.key): \(query)")
                #expect(query.filter { $0.hasPrefix(option.key + "=") }.count == 1)
            case .body(let pointer, let value):
                let blob = try ObjectBlob.parse(Array(sent.body.utf8))
                #expect(try JSONValue.parse(blob.value(pointer)) == value, "\(option.key): \(sent.body)")
                #expect(try json(sent.body)["kind"] == "DeleteOptions" && sent.header("Content-Type") == "application/json")
                #expect(!query.contains { $0.hasPrefix(option.key) })
            case .header(let name, let value): #expect(sent.header(name) == value)
            case .nowhere: #expect(!sent.line.contains(option.key) && !sent.body.contains(option.key))
            }
        }
    }

    @Test(arguments: cases) private func aWrongTypeNamesTheKey(one: VerbCase) throws {
        for option in one.options {
            for value in option.wrong {
                let error = drive.refusal(one.verb, name: one.name, body: one.body, options: "{\"\(option.key)\":\(value)}")
                #expect(error?.code == .argument, "\(option.key): \(value)")
                #expect(error?.message.contains(option.key) == true, "\(error?.message ?? "")")
            }
        }
        #expect(drive.server.exchanges.isEmpty)
    }

    @Test(arguments: cases) private func anOptionOfAnotherVerbIsRefusedByName(one: VerbCase) throws {
        let own = Set(one.options.map(\.key))
        for option in cases.flatMap(\.options) where !own.contains(option.key) {
            let error = drive.refusal(one.verb, name: one.name, body: one.body, options: "{\"\(option.key)\":\(option.value)}")
            #expect(error?.code == .argument && error?.message.contains("\"\(option.key)\"") == true, "\(one.verb.name) \(option.key)")
        }
        #expect(drive.server.exchanges.isEmpty)
    }

    @Test(arguments: cases) private func whatHasAnotherPlaceHereIsRefusedWithTheReason(one: VerbCase) throws {
        let pretty = drive.refusal(one.verb, name: one.name, body: one.body, options: #"{"pretty":"true"}"#)
        #expect(pretty?.code == .argument && pretty?.message.contains("\"pretty\" is for people") == true)
        guard one.verb == .list || one.verb == .deleteCollection else { return }
        for key in ["watch", "allowWatchBookmarks", "sendInitialEvents"] {
            let error = drive.refusal(one.verb, options: "{\"\(key)\":true}")
            #expect(error?.code == .argument && error?.message.contains("\"\(key)\" is for watches") == true)
        }
    }

    @Test func emptyTextAndNullAreNotSet() throws {
        drive.server.expect("GET \(root)/namespaces/ns/projects?limit=500", list([], 1))
        let options = #"{"labelSelector":"","fieldSelector":null,"continue":"","resourceVersion":"","resourceVersionMatch":null,"limit":null}"#
        #expect(try drive.call(.list, options: options).value != nil)
        drive.server.expect("DELETE \(root)/namespaces/ns/projects/web", .text("{}"))
        #expect(try drive.call(.delete, name: "web", options: #"{"preconditions":null,"dryRun":null}"#).value != nil)
        #expect(drive.server.exchanges[1].request.body == nil && drive.leftOver == [])
    }

    /// Kubernetes: no limit. So the whole comes in one piece.
    @Test func limitZeroIsTheWholeInOnePiece() throws {
        drive.server.expect("GET \(root)/namespaces/ns/projects?limit=0", list([("a", 1)], 1))
        #expect(try drive.call(.list, options: #"{"limit":0}"#).listed == "a@1")
        #expect(drive.leftOver == [])
    }

    // MARK: metadataOnly

    private let partial = #"{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"web","namespace":"ns","uid":"u","resourceVersion":"7"}}"#

    @Test func metadataOnlyBringsPartialObjects() throws {
        drive.server.expect("GET \(root)/namespaces/ns/projects/web", .text(partial))
        let one = try drive.call(.get, name: "web", options: #"{"metadataOnly":true}"#)
        #expect(one.value?.object?.key == "ns/web" && one.value?.object?.isPartial == true)
        let item = partial.replacing(#""kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","#, with: "")
        drive.server.expect("GET \(root)/namespaces/ns/projects?limit=500", .text(
            #"{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"9"},"items":[\#(partial),\#(item)]}"#))
        let many = try drive.call(.list, options: #"{"metadataOnly":true}"#)
        #expect(many.listed == "web@7 web@7" && many.value?.list?.objects.allSatisfy(\.isPartial) == true)
        drive.server.expect("GET \(root)/namespaces/ns/projects/web", .text(Sample.object("web", 7)))
        #expect(try drive.call(.get, name: "web", options: #"{"metadataOnly":false}"#).value?.object?.isPartial == false)
        #expect(drive.server.exchanges[2].header("Accept") == "application/json")
        #expect(drive.leftOver == [])
    }

    @Test func aServerThatAnswersWholeObjectsInsteadIsRefused() throws {
        for text in [Sample.object("web", 7), #"{"metadata":{"name":"web"}}"#, #"{"kind":7}"#] {
            drive.server.next(.text(text))
            let error = try drive.call(.get, name: "web", options: #"{"metadataOnly":true}"#).error
            #expect(error?.code == .decode && error?.message.contains("PartialObjectMetadata") == true)
        }
        for text in [
            Sample.list([Sample.object("web", 7)], 9), Sample.list([], 9),
            #"{"kind":"PartialObjectMetadataList","metadata":{"resourceVersion":"9"},"items":[\#(Sample.object("web", 7))]}"#,
        ] {
            drive.server.next(.text(text))
            let error = try drive.call(.list, options: #"{"metadataOnly":true}"#).error
            #expect(error?.code == .decode && error?.message.contains("PartialObjectMetadata") == true)
        }
        drive.server.next(.status(406, "NotAcceptable", "only the following media types are accepted"))
        #expect(try drive.call(.get, name: "web", options: #"{"metadataOnly":true}"#).error?.reason == "NotAcceptable")
    }
}
