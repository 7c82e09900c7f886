import LinuxSystem

/// Buffers that a session lacks since there was no memory for them, and when that is tried again. A value.
struct BufferDebt: Sendable {
    /// What there was no memory for is not asked for with each frame.
    static let pause: Duration = .seconds(1)

    /// So many are lacking, and nobody is about to make them.
    private(set) var count = 0
    /// So many are being made.
    var pending = 0
    private var byteCount = 0
    private var pauseEnd: MonotonicInstant?

    /// One of so many bytes could not be made.
    mutating func failed(_ byteCount: Int, at now: MonotonicInstant) {
        count += 1
        self.byteCount = byteCount
        pause(at: now)
    }

    /// There is no memory, but nothing is lacking for it.
    mutating func pause(at now: MonotonicInstant) { pauseEnd = now.advanced(by: Self.pause) }

    func isPausing(at now: MonotonicInstant) -> Bool { pauseEnd.map { now < $0 } ?? false }

    /// How large one is that is to be made now; nil: none is.
    mutating func takeDue(at now: MonotonicInstant) -> Int? {
        guard count > 0, !isPausing(at: now) else { return nil }
        count -= 1
        return byteCount
    }

    /// All that are lacking are asked for anew.
    mutating func forget() { count = 0 }
}
