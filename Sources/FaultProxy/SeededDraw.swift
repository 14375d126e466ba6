// Chance that can be had again: each draw depends on the seed and on what it is for, never on the order of the draws.

/// SplitMix64 (Steele, Lea, Flood, 2014), started anew for each purpose.
struct SeededDraw: RandomNumberGenerator {
    private var state: UInt64

    /// `purpose`: the rule, the connection, the way.
    init(seed: UInt64, purpose: [Int64]) {
        state = seed
        for number in purpose { state = next() ^ UInt64(bitPattern: number) }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
