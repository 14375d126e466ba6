// Reads a JSON object of options strictly: every key is taken by somebody, with its type, or it is an error.

/// One object of options. Take the keys, then `finish()`.
package struct OptionReader {
    private let what: String
    private var left: [JSONValue.Member]

    /// `what` says whose options these are, for messages ("list"). Nil and null are "none". Throws `.argument`.
    package init(_ json: JSONValue?, _ what: String) throws(KubeError) {
        self.what = what
        switch json {
        case nil, .null: left = []
        case .object(let members): left = members
        case let other?: throw KubeError(.argument, "the \(what) options are \(other.typeName), not an object")
        }
    }

    /// The text of options; nil is "none". Throws `.argument` for broken JSON.
    package static func parse(_ text: UnsafeRawBufferPointer?, _ what: String) throws(KubeError) -> JSONValue? {
        guard let text else { return nil }
        do {
            return try JSONValue.parse(text)
        } catch {
            throw KubeError(.argument, "the \(what) options: \(error.message)")
        }
    }

    /// Takes a key. An explicit null is "not set". Of equal keys the last one counts.
    package mutating func take(_ key: String) -> JSONValue? {
        var found: JSONValue?
        left.removeAll { member in
            guard member.key == key else { return false }
            found = member.value
            return true
        }
        return found?.isNull == true ? nil : found
    }

    private func wrong(_ key: String, _ value: JSONValue, _ wanted: String) -> KubeError {
        KubeError(.argument, "the \(what) option \"\(key)\" is \(value.typeName), not \(wanted)")
    }

    package mutating func string(_ key: String) throws(KubeError) -> String? {
        guard let value = take(key) else { return nil }
        guard let text = value.string else { throw wrong(key, value, "a string") }
        try checkNUL(key, text)
        return text
    }

    private func checkNUL(_ key: String, _ text: String) throws(KubeError) {
        if text.utf8.contains(0) { throw KubeError(.argument, "the \(what) option \"\(key)\" contains a NUL") }
    }

    package mutating func bool(_ key: String) throws(KubeError) -> Bool? {
        guard let value = take(key) else { return nil }
        guard let flag = value.bool else { throw wrong(key, value, "a boolean") }
        return flag
    }

    package mutating func int(_ key: String, in range: ClosedRange<Int64> = 0...Int64.max / 4) throws(KubeError) -> Int64? {
        guard let value = take(key) else { return nil }
        guard let number = value.int else { throw wrong(key, value, "an integer") }
        guard range.contains(number) else {
            throw KubeError(.argument, "the \(what) option \"\(key)\" is \(number), out of range (\(range.lowerBound) to \(range.upperBound))")
        }
        return number
    }

    package mutating func double(_ key: String) throws(KubeError) -> Double? {
        guard let value = take(key) else { return nil }
        guard case .number(let text) = value, let number = Double(text), number.isFinite, number >= 0 else {
            throw wrong(key, value, "a number of at least 0")
        }
        return number
    }

    package mutating func choice(_ key: String, _ choices: [String]) throws(KubeError) -> String? {
        guard let text = try string(key) else { return nil }
        guard choices.contains(text) else {
            throw KubeError(.argument, "the \(what) option \"\(key)\" is \"\(text)\", not one of \(choices.joined(separator: ", "))")
        }
        return text
    }

    package mutating func object(_ key: String) throws(KubeError) -> [JSONValue.Member]? {
        guard let value = take(key) else { return nil }
        guard let members = value.members else { throw wrong(key, value, "an object") }
        return members
    }

    /// A string, or an array of strings.
    package mutating func strings(_ key: String) throws(KubeError) -> [String]? {
        guard let value = take(key) else { return nil }
        guard let elements = value.array ?? (value.string == nil ? nil : [value]) else { throw wrong(key, value, "a string or an array of strings") }
        var texts: [String] = []
        for element in elements {
            guard let text = element.string else { throw wrong(key, element, "a string or an array of strings") }
            try checkNUL(key, text)
            texts.append(text)
        }
        return texts
    }

    /// An option of the contract that this version does not have.
    package mutating func refuse(_ key: String) throws(KubeError) {
        if take(key) != nil { throw KubeError(.unsupported, "the \(what) option \"\(key)\" is not supported by this version") }
    }

    /// Throws `.argument` when a key is left that nobody took.
    package func finish() throws(KubeError) {
        if let unknown = left.first { throw KubeError(.argument, "unknown \(what) option \"\(unknown.key)\"") }
    }
}
