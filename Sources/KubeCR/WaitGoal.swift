// States of an object that `wait` waits for, ready-made. Each says its own name, and how far an object is from it.
import KubeCore

/// What `Resource.wait` waits for: `.deleted`, `.condition("Ready")`, `.field("/status/phase", equals: "Running")`.
public struct WaitGoal: Sendable, CustomStringConvertible {
    /// "condition Ready=True".
    public let description: String
    /// nil: there is no such object.
    let isReached: @Sendable (KubeObject?) -> Bool
    /// What an object says about the goal; never more of its content than that.
    let seen: @Sendable (KubeObject) -> String
    /// Why it can never be reached.
    var fault: KubeError?

    /// There is no such object (any more). Another one of its name that took its place counts as the deletion of the first.
    public static let deleted = WaitGoal(description: "deleted", isReached: { $0 == nil }, seen: { presence($0) })

    /// `status.conditions` has this type with this status, case ignored, as with `kubectl wait --for=condition`. A condition that
    /// is older than the object (its observedGeneration, or that of the status, is behind metadata.generation) does not count.
    public static func condition(_ type: String, _ status: String = "True") -> WaitGoal {
        WaitGoal(description: "condition \(type)=\(status)") { object in
            guard let object, let condition = Condition(type, of: object) else { return false }
            return condition.status.lowercased() == status.lowercased() && !condition.isOutdated
        } seen: { object in
            guard let condition = Condition(type, of: object) else { return "it has no condition \(type)" }
            let reason = condition.reason.isEmpty ? "" : " (\(condition.reason))"
            return "condition \(type)=\(condition.status)\(reason)\(condition.isOutdated ? ", of an older generation" : "")"
        }
    }

    /// What stands at the RFC 6901 pointer equals `value`.
    public static func field(_ pointer: String, equals value: JSON) -> WaitGoal {
        field(pointer, "\(pointer)=\(value.text)") { $0 == value }
    }

    /// Something that is not null stands at the RFC 6901 pointer, as with `kubectl wait --for=jsonpath`.
    public static func field(_ pointer: String) -> WaitGoal { field(pointer, pointer) { $0 != .null } }

    private static func field(_ pointer: String, _ text: String, _ fits: @escaping @Sendable (JSON) -> Bool) -> WaitGoal {
        @Sendable func find(_ object: KubeObject) -> JSON? { try? object.value(at: pointer) }
        var goal = WaitGoal(description: text) { object in
            object.flatMap { find($0) }.map(fits) ?? false
        } seen: { object in
            find(object).map { $0 == .null } ?? true ? "nothing is at \(pointer)" : "\(pointer) is something else"
        }
        do throws(Engine.Failure) { _ = try JSONPointer(pointer) } catch { goal.fault = KubeError(error) }
        return goal
    }

    /// What is said of an object about which nothing else is known.
    static func presence(_ object: KubeObject) -> String {
        var text = "it is there, resourceVersion \(object.resourceVersion)"
        if (try? object.string(at: "/metadata/deletionTimestamp")) != nil {
            text += ", being deleted"
            let finalizers = (try? object.decode([String].self, at: "/metadata/finalizers")) ?? []
            if !finalizers.isEmpty { text += ", finalizers \(finalizers.joined(separator: ", "))" }
        }
        return text
    }
}

/// An entry of status.conditions. kubectl, pkg/cmd/wait/condition.go: the first one of the type that has a status decides.
private struct Condition {
    var status = ""
    var reason = ""
    var isOutdated = false

    init?(_ type: String, of object: KubeObject) {
        guard case .array(let conditions)? = try? object.value(at: "/status/conditions") else { return nil }
        for condition in conditions {
            guard case .string(let name)? = condition["type"], case .string(let status)? = condition["status"],
                name.lowercased() == type.lowercased()
            else { continue }
            self.status = status
            if case .string(let reason)? = condition["reason"] { self.reason = reason }
            let observed = condition["observedGeneration"] ?? (try? object.value(at: "/status/observedGeneration"))
            if case .int(let observed)? = observed, let generation = try? object.int(at: "/metadata/generation") {
                isOutdated = observed < generation
            }
            return
        }
        return nil
    }
}
