// Events to JSON values: anchors, merge keys, duplicate keys, depth and the alias budget. No recursion, no libyaml.
import KubeCore

/// Builds the documents of one stream. A value; used once.
struct YAMLComposer {
    private(set) var documents: [YAMLReader.Document] = []
    private var stack: [Container] = []
    private var anchors: [String: Node] = [:]
    private var root: JSONValue = .null
    /// Where the document's root begins; 0 before it.
    private var rootLine = 0
    /// What aliases have expanded to so far, over all documents.
    private var expanded = 0

    /// A finished value; `cost` is what repeating it would take.
    private struct Node {
        var value: JSONValue
        var cost: Int
        var isMergeKey = false
    }

    private struct Container {
        enum Key {
            case none
            case text(String)
            case merge
        }

        var isMapping: Bool
        var anchor: String?
        var elements: [JSONValue] = []
        var members: [JSONValue.Member] = []
        /// Byte for byte: Swift compares strings by their characters, where an accent has two spellings.
        var seen: Set<[UInt8]> = []
        var key = Key.none
        var merged: [JSONValue] = []
        var hasMerge = false
        var cost = 16
    }

    /// Whether the stream goes on.
    mutating func take(_ event: YAMLEvent) throws(KubeError) -> Bool {
        switch event.kind {
        case .streamEnd, .documentStart, .documentEnd: break
        default: if rootLine == 0 { rootLine = event.mark.line }
        }
        switch event.kind {
        case .streamEnd: return false
        case .documentStart:
            anchors = [:]
            (root, rootLine) = (.null, 0)
        case .documentEnd: documents.append(YAMLReader.Document(line: rootLine, value: root))
        case .alias(let name):
            guard let node = anchors[name] else {
                throw event.mark.error("an alias to an anchor that is not complete or not there")
            }
            expanded = expanded &+ node.cost
            guard expanded <= YAMLReader.maxBytes else { throw event.mark.error("aliases expand to too much") }
            try place(node, anchor: nil, at: event.mark)
        case .scalar(let text, let tag, let plain, let anchor):
            try place(try scalar(text, tag: tag, plain: plain, at: event.mark), anchor: anchor, at: event.mark)
        case .sequenceStart(let anchor): try open(Container(isMapping: false, anchor: anchor), at: event.mark)
        case .mappingStart(let anchor): try open(Container(isMapping: true, anchor: anchor), at: event.mark)
        case .sequenceEnd, .mappingEnd:
            guard var done = stack.popLast() else { break }
            if done.hasMerge { merge(into: &done) }
            let value: JSONValue = done.isMapping ? .object(done.members) : .array(done.elements)
            try place(Node(value: value, cost: done.cost), anchor: done.anchor, at: event.mark)
        }
        return true
    }

    private mutating func open(_ container: Container, at mark: YAMLMark) throws(KubeError) {
        guard stack.count < YAMLReader.maxDepth else {
            throw mark.error("nested deeper than \(YAMLReader.maxDepth)")
        }
        if let top = stack.last, top.isMapping, case .none = top.key { throw mark.error("a key must be a scalar") }
        stack.append(container)
    }

    private func scalar(_ text: String, tag: String?, plain: Bool, at mark: YAMLMark) throws(KubeError) -> Node {
        let isMergeKey = text == "<<" && (plain || tag == YAMLScalar.mergeTag)
        guard let value = YAMLScalar.resolve(text, tag: tag, plain: plain) else {
            throw mark.error("a scalar that does not fit its tag, or no JSON value")
        }
        return Node(value: value, cost: 16 &+ text.utf8.count, isMergeKey: isMergeKey)
    }

    /// Puts a finished value where it belongs: key, value, element or root.
    private mutating func place(_ node: Node, anchor: String?, at mark: YAMLMark) throws(KubeError) {
        if let anchor { anchors[anchor] = node }
        let top = stack.count &- 1
        guard top >= 0 else {
            root = node.value
            return
        }
        stack[top].cost = stack[top].cost &+ node.cost
        guard stack[top].isMapping else {
            stack[top].elements.append(node.value)
            return
        }
        switch stack[top].key {
        case .none: stack[top].key = try Self.key(node, in: &stack[top], at: mark)
        case .text(let key):
            stack[top].members.append(JSONValue.Member(key, node.value))
            stack[top].key = .none
        case .merge:
            stack[top].merged.append(contentsOf: try Self.mergeSources(node.value, at: mark))
            stack[top].key = .none
        }
    }

    private static func key(_ node: Node, in container: inout Container, at mark: YAMLMark) throws(KubeError) -> Container.Key {
        if node.isMergeKey {
            guard !container.hasMerge else { throw mark.error("duplicate key \"<<\"") }
            container.hasMerge = true
            return .merge
        }
        let text: String
        switch node.value {
        case .string(let value), .number(let value): text = value
        case .bool(let value): text = value ? "true" : "false"
        default: throw mark.error("a key must be a scalar, not \(node.value.typeName)")
        }
        guard text.utf8.count <= YAMLReader.maxKeyCharacters || text.unicodeScalars.count <= YAMLReader.maxKeyCharacters
        else { throw mark.error("a key longer than \(YAMLReader.maxKeyCharacters) characters") }
        guard container.seen.insert(Array(text.utf8)).inserted else {
            throw mark.error("duplicate key \(ShownText.quote(text))")
        }
        return .text(text)
    }

    private static func mergeSources(_ value: JSONValue, at mark: YAMLMark) throws(KubeError) -> [JSONValue] {
        let sources = value.array ?? [value]
        guard sources.allSatisfy({ $0.members != nil }) else { throw mark.error("<< needs a mapping or a list of them") }
        return sources
    }

    /// What is written here wins over what is merged in, and an earlier source over a later one.
    private func merge(into container: inout Container) {
        for source in container.merged {
            for member in source.members ?? [] where container.seen.insert(Array(member.key.utf8)).inserted {
                container.members.append(member)
            }
        }
    }
}
