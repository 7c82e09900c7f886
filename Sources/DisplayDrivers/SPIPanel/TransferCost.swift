import LinuxSystem

/// What it costs to send something: measured, or taken from the clock until something was measured.
package struct TransferCost: Sendable, Equatable {
    /// Nanoseconds that a transfer takes before its first byte: the system calls, the D/C line, the controller's set-up.
    package var perTransfer: Double
    /// Nanoseconds for each byte of a long transfer.
    package var perByte: Double
    /// The first measurement counts whole, later ones an eighth.
    private var isTransferMeasured = false
    private var isByteMeasured = false

    /// - Parameters:
    ///   - perTransfer: 15 µs is what a Pi's spidev and GPIO calls take together.
    ///   - clockRate: bits per second.
    package init(perTransfer: Double = 15_000, clockRate: Int) {
        self.init(perTransfer: perTransfer, perByte: 8_000_000_000 / Double(max(1, clockRate)))
    }

    package init(perTransfer: Double, perByte: Double) {
        (self.perTransfer, self.perByte) = (max(0, perTransfer), max(0.001, perByte))
    }

    /// CASET and RASET with four bytes each, RAMWR.
    package static let windowBytes = 11
    /// Each of them, the two parameters, and the first of the pixels.
    package static let windowTransfers = 6

    /// How many pixels could be sent in the time that opening one more window takes.
    package func windowPixels(bytesPerPixel: Int) -> Int {
        let time = perTransfer * Double(Self.windowTransfers) + perByte * Double(Self.windowBytes)
        return Int(min(1e6, (time / (perByte * Double(bytesPerPixel))).rounded(.up)))
    }

    /// Nanoseconds for so many windows and pixels.
    func time(windows: Int, bytes: Int) -> Double {
        (perTransfer * Double(Self.windowTransfers) + perByte * Double(Self.windowBytes)) * Double(windows)
            + perByte * Double(bytes)
    }

    /// Takes in what transfers without much content took.
    mutating func measured(transfers: Int, bytes: Int, took: Duration) {
        let time = Double(took.wholeNanoseconds)
        // A clock that stands still measures nothing.
        guard transfers > 0, time > 0 else { return }
        let sample = max(0, (time - perByte * Double(bytes)) / Double(transfers))
        perTransfer += (min(sample, 1e7) - perTransfer) / (isTransferMeasured ? 8 : 1)
        isTransferMeasured = true
    }

    /// Takes in what long transfers took.
    mutating func measured(pixelBytes bytes: Int, took: Duration) {
        let time = Double(took.wholeNanoseconds) - perTransfer
        guard bytes >= 4_096, time > 0 else { return }
        perByte += (min(time / Double(bytes), 1e5) - perByte) / (isByteMeasured ? 8 : 1)
        isByteMeasured = true
    }
}
