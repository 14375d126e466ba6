// A random source that always gives the least, or always the most, of what may come. No tests.

struct Extreme: RandomNumberGenerator {
    private let word: UInt64

    mutating func next() -> UInt64 { word }

    /// 0 would be drawn again for ever.
    static var least: Extreme { Extreme(word: 1) }
    static var most: Extreme { Extreme(word: .max) }
}
