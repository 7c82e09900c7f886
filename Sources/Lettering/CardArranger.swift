import Frames

/// Decides what goes where on a card, by the screen's size.
struct CardArranger {
    let size: PixelSize
    let typesetter: Typesetter

    private var shorter: Int { min(size.width, size.height) }
    private var isSmall: Bool { shorter < 400 }
    private var margin: Int { max(6, shorter / 14) }
    /// No letters smaller than this: what can be read at arm's length from a panel, or across a room from a screen.
    private var smallest: Int { shorter < 200 ? 9 : max(11, shorter / 36) }
    private var isWide: Bool { size.width * 10 > size.height * 12 }

    func layout(_ card: Card) throws(LetteringError) -> CardLayout {
        switch card {
        case .welcome(let name, let addresses, let pin):
            try welcome(deviceName: name, addresses: addresses, pin: pin)
        case .fault(let title, let fileName, let reason, let suggestion):
            try fault(title: title, fileName: fileName, reason: reason, suggestion: suggestion)
        }
    }

    // MARK: - Welcome

    private func welcome(
        deviceName: String, addresses: [String], pin: String?
    ) throws(LetteringError) -> CardLayout {
        var layout = CardLayout(size: size)
        let items = welcomeItems(deviceName: deviceName, addresses: addresses, pin: pin)
        let largest = shorter / 13
        guard let address = addresses.first else {
            try addColumn(
                items, to: &layout, in: PixelRectangle(size).inset(by: margin), largest: largest, alignment: .centre)
            return layout
        }
        // The fewer modules, the larger each is: on a small panel that counts for more than correction.
        let code = try QRCode(address, correction: isSmall ? .low : .medium)
        if isWide {
            // Words left, code right.
            let side = codeSide(code, height: size.height - 2 * margin, width: size.width * 2 / 5)
            layout.add(code, x: size.width - margin - side, y: (size.height - side) / 2, side: side)
            let column = PixelRectangle(
                x: margin, y: margin, width: size.width - side - 3 * margin, height: size.height - 2 * margin)
            try addColumn(items, to: &layout, in: column, largest: largest, alignment: .left)
        } else {
            // Code above, words below.
            let room = size.height - 2 * margin
            let side = codeSide(code, height: isSmall ? room / 2 : room * 9 / 20, width: size.width - 2 * margin)
            let gap = margin * 2 / 3
            let width = size.width - 2 * margin
            let words = try stack(
                items, size: PixelSize(width: width, height: room - side - gap), largest: largest)
            let top = (size.height - side - gap - words.height) / 2
            layout.add(code, x: (size.width - side) / 2, y: max(margin, top), side: side)
            layout.add(words, x: margin, y: max(margin, top) + side + gap, width: width, alignment: .centre)
        }
        return layout
    }

    /// Side of a code in a room: a multiple of its modules, of 2 pixels at least, since no camera reads smaller ones.
    private func codeSide(_ code: QRCode, height: Int, width: Int) -> Int {
        max(2, min(height, width) / code.sideWithQuietZone) * code.sideWithQuietZone
    }

    private func welcomeItems(deviceName: String, addresses: [String], pin: String?) -> [CardStack.Item] {
        var items = [
            CardStack.Item(
                deviceName, colour: CardPalette.heading, scale: 1.5, smallestScale: 1.1, maximumLines: 2, rank: 3,
                mayBeShortened: true)
        ]
        if let address = addresses.first {
            items.append(
                .init(
                    address, isSmall ? Self.abridged(address) : address, colour: CardPalette.address, scale: 1.3,
                    smallestScale: 1, maximumLines: 2, space: 0.5))
            for other in addresses.dropFirst().prefix(2) {
                items.append(
                    .init(
                        "or \(isSmall ? Self.abridged(other) : other)", colour: CardPalette.faint, scale: 0.75,
                        smallestScale: 0.6, maximumLines: 2, space: 0.25, rank: 4))
            }
            items.append(
                .init(
                    "Drop photos, GIFs and videos there", colour: CardPalette.text, scale: 0.85, maximumLines: 3,
                    space: 0.7, rank: 2))
        } else {
            items.append(
                .init("Waiting for a network…", colour: CardPalette.address, scale: 1.3, maximumLines: 2))
            items.append(
                .init(
                    "The address to open appears here as soon as there is one", colour: CardPalette.text, scale: 0.85,
                    maximumLines: 3, space: 0.7, rank: 2))
        }
        if let pin {
            // Read on into the next line: "… and type PIN 123 456".
            items.append(
                .init(
                    "To take charge of this screen, open the address and type", colour: CardPalette.text, scale: 0.85,
                    maximumLines: 4, space: 1, rank: 1))
            items.append(.init(Self.grouped(pin), colour: CardPalette.pin, scale: 1.6, smallestScale: 1, space: 0.2))
        }
        return items
    }

    /// An address without `http://`, which a browser adds; the slash at the end tells it that this is one.
    static func abridged(_ address: String) -> String {
        let scheme = "http://"
        guard address.hasPrefix(scheme) else { return address }
        let rest = address.dropFirst(scheme.count)
        return rest.contains("/") ? String(rest) : "\(rest)/"
    }

    /// Digits in threes (fours and less in one), with spaces that do not break.
    static func grouped(_ pin: String) -> String {
        guard pin.count > 4, pin.allSatisfy({ $0.isASCII && $0.isNumber }) else { return "PIN \(pin)" }
        let digits = Array(pin)
        let groups = stride(from: 0, to: digits.count, by: 3)
            .map { String(digits[$0..<min($0 + 3, digits.count)]) }
        return "PIN " + groups.joined(separator: "\u{A0}")
    }

    // MARK: - Fault

    private func fault(
        title: String, fileName: String?, reason: String, suggestion: String?
    ) throws(LetteringError) -> CardLayout {
        var layout = CardLayout(size: size)
        var items = [
            CardStack.Item(
                title, colour: CardPalette.heading, scale: 1.4, smallestScale: 1.1, maximumLines: 3,
                mayBeShortened: true)
        ]
        if let fileName {
            items.append(
                .init(
                    fileName, colour: CardPalette.fault, scale: 1, maximumLines: 2, space: 0.4, mayBeShortened: true))
        }
        items.append(
            .init(reason, colour: CardPalette.text, scale: 0.9, maximumLines: 5, space: 0.8, mayBeShortened: true))
        if let suggestion {
            items.append(
                .init(
                    suggestion, colour: CardPalette.heading, scale: 0.9, maximumLines: 5, space: 0.8,
                    mayBeShortened: true))
        }
        let bar = max(3, shorter / 60)
        let x = margin + bar + margin * 2 / 3
        let before = layout.texts.count
        let column = PixelRectangle(x: x, y: margin, width: size.width - x - margin, height: size.height - 2 * margin)
        try addColumn(items, to: &layout, in: column, largest: shorter / 15, alignment: .left)
        let boxes = layout.texts[before...].map(\.box)
        if let first = boxes.first, let last = boxes.last {
            layout.shapes.append(
                .init(
                    box: PixelRectangle(x: margin, y: first.y, width: bar, height: last.maxY - first.y),
                    radius: bar / 2, colour: CardPalette.fault))
        }
        return layout
    }

    /// Adds a stack in the middle of a column. `largest` is the largest unit, in pixels.
    private func addColumn(
        _ items: [CardStack.Item], to layout: inout CardLayout, in column: PixelRectangle, largest: Int,
        alignment: TextAlignment
    ) throws(LetteringError) {
        let stack = try stack(items, size: column.size, largest: largest)
        let y = column.y + max(0, (column.height - stack.height) / 2)
        layout.add(stack, x: column.x, y: y, width: max(1, column.width), alignment: alignment)
    }

    private func stack(_ items: [CardStack.Item], size: PixelSize, largest: Int) throws(LetteringError) -> CardStack {
        try CardStack(
            items, width: max(1, size.width), height: max(1, size.height), unit: smallest...max(smallest, largest),
            smallest: smallest, typesetter: typesetter)
    }
}

extension PixelRectangle {
    fileprivate func inset(by margin: Int) -> PixelRectangle {
        PixelRectangle(x: x + margin, y: y + margin, width: width - 2 * margin, height: height - 2 * margin)
    }
}
