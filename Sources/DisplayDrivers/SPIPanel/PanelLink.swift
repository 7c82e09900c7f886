import Frames
package import LinuxSystem
package import PanelBus

/// Speaks a panel's commands over its wires. Everything blocks for as long as the wires take.
package final class PanelLink {
    let bus: any PanelBus
    let model: PanelModel
    /// Clockwise.
    let rotation: Int
    package private(set) var cost: TransferCost

    private let clock: any BoardClock
    private let origin: (column: Int, row: Int)
    /// What CASET and RASET said last: the controller keeps it.
    private var columns: Range<Int>?
    private var rows: Range<Int>?

    /// - Parameter cost: of transfers, until they were measured; nil: what is usual at the bus's clock.
    package init(
        _ bus: any PanelBus, model: PanelModel, rotation: Int, cost: TransferCost? = nil, clock: any BoardClock
    ) {
        (self.bus, self.model, self.rotation, self.clock) = (bus, model, rotation, clock)
        origin = model.origin(rotation: rotation)
        self.cost = cost ?? TransferCost(clockRate: bus.clockRate)
    }

    package func send(_ command: UInt8, _ parameters: [UInt8] = []) throws(PanelBusError) {
        let result = parameters.withUnsafeBytes { bytes in
            Result { () throws(PanelBusError) in try bus.send(command, bytes) }
        }
        try result.get()
    }

    /// All that must be said after a reset and SLPOUT, but for DISPON.
    package func configure() throws(PanelBusError) {
        (columns, rows) = (nil, nil)
        for step in model.initialisation { try send(step.command, step.parameters) }
        try send(PanelCommand.pixelFormat, [model.format.code])
        try send(PanelCommand.memoryAccess, [model.memoryAccess(rotation: rotation)])
        try send(model.isInverted ? PanelCommand.inversionOn : PanelCommand.inversionOff)
        try send(PanelCommand.normalMode)
    }

    /// Fills the glass. Measures, too, what transfers cost here.
    package func clear(_ picture: PanelPicture) throws(PanelBusError) {
        let size = picture.size
        // A few windows more, only to see what they take.
        for edge in 0..<4 { try open(columns: 0..<size.width - edge % 2, rows: 0..<size.height - edge % 2) }
        let whole = Span(
            x: 0, y: 0, endX: Int32(size.width), endY: Int32(size.height), lastEndX: Int32(size.width))
        try send(whole, picture.blackBytes)
    }

    /// Sends what the picture planned.
    package func send(_ picture: PanelPicture) throws(PanelBusError) {
        for window in picture.plan.windows { try send(window, picture.pixels(of: window)) }
        picture.sent()
    }

    private func send(_ window: Span, _ pixels: UnsafeRawBufferPointer) throws(PanelBusError) {
        try open(columns: Int(window.x)..<Int(window.endX), rows: Int(window.y)..<Int(window.endY))
        let start = clock.now
        try bus.send(pixels: pixels)
        cost.measured(pixelBytes: pixels.count, took: start.duration(to: clock.now))
    }

    private func open(columns: Range<Int>, rows: Range<Int>) throws(PanelBusError) {
        let start = clock.now
        var (transfers, bytes) = (1, 1)
        if columns != self.columns {
            try send(PanelCommand.columns, from: columns.lowerBound + origin.column, count: columns.count)
            self.columns = columns
            (transfers, bytes) = (transfers + 2, bytes + 5)
        }
        if rows != self.rows {
            try send(PanelCommand.rows, from: rows.lowerBound + origin.row, count: rows.count)
            self.rows = rows
            (transfers, bytes) = (transfers + 2, bytes + 5)
        }
        try bus.send(PanelCommand.writeMemory, UnsafeRawBufferPointer(start: nil, count: 0))
        cost.measured(transfers: transfers, bytes: bytes, took: start.duration(to: clock.now))
    }

    /// CASET or RASET: first and last, each two bytes, the upper one first.
    private func send(_ command: UInt8, from first: Int, count: Int) throws(PanelBusError) {
        let range = (UInt16(first).bigEndian, UInt16(first + count - 1).bigEndian)
        let result = withUnsafeBytes(of: range) { bytes in
            Result { () throws(PanelBusError) in try bus.send(command, bytes) }
        }
        try result.get()
    }
}
