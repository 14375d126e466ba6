// libyaml's parser as a source of Swift events; the one file that calls libyaml. Gives no meaning to what it reads.
import CYaml
import KubeCore

/// A step of a YAML stream and where it began.
struct YAMLEvent {
    enum Kind {
        case documentStart, documentEnd, streamEnd
        case alias(String)
        /// `plain`: untagged and unquoted, so its type is to be found out.
        case scalar(String, tag: String?, plain: Bool, anchor: String?)
        case sequenceStart(anchor: String?), sequenceEnd
        case mappingStart(anchor: String?), mappingEnd
    }

    var kind: Kind
    var mark: YAMLMark
}

/// A place in the text, counted from 1.
struct YAMLMark {
    var line: Int
    var column: Int

    init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    fileprivate init(_ mark: yaml_mark_t) {
        line = Int(clamping: mark.line) &+ 1
        column = Int(clamping: mark.column) &+ 1
    }

    func error(_ problem: String) -> KubeError { KubeError(.decode, "line \(line), column \(column): \(problem)") }
}

/// A libyaml parser over a text that outlives it. Lives only inside `withParser`.
struct YAMLEvents {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let text: UnsafeRawBufferPointer

    /// The struct is on the heap: libyaml keeps a pointer to it.
    static func withParser(_ text: UnsafeRawBufferPointer, _ body: (YAMLEvents) -> Void) throws(KubeError) {
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        defer { parser.deallocate() }
        guard yaml_parser_initialize(parser) == 1 else { throw KubeError(.noMemory, "no memory for a YAML parser") }
        defer { yaml_parser_delete(parser) }
        yaml_parser_set_input_string(parser, text.baseAddress?.assumingMemoryBound(to: UInt8.self), text.count)
        body(YAMLEvents(parser: parser, text: text))
    }

    /// The next event; after an error or `streamEnd` there is none to ask for.
    func next() throws(KubeError) -> YAMLEvent {
        var event = yaml_event_t()
        while true {
            guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
            defer { yaml_event_delete(&event) }
            let mark = YAMLMark(event.start_mark)
            switch event.type {
            case YAML_STREAM_START_EVENT: continue
            case YAML_DOCUMENT_START_EVENT: return YAMLEvent(kind: .documentStart, mark: mark)
            case YAML_DOCUMENT_END_EVENT: return YAMLEvent(kind: .documentEnd, mark: mark)
            case YAML_ALIAS_EVENT: return YAMLEvent(kind: .alias(name(event.data.alias.anchor) ?? ""), mark: mark)
            case YAML_SCALAR_EVENT: return YAMLEvent(kind: scalar(event), mark: mark)
            case YAML_SEQUENCE_START_EVENT:
                return YAMLEvent(kind: .sequenceStart(anchor: name(event.data.sequence_start.anchor)), mark: mark)
            case YAML_SEQUENCE_END_EVENT: return YAMLEvent(kind: .sequenceEnd, mark: mark)
            case YAML_MAPPING_START_EVENT:
                return YAMLEvent(kind: .mappingStart(anchor: name(event.data.mapping_start.anchor)), mark: mark)
            case YAML_MAPPING_END_EVENT: return YAMLEvent(kind: .mappingEnd, mark: mark)
            default: return YAMLEvent(kind: .streamEnd, mark: mark)
            }
        }
    }

    private func scalar(_ event: yaml_event_t) -> YAMLEvent.Kind {
        let scalar = event.data.scalar
        let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
        let plain = scalar.plain_implicit != 0 && scalar.tag == nil
        return .scalar(
            String(decoding: bytes, as: UTF8.self), tag: name(scalar.tag), plain: plain, anchor: name(scalar.anchor))
    }

    private func name(_ text: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        text.map { String(cString: UnsafePointer($0)) }
    }

    /// libyaml's problems are fixed sentences: none repeats the text.
    private func failure() -> KubeError {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "not valid YAML"
        switch parser.pointee.error {
        case YAML_MEMORY_ERROR: return KubeError(.noMemory, "no memory for the YAML parser")
        case YAML_READER_ERROR: return mark(ofByte: parser.pointee.problem_offset).error(problem)
        default: return YAMLMark(parser.pointee.problem_mark).error(problem)
        }
    }

    /// The reader knows only an offset, so the lines before it are counted here.
    private func mark(ofByte offset: Int) -> YAMLMark {
        let before = text.prefix(max(0, min(offset, text.count)))
        let lines = before.count { $0 == 0x0A }
        let lineStart = before.lastIndex(of: 0x0A).map { $0 &+ 1 } ?? 0
        let wide = text.starts(with: [0xFF, 0xFE]) || text.starts(with: [0xFE, 0xFF])
        let bytes = before.endIndex &- lineStart
        return YAMLMark(line: lines &+ 1, column: (wide ? bytes / 2 : bytes) &+ 1)
    }
}
