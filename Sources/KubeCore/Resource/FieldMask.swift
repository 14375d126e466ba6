// Which fields of objects are kept, as a tree of JSON pointers; and an object's text with only these.

/// What no mask leaves out: the type, what identifies the object, and its labels.
private let alwaysKept = ["/apiVersion", "/kind", "/metadata/name", "/metadata/namespace", "/metadata/uid", "/metadata/resourceVersion", "/metadata/labels"]

package struct FieldMask {
    /// A key on the way to what is kept; number 0 is the whole object.
    private struct Node {
        var isKept = false
        var children: [(key: [UInt8], node: Int)] = []
    }

    private var nodes = [Node()]

    /// A pointer that leads on from something that is no object, such as an array, keeps the whole of it. Throws `.argument` for text that is no pointer.
    package init(keep pointers: [String]) throws(KubeError) {
        for pointer in alwaysKept + pointers { insert(try JSONPointer(pointer)) }
    }

    /// Nothing is left out.
    package var keepsAll: Bool { nodes[0].isKept }

    private mutating func insert(_ pointer: JSONPointer) {
        var at = 0
        for key in pointer.segments {
            if let child = nodes[at].children.first(where: { $0.key == key }) {
                at = child.node
            } else {
                nodes.append(Node())
                nodes[at].children.append((key, nodes.count - 1))
                at = nodes.count - 1
            }
        }
        nodes[at].isKept = true
    }

    /// The kept part of a valid JSON text, appended to `out`.
    package func project(_ json: UnsafeRawBufferPointer, into out: inout [UInt8]) {
        var cursor = JSONCursor(json)
        cursor.skipBlanks()
        if nodes[0].isKept || cursor.byte != UInt8(ascii: "{") { return out.append(contentsOf: cursor.value()) }
        copyObject(&cursor, nodes[0], &out)
    }

    /// Recursion ends with the longest pointer.
    private func copyObject(_ cursor: inout JSONCursor, _ node: Node, _ out: inout [UInt8]) {
        out.append(UInt8(ascii: "{"))
        var isFirst = true
        cursor.eachMember { key, cursor in
            guard let number = node.children.first(where: { JSONCursor.isKey(key, $0.key) })?.node else { return cursor.skipValue() }
            let child = nodes[number]
            if !isFirst { out.append(UInt8(ascii: ",")) }
            isFirst = false
            out.append(UInt8(ascii: "\""))
            out.append(contentsOf: key)
            out.append(UInt8(ascii: "\""))
            out.append(UInt8(ascii: ":"))
            // Of equal keys the last one counts, whatever it is.
            if child.isKept || cursor.byte != UInt8(ascii: "{") {
                out.append(contentsOf: cursor.value())
            } else {
                copyObject(&cursor, child, &out)
            }
        }
        out.append(UInt8(ascii: "}"))
    }
}
