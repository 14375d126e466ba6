// The grammar of JSON as a pushdown automaton over token positions, and the notes it takes on the way.
internal import CScan

extension JSONExaminer {
    /// One token: a brace, a comma, a colon, the first byte of a string or of a scalar.
    @inline(__always)
    func token(_ base: UnsafePointer<UInt8>, _ index: Int, _ end: Int) throws(KubeError) {
        let byte = base[index]
        switch byte {
        case UInt8(ascii: "\""):
            switch expect {
            case .key, .keyOrClose:
                if frame.depth == depth { noteKey(base, index, end) }
                expect = .colon
            case .value, .valueOrClose: valueEndsHere()
            default: throw unexpected(byte, index)
            }
        case UInt8(ascii: ","):
            guard expect == .commaOrClose else { throw unexpected(byte, index) }
            if isObject[depth] {
                if frame.depth == depth {
                    noteValueEnd(base, index)
                    frame.comma = index
                }
                expect = .key
            } else {
                expect = .value
            }
        case UInt8(ascii: ":"):
            guard expect == .colon else { throw unexpected(byte, index) }
            if frame.depth == depth { frame.valueStart = index &+ 1 }
            expect = .value
        case UInt8(ascii: "{"): try opened(true, index)
        case UInt8(ascii: "["): try opened(false, index)
        case UInt8(ascii: "}"):
            guard depth > 0, isObject[depth], expect == .commaOrClose || expect == .keyOrClose else { throw unexpected(byte, index) }
            if frame.depth == depth { leaveFrame(base, index) }
            closed()
        case UInt8(ascii: "]"):
            guard depth > 0, !isObject[depth], expect == .commaOrClose || expect == .valueOrClose else { throw unexpected(byte, index) }
            closed()
        default:
            guard expect == .value || expect == .valueOrClose else { throw unexpected(byte, index) }
            guard JSONText.scalarEnd(base, index, end) != nil else { throw fault("neither a number nor true, false or null", index) }
            valueEndsHere()
        }
    }

    private func unexpected(_ byte: UInt8, _ index: Int) -> KubeError {
        let shown = byte > 0x20 && byte < 0x7f ? "\"\(Character(UnicodeScalar(byte)))\"" : "byte \(byte)"
        return fault("unexpected \(shown)", index)
    }

    @inline(__always)
    private func valueEndsHere() {
        expect = depth == 0 ? .nothing : .commaOrClose
        nextRole = .plain
    }

    private func opened(_ object: Bool, _ index: Int) throws(KubeError) {
        guard expect == .value || expect == .valueOrClose else { throw unexpected(object ? 0x7b : 0x5b, index) }
        guard depth < Self.maxDepth else { throw fault("nested deeper than \(Self.maxDepth)", index) }
        depth &+= 1
        isObject[depth] = object
        expect = object ? .keyOrClose : .valueOrClose
        var role = Role.plain
        if depth == 1 {
            role = nextRole
        } else if frame.depth == depth &- 1 {
            if frame.field == .object { role = .object }
            if frame.field == .metadata { role = .metadata }
        }
        guard object, role != .plain else { return }
        if role == .object { outline.objectIsJSONObject = true }
        if role == .metadata { outline.hasMetadata = true }
        (outermostFrame, outerFrame) = (outerFrame, frame)
        frame = Frame(role: role, depth: depth)
    }

    @inline(__always)
    private func closed() {
        depth &-= 1
        expect = depth == 0 ? .nothing : .commaOrClose
    }

    private func leaveFrame(_ base: UnsafePointer<UInt8>, _ index: Int) {
        noteValueEnd(base, index)
        (frame, outerFrame, outermostFrame) = (outerFrame, outermostFrame, Frame())
    }

    private func noteKey(_ base: UnsafePointer<UInt8>, _ index: Int, _ end: Int) {
        @inline(__always) func isKey(_ key: StaticString) -> Bool {
            let count = key.utf8CodeUnitCount
            return end &- index &- 1 > count && kcr_equal(base + index + 1, key.utf8Start, count) != 0
                && base[index &+ 1 &+ count] == UInt8(ascii: "\"")
        }
        frame.keyStart = index
        frame.field = .none
        switch frame.role {
        case .plain: break
        case .event:
            if isKey("type") {
                frame.field = .type
            } else if isKey("object") {
                frame.field = .object
                outline.forgetObject()
            }
        case .object:
            if isKey("metadata") {
                frame.field = .metadata
                outline.forgetMetadata()
            } else if isKey("kind") {
                frame.field = .kind
            } else if isKey("apiVersion") {
                frame.field = .apiVersion
            }
        case .metadata:
            if isKey("name") { frame.field = .name }
            else if isKey("namespace") { frame.field = .namespace }
            else if isKey("uid") { frame.field = .uid }
            else if isKey("resourceVersion") { frame.field = .resourceVersion }
            else if isKey("labels") { frame.field = .labels }
            else if isKey("managedFields") { frame.field = .managedFields }
        }
    }

    /// The value of the frame's present key ends before `next`, a comma or the closing brace.
    private func noteValueEnd(_ base: UnsafePointer<UInt8>, _ next: Int) {
        let field = frame.field
        guard field != .none, frame.valueStart >= 0 else { return }
        frame.field = .none
        let value = trimmed(base, frame.valueStart, next)
        guard !value.isEmpty else { return }
        switch field {
        case .object: outline.object = value
        case .managedFields:
            // The cut takes one comma along, so that the rest stays valid.
            if frame.comma >= 0 {
                outline.managedFields = frame.comma..<value.upperBound
            } else {
                outline.managedFields = frame.keyStart..<(base[next] == UInt8(ascii: ",") ? next &+ 1 : value.upperBound)
            }
        case .labels: outline.labels = base[value.lowerBound] == UInt8(ascii: "{") ? value : 0..<0
        case .type: outline.type = text(base, value)
        case .apiVersion: outline.apiVersion = text(base, value)
        case .kind: outline.kind = text(base, value)
        case .name: outline.name = text(base, value)
        case .namespace: outline.namespace = text(base, value)
        case .uid: outline.uid = text(base, value)
        case .resourceVersion: outline.resourceVersion = text(base, value)
        case .metadata, .none: break
        }
    }

    private func text(_ base: UnsafePointer<UInt8>, _ value: Range<Int>) -> JSONOutline.Text {
        if base[value.lowerBound] == UInt8(ascii: "\""), value.count >= 2 {
            return JSONOutline.Text(range: value.lowerBound &+ 1..<value.upperBound &- 1)
        }
        // null is as good as absent.
        return JSONOutline.Text(isWrongType: base[value.lowerBound] != UInt8(ascii: "n"))
    }
}
