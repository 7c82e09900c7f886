/// Which way the parts of a paragraph run: a simple form of the Unicode Bidirectional Algorithm (UAX #9) without
/// embeddings, which `HarmlessText` takes out, and without its rule N0 for pairs of brackets.
struct TextDirection {
    /// What a character says about direction.
    enum Kind {
        case leftToRight
        case rightToLeft
        case number
        /// Between two numbers it belongs to them: 12:30, 1,5.
        case separator
        /// Next to a number it belongs to it: 50 %.
        case terminator
        /// Of the character before.
        case mark
        case neutral
    }

    /// Level of each character: even ones run left to right, odd ones right to left.
    let levels: [UInt8]
    /// Level of the paragraph: that of its first character with a direction.
    let base: UInt8

    /// - Parameter base: level of the paragraph when it is known, as for a line of one.
    init(_ kinds: [Kind], base: UInt8? = nil) {
        let first = kinds.first { $0 == .leftToRight || $0 == .rightToLeft }
        let base = base ?? (first == .rightToLeft ? 1 : 0)
        self.base = base

        var resolved = Self.withNumbersJoined(kinds)
        // W7: a number after left-to-right text is part of it.
        var strong: Kind = base == 1 ? .rightToLeft : .leftToRight
        for index in resolved.indices {
            switch resolved[index] {
            case .leftToRight, .rightToLeft: strong = resolved[index]
            case .number where strong == .leftToRight: resolved[index] = .leftToRight
            default: break
            }
        }
        // N1, N2: what has no direction takes that of both neighbours, else the paragraph's. A number is
        // right-to-left here, since those in left-to-right text are no more.
        let edge: Kind = base == 1 ? .rightToLeft : .leftToRight
        var index = 0
        while index < resolved.count {
            guard resolved[index] == .neutral else {
                index += 1
                continue
            }
            let end = resolved[index...].firstIndex { $0 != .neutral } ?? resolved.count
            let before = index == 0 ? edge : Self.side(resolved[index - 1])
            let after = end == resolved.count ? edge : Self.side(resolved[end])
            for place in index..<end { resolved[place] = before == after ? before : edge }
            index = end
        }
        // I1, I2.
        levels = resolved.map { kind in
            switch kind {
            case .rightToLeft: 1
            case .number: 2
            default: base == 0 ? 0 : 2
            }
        }
    }

    private static func side(_ kind: Kind) -> Kind { kind == .leftToRight ? .leftToRight : .rightToLeft }

    /// W1, W4 to W6: marks, separators and terminators become what they belong to, or neutral.
    private static func withNumbersJoined(_ kinds: [Kind]) -> [Kind] {
        var result = kinds
        for index in result.indices {
            switch result[index] {
            case .mark:
                result[index] = index == 0 ? .neutral : result[index - 1]
            case .separator:
                let joins =
                    index > 0 && result[index - 1] == .number && index + 1 < kinds.count && kinds[index + 1] == .number
                result[index] = joins ? .number : .neutral
            case .terminator:
                let after = kinds[index...].first { $0 != .terminator }
                let joins = (index > 0 && result[index - 1] == .number) || after == .number
                result[index] = joins ? .number : .neutral
            default: break
            }
        }
        return result
    }

    /// Rule L2: the order in which runs of these levels stand from left to right.
    static func visualOrder(_ levels: [UInt8]) -> [Int] {
        var order = Array(levels.indices)
        guard let highest = levels.max(), let lowest = levels.filter({ $0 % 2 == 1 }).min() else { return order }
        for level in stride(from: highest, through: lowest, by: -1) {
            var start = 0
            while start < order.count {
                guard levels[order[start]] >= level else {
                    start += 1
                    continue
                }
                let end = order[start...].firstIndex { levels[$0] < level } ?? order.count
                order[start..<end].reverse()
                start = end
            }
        }
        return order
    }
}
