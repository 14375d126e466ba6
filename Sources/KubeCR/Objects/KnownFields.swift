// What a program changed in the fields it knows, put onto the whole object: so that fields it does not know survive. Pure.
import KubeCore

/// A merge of three: the object as it came, what the type saw of it, and what the program made of that.
enum KnownFields {
    /// `before` and `after` come from the same encoder, so that what is equal was not changed.
    static func merge(raw: JSONValue, before: JSONValue, after: JSONValue) -> JSONValue {
        if before == after { return raw }
        switch (raw, before, after) {
        case (.object(let raw), .object, .object(let new)): return merge(raw, before, after, new)
        case (.array(let raw), .array(let before), .array(let after)) where raw.count == before.count:
            return .array(merge(raw, before, after))
        default: return after
        }
    }

    private static func merge(_ raw: [JSONValue.Member], _ before: JSONValue, _ after: JSONValue, _ new: [JSONValue.Member]) -> JSONValue {
        var members: [JSONValue.Member] = []
        for member in raw {
            switch (before[member.key], after[member.key]) {
            case (let before?, let after?): members.append(.init(member.key, merge(raw: member.value, before: before, after: after)))
            case (nil, let after?): members.append(.init(member.key, after))
            case (_?, nil): break
            case (nil, nil): members.append(member)
            }
        }
        let known = Set(raw.map(\.key))
        // A default that the type has always had is no change.
        for member in new where !known.contains(member.key) && before[member.key] != member.value { members.append(member) }
        return .object(members)
    }

    private static func merge(_ raw: [JSONValue], _ before: [JSONValue], _ after: [JSONValue]) -> [JSONValue] {
        let partners = partners(before, after)
        return zip(after, partners).map { element, partner in
            guard let partner else { return element }
            return merge(raw: raw[partner], before: before[partner], after: element)
        }
    }

    /// Which element of `before` each of `after` was: by a key that all have, else by what is equal, and by place in between.
    private static func partners(_ before: [JSONValue], _ after: [JSONValue]) -> [Int?] {
        for key in ["name", "key", "type", "id", "uid"] {
            guard let old = identities(before, key), let new = identities(after, key) else { continue }
            let places = Dictionary(zip(old, old.indices)) { first, _ in first }
            return new.map { places[$0] }
        }
        let changes = after.difference(from: before)
        let removed = Set(changes.removals.map(\.place))
        let inserted = Set(changes.insertions.map(\.place))
        var partners: [Int?] = []
        var old = 0
        var gone: ArraySlice<Int> = []
        for place in after.indices {
            if inserted.contains(place) {
                while old < before.count, removed.contains(old) {
                    gone.append(old)
                    old += 1
                }
                partners.append(gone.popFirst())
            } else {
                while old < before.count, removed.contains(old) { old += 1 }
                gone = []
                partners.append(old)
                old += 1
            }
        }
        return partners
    }

    /// The texts of a key, if every element has one of its own.
    private static func identities(_ elements: [JSONValue], _ key: String) -> [String]? {
        let texts = elements.compactMap { $0[key]?.string }
        return texts.count == elements.count && Set(texts).count == texts.count && !texts.isEmpty ? texts : nil
    }
}

extension CollectionDifference.Change {
    fileprivate var place: Int {
        switch self {
        case .insert(let offset, _, _), .remove(let offset, _, _): offset
        }
    }
}
