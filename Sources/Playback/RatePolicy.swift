public import LinuxSystem
public import MediaIndex

/// Whether all frames of what moves are shown, or every second one. A value: what came onto the glass, the temperature and
/// the time go in.
///
/// Half of the frames at exactly twice their distance looks better than most of them now and then. So the rate is halved when
/// a board keeps losing frames, when it is hot, and when the source has far more frames than the screen has refreshes; and
/// is whole again when that has been over for a while. A medium that then loses frames again is tried ever more seldom.
public struct RatePolicy: Sendable {
    /// Why every second frame is left out. Raw values are those of the status.
    public enum Cause: String, Sendable {
        /// The board is too hot.
        case heat
        /// Frames were lost, one after the other.
        case load
        /// There are far more frames than refreshes.
        case display
    }

    /// Degrees Celsius from which on the processor is slowed down, and below which it is cool again.
    public static let (hot, cool) = (80.0, 70.0)
    /// How long it must be cool, or no frame lost, until all are shown again.
    public static let calm: Duration = .seconds(30)
    /// The longest that doubles to, when it was too early.
    public static let longestCalm: Duration = .seconds(960)
    /// Over this time frames are counted.
    public static let window: Duration = .seconds(3)
    /// The share of lost frames that is too much.
    public static let tooMuch = 0.1
    /// Of frames that stay longer none is left out.
    public static let longestToLeaveOut: Duration = .milliseconds(50)
    /// After a start or a change nothing is counted for so long.
    public static let settling: Duration = .seconds(1)

    private struct Count: Sendable {
        var time: MonotonicInstant
        var lost: Int
    }

    /// What is known of one medium.
    private struct Load: Sendable {
        /// When its rate was halved, or a frame was lost since.
        var halvedAt: MonotonicInstant?
        var calm = RatePolicy.calm
        /// When its rate was made whole again.
        var triedAt: MonotonicInstant?
    }

    private var loads: [MediumID: Load] = [:]
    private var medium: MediumID?
    /// Of the source's frames, and of the display's refreshes; zero: not known.
    private var (frame, refresh) = (Duration.zero, Duration.zero)
    private var counts: [Count] = []
    private var countsFrom: MonotonicInstant?
    private var isHot = false
    private var coolSince: MonotonicInstant?

    public init() {}

    /// Why every second frame is to be left out; nil: all are shown.
    public private(set) var cause: Cause?

    /// A medium that moves begins, or goes on after a pause.
    ///
    /// - Parameters:
    ///   - frame: how long one of its frames stays; nil: not known.
    ///   - refresh: time from one refresh of the display to the next.
    public mutating func begin(_ id: MediumID, frame: Duration?, refresh: Duration, at now: MonotonicInstant) {
        medium = id
        (self.frame, self.refresh) = (frame ?? .zero, refresh)
        settle(at: now)
        judge(at: now)
    }

    /// A frame of it came onto the glass.
    ///
    /// - Parameter lost: how many before it did not that should have, and one more when it was late itself.
    public mutating func shown(lost: Int, at now: MonotonicInstant) {
        if let countsFrom, now >= countsFrom, canCount {
            counts.append(Count(time: now, lost: lost))
            let old = now.advanced(by: .zero - Self.window)
            counts.removeAll { $0.time < old }
            if let medium, lost > 0, loads[medium]?.halvedAt != nil { loads[medium]?.halvedAt = now }
        }
        judge(at: now)
    }

    /// The processor's temperature, in degrees Celsius; nil: nothing tells.
    public mutating func measured(_ celsius: Double?, at now: MonotonicInstant) {
        guard let celsius else {
            (isHot, coolSince) = (false, nil)
            return judge(at: now)
        }
        if celsius >= Self.hot { isHot = true }
        coolSince = celsius < Self.cool ? coolSince ?? now : nil
        judge(at: now)
    }

    /// These media are all there are.
    public mutating func keepOnly(_ known: Set<MediumID>) { loads = loads.filter { known.contains($0.key) } }

    /// What is lost for want of refreshes is no want of strength.
    private var canCount: Bool { frame > .zero && frame * (cause == nil ? 1 : 2) >= refresh * 0.95 }

    private mutating func settle(at now: MonotonicInstant) {
        counts = []
        countsFrom = now.advanced(by: Self.settling)
    }

    private mutating func judge(at now: MonotonicInstant) {
        if let coolSince, coolSince.duration(to: now) >= Self.calm { isHot = false }
        judgeLoad(at: now)
        let before = cause
        if isHot {
            cause = .heat
        } else if let medium, loads[medium]?.halvedAt != nil {
            cause = .load
        } else {
            cause = frame > .zero && frame < refresh * 0.75 ? .display : nil
        }
        if (before == nil) != (cause == nil) { settle(at: now) }
    }

    private mutating func judgeLoad(at now: MonotonicInstant) {
        guard let medium else { return }
        var load = loads[medium] ?? Load()
        if let halvedAt = load.halvedAt {
            guard halvedAt.duration(to: now) >= load.calm else { return }
            (load.halvedAt, load.triedAt) = (nil, now)
            loads[medium] = load
        } else if cause == nil, isTooMuch(at: now) {
            if let triedAt = load.triedAt {
                let wasTooEarly = triedAt.duration(to: now) < load.calm
                load.calm = wasTooEarly ? min(load.calm * 2, Self.longestCalm) : Self.calm
            }
            load.halvedAt = now
            loads[medium] = load
        }
    }

    /// In the whole window, and in each part of it a good half of that: a single hiccup is none.
    private func isTooMuch(at now: MonotonicInstant) -> Bool {
        guard let first = counts.first, first.time.duration(to: now) >= Self.window * 0.9 else { return false }
        let part = Self.window / 3
        var parts = [(lost: 0, all: 0), (lost: 0, all: 0), (lost: 0, all: 0)]
        for count in counts {
            let index = min(2, Int(count.time.duration(to: now) / part))
            parts[index].lost += count.lost
            parts[index].all += count.lost + 1
        }
        func isMuch(_ count: (lost: Int, all: Int), _ share: Double) -> Bool {
            Double(count.lost) >= share * Double(count.all)
        }
        let whole = parts.reduce((lost: 0, all: 0)) { ($0.lost + $1.lost, $0.all + $1.all) }
        return isMuch(whole, Self.tooMuch) && parts.allSatisfy { isMuch($0, Self.tooMuch / 2) }
    }
}
