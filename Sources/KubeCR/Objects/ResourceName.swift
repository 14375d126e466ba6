// Which resource a Swift type stands for.

/// Group, version, plural name, kind and scope of a resource.
public struct ResourceName: Sendable, Hashable, CustomStringConvertible {
    public enum Scope: Sendable { case namespaced, cluster }

    /// "" for the core group.
    public var group: String
    public var version: String
    /// "projects".
    public var plural: String
    /// "Project".
    public var kind: String
    public var scope: Scope

    public init(group: String, version: String, plural: String, kind: String, scope: Scope = .namespaced) {
        self.group = group
        self.version = version
        self.plural = plural
        self.kind = kind
        self.scope = scope
    }

    /// "example.sealyun.com/v1alpha1".
    public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }
    /// "example.sealyun.com/v1alpha1/projects".
    public var description: String { "\(apiVersion)/\(plural)" }
}
