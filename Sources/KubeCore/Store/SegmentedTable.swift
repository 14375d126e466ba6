// A hash table in segments: growing splits one of them, a copy shares all of them until they change. So no change costs more
// than a few microseconds, however much is in it (extendible hashing, Fagin et al. 1979).
internal import CScan

/// A value type. Who calls gives the hash of an element and knows which elements are equal.
struct SegmentedTable<Element: AnyObject> {
    /// The upper `bits` bits of a hash are a place here, where the number of its segment stands.
    private var directory: [UInt32] = [0]
    private var bits: UInt32 = 0
    private var segments: [TableSegment<Element>] = [.make(capacity: 16, bits: 0)]
    private(set) var count = 0

    /// Segments are split beyond this, and below this many bits: behind them hashes are as good as equal.
    private static var maxCapacity: Int { 512 }
    private static var maxBits: UInt32 { 16 }

    @inline(__always)
    private func place(_ hash: UInt32) -> Int { Int(truncatingIfNeeded: UInt64(hash) &>> UInt64(32 &- bits)) }

    @inline(__always)
    func find(_ hash: UInt32, _ isWanted: (Element) -> Bool) -> Element? {
        let segment = Unmanaged.passUnretained(segments[Int(directory[place(hash)])])
        return segment._withUnsafeGuaranteedRef { $0.find(hash, isWanted) }
    }

    /// As `find`, which changes nothing either; but where the table stands, without a copy of it that would have to be counted.
    @inline(__always)
    mutating func findInPlace(_ hash: UInt32, _ isWanted: (Element) -> Bool) -> Element? { find(hash, isWanted) }

    /// Puts an element in; returns the one that it replaces. `distance`: how far from its beginning the element is compared.
    mutating func insert(_ element: Element, _ hash: UInt32, distance: UInt32 = 0, _ isSame: (Element) -> Bool) -> Element? {
        while true {
            let number = Int(directory[place(hash)])
            if !isKnownUniquelyReferenced(&segments[number]) { segments[number] = segments[number].resized(segments[number].slotCount) }
            switch segments[number].insert(element, hash, distance, isSame) {
            case .replaced(let old): return old
            case .added:
                count &+= 1
                return nil
            case .full: makeRoom(number, hash)
            }
        }
    }

    /// Takes an element out and returns it.
    mutating func remove(_ hash: UInt32, _ isWanted: (Element) -> Bool) -> Element? {
        let number = Int(directory[place(hash)])
        guard segments[number].find(hash, isWanted) != nil else { return nil }
        if !isKnownUniquelyReferenced(&segments[number]) { segments[number] = segments[number].resized(segments[number].slotCount) }
        count &-= 1
        return segments[number].remove(hash, isWanted)
    }

    private mutating func makeRoom(_ number: Int, _ hash: UInt32) {
        let full = segments[number]
        guard full.slotCount >= Self.maxCapacity, full.bits < Self.maxBits else {
            segments[number] = full.resized(full.slotCount &* 2)
            return
        }
        if full.bits == bits {
            directory = directory.flatMap { [$0, $0] }
            bits &+= 1
        }
        // Its places lie side by side; the second half of them is the new one's.
        let span = 1 &<< Int(bits &- full.bits)
        let first = place(hash) & ~(span &- 1)
        let (low, high) = full.split()
        for place in first &+ span / 2..<first &+ span { directory[place] = UInt32(truncatingIfNeeded: segments.count) }
        segments[number] = low
        segments.append(high)
    }

    /// All elements, in no order.
    func forEach(_ body: (Element) -> Void) {
        for segment in segments { segment.forEach(body) }
    }
}

struct TableSegmentHeader {
    /// A power of two.
    let slotCount: Int
    /// How many upper bits all its hashes share.
    let bits: UInt32
    var used = 0
}

struct TableSlot<Element: AnyObject> {
    var element: Unmanaged<Element>?
    /// Beside it, so that a probe touches no other element.
    var hash: UInt32
    /// From the element's beginning to what it is compared by: so that both are on their way when they are needed.
    var distance: UInt32
}

/// Open addressing with linear probing by the lower bits of the hash. It owns its elements; whoever changes it must be its
/// only owner.
final class TableSegment<Element: AnyObject>: ManagedBuffer<TableSegmentHeader, TableSlot<Element>> {
    enum Insertion { case added, replaced(Element), full }

    static func make(capacity: Int, bits: UInt32) -> TableSegment {
        let buffer = TableSegment.create(minimumCapacity: capacity) { _ in TableSegmentHeader(slotCount: capacity, bits: bits) }
        let segment = unsafeDowncast(buffer, to: TableSegment<Element>.self)
        segment.withUnsafeMutablePointerToElements { $0.initialize(repeating: TableSlot(element: nil, hash: 0, distance: 0), count: capacity) }
        return segment
    }

    deinit {
        withUnsafeMutablePointers { header, slots in
            for index in 0..<header.pointee.slotCount { slots[index].element?.release() }
        }
    }

    var slotCount: Int { header.slotCount }
    var bits: UInt32 { header.bits }

    @inline(__always)
    func find(_ hash: UInt32, _ isWanted: (Element) -> Bool) -> Element? {
        withUnsafeMutablePointers { header, slots in
            let mask = header.pointee.slotCount &- 1
            var index = Int(hash) & mask
            while let element = slots[index].element {
                if slots[index].hash == hash {
                    // It is this one, nearly always, and all that follows reads it.
                    kcr_prefetch(element.toOpaque(), slots[index].distance)
                    if element._withUnsafeGuaranteedRef(isWanted) { return element.takeUnretainedValue() }
                }
                index = (index &+ 1) & mask
            }
            return nil
        }
    }

    @inline(__always)
    func insert(_ new: Element, _ hash: UInt32, _ distance: UInt32, _ isSame: (Element) -> Bool) -> Insertion {
        withUnsafeMutablePointers { header, slots in
            let mask = header.pointee.slotCount &- 1
            var index = Int(hash) & mask
            while let element = slots[index].element {
                if slots[index].hash == hash, element._withUnsafeGuaranteedRef(isSame) {
                    slots[index] = TableSlot(element: Unmanaged.passRetained(new), hash: hash, distance: distance)
                    return .replaced(element.takeRetainedValue())
                }
                index = (index &+ 1) & mask
            }
            if header.pointee.used &* 4 >= header.pointee.slotCount &* 3 { return .full }
            header.pointee.used &+= 1
            slots[index] = TableSlot(element: Unmanaged.passRetained(new), hash: hash, distance: distance)
            return .added
        }
    }

    func remove(_ hash: UInt32, _ isWanted: (Element) -> Bool) -> Element? {
        withUnsafeMutablePointers { header, slots in
            let mask = header.pointee.slotCount &- 1
            var index = Int(hash) & mask
            while let element = slots[index].element {
                if slots[index].hash == hash, element._withUnsafeGuaranteedRef(isWanted) {
                    header.pointee.used &-= 1
                    TableSegment.closeGap(slots, at: index, mask)
                    return element.takeRetainedValue()
                }
                index = (index &+ 1) & mask
            }
            return nil
        }
    }

    /// What was pushed behind the gap moves back.
    private static func closeGap(_ slots: UnsafeMutablePointer<TableSlot<Element>>, at gap: Int, _ mask: Int) {
        var gap = gap
        var next = (gap &+ 1) & mask
        while slots[next].element != nil {
            let home = Int(slots[next].hash) & mask
            if (next &- home) & mask >= (next &- gap) & mask {
                slots[gap] = slots[next]
                gap = next
            }
            next = (next &+ 1) & mask
        }
        slots[gap].element = nil
    }

    /// A copy, for another capacity that is large enough.
    func resized(_ capacity: Int) -> TableSegment {
        let other = TableSegment.make(capacity: capacity, bits: bits)
        eachSlot { other.append($0) }
        return other
    }

    /// Two segments, by the next bit of the hashes: clear, set.
    func split() -> (TableSegment, TableSegment) {
        let halves = (TableSegment.make(capacity: slotCount, bits: bits &+ 1), TableSegment.make(capacity: slotCount, bits: bits &+ 1))
        let bit: UInt32 = 1 &<< (31 &- bits)
        eachSlot { slot in (slot.hash & bit == 0 ? halves.0 : halves.1).append(slot) }
        return halves
    }

    /// An element that is not in it yet, while there is room.
    private func append(_ slot: TableSlot<Element>) {
        if let element = slot.element { _ = insert(element.takeUnretainedValue(), slot.hash, slot.distance) { _ in false } }
    }

    func forEach(_ body: (Element) -> Void) {
        eachSlot { $0.element?._withUnsafeGuaranteedRef(body) }
    }

    private func eachSlot(_ body: (TableSlot<Element>) -> Void) {
        withUnsafeMutablePointers { header, slots in
            for index in 0..<header.pointee.slotCount where slots[index].element != nil { body(slots[index]) }
        }
    }
}
