/// Cuts what a process writes into lines for the log, and bounds it: a damaged file makes some libraries write without
/// end. A value.
struct LineSplitter {
    /// Bytes of a line; the rest of it is dropped.
    static let lineLimit = 512

    private var line: [UInt8] = []

    /// The lines that these bytes complete.
    mutating func add(_ bytes: some Sequence<UInt8>) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                if let text = finish() { lines.append(text) }
            } else if line.count < Self.lineLimit {
                // A log is no place for what steers terminals.
                line.append(byte < 0x20 || byte == 0x7F ? UInt8(ascii: " ") : byte)
            }
        }
        return lines
    }

    /// What was written after the last end of a line.
    mutating func finish() -> String? {
        guard !line.isEmpty else { return nil }
        defer { line = [] }
        return String(decoding: line, as: UTF8.self)
    }
}

/// So many log lines in so much time, and then one that counts the others. A value.
struct LogBudget {
    let lines: Int
    let nanoseconds: Int64
    private var windowStart: Int64?
    private var used = 0
    private(set) var dropped = 0

    init(lines: Int = 20, per window: Duration = .seconds(10)) {
        self.lines = lines
        nanoseconds = window.components.seconds * 1_000_000_000 + window.components.attoseconds / 1_000_000_000
    }

    /// Whether a line may be written now, and how many were dropped before it and are to be told of first.
    ///
    /// - Parameter now: nanoseconds, monotonic.
    mutating func admit(at now: Int64) -> (admitted: Bool, droppedBefore: Int) {
        if let start = windowStart, now - start < nanoseconds {
            guard used < lines else {
                dropped += 1
                return (false, 0)
            }
            used += 1
            return (true, 0)
        }
        windowStart = now
        used = 1
        defer { dropped = 0 }
        return (true, dropped)
    }
}
