// Text to JSONValue and back. The text is examined first, so the building itself needs no grammar; neither way recurses.

extension JSONValue {
    /// Reads exactly one JSON value. Throws `.decode` for anything else: grammar, UTF-8, nesting deeper than 512.
    package static func parse(_ text: UnsafeRawBufferPointer) throws(KubeError) -> JSONValue {
        _ = try JSONExaminer().examine(text, .document)
        return JSONTreeBuilder(text).build()
    }

    package static func parse(_ text: [UInt8]) throws(KubeError) -> JSONValue {
        var result: Result<JSONValue, KubeError> = .success(.null)
        text.withUnsafeBytes { bytes in
            do throws(KubeError) { result = .success(try parse(bytes)) } catch { result = .failure(error) }
        }
        return try result.get()
    }

    package static func parse(_ text: String) throws(KubeError) -> JSONValue { try parse(Array(text.utf8)) }

    /// The value as compact JSON.
    package func bytes() -> [UInt8] {
        var out: [UInt8] = []
        var open: [Unwritten] = []
        Self.begin(self, &open, &out)
        while let container = open.popLast() {
            switch container {
            case .elements(var rest):
                guard let next = rest.popFirst() else {
                    out.append(UInt8(ascii: "]"))
                    continue
                }
                if out.last != UInt8(ascii: "[") { out.append(UInt8(ascii: ",")) }
                open.append(.elements(rest))
                Self.begin(next, &open, &out)
            case .members(var rest):
                guard let next = rest.popFirst() else {
                    out.append(UInt8(ascii: "}"))
                    continue
                }
                if out.last != UInt8(ascii: "{") { out.append(UInt8(ascii: ",")) }
                open.append(.members(rest))
                JSONText.quote(next.key.utf8, into: &out)
                out.append(UInt8(ascii: ":"))
                Self.begin(next.value, &open, &out)
            }
        }
        return out
    }

    package var text: String { String(decoding: bytes(), as: UTF8.self) }

    /// What is left of a container that is being written.
    private enum Unwritten {
        case elements(ArraySlice<JSONValue>)
        case members(ArraySlice<Member>)
    }

    private static func begin(_ value: JSONValue, _ open: inout [Unwritten], _ out: inout [UInt8]) {
        switch value {
        case .null: out.append(contentsOf: "null".utf8)
        case .bool(let value): out.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let text): out.append(contentsOf: text.utf8)
        case .string(let text): JSONText.quote(text.utf8, into: &out)
        case .array(let elements):
            out.append(UInt8(ascii: "["))
            open.append(.elements(elements[...]))
        case .object(let members):
            out.append(UInt8(ascii: "{"))
            open.append(.members(members[...]))
        }
    }
}

/// Builds the tree of a valid text with a stack of its own.
private struct JSONTreeBuilder {
    private enum Container {
        case array([JSONValue])
        case object([JSONValue.Member], key: String?)
    }

    private let text: UnsafeRawBufferPointer
    private var stack: [Container] = []
    private var result = JSONValue.null
    private var at = 0

    init(_ text: UnsafeRawBufferPointer) { self.text = text }

    consuming func build() -> JSONValue {
        var builder = self
        while builder.at < builder.text.count { builder.step() }
        return builder.result
    }

    private mutating func step() {
        let byte = text[at]
        switch byte {
        case UInt8(ascii: "{"): begin(.object([], key: nil))
        case UInt8(ascii: "["): begin(.array([]))
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            at += 1
            switch stack.popLast() {
            case .array(let elements): add(.array(elements))
            case .object(let members, _): add(.object(members))
            case nil: break
            }
        case UInt8(ascii: "\""):
            let string = readString()
            if case .object(let members, key: nil) = stack.last {
                stack[stack.count - 1] = .object(members, key: string)
            } else {
                add(.string(string))
            }
        case UInt8(ascii: ":"), UInt8(ascii: ","), 0x20, 0x0a, 0x0d, 0x09: at += 1
        default:
            let start = at
            while at < text.count, !Self.ends(text[at]) { at += 1 }
            let scalar = String(decoding: text[start..<at], as: UTF8.self)
            switch scalar {
            case "true": add(.bool(true))
            case "false": add(.bool(false))
            case "null": add(.null)
            default: add(.number(scalar))
            }
        }
    }

    private static func ends(_ byte: UInt8) -> Bool {
        JSONExaminer.isBlank(byte) || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}")
    }

    private mutating func begin(_ container: Container) {
        stack.append(container)
        at += 1
    }

    private mutating func add(_ value: JSONValue) {
        // The container is taken off while it grows, so that its storage is not copied.
        switch stack.popLast() {
        case .array(var elements):
            elements.append(value)
            stack.append(.array(elements))
        case .object(var members, let key):
            members.append(JSONValue.Member(key ?? "", value))
            stack.append(.object(members, key: nil))
        case nil: result = value
        }
    }

    private mutating func readString() -> String {
        at += 1
        let start = at
        var escaped = false
        while at < text.count, text[at] != UInt8(ascii: "\"") {
            if text[at] == UInt8(ascii: "\\") {
                escaped = true
                at += 1
            }
            at += 1
        }
        let raw = UnsafeRawBufferPointer(rebasing: text[start..<min(at, text.count)])
        at += 1
        return escaped ? String(decoding: JSONText.unescape(raw), as: UTF8.self) : String(decoding: raw, as: UTF8.self)
    }
}
