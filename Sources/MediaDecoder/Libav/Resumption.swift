import LinuxSystem

/// Going on in the middle of a medium: decoding can begin at a key frame only, and what lies between that and the wanted
/// place is decoded and not shown.
struct Resumption {
    /// After this long it goes on from where decoding has got to: a slow board shows a picture again rather than none.
    static let patience: Duration = .seconds(3)
    /// Up to here before the place, pictures that no other needs are not even decoded, in nanoseconds.
    private static let lead: Int64 = 500_000_000

    private let place: Int64
    private var deadline: MonotonicInstant?

    /// - Parameter place: nanoseconds since the beginning of the medium.
    init(at place: Int64) { self.place = place }

    /// What to leave out of a frame that is not to be shown; nil: from this frame on, everything is.
    ///
    /// - Parameter end: when the frame at hand is over, in nanoseconds since the beginning.
    mutating func advice(end: Int64, at now: MonotonicInstant) -> LatePolicy.Saving? {
        let deadline = self.deadline ?? now.advanced(by: Self.patience)
        self.deadline = deadline
        guard end <= place, now < deadline else { return nil }
        return end <= place - Self.lead ? .unreferenced : .nothing
    }
}
