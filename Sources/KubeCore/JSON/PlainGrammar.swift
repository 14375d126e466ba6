// The grammar of JSON inside of containers as a table: what may follow what. What a token begins with is its class.

/// States: what is expected next, and in which kind of container. A step leads from a state over a class to the next state, or says
/// what has to be done.
struct PlainGrammar: ~Copyable {
    // States.
    static var keyOrClose: Int { 0 }
    static var key: Int { 1 }
    static var colon: Int { 2 }
    static var valueOfObject: Int { 3 }
    static var commaOfObject: Int { 4 }
    static var valueOrClose: Int { 5 }
    static var valueOfArray: Int { 6 }
    static var commaOfArray: Int { 7 }

    // Steps that are more than the next state.
    /// Plus the next state: a number or a literal begins.
    static var scalar: UInt8 { 8 }
    static var object: UInt8 { 16 }
    static var array: UInt8 { 17 }
    static var close: UInt8 { 18 }
    static var wrong: UInt8 { 19 }

    /// By byte: `"` `,` `:` `{` `[` `}` `]`, and 7 for all else.
    let classes: UnsafeMutablePointer<UInt8>
    /// By state, eight classes each.
    let steps: UnsafeMutablePointer<UInt8>

    init() {
        classes = .allocate(capacity: 256)
        classes.initialize(repeating: 7, count: 256)
        for (number, byte) in "\",:{[}]".utf8.enumerated() { classes[Int(byte)] = UInt8(truncatingIfNeeded: number) }
        steps = .allocate(capacity: 64)
        let x = Self.wrong
        let table: [UInt8] = [
            2, x, x, x, x, 18, x, x,
            2, x, x, x, x, x, x, x,
            x, x, 3, x, x, x, x, x,
            4, x, x, 16, 17, x, x, 12,
            x, 1, x, x, x, 18, x, x,
            7, x, x, 16, 17, x, 18, 15,
            7, x, x, 16, 17, x, x, 15,
            x, 6, x, x, x, x, 18, x,
        ]
        for (index, step) in table.enumerated() { (steps + index).initialize(to: step) }
    }

    deinit {
        classes.deallocate()
        steps.deallocate()
    }

    static func state(_ expect: JSONExaminer.Expect, _ isInObject: Bool) -> Int {
        switch expect {
        case .keyOrClose: keyOrClose
        case .key: key
        case .colon: colon
        case .value, .nothing: isInObject ? valueOfObject : valueOfArray
        case .valueOrClose: valueOrClose
        case .commaOrClose: isInObject ? commaOfObject : commaOfArray
        }
    }

    static func expect(_ state: Int) -> JSONExaminer.Expect {
        switch state {
        case keyOrClose: .keyOrClose
        case key: .key
        case colon: .colon
        case valueOfObject, valueOfArray: .value
        case valueOrClose: .valueOrClose
        default: .commaOrClose
        }
    }
}
