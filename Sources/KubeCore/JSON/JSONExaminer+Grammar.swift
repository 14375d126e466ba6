// The grammar of JSON as a pushdown automaton over token positions, and the notes it takes on the way.
internal import CScan

extension JSONExaminer {
    /// The tokens of a window. What stands deeper than the innermost frame is nothing but grammar, and goes by a table.
    func tokens(_ base: UnsafePointer<UInt8>, _ found: Int, _ end: Int) throws(KubeError) {
        var index = 0
        while index < found {
            if depth > frame.depth, depth > 0 { index = plainTokens(base, index, found, end) }
            guard index < found else { return }
            try token(base, Int(positions[index]), end)
            index &+= 1
        }
    }

    /// Goes on to the token behind which a frame is reached, or which is wrong, and returns its number.
    @inline(__always)
    private func plainTokens(_ base: UnsafePointer<UInt8>, _ from: Int, _ found: Int, _ end: Int) -> Int {
        let (positions, isObject, classes, steps) = (positions, isObject, grammar.classes, grammar.steps)
        let surface = max(frame.depth, 0)
        var depth = depth
        var state = PlainGrammar.state(expect, isObject[depth])
        var index = from
        loop: while index < found {
            let at = Int(positions[index])
            let step = steps[state &<< 3 | Int(classes[Int(base[at])])]
            switch step {
            case 0..<PlainGrammar.scalar: state = Int(step)
            case PlainGrammar.object, PlainGrammar.array:
                guard depth < Self.maxDepth else { break loop }
                depth &+= 1
                isObject[depth] = step == PlainGrammar.object
                state = step == PlainGrammar.object ? PlainGrammar.keyOrClose : PlainGrammar.valueOrClose
            case PlainGrammar.close:
                guard depth &- 1 > surface else { break loop }
                depth &-= 1
                state = isObject[depth] ? PlainGrammar.commaOfObject : PlainGrammar.commaOfArray
            case PlainGrammar.wrong: break loop
            default:
                guard JSONText.scalarEnd(base, at, end) != nil else { break loop }
                state = Int(step &- PlainGrammar.scalar)
            }
            index &+= 1
        }
        self.depth = depth
        expect = PlainGrammar.expect(state)
        return index
    }

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
        guard index &+ 1 < end else { return }
        switch (frame.role, base[index &+ 1]) {
        case (.event, UInt8(ascii: "t")) where isKey("type"): frame.field = .type
        case (.event, UInt8(ascii: "o")) where isKey("object"):
            frame.field = .object
            outline.forgetObject()
        case (.object, UInt8(ascii: "m")) where isKey("metadata"):
            frame.field = .metadata
            outline.forgetMetadata()
        case (.object, UInt8(ascii: "k")) where isKey("kind"): frame.field = .kind
        case (.object, UInt8(ascii: "a")) where isKey("apiVersion"): frame.field = .apiVersion
        case (.metadata, UInt8(ascii: "n")):
            if isKey("name") { frame.field = .name } else if isKey("namespace") { frame.field = .namespace }
        case (.metadata, UInt8(ascii: "u")) where isKey("uid"): frame.field = .uid
        case (.metadata, UInt8(ascii: "r")) where isKey("resourceVersion"): frame.field = .resourceVersion
        case (.metadata, UInt8(ascii: "l")) where isKey("labels"): frame.field = .labels
        case (.metadata, UInt8(ascii: "m")) where isKey("managedFields"): frame.field = .managedFields
        default: break
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
