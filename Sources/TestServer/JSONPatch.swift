// JSON patch (RFC 6902).
import KubeCore

enum JSONPatch {
    /// Throws 400 for what is no patch, 422 for one that does not fit the document.
    static func apply(_ patch: JSONValue, to document: JSONValue) throws(APIFailure) -> JSONValue {
        var result = document
        for operation in patch.array ?? [] { try perform(operation, &result) }
        return result
    }

    static let doesNotFit = APIFailure(
        422, "Invalid", "the server rejected our request due to an error in our request", details: .emptyObject)

    private static func perform(_ operation: JSONValue, _ document: inout JSONValue) throws(APIFailure) {
        guard let path = pointer(operation["path"]) else { throw doesNotFit }
        func value() throws(APIFailure) -> JSONValue {
            guard let value = operation["value"] else { throw doesNotFit }
            return value
        }
        func from() throws(APIFailure) -> [String] {
            guard let from = pointer(operation["from"]) else { throw doesNotFit }
            return from
        }
        switch operation["op"]?.string {
        case "add": document = try edited(document, path[...], .add(try value()))
        case "remove": document = try edited(document, path[...], .remove)
        case "replace": document = try edited(document, path[...], .replace(try value()))
        case "move":
            let from = try from()
            let moved = try read(document, from)
            document = try edited(try edited(document, from[...], .remove), path[...], .add(moved))
        case "copy": document = try edited(document, path[...], .add(try read(document, try from())))
        case "test":
            guard try read(document, path) == (try value()) else { throw doesNotFit }
        default: throw .badRequest("invalid operation \(operation.text): unsupported operation")
        }
    }

    private enum Edit {
        case add(JSONValue)
        case replace(JSONValue)
        case remove
    }

    private static func pointer(_ value: JSONValue?) -> [String]? {
        guard let text = value?.string, text.isEmpty || text.hasPrefix("/") else { return nil }
        return text.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map { part in
            var out = ""
            var rest = part
            while let character = rest.popFirst() {
                if character == "~", let next = rest.popFirst() {
                    out += next == "1" ? "/" : next == "0" ? "~" : "~\(next)"
                } else {
                    out.append(character)
                }
            }
            return out
        }
    }

    private static func read(_ document: JSONValue, _ path: [String]) throws(APIFailure) -> JSONValue {
        var value = document
        for step in path {
            if let elements = value.array, let index = Int(step), elements.indices.contains(index) {
                value = elements[index]
            } else if let member = value[step] {
                value = member
            } else {
                throw doesNotFit
            }
        }
        return value
    }

    private static func edited(_ value: JSONValue, _ path: ArraySlice<String>, _ edit: Edit) throws(APIFailure) -> JSONValue {
        guard let step = path.first else {
            switch edit {
            case .add(let new), .replace(let new): return new
            case .remove: throw doesNotFit
            }
        }
        let isLast = path.count == 1
        if var elements = value.array {
            if isLast, step == "-", case .add(let new) = edit { return .array(elements + [new]) }
            guard let index = Int(step), index >= 0 else { throw doesNotFit }
            if isLast, case .add(let new) = edit {
                guard index <= elements.count else { throw doesNotFit }
                elements.insert(new, at: index)
                return .array(elements)
            }
            guard index < elements.count else { throw doesNotFit }
            if isLast, case .remove = edit {
                elements.remove(at: index)
            } else {
                elements[index] = try edited(elements[index], path.dropFirst(), edit)
            }
            return .array(elements)
        }
        guard value.members != nil else { throw doesNotFit }
        var changed = value
        if isLast, case .add(let new) = edit {
            changed.set(step, new)
            return changed
        }
        guard let member = value[step] else { throw doesNotFit }
        if isLast, case .remove = edit {
            changed.set(step, nil)
        } else {
            changed.set(step, try edited(member, path.dropFirst(), edit))
        }
        return changed
    }
}
