// What is wrong with a value by its schema, worded as kube-apiserver words it (kube-openapi pkg/validation).
import KubeCore

extension Schema {
    func faults(_ value: JSONValue, _ path: String = "") -> [FieldFault] {
        if value.isNull {
            return nullable || type.isEmpty && !intOrString ? [] : [.invalid(path, "\"null\"", "\(path) in body must be of type \(intOrString ? "integer,string" : type): \"null\"")]
        }
        if let fault = typeFault(value, path) { return [fault] }
        var found: [FieldFault] = []
        if !values.isEmpty, !values.contains(value) {
            found.append(.unsupported(path, value.text, values.map { $0.string ?? $0.text }))
        }
        switch value {
        case .object(let members): found += objectFaults(members, value, path)
        case .array(let elements): found += arrayFaults(elements, path)
        case .string(let text): found += stringFaults(text, path)
        case .number(let text): found += numberFaults(text, path)
        case .bool, .null: break
        }
        return found + combinedFaults(value, path)
    }

    private func typeFault(_ value: JSONValue, _ path: String) -> FieldFault? {
        let actual: String
        switch value {
        case .object: actual = "object"
        case .array: actual = "array"
        case .string: actual = "string"
        case .bool: actual = "boolean"
        case .number(let text): actual = Self.isInteger(text) ? "integer" : "number"
        case .null: actual = "null"
        }
        let wanted = intOrString ? ["integer", "string"] : type.isEmpty ? [] : [type]
        if wanted.isEmpty || wanted.contains(actual) || actual == "integer" && wanted.contains("number") { return nil }
        return FieldFault(reason: "FieldValueTypeInvalid", field: path,
                          message: "Invalid value: \"\(actual)\": \(path) in body must be of type \(wanted.joined(separator: ",")): \"\(actual)\"")
    }

    static func isInteger(_ text: String) -> Bool {
        if Int64(text) != nil { return true }
        guard let value = Double(text) else { return false }
        return value.rounded() == value
    }

    private func objectFaults(_ members: [JSONValue.Member], _ value: JSONValue, _ path: String) -> [FieldFault] {
        var found: [FieldFault] = []
        func inner(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
        for key in required where value[key] == nil { found.append(.required(inner(key))) }
        for member in members {
            if let schema = properties[member.key] ?? additional { found += schema.faults(member.value, inner(member.key)) }
        }
        if let minProperties, members.count < minProperties {
            found.append(.invalid(path, String(members.count), "\(path) in body should have at least \(minProperties) properties"))
        }
        if let maxProperties, members.count > maxProperties {
            found.append(FieldFault(reason: "FieldValueTooMany", field: path, message: "Too many: \(members.count): must have at most \(maxProperties) items"))
        }
        return found
    }

    private func arrayFaults(_ elements: [JSONValue], _ path: String) -> [FieldFault] {
        var found: [FieldFault] = []
        if let minItems, elements.count < minItems {
            found.append(.invalid(path, String(elements.count), "\(path) in body should have at least \(minItems) items"))
        }
        if let maxItems, elements.count > maxItems {
            found.append(FieldFault(reason: "FieldValueTooMany", field: path, message: "Too many: \(elements.count): must have at most \(maxItems) items"))
        }
        if uniqueItems, elements.indices.contains(where: { elements[..<$0].contains(elements[$0]) }) {
            found.append(FieldFault(reason: "FieldValueDuplicate", field: path, message: "Duplicate value: \(path) in body shouldn't contain duplicates"))
        }
        if let items {
            for (index, element) in elements.enumerated() { found += items.faults(element, "\(path)[\(index)]") }
        }
        return found
    }

    private func stringFaults(_ text: String, _ path: String) -> [FieldFault] {
        var found: [FieldFault] = []
        let length = text.unicodeScalars.count
        if let minLength, length < minLength {
            found.append(.invalid(path, text: text, "\(path) in body should be at least \(minLength) chars long"))
        }
        if let maxLength, length > maxLength {
            found.append(FieldFault(reason: "FieldValueTooLong", field: path, message: "Too long: may not be more than \(maxLength) bytes"))
        }
        if let pattern, let regex = try? Regex(pattern), text.firstMatch(of: regex) == nil {
            found.append(.invalid(path, text: text, "\(path) in body should match '\(pattern)'"))
        }
        return found
    }

    private func numberFaults(_ text: String, _ path: String) -> [FieldFault] {
        guard let number = Double(text) else { return [] }
        func shown(_ limit: Double) -> String { Int64(exactly: limit).map(String.init) ?? String(limit) }
        var found: [FieldFault] = []
        if let minimum, exclusiveMinimum ? number <= minimum : number < minimum {
            found.append(.invalid(path, text, "\(path) in body should be greater than \(exclusiveMinimum ? "" : "or equal to ")\(shown(minimum))"))
        }
        if let maximum, exclusiveMaximum ? number >= maximum : number > maximum {
            found.append(.invalid(path, text, "\(path) in body should be less than \(exclusiveMaximum ? "" : "or equal to ")\(shown(maximum))"))
        }
        if let multipleOf, multipleOf > 0, (number / multipleOf).rounded() != number / multipleOf {
            found.append(.invalid(path, text, "\(path) in body should be a multiple of \(shown(multipleOf))"))
        }
        return found
    }

    private func combinedFaults(_ value: JSONValue, _ path: String) -> [FieldFault] {
        var found = allOf.flatMap { $0.faults(value, path) }
        if !anyOf.isEmpty, !anyOf.contains(where: { $0.faults(value, path).isEmpty }) {
            found.append(.invalid(path, value.text, "\(path) in body must validate at least one schema (anyOf)"))
        }
        if !oneOf.isEmpty, oneOf.filter({ $0.faults(value, path).isEmpty }).count != 1 {
            found.append(.invalid(path, value.text, "\(path) in body must validate one and only one schema (oneOf)"))
        }
        if let not, not.faults(value, path).isEmpty {
            found.append(.invalid(path, value.text, "\(path) in body must not validate the schema (not)"))
        }
        return found
    }
}
