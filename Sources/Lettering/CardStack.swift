import Frames

/// Paragraphs one below the other, whose sizes are chosen so that all have room.
struct CardStack {
    struct Item {
        /// The first of these that fits on one line is shown; else the last, on several.
        var texts: [String]
        var colour: Colour
        /// Font size, in units of the stack.
        var scale: Double
        /// It gets as small as this to stay on one line, before the others get smaller, too.
        var smallestScale: Double
        var maximumLines = 1
        /// Space above, in units of the stack; none above the first.
        var space = 0.5
        /// An item of a higher rank goes when there is no room for all; one of rank 0 never does.
        var rank = 0
        /// It may end in "…": what people wrote can be of any length.
        var mayBeShortened = false

        init(
            _ texts: String..., colour: Colour, scale: Double, smallestScale: Double? = nil, maximumLines: Int = 1,
            space: Double = 0.5, rank: Int = 0, mayBeShortened: Bool = false
        ) {
            self.smallestScale = smallestScale ?? scale
            self.texts = texts
            self.colour = colour
            self.scale = scale
            self.maximumLines = maximumLines
            self.space = space
            self.rank = rank
            self.mayBeShortened = mayBeShortened
        }
    }

    /// A paragraph with its place in the stack.
    struct Placed {
        var block: TextBlock
        var colour: Colour
        /// From the stack's top.
        var y: Int
    }

    private(set) var placed: [Placed] = []
    private(set) var height = 0

    /// - Parameters:
    ///   - unit: what a unit may be, in pixels: the largest that fits is taken.
    ///   - smallest: no font gets smaller than this, whatever the unit.
    init(
        _ items: [Item], width: Int, height: Int, unit: ClosedRange<Int>, smallest: Int, typesetter: Typesetter
    ) throws(LetteringError) {
        var items = items
        // What is too long in the smallest letters must not push the others out: it gets more lines, and an end.
        for index in items.indices {
            let block = try Self.set(items[index], width: width, unit: 1, smallest: smallest, typesetter: typesetter)
            if block.isShortened {
                items[index].maximumLines += 1
                items[index].mayBeShortened = true
            }
        }
        while true {
            let largest = try Self.largest(
                items, width: width, height: height, unit: unit, smallest: smallest, typesetter: typesetter)
            if let largest {
                self = largest
                return
            }
            guard Self.reduce(&items) else { break }
        }
        // It is as small as it can be: the screen's edge cuts it.
        self =
            try Self.set(
                items, width: width, height: .max, unit: 1, smallest: smallest, typesetter: typesetter)
            ?? CardStack()
    }

    private init() {}

    /// The stack with the largest unit that fits; nil: not even the smallest does.
    private static func largest(
        _ items: [Item], width: Int, height: Int, unit: ClosedRange<Int>, smallest: Int, typesetter: Typesetter
    ) throws(LetteringError) -> CardStack? {
        func set(_ unit: Int) throws(LetteringError) -> CardStack? {
            try Self.set(items, width: width, height: height, unit: unit, smallest: smallest, typesetter: typesetter)
        }
        guard var best = try set(unit.lowerBound) else { return nil }
        var (fits, fails) = (unit.lowerBound, unit.upperBound + 1)
        while fails - fits > 1 {
            let middle = (fits + fails) / 2
            if let stack = try set(middle) {
                best = stack
                fits = middle
            } else {
                fails = middle
            }
        }
        return best
    }

    /// Takes the least important item out, or else a line from the longest that may lose one. False: nothing is left
    /// to take.
    private static func reduce(_ items: inout [Item]) -> Bool {
        if let highest = items.map(\.rank).max(), highest > 0,
            let index = items.lastIndex(where: { $0.rank == highest })
        {
            items.remove(at: index)
            return true
        }
        let longest = items.indices.filter { items[$0].mayBeShortened && items[$0].maximumLines > 1 }
            .max { items[$0].maximumLines < items[$1].maximumLines }
        guard let longest else { return false }
        items[longest].maximumLines -= 1
        return true
    }

    /// nil: it does not fit.
    private static func set(
        _ items: [Item], width: Int, height: Int, unit: Int, smallest: Int, typesetter: Typesetter
    ) throws(LetteringError) -> CardStack? {
        var stack = CardStack()
        for item in items {
            let block = try set(item, width: width, unit: unit, smallest: smallest, typesetter: typesetter)
            if block.isShortened, !item.mayBeShortened { return nil }
            if !stack.placed.isEmpty { stack.height += Int((item.space * Double(unit)).rounded()) }
            stack.placed.append(Placed(block: block, colour: item.colour, y: stack.height))
            stack.height += block.size.height
            if stack.height > height { return nil }
        }
        return stack
    }

    private static func set(
        _ item: Item, width: Int, unit: Int, smallest: Int, typesetter: Typesetter
    ) throws(LetteringError) -> TextBlock {
        let largest = max(smallest, Int((item.scale * Double(unit)).rounded()))
        let least = min(largest, max(smallest, Int((item.smallestScale * Double(unit)).rounded())))
        for text in item.texts {
            let block = try typesetter.set(text, sizes: least...largest, width: width)
            if !block.isShortened { return block }
        }
        return try typesetter.set(
            item.texts.last ?? "", size: least, width: width, maximumLines: item.maximumLines, isBalanced: true)
    }
}
