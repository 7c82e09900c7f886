import LinuxSystem

/// When a decoder that owes something is taken to stand still. A value.
struct StallWatch {
    let limit: Duration
    private var waitingSince: MonotonicInstant?

    init(limit: Duration) { self.limit = limit }

    /// nil: nothing is owed.
    var deadline: MonotonicInstant? { waitingSince?.advanced(by: limit) }

    /// - Parameters:
    ///   - owed: the decoder has something to do.
    ///   - heard: it has just done something.
    mutating func update(owed: Bool, heard: Bool = false, at now: MonotonicInstant) {
        guard owed else {
            waitingSince = nil
            return
        }
        if heard || waitingSince == nil { waitingSince = now }
    }
}
