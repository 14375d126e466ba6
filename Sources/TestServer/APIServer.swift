// The API server as a value: a request and the time go in, an answer comes out. No sockets, no clock, no threads.
import KubeCore

/// An in-memory Kubernetes API server.
///
/// Not thread-safe: whoever owns it serializes the calls. `now` is in milliseconds since 1970.
package struct APIServer: Sendable {
    package struct Settings: Sendable {
        /// Who may ask, by bearer token.
        package var users: [String: User] = [:]
        /// How many changes a watch may be behind, at least, before it gets 410.
        package var historyLimit = 10_000
        /// Between two bookmarks of a watch that allows them.
        package var bookmarkMilliseconds: Int64 = 60_000
        package var gitVersion = "v1.36.0+kubecr-testserver"

        package init() {}
    }

    /// Larger bodies get 413.
    package static let maxBodyBytes = 3 * 1024 * 1024

    var store: ObjectStore
    var registry = ResourceRegistry()
    var faults = FaultPlan()
    var settings: Settings
    /// Watches of an older generation end.
    var watchGeneration = 0
    /// How many watches there are now.
    var watches = 0
    /// How many requests were answered, those under /_test/ excepted.
    private(set) var requests = 0
    private let access: AccessRules
    private var random: any RandomNumberGenerator & Sendable
    var now: Int64 = 0

    package init(_ settings: Settings, random: any RandomNumberGenerator & Sendable, now: Int64) {
        self.settings = settings
        self.random = random
        self.now = now
        access = AccessRules(tokens: settings.users)
        store = ObjectStore(historyLimit: settings.historyLimit)
        for name in ["default", "kube-node-lease", "kube-public", "kube-system"] { storeNamespace(name) }
    }

    /// Which change was the last; watches have something to read when it grows.
    package var revision: UInt64 { store.revision }

    package mutating func answer(_ request: APIRequest, now: Int64) -> APIAnswer {
        self.now = now
        do throws(APIFailure) {
            return try handle(request)
        } catch {
            return .response(error.response)
        }
    }

    private mutating func handle(_ request: APIRequest) throws(APIFailure) -> APIAnswer {
        let user = try access.asker(of: request)
        let verb = request.method.lowercased()
        if request.segments.first == "_test" {
            try access.checkPath(user, verb, request.path)
            return .response(try control(request))
        }
        requests += 1
        if let failure = faults.next(request, verb: registry.place(request.segments).map { self.verb(request, $0) } ?? verb) { throw failure }
        if let answer = try answerPath(request, user, verb) { return .response(answer) }
        guard let place = registry.place(request.segments) else {
            try access.checkPath(user, verb, request.path)
            return .response(noSuchPath)
        }
        let wanted = self.verb(request, place)
        try access.check(user, wanted, place)
        // Of a namespaced resource only the lists and watches go across namespaces.
        guard place.type.isServed, place.type.namespaced || place.namespace.isEmpty, !place.type.namespaced || !place.namespace.isEmpty || ["list", "watch"].contains(wanted) else {
            return .response(noSuchPath)
        }
        guard place.subresource.isEmpty || place.type.subresources.contains(place.subresource) else { throw .notFound(place.type, place.name) }
        if place.name.isEmpty, wanted == "update" || wanted == "patch" {
            throw place.type.isCustom ? .badRequest("name must be provided") : .methodNotAllowed
        }
        guard place.type.verbs.contains(wanted) || !place.subresource.isEmpty && ["get", "update", "patch"].contains(wanted) else { throw .methodNotAllowed }
        if request.body.count > Self.maxBodyBytes { throw .tooLarge(limit: Self.maxBodyBytes) }
        let form = try AnswerForm(request.headers["accept"])
        switch wanted {
        case "get": return .response(respond(200, form.shape(try read(place, request))))
        case "list": return .response(try list(place, ListQuery(request, of: place.type), form))
        case "watch": return .watch(try watch(place, ListQuery(request, of: place.type), form))
        case "create": return .response(try create(place, request, form))
        case "update": return .response(try update(place, request, form))
        case "patch": return .response(try patch(place, request, form))
        case "delete": return .response(try delete(place, request, form))
        case "deletecollection": return .response(try deleteCollection(place, request, form))
        default: throw .methodNotAllowed
        }
    }

    /// The verb as access rules and discovery name it.
    private func verb(_ request: APIRequest, _ place: Place) -> String {
        switch request.method {
        case "GET", "HEAD": place.name.isEmpty ? request.flag("watch") == true ? "watch" : "list" : "get"
        case "POST": place.name.isEmpty ? "create" : "post"
        case "PUT": "update"
        case "PATCH": "patch"
        case "DELETE": place.name.isEmpty ? "deletecollection" : "delete"
        default: request.method.lowercased()
        }
    }

    /// Health, version and discovery; nil when the path is none of them.
    private func answerPath(_ request: APIRequest, _ user: User, _ verb: String) throws(APIFailure) -> APIResponse? {
        let segments = request.segments
        let isDiscovery = segments.first == "api" && segments.count <= 2 || segments.first == "apis" && segments.count <= 3
        let path = "/" + segments.joined(separator: "/")
        guard isDiscovery || ["/version", "/healthz", "/livez", "/readyz"].contains(path) else { return nil }
        try access.checkPath(user, verb, path)
        guard request.method == "GET" || request.method == "HEAD" else { throw .methodNotAllowed }
        if isDiscovery {
            let form = try AnswerForm(request.headers["accept"], isDiscovery: true)
            guard let document = Discovery(registry: registry).document(segments, form) else { return noSuchPath }
            var response = respond(200, document)
            if case .aggregated(let version) = form, segments.count == 1 {
                response.contentType = "application/json;g=apidiscovery.k8s.io;v=\(version);as=APIGroupDiscoveryList"
            }
            return response
        }
        guard path == "/version" else { return APIResponse(200, "text/plain; charset=utf-8", Array("ok".utf8)) }
        return respond(200, .members([
            "major": "1", "minor": .string(String(settings.gitVersion.split(separator: ".").dropFirst().first ?? "0")),
            "gitVersion": .string(settings.gitVersion), "gitCommit": "", "gitTreeState": "", "buildDate": "", "goVersion": "", "compiler": "", "platform": "",
        ]))
    }

    /// As the real server says it: a path that it does not know is plain text.
    private var noSuchPath: APIResponse { APIResponse(404, "text/plain; charset=utf-8", Array("404 page not found\n".utf8)) }

    func respond(_ status: Int, _ value: JSONValue) -> APIResponse { APIResponse(status, "application/json", value.bytes() + [0x0A]) }

    mutating func randomNumber() -> UInt64 { random.next() }

    /// A version 4 UUID.
    mutating func newUID() -> String {
        var digits = (0..<2).flatMap { _ in
            let text = String(randomNumber(), radix: 16)
            return Array(String(repeating: "0", count: 16 - text.count) + text)
        }
        digits[12] = "4"
        digits[16] = Array("89ab")[Int(randomNumber() % 4)]
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
    }
}
