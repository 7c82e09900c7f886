import LinuxSystem

/// How long a medium that moves is, as far as that is known, and when it may be left though its decoder has not said
/// that it is over. A value.
///
/// A file may say less than it holds: its word counts until a picture comes that begins after it. What a whole
/// iteration took is known.
struct MediumLength: Sendable, Equatable {
    /// A slow decoder is waited for no longer than this behind what the file says.
    static let patience: Duration = .seconds(1)
    /// Times are told in milliseconds, or coarser.
    private static let rounding: Duration = .milliseconds(1)

    private let told: Duration?
    private var measured: Duration?
    private var isDisproved = false
    /// How long its decoder has let wait.
    private(set) var wait = RecentWait()

    /// - Parameter told: by the file; nil or zero: it says nothing.
    init(told: Duration?) { self.told = told.flatMap { $0 > .zero ? $0 : nil } }

    /// Of one iteration; nil: not known.
    var value: Duration? { isDisproved ? nil : measured ?? told }

    /// It has been seen to the end before, and this is its length.
    var isSure: Bool { measured != nil && !isDisproved }

    /// An iteration begins.
    ///
    /// - Parameter measured: how long a whole one was; nil: none was seen.
    mutating func begin(measured: Duration?) {
        guard let measured else { return }
        self.measured = measured
        isDisproved = false
    }

    /// A picture came.
    ///
    /// - Parameters:
    ///   - position: since the iteration began.
    ///   - wait: so long it was waited for; nil: it was made ready before, or is the first of an iteration.
    mutating func came(at position: Duration, after wait: Duration?) {
        if let wait { self.wait.add(wait) }
        if let value, position >= value - Self.rounding { isDisproved = true }
    }

    /// From when on what follows is begun with if there is no picture yet, so that the display gets it in time. When only
    /// the file says that this is the end, the decoder has as long as its pictures took lately.
    ///
    /// - Parameters:
    ///   - end: when the last picture is over.
    ///   - frame: how long that one stays.
    ///   - refresh: of the display.
    ///   - asked: since then the decoder is waited for.
    func leave(
        end: MonotonicInstant, frame: Duration, refresh: Duration, asked: MonotonicInstant
    ) -> MonotonicInstant {
        guard !isSure else { return end.advanced(by: .zero - refresh * 2) }
        let soon = end.advanced(by: .zero - min(refresh * 2, frame / 2))
        return max(soon, asked.advanced(by: min(wait.longest, Self.patience)))
    }
}

/// The longest of the waits for a decoder's pictures, of which a half is forgotten with each second or so. A value.
struct RecentWait: Sendable, Equatable {
    private(set) var longest: Duration = .zero

    mutating func add(_ wait: Duration) { longest = max(wait, longest * 0.97) }
}
