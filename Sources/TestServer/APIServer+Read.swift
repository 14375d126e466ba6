// get and list: from the newest state, from a state of the past, or page by page.
import KubeCore

extension APIServer {
    func read(_ place: Place, _ request: APIRequest) throws(APIFailure) -> JSONValue {
        let version = request.parameter("resourceVersion")
        if !version.isEmpty {
            let quoted = JSONValue.string(version).text
            guard let revision = UInt64(version) else {
                throw APIFailure(500, "", "resourceVersion: Invalid value: \(quoted): strconv.ParseUint: parsing \(quoted): invalid syntax")
            }
            if revision > store.revision { throw .tooLargeVersion(revision, current: store.revision) }
        }
        guard let object = store.object(place.type.id, place.key) else { throw .notFound(place.type, place.name) }
        let shown = place.type.render(object)
        return place.subresource == "scale" ? try Scale(of: shown, place.type).object : shown
    }

    func list(_ place: Place, _ query: ListQuery, _ form: AnswerForm) throws(APIFailure) -> APIResponse {
        let (items, metadata) = try page(place, query)
        return respond(200, form.list(place.type, items, metadata: metadata))
    }

    /// The objects of a list, or of its page, and the list's metadata.
    func page(_ place: Place, _ query: ListQuery) throws(APIFailure) -> (items: [JSONValue], metadata: JSONValue) {
        let (revision, all) = try state(place.type.id, query)
        let prefix = place.namespace.isEmpty ? "" : place.namespace + "/"
        let inPlace = all.filter { prefix.isEmpty || $0.key.hasPrefix(prefix) }
        let rest = query.token.map { token in Array(inPlace.drop { $0.key <= token.after }) } ?? inPlace
        var items: [JSONValue] = []
        var metadata = JSONValue.members(["resourceVersion": .string(String(revision))])
        for (index, entry) in rest.enumerated() where query.selects(entry.object) {
            items.append(entry.object)
            guard query.limit > 0, items.count == query.limit, index + 1 < rest.count else { continue }
            // A real server does not look whether a selector leaves anything for the next page, nor counts it.
            metadata.set("continue", .string(ContinueToken(revision: revision, after: entry.key).text))
            if query.labels.isEmpty, query.fields.isEmpty { metadata.set("remainingItemCount", .number(rest.count - index - 1)) }
            break
        }
        return (items, metadata)
    }

    private func state(_ table: GroupResource, _ query: ListQuery) throws(APIFailure) -> (UInt64, [(key: String, object: JSONValue)]) {
        if let token = query.token {
            guard let revision = token.revision else { return (store.revision, store.objects(table)) }
            guard let past = store.objects(table, at: revision) else {
                var failure = APIFailure.expired(
                    "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter,"
                        + " or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an"
                        + " inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up"
                        + " in the list.")
                failure.continueToken = ContinueToken(revision: nil, after: token.after).text
                throw failure
            }
            return (revision, past)
        }
        switch query.version {
        case .newest: return (store.revision, store.objects(table))
        case .notOlderThan(let revision), .exact(let revision):
            if revision > store.revision { throw .tooLargeVersion(revision, current: store.revision) }
            guard case .exact = query.version else { return (store.revision, store.objects(table)) }
            guard let past = store.objects(table, at: revision) else { throw .expired("The resourceVersion for the provided list is too old.") }
            return (revision, past)
        }
    }
}
