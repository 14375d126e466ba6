// A manifest's text to its documents: YAML documents, or JSON values one behind the other. What an object must have is not its business.
package import KubeCore

extension YAMLReader {
    /// All documents in order, the empty ones as `.null`. Errors are `.decode` and say document, line and what is wrong; beyond
    /// what `YAMLReader` refuses, that is a JSON object with two members of one name.
    package static func stream(_ text: UnsafeRawBufferPointer) throws(KubeError) -> [Document] {
        guard text.count <= maxBytes else { throw KubeError(.decode, "is larger than \(maxBytes) bytes") }
        guard let json = jsonPart(of: text) else { return try composed(text, isStream: true) }
        // As kubectl reads it: JSON, and if it is none, YAML, whose flow mappings begin the same way.
        do {
            return try JSONStream.documents(json)
        } catch {
            let failure = error
            do {
                return try composed(text, isStream: true)
            } catch {
                throw hasSeparator(json) ? error : failure
            }
        }
    }

    /// A line that begins with "---".
    private static func hasSeparator(_ text: UnsafeRawBufferPointer) -> Bool {
        var dashes = 0
        for byte in text {
            switch byte {
            case 0x0A, 0x0D: dashes = 0
            case UInt8(ascii: "-") where dashes >= 0:
                dashes &+= 1
                if dashes == 3 { return true }
            default: dashes = -1
            }
        }
        return false
    }
}

/// JSON values one behind the other, with or without white space between them.
private struct JSONStream {
    private let text: UnsafeRawBufferPointer
    private var documents: [YAMLReader.Document] = []
    /// Behind the last document.
    private var end = 0
    private var counted = (offset: 0, line: 1)

    private init(_ text: UnsafeRawBufferPointer) { self.text = text }

    static func documents(_ text: UnsafeRawBufferPointer) throws(KubeError) -> [YAMLReader.Document] {
        var stream = JSONStream(text)
        try stream.read()
        return stream.documents
    }

    private mutating func read() throws(KubeError) {
        var splitter = JSONSplitter(.values, maxObjectBytes: YAMLReader.maxBytes)
        let examiner = JSONExaminer()
        var placed: KubeError?
        do throws(KubeError) {
            // The text is one piece, so that what is handed out stands in it.
            try splitter.feed(text) { (piece: UnsafeRawBufferPointer) throws(KubeError) in
                let start = offset(of: piece)
                do throws(KubeError) {
                    _ = try examiner.examine(piece, .document)
                } catch {
                    placed = failure(error, at: start &+ examiner.faultOffset)
                    throw error
                }
                let value = try JSONValue.parse(piece)
                if let key = value.duplicateKey {
                    placed = failure(KubeError(.decode, "duplicate key \(ShownText.quote(key))"), at: start)
                    throw KubeError(.decode, "")
                }
                documents.append(.init(line: line(at: start), value: value))
                end = start &+ piece.count
            }
            try splitter.finish()
        } catch {
            let next = end &+ text[min(end, text.count)...].prefix { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }.count
            throw placed ?? failure(error, at: next)
        }
    }

    private func offset(of piece: UnsafeRawBufferPointer) -> Int {
        guard let start = piece.baseAddress, let whole = text.baseAddress else { return 0 }
        return start - whole
    }

    private mutating func failure(_ error: KubeError, at offset: Int) -> KubeError {
        guard error.code == .decode else { return error }
        return KubeError(.decode, "document \(documents.count &+ 1), line \(line(at: offset)): \(error.message)")
    }

    /// Counted from 1; offsets only grow.
    private mutating func line(at offset: Int) -> Int {
        let to = min(max(offset, counted.offset), text.count)
        counted = (to, counted.line &+ text[counted.offset..<to].count { $0 == 0x0A })
        return counted.line
    }
}

extension JSONValue {
    /// The first name that an object in it has twice. No recursion.
    fileprivate var duplicateKey: String? {
        var open = [self]
        while let value = open.popLast() {
            switch value {
            case .array(let elements): open.append(contentsOf: elements)
            case .object(let members):
                // Byte for byte: Swift compares strings by their characters, where an accent has two spellings.
                var seen = Set<[UInt8]>()
                for member in members {
                    if !seen.insert(Array(member.key.utf8)).inserted { return member.key }
                    open.append(member.value)
                }
            default: break
            }
        }
        return nil
    }
}
