/// Turns the timestamps of a stream into a time that begins at 0 and always grows, whatever the file says.
struct PresentationTimes {
    /// A step beyond this, in nanoseconds, is a new count in formats that may begin to count anew (MPEG-TS).
    private static let largestStep: Int64 = 10_000_000_000

    /// For frames that do not say how long they stay.
    let usualDuration: Int64
    /// Whether the format's timestamps may jump.
    let mayJump: Bool
    private var correction: Int64 = 0
    private var last: ReadFrame?

    init(usualDuration: Int64, mayJump: Bool) {
        self.usualDuration = usualDuration
        self.mayJump = mayJump
    }

    /// - Parameters:
    ///   - timestamp: nanoseconds since the beginning, or nil when the file has none.
    ///   - duration: nanoseconds, 0 when not known.
    mutating func place(timestamp: Int64?, duration: Int64) -> ReadFrame {
        let stays = duration > 0 ? min(duration, ReadFrame.longestStay) : usualDuration
        let expected = last.map { $0.presentationTime &+ $0.duration } ?? 0
        var time = (timestamp ?? expected &- correction) &+ correction
        if let last {
            // In other formats a long step is meant, if not too long.
            let ranAhead = time > expected &+ (mayJump ? Self.largestStep : ReadFrame.longestStay)
            if time <= last.presentationTime || ranAhead {
                if let timestamp, mayJump { correction = expected &- timestamp }
                time = expected
            }
        }
        let frame = ReadFrame(presentationTime: min(max(time, 0), 1 << 59), duration: stays)
        last = frame
        return frame
    }

    /// The next frame is after a jump that was meant.
    mutating func jumped() {
        last = nil
        correction = 0
    }
}
