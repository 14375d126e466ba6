// The part of OpenAPI v3 that a CRD's schema may use, read once into a tree of values.
import KubeCore

/// One node of a schema. What it does with an object: `prune` and `fill` (Schema+Prune), `faults` (Schema+Validate).
final class Schema: Sendable, Equatable {
    let type: String
    let nullable: Bool
    let required: [String]
    let properties: [String: Schema]
    /// The schema of further members.
    let additional: Schema?
    let items: Schema?
    let values: [JSONValue]
    let defaultValue: JSONValue?
    let minimum: Double?
    let maximum: Double?
    let exclusiveMinimum: Bool
    let exclusiveMaximum: Bool
    let multipleOf: Double?
    let minLength: Int?
    let maxLength: Int?
    let minItems: Int?
    let maxItems: Int?
    let uniqueItems: Bool
    let minProperties: Int?
    let maxProperties: Int?
    let pattern: String?
    let allOf: [Schema]
    let anyOf: [Schema]
    let oneOf: [Schema]
    let not: Schema?
    let intOrString: Bool
    let preservesUnknown: Bool
    let embedsResource: Bool
    /// Somewhere in it are rules in CEL, which this server does not evaluate.
    let hasRules: Bool
    private let source: JSONValue

    /// `additionalProperties: true` and the like: anything.
    static let anything = Schema(.members(["x-kubernetes-preserve-unknown-fields": true]))

    init(_ source: JSONValue) {
        self.source = source
        func schema(_ key: String) -> Schema? { source[key]?.members == nil ? nil : source[key].map(Schema.init) }
        func schemas(_ key: String) -> [Schema] { (source[key]?.array ?? []).map(Schema.init) }
        func number(_ key: String) -> Double? {
            if case .number(let text)? = source[key] { Double(text) } else { nil }
        }
        func count(_ key: String) -> Int? { source[key]?.int.map(Int.init) }
        type = source["type"]?.string ?? ""
        nullable = source["nullable"]?.bool ?? false
        required = source["required"]?.strings ?? []
        properties = (source["properties"]?.members ?? []).reduce(into: [:]) { $0[$1.key] = Schema($1.value) }
        additional = source["additionalProperties"]?.bool == true ? .anything : schema("additionalProperties")
        items = schema("items")
        values = source["enum"]?.array ?? []
        defaultValue = source["default"]
        minimum = number("minimum")
        maximum = number("maximum")
        exclusiveMinimum = source["exclusiveMinimum"]?.bool ?? false
        exclusiveMaximum = source["exclusiveMaximum"]?.bool ?? false
        multipleOf = number("multipleOf")
        minLength = count("minLength")
        maxLength = count("maxLength")
        minItems = count("minItems")
        maxItems = count("maxItems")
        uniqueItems = source["uniqueItems"]?.bool ?? false
        minProperties = count("minProperties")
        maxProperties = count("maxProperties")
        pattern = source["pattern"]?.string
        allOf = schemas("allOf")
        anyOf = schemas("anyOf")
        oneOf = schemas("oneOf")
        not = schema("not")
        intOrString = source["x-kubernetes-int-or-string"]?.bool ?? false
        preservesUnknown = source["x-kubernetes-preserve-unknown-fields"]?.bool ?? false
        embedsResource = source["x-kubernetes-embedded-resource"]?.bool ?? false
        let below = properties.values.map(\.hasRules) + [additional, items].map { $0?.hasRules ?? false }
        hasRules = source["x-kubernetes-validations"] != nil || below.contains(true)
    }

    static func == (left: Schema, right: Schema) -> Bool { left.source == right.source }
}
