// What a server warns of ("this API is deprecated"): Warning headers, read as apimachinery does, and told once per text (R11).
import KubeCore

enum WarningHeader {
    /// The texts of one field's value: `299 - "text"`, more behind commas (RFC 7234, section 5.5; apimachinery, pkg/util/net
    /// ParseWarningHeader). Other codes than 299 are not for us; from the first malformed one on, nothing counts.
    static func texts(_ value: String) -> [String] {
        var texts: [String] = []
        var rest = Array(value.utf8)[...]
        func skipSpaces() { rest = rest.drop { $0 == 0x20 || $0 == 0x09 } }
        func word() -> ArraySlice<UInt8> {
            let word = rest.prefix { $0 != 0x20 && $0 != 0x09 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: ",") }
            rest = rest.dropFirst(word.count)
            skipSpaces()
            return word
        }
        while true {
            skipSpaces()
            if rest.isEmpty { return texts }
            let code = word(), agent = word()
            guard code.count == 3, code.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), !agent.isEmpty, let text = quoted(&rest) else { return texts }
            skipSpaces()
            if rest.first == UInt8(ascii: "\"") {
                // A date.
                guard quoted(&rest) != nil else { return texts }
                skipSpaces()
            }
            guard rest.isEmpty || rest.popFirst() == UInt8(ascii: ",") else { return texts }
            let line = ServerError.oneLine(text, limit: 1024)
            if code.elementsEqual("299".utf8), !line.isEmpty { texts.append(line) }
        }
    }

    /// Takes a quoted string off the front.
    private static func quoted(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        guard rest.popFirst() == UInt8(ascii: "\"") else { return nil }
        var out: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\"") { return out }
            guard byte == UInt8(ascii: "\\") else {
                out.append(byte)
                continue
            }
            guard let escaped = rest.popFirst() else { return nil }
            out.append(escaped)
        }
        return nil
    }
}

/// Tells the log of each text once. Belongs to the loop.
struct Warnings {
    /// So many texts are remembered, the newest; a server that makes up new ones is heard each time.
    static let memory = 256
    private var known: Set<Int> = []
    private var order: [Int] = []
    private var next = 0
    /// Different texts so far, as far as the memory goes.
    private(set) var count: Int64 = 0

    mutating func tell(_ head: HTTPHead, of what: String) {
        for field in head.fields where field.name.lowercased() == "warning" {
            for text in WarningHeader.texts(field.value) where isNew(text) { Log.warn("\(what): the server warns: \(text)") }
        }
    }

    mutating func isNew(_ text: String) -> Bool {
        let hash = text.hashValue
        guard known.insert(hash).inserted else { return false }
        count += 1
        if order.count < Self.memory {
            order.append(hash)
        } else {
            known.remove(order[next])
            order[next] = hash
            next = (next + 1) % Self.memory
        }
        return true
    }
}
