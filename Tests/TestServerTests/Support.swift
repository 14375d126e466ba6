// A server to ask in one line, with a clock turned by hand and a random source that repeats itself.
package import KubeCore
import TestServer

struct SplitMix: RandomNumberGenerator, Sendable {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

struct Reply {
    var status: Int
    var json: JSONValue
    var response: APIResponse

    subscript(_ path: String...) -> JSONValue? { json.at(path) }
    var message: String { json["message"]?.string ?? "" }
    var reason: String { json["reason"]?.string ?? "" }
    var names: [String] { (json["items"]?.array ?? []).compactMap { $0.at("metadata", "name")?.string } }
    var version: String { json.at("metadata", "resourceVersion")?.string ?? "" }
}

/// One event of a watch: "ADDED a".
struct Seen: Equatable, CustomStringConvertible {
    var type: String
    var object: JSONValue

    var name: String { object.at("metadata", "name")?.string ?? "" }
    var version: String { object.at("metadata", "resourceVersion")?.string ?? "" }
    var description: String { name.isEmpty ? type : "\(type) \(name)" }
}

/// The value of a text that is JSON.
func json(_ text: String) -> JSONValue { (try? JSONValue.parse(text)) ?? .string("this is no JSON: " + text) }

let merge = "application/merge-patch+json"
let jsonPatch = "application/json-patch+json"
let applyPatch = "application/apply-patch+yaml"
let things = "/apis/test.kubecr.io/v1/namespaces/default/things"
let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"

/// With the CRD of namespaced Things, whose spec has a size from 1 to 9, and of cluster-wide Places.
struct Harness {
    var server: APIServer
    var now: Int64 = 1_767_225_600_000

    init(historyLimit: Int = 10_000, things: String = Harness.thingSchema) throws {
        var settings = APIServer.Settings()
        settings.users = ["admin": User(name: "boss", access: .all), "reader": User(name: "ann", access: .read), "nobody": User(name: "bob", access: .none)]
        settings.historyLimit = historyLimit
        server = APIServer(settings, random: SplitMix(state: 7), now: now)
        try server.load(JSONValue.parse(Self.definition("things", "Namespaced", things)), now: now)
        try server.load(JSONValue.parse(Self.definition("places", "Cluster", #"{"type":"object","x-kubernetes-preserve-unknown-fields":true}"#)), now: now)
    }

    static let thingSchema = #"""
        {"type":"object","properties":{"spec":{"type":"object","required":["size"],"properties":{"size":{"type":"integer","minimum":1,"maximum":9},
         "node":{"type":"string"},"color":{"type":"string","default":"green"}}},
         "status":{"type":"object","properties":{"phase":{"type":"string"},"size":{"type":"integer"}}}}}
        """#

    static func definition(_ plural: String, _ scope: String, _ schema: String) -> String {
        let kind = plural.prefix(1).uppercased() + plural.dropFirst().dropLast()
        return """
            {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"\(plural).test.kubecr.io"},"spec":{"group":"test.kubecr.io",
             "scope":"\(scope)","names":{"plural":"\(plural)","kind":"\(kind)"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":\(schema)},
             "selectableFields":[{"jsonPath":".spec.node"}],"subresources":{"status":{},"scale":{"specReplicasPath":".spec.size","statusReplicasPath":".status.size"}}},
             {"name":"v1beta1","served":true,"storage":false,"schema":{"openAPIV3Schema":\(schema)}}]}}
            """
    }

    mutating func answer(
        _ method: String, _ target: String, _ body: String = "", _ contentType: String = "application/json", token: String? = "admin", accept: String? = nil
    ) -> APIAnswer {
        var headers = ["content-type": contentType]
        if let token { headers["authorization"] = "Bearer " + token }
        if let accept { headers["accept"] = accept }
        return server.answer(APIRequest(method, target, headers: headers, body: Array(body.utf8)), now: now)
    }

    mutating func ask(
        _ method: String, _ target: String, _ body: String = "", _ contentType: String = "application/json", token: String? = "admin", accept: String? = nil
    ) throws -> Reply {
        guard case .response(let response) = answer(method, target, body, contentType, token: token, accept: accept) else {
            throw KubeError(.state, "a watch, not a response")
        }
        return Reply(status: response.status, json: (try? JSONValue.parse(response.body)) ?? .null, response: response)
    }

    mutating func watch(_ target: String, accept: String? = nil) throws -> Watcher {
        guard case .watch(let watcher) = answer("GET", target, accept: accept) else { throw KubeError(.state, "no watch") }
        return watcher
    }

    /// Everything that the watch has to say now.
    mutating func read(_ watcher: inout Watcher) throws -> (events: [Seen], ends: Bool) {
        var events: [Seen] = []
        while true {
            let batch = server.next(&watcher, now: now)
            for line in batch.frames.split(separator: 0x0A) {
                let event = try JSONValue.parse(Array(line))
                events.append(Seen(type: event["type"]?.string ?? "", object: event["object"] ?? .null))
            }
            if !batch.hasMore { return (events, batch.ends) }
        }
    }

    @discardableResult
    mutating func make(_ name: String, _ more: String = "", size: Int = 1) throws -> Reply {
        try ask("POST", things, Self.thing(name, more, size: size))
    }

    static func thing(_ name: String, _ metadata: String = "", size: Int = 1) -> String {
        #"{"apiVersion":"test.kubecr.io/v1","kind":"Thing","metadata":{"name":"\#(name)"\#(metadata)},"spec":{"size":\#(size)}}"#
    }
}

extension JSONValue: ExpressibleByArrayLiteral {
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
}
