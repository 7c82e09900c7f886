import MediaIndex

/// In what order all media play: `playback.order`.
public enum PlayOrder: String, Sendable, CaseIterable {
    /// Oldest first.
    case arrival
    /// By when they were taken, oldest first; what does not tell counts by when it arrived.
    case date
    /// By file name, as people sort: without regard to case, and 9 before 10.
    case name
    /// Every medium once in a round, each round in an order of its own.
    case shuffle
}

/// Puts media in order. A value; the same input gives the same order.
struct PlayArrangement: Sendable, Equatable {
    var order: PlayOrder
    /// Which of all shuffles; of no meaning for other orders.
    var seed: UInt64

    /// - Parameters:
    ///   - items: oldest first.
    ///   - round: how many times all were played before; of no meaning except for a shuffle.
    func arranged(_ items: [ProgrammeItem], round: Int) -> [ProgrammeItem] {
        switch order {
        case .arrival: items
        case .date: byDate(items)
        case .name: byName(items)
        case .shuffle: shuffled(items, round: round)
        }
    }

    private func byDate(_ items: [ProgrammeItem]) -> [ProgrammeItem] {
        let places = items.indices.sorted { (items[$0].date, $0) < (items[$1].date, $1) }
        return places.map { items[$0] }
    }

    private func byName(_ items: [ProgrammeItem]) -> [ProgrammeItem] {
        let names = items.map { NaturalName($0.name) }
        let places = items.indices.sorted { left, right in
            names[left] == names[right] ? left < right : names[left] < names[right]
        }
        return places.map { items[$0] }
    }

    /// Each medium has its place by a number of its own, so that one which comes or goes moves no other.
    private func shuffled(_ items: [ProgrammeItem], round: Int) -> [ProgrammeItem] {
        // Two can only take turns: any other order would show one of them twice in a row.
        let round = items.count == 2 ? 0 : round
        var sorted = items.map { (number: number($0.id, round: round), item: $0) }
            .sorted { ($0.number, $0.item.id) < ($1.number, $1.item.id) }.map(\.item)
        if sorted.count > 2 {
            let before = items.max { left, right in
                (number(left.id, round: round - 1), left.id) < (number(right.id, round: round - 1), right.id)
            }
            // The last of a round is not the first of the next.
            if before?.id == sorted[0].id { sorted.swapAt(0, 1) }
        }
        return sorted
    }

    /// FNV-1a of the id, stirred by SplitMix64's finaliser (http://www.isthe.com/chongo/tech/comp/fnv,
    /// https://prng.di.unimi.it/splitmix64.c): it must be the same on every machine, which `Hasher` is not.
    private func number(_ id: MediumID, round: Int) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in id.rawValue.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash ^= seed &+ UInt64(bitPattern: Int64(round)) &* 0x9E37_79B9_7F4A_7C15
        hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
        return hash ^ (hash >> 31)
    }
}

/// A name as people compare it: without case, and with numbers by their value.
struct NaturalName: Comparable {
    private enum Part: Comparable {
        /// Without leading zeros; a longer one is greater.
        case number(digits: String)
        case character(Character)

        static func < (left: Part, right: Part) -> Bool {
            switch (left, right) {
            case (.number(let left), .number(let right)):
                (left.utf8.count, left) < (right.utf8.count, right)
            case (.character(let left), .character(let right)): left < right
            case (.number, .character(let right)): "0" < right
            case (.character(let left), .number): left < "0"
            }
        }
    }

    private let parts: [Part]

    init(_ name: String) {
        func isDigit(_ character: Character) -> Bool { character.isASCII && character.isNumber }
        var parts: [Part] = []
        var rest = name.lowercased()[...]
        while let first = rest.first {
            if isDigit(first) {
                let digits = rest.prefix(while: isDigit)
                rest = rest[digits.endIndex...]
                parts.append(.number(digits: String(digits.drop { $0 == "0" })))
            } else {
                rest = rest.dropFirst()
                parts.append(.character(first))
            }
        }
        self.parts = parts
    }

    static func < (left: NaturalName, right: NaturalName) -> Bool {
        left.parts.lexicographicallyPrecedes(right.parts)
    }
}
