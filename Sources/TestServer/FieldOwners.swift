// Who wrote which field of an object: what server-side apply decides by, and what metadata.managedFields shows
// (sigs.k8s.io/structured-merge-diff; KEP 555). Arrays are one field each, as in a CRD that does not say otherwise.
import KubeCore

/// One writer of an object; an entry of managedFields.
struct FieldOwner: Equatable {
    var manager: String
    /// Apply, or any other write.
    var applies: Bool
    var subresource = ""
    var apiVersion = ""
    /// "" while all that it applied was there already.
    var time = ""
    /// The paths of values that are no objects, or empty ones; of other writes than apply also those of objects that they made.
    var fields: Set<[String]> = []

    /// The same manager by apply and by update is two owners.
    func isSame(as other: FieldOwner) -> Bool {
        manager == other.manager && applies == other.applies && subresource == other.subresource
    }

    /// As a conflict names it (apimachinery pkg/util/managedfields/internal/conflict.go).
    var shown: String {
        JSONValue.string(manager).text + (subresource.isEmpty ? "" : " with subresource \"\(subresource)\"")
            + (applies ? "" : " using \(apiVersion)")
    }
}

struct FieldOwners: Equatable {
    private(set) var all: [FieldOwner] = []

    init() {}

    /// As `json` wrote them into the object.
    init(of object: JSONValue) {
        all = (object.at("metadata", "managedFields")?.array ?? []).map { entry in
            func text(_ key: String) -> String { entry[key]?.string ?? "" }
            return FieldOwner(
                manager: text("manager"), applies: text("operation") == "Apply", subresource: text("subresource"), apiVersion: text("apiVersion"), time: text("time"),
                fields: FieldPaths.decode(entry["fieldsV1"] ?? .emptyObject))
        }
    }

    /// managedFields; nil: nobody owns anything.
    var json: JSONValue? {
        guard !all.isEmpty else { return nil }
        // Sorted as the server sorts them (managedfields/internal/managedfields.go).
        func order(_ owner: FieldOwner) -> (String, String, String, String) { (owner.applies ? "Apply" : "Update", owner.time, owner.manager, owner.subresource) }
        return .array(all.sorted { order($0) < order($1) }.map { owner in
            .members([
                "apiVersion": .string(owner.apiVersion), "fieldsType": "FieldsV1", "fieldsV1": FieldPaths.encode(owner.fields),
                "manager": .string(owner.manager), "operation": owner.applies ? "Apply" : "Update",
                "subresource": owner.subresource.isEmpty ? nil : .string(owner.subresource), "time": owner.time.isEmpty ? nil : .string(owner.time),
            ])
        })
    }

    /// A write that is no apply: what it changed is its own, what it took away is nobody's.
    mutating func update(from before: JSONValue, to after: JSONValue, by writer: FieldOwner, status: FieldPaths.Status) {
        let (old, new) = (FieldPaths.leaves(before, status, withObjects: true), FieldPaths.leaves(after, status, withObjects: true))
        let changed = Set(new.filter { old[$0.key] != $0.value }.keys)
        let gone = Set(old.keys).subtracting(new.keys)
        for index in all.indices { all[index].fields.subtract(all[index].isSame(as: writer) ? gone : gone.union(changed)) }
        var mine = all.first { $0.isSame(as: writer) } ?? writer
        mine.fields.formUnion(changed)
        if !changed.isEmpty { mine.time = writer.time }
        put(mine)
    }

    /// The object with what the patch states, and without what its manager states no more. Throws 409 where another owner has a
    /// field with another value, unless that is forced.
    mutating func apply(_ patch: JSONValue, over live: JSONValue, by writer: FieldOwner, force: Bool, status: FieldPaths.Status) throws(APIFailure) -> JSONValue {
        let stated = FieldPaths.leaves(patch, status)
        let had = all.first { $0.isSame(as: writer) }?.fields ?? []
        var conflicts: [(owner: FieldOwner, path: [String])] = []
        for index in all.indices where !all[index].isSame(as: writer) {
            // What was stated is this field, or what it stands in.
            let taken = all[index].fields.filter { field in
                (1...max(field.count, 1)).contains { length in
                    let path = Array(field.prefix(length))
                    return stated[path].map { !Self.fits($0, live.at(path)) } ?? false
                }
            }
            conflicts += taken.sorted { $0.lexicographicallyPrecedes($1) }.map { (all[index], $0) }
            if force { all[index].fields.subtract(taken) }
        }
        if !force, !conflicts.isEmpty { throw .applyConflict(conflicts.sorted { $0.owner.shown < $1.owner.shown }) }
        var merged = MergePatch.merge(patch, into: live)
        let others = all.filter { !$0.isSame(as: writer) }.reduce(into: Set<[String]>()) { $0.formUnion($1.fields) }
        for path in had.subtracting(stated.keys) where !others.contains(path) { merged.remove(path) }
        var mine = writer
        mine.fields = Set(stated.keys)
        if merged == live { mine.time = all.first { $0.isSame(as: writer) }?.time ?? "" }
        put(mine)
        return merged
    }

    /// Whether stating the value leaves the live one as it is: an empty object says nothing of what is inside.
    private static func fits(_ stated: JSONValue, _ live: JSONValue?) -> Bool { stated == live || stated.members != nil && live?.members != nil }

    private mutating func put(_ owner: FieldOwner) {
        all.removeAll { $0.isSame(as: owner) }
        all.append(owner)
        all.removeAll { $0.fields.isEmpty }
    }
}

/// Fields as paths of keys, and as FieldsV1.
enum FieldPaths {
    /// Which part of an object a write is about.
    enum Status {
        /// There is no status subresource.
        case included
        case excluded
        case only
    }

    /// managedfields/internal/stripmeta.go, and what only the server writes.
    private static let unowned: Set<String> = [
        "creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "generation", "managedFields", "name", "namespace", "resourceVersion", "selfLink", "uid",
    ]

    /// `withObjects`: also the objects around them, each as an empty one.
    static func leaves(_ object: JSONValue, _ status: Status, withObjects: Bool = false) -> [[String]: JSONValue] {
        var found: [[String]: JSONValue] = [:]
        var open: [(path: [String], value: JSONValue)] = (object.members ?? []).filter { member in
            member.key != "apiVersion" && member.key != "kind" && (status == .included || (member.key == "status") == (status == .only))
        }.map { ([$0.key], $0.value) }
        while let (path, value) = open.popLast() {
            var members = value.members ?? []
            if path == ["metadata"] {
                members.removeAll { unowned.contains($0.key) }
                if members.isEmpty { continue }
            }
            if members.isEmpty { found[path] = value } else { open += members.map { (path + [$0.key], $0.value) } }
            if !members.isEmpty, withObjects, path != ["metadata"] { found[path] = .emptyObject }
        }
        return found
    }

    static func encode(_ paths: Set<[String]>) -> JSONValue {
        var tree = JSONValue.emptyObject
        // What stands around others comes before them.
        for path in paths.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            let keys = path.map { "f:" + $0 }
            if tree.at(keys) == nil { tree.set(keys, .emptyObject) }
            for length in 1..<max(path.count, 1) where paths.contains(Array(path.prefix(length))) {
                tree.set(keys.prefix(length) + ["."], .emptyObject)
            }
        }
        return tree
    }

    static func decode(_ fields: JSONValue) -> Set<[String]> {
        var found: Set<[String]> = []
        var open: [(path: [String], value: JSONValue)] = [([], fields)]
        while let (path, value) = open.popLast() {
            let members = (value.members ?? []).filter { $0.key.hasPrefix("f:") }
            if !path.isEmpty, members.isEmpty || value["."] != nil { found.insert(path) }
            open += members.map { (path + [String($0.key.dropFirst(2))], $0.value) }
        }
        return found
    }
}

extension JSONValue {
    /// Takes a member out at a path that may not be there.
    fileprivate mutating func remove(_ path: [String]) {
        if at(path) != nil { set(path, nil) }
    }
}

extension APIFailure {
    /// managedfields/internal/conflict.go.
    static func applyConflict(_ conflicts: [(owner: FieldOwner, path: [String])]) -> APIFailure {
        func field(_ path: [String]) -> String { path.map { "." + $0 }.joined() }
        var message = "Apply failed with 1 conflict: conflict with \(conflicts[0].owner.shown): \(field(conflicts[0].path))"
        if conflicts.count > 1 {
            let owners = Set(conflicts.map(\.owner.shown)).sorted()
            message = "Apply failed with \(conflicts.count) conflicts: " + owners.map { owner in
                (["conflicts with \(owner):"] + conflicts.filter { $0.owner.shown == owner }.map { "- " + field($0.path) }).joined(separator: "\n")
            }.joined(separator: "\n")
        }
        return APIFailure(409, "Conflict", message, details: .members(["causes": .array(conflicts.map {
            .members(["reason": "FieldManagerConflict", "message": .string("conflict with " + $0.owner.shown), "field": .string(field($0.path))])
        })]))
    }
}
