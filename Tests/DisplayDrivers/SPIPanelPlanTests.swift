import Testing

@testable import DisplayDrivers

/// What is sent covers what has changed, and costs at most what the whole picture or the published rule would.
@Suite struct SPIPanelPlanTests {
    private struct Pictures {
        let width: Int
        let height: Int
        let bytesPerPixel: Int
        var old: [UInt8]
        var new: [UInt8]

        init(_ width: Int, _ height: Int, bytesPerPixel: Int, _ generator: inout SeededGenerator) {
            (self.width, self.height, self.bytesPerPixel) = (width, height, bytesPerPixel)
            old = (0..<width * height * bytesPerPixel).map { _ in UInt8.random(in: 0...255, using: &generator) }
            new = old
        }

        /// Changes one byte of a pixel, so that each byte counts.
        mutating func change(_ x: Int, _ y: Int, _ generator: inout SeededGenerator) {
            let byte = (y * width + x) * bytesPerPixel + Int.random(in: 0..<bytesPerPixel, using: &generator)
            new[byte] ^= UInt8.random(in: 1...255, using: &generator)
        }

        mutating func change(_ columns: Range<Int>, _ rows: Range<Int>, _ generator: inout SeededGenerator) {
            for y in rows.clamped(to: 0..<height) {
                for x in columns.clamped(to: 0..<width) { change(x, y, &generator) }
            }
        }

        func differs(_ x: Int, _ y: Int) -> Bool {
            let first = (y * width + x) * bytesPerPixel
            return old[first..<first + bytesPerPixel] != new[first..<first + bytesPerPixel]
        }
    }

    @Test func neverDearerThanTheWholeOrThePublishedRule() throws {
        let seed: UInt64 = 3
        var generator = SeededGenerator(seed: seed)
        var plan = SpanPlan()
        for round in 0..<rounds(25) * 8 {
            let pictures = Self.damaged(round, &generator)
            let windowPixels = [6, 11, 40, 250, 900].randomElement(using: &generator) ?? 250
            Self.plan(pictures, windowPixels, &plan)
            let cost = SpanPlan.cost(plan.windows, windowPixels: windowPixels)
            let whole = pictures.width * pictures.height + windowPixels
            #expect(cost <= whole, "seed \(seed), round \(round)")
            for threshold in [4, 320] {
                let published = PublishedRule.windows(pictures.differs, pictures.width, pictures.height, threshold)
                let theirs = SpanPlan.cost(published, windowPixels: windowPixels)
                #expect(cost <= theirs, "seed \(seed), round \(round), threshold \(threshold)")
            }
            Self.verifyCover(pictures, plan.windows, "seed \(seed), round \(round)")
        }
    }

    @Test func nothingIsSentForNothing() {
        var generator = SeededGenerator(seed: 1)
        var plan = SpanPlan()
        Self.plan(Pictures(50, 20, bytesPerPixel: 3, &generator), 100, &plan)
        #expect(plan.windows.isEmpty)
    }

    @Test func farCornersAreTwoWindows() {
        var generator = SeededGenerator(seed: 2)
        var pictures = Pictures(320, 240, bytesPerPixel: 2, &generator)
        pictures.change(0..<10, 0..<10, &generator)
        pictures.change(300..<310, 200..<210, &generator)
        var plan = SpanPlan()
        Self.plan(pictures, 250, &plan)
        #expect(plan.windows.count == 2 && plan.pixelCount == 200)
        #expect(plan.changedCount == 200)
    }

    @Test func sameRowsApartAreTwoColumns() {
        var generator = SeededGenerator(seed: 2)
        var pictures = Pictures(320, 240, bytesPerPixel: 2, &generator)
        pictures.change(0..<10, 0..<240, &generator)
        pictures.change(310..<320, 0..<240, &generator)
        var plan = SpanPlan()
        Self.plan(pictures, 250, &plan)
        #expect(plan.windows.count == 2 && plan.pixelCount == 4_800)
    }

    @Test func costFollowsFromWhatTransfersTake() {
        // 6 transfers of 15 µs and 11 bytes of 128 ns are 91.4 µs; a pixel of two bytes is 256 ns.
        #expect(TransferCost(clockRate: 62_500_000).windowPixels(bytesPerPixel: 2) == 358)
        var cost = TransferCost(clockRate: 62_500_000)
        for _ in 0..<200 { cost.measured(transfers: 5, bytes: 11, took: .nanoseconds(50_000 + 11 * 128)) }
        #expect((9_900.0...10_100).contains(cost.perTransfer))
        // A clock that stands still says nothing.
        cost.measured(transfers: 5, bytes: 11, took: .zero)
        #expect((9_900.0...10_100).contains(cost.perTransfer))
        for _ in 0..<200 { cost.measured(pixelBytes: 100_000, took: .milliseconds(20)) }
        #expect((199.0...201).contains(cost.perByte))
    }

    // MARK: Damage

    private static func damaged(_ round: Int, _ generator: inout SeededGenerator) -> Pictures {
        let width = [320, 135, 128, 40].randomElement(using: &generator) ?? 320
        let height = [240, 60, 33].randomElement(using: &generator) ?? 240
        var pictures = Pictures(width, height, bytesPerPixel: round % 3 == 0 ? 3 : 2, &generator)
        switch round % 8 {
        case 0: scatter(&pictures, Int.random(in: 1...20, using: &generator), &generator)
        case 1: scatter(&pictures, width * height / Int.random(in: 4...300, using: &generator), &generator)
        case 2: pictures.change(0..<width, 0..<height, &generator)
        case 3: boxes(&pictures, Int.random(in: 1...6, using: &generator), &generator)
        case 4: boxes(&pictures, Int.random(in: 6...30, using: &generator), &generator)
        case 5:
            let step = Int.random(in: 3...20, using: &generator)
            for x in stride(from: 0, to: width, by: step) { pictures.change(x..<x + 1, 0..<height, &generator) }
        case 6:
            let step = Int.random(in: 2...9, using: &generator)
            for y in stride(from: 0, to: height, by: step) { pictures.change(0..<width, y..<y + 1, &generator) }
        default:
            let breadth = Int.random(in: 1...30, using: &generator)
            for y in 0..<height { pictures.change(y..<y + breadth, y..<y + 1, &generator) }
        }
        return pictures
    }

    private static func scatter(_ pictures: inout Pictures, _ count: Int, _ generator: inout SeededGenerator) {
        for _ in 0..<count {
            let x = Int.random(in: 0..<pictures.width, using: &generator)
            pictures.change(x, Int.random(in: 0..<pictures.height, using: &generator), &generator)
        }
    }

    private static func boxes(_ pictures: inout Pictures, _ count: Int, _ generator: inout SeededGenerator) {
        for _ in 0..<count {
            let x = Int.random(in: 0..<pictures.width, using: &generator)
            let y = Int.random(in: 0..<pictures.height, using: &generator)
            pictures.change(
                x..<x + Int.random(in: 1...40, using: &generator), y..<y + Int.random(in: 1...40, using: &generator),
                &generator)
        }
    }

    private static func plan(_ pictures: Pictures, _ windowPixels: Int, _ plan: inout SpanPlan) {
        pictures.new.withUnsafeBytes { new in
            pictures.old.withUnsafeBytes { old in
                guard let new = new.baseAddress, let old = old.baseAddress else { return }
                plan.plan(
                    new, old, rows: 0..<pictures.height, width: pictures.width,
                    bytesPerPixel: pictures.bytesPerPixel, windowPixels: windowPixels)
            }
        }
    }

    private static func verifyCover(_ pictures: Pictures, _ windows: [Span], _ where: String) {
        var sent = [Bool](repeating: false, count: pictures.width * pictures.height)
        for window in windows {
            let isInside =
                window.x >= 0 && window.y >= 0 && window.x < window.lastEndX && window.lastEndX <= window.endX
                && window.endX <= pictures.width && window.y < window.endY && window.endY <= pictures.height
            #expect(isInside, "\(window), \(`where`)")
            guard isInside else { return }
            for y in window.y..<window.endY {
                for x in window.x..<(y == window.endY - 1 ? window.lastEndX : window.endX) {
                    sent[Int(y) * pictures.width + Int(x)] = true
                }
            }
        }
        var missing = 0
        for y in 0..<pictures.height {
            for x in 0..<pictures.width where !sent[y * pictures.width + x] && pictures.differs(x, y) { missing += 1 }
        }
        #expect(missing == 0, "\(`where`)")
    }
}

/// fbcp-ili9341's rule, written down apart from the product's: spans of a row with gaps of up to `threshold` equal pixels,
/// then each takes in every later one that touches its rows, as long as that wastes at most `threshold` pixels.
private enum PublishedRule {
    static func windows(_ differs: (Int, Int) -> Bool, _ width: Int, _ height: Int, _ threshold: Int) -> [Span] {
        var spans: [Span] = []
        for y in 0..<height {
            var last: Int?
            for x in 0..<width where differs(x, y) {
                if let last, x - last - 1 <= threshold {
                    spans[spans.count - 1].endX = Int32(x + 1)
                } else {
                    spans.append(
                        Span(x: Int32(x), y: Int32(y), endX: Int32(x + 1), endY: Int32(y + 1), lastEndX: 0))
                }
                last = x
            }
        }
        for index in spans.indices { spans[index].lastEndX = spans[index].endX }
        var result: [Span] = []
        while var span = spans.first {
            spans.removeFirst()
            var kept: [Span] = []
            var isApart = false
            for other in spans {
                isApart = isApart || other.y > span.endY
                let union = span.union(other)
                if !isApart, union.pixelCount - span.pixelCount - other.pixelCount <= threshold {
                    span = union
                } else {
                    kept.append(other)
                }
            }
            spans = kept
            result.append(span)
        }
        return result
    }
}
