// The parameters of a list or a watch, and which of them go together (k8s.io/apimachinery pkg/apis/meta/internalversion/validation).
import KubeCore

struct ListQuery {
    enum Version: Equatable {
        /// The newest state.
        case newest
        /// That state or a newer one.
        case notOlderThan(UInt64)
        case exact(UInt64)
    }

    var watch: Bool
    var labels: LabelSelector
    var fields: FieldSelector
    var version: Version
    /// 0: all.
    var limit: Int
    var token: ContinueToken?
    var bookmarks: Bool
    var timeoutSeconds: Int64?
    /// nil: as servers without streaming lists do: only when no revision is asked for.
    var sendInitialEvents: Bool?

    init(_ request: APIRequest, of type: ResourceType) throws(APIFailure) {
        watch = request.flag("watch") ?? false
        labels = try LabelSelector(request.parameter("labelSelector"))
        fields = try FieldSelector(request.parameter("fieldSelector"), of: type)
        limit = Int(try Self.number(request, "limit") ?? 0)
        timeoutSeconds = try Self.number(request, "timeoutSeconds")
        bookmarks = request.flag("allowWatchBookmarks") ?? false
        sendInitialEvents = request.flag("sendInitialEvents")

        let text = request.parameter("resourceVersion")
        let match = request.parameter("resourceVersionMatch")
        let continueText = watch ? "" : request.parameter("continue")
        try Self.checkMatch(match, version: text, isContinued: !continueText.isEmpty, watch: watch, sendInitialEvents: sendInitialEvents)
        guard let revision = text.isEmpty ? 0 : UInt64(text) else {
            let quoted = JSONValue.string(text).text
            let why = "resourceVersion: Invalid value: \(quoted): strconv.ParseUint: parsing \(quoted): invalid syntax"
            throw watch ? APIFailure(500, "", why) : .badRequest("invalid resource version: " + why)
        }
        switch match {
        case "Exact": version = .exact(revision)
        case "NotOlderThan": version = .notOlderThan(revision)
        default: version = text.isEmpty ? .newest : revision > 0 && limit > 0 && !watch ? .exact(revision) : .notOlderThan(revision)
        }
        if !continueText.isEmpty {
            if revision > 0 { throw .badRequest("specifying resource version is not allowed when using continue") }
            token = try ContinueToken(continueText)
        }
    }

    func selects(_ object: JSONValue) -> Bool { labels.matches(object) && fields.matches(object) }

    private static func number(_ request: APIRequest, _ name: String) throws(APIFailure) -> Int64? {
        let text = request.parameter(name)
        if text.isEmpty { return nil }
        guard let number = Int64(text) else { throw .badRequest("strconv.ParseInt: parsing \(JSONValue.string(text).text): invalid syntax") }
        guard number >= 0 else { return nil }
        return number
    }

    private static func checkMatch(_ match: String, version: String, isContinued: Bool, watch: Bool, sendInitialEvents: Bool?) throws(APIFailure) {
        var faults: [FieldFault] = []
        func forbid(_ field: String, _ why: String) { faults.append(.forbidden(field, why)) }
        if watch {
            if sendInitialEvents != nil, match != "NotOlderThan" {
                forbid("resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")
            } else if sendInitialEvents == nil, !match.isEmpty {
                forbid("resourceVersionMatch", "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")
            }
        } else {
            if sendInitialEvents != nil { forbid("sendInitialEvents", "sendInitialEvents is forbidden for list") }
            if !match.isEmpty {
                if version.isEmpty { forbid("resourceVersionMatch", "resourceVersionMatch is forbidden unless resourceVersion is provided") }
                if isContinued { forbid("resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided") }
                if match != "Exact", match != "NotOlderThan" {
                    faults.append(.unsupported("resourceVersionMatch", JSONValue.string(match).text, ["Exact", "NotOlderThan", ""]))
                }
                if match == "Exact", version == "0" { forbid("resourceVersionMatch", "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"") }
            }
        }
        if !faults.isEmpty { throw .invalid("ListOptions", group: "meta.k8s.io", "", faults) }
    }
}
