public import LinuxSystem
public import MediaIndex

/// Whether all frames of what moves are shown, or every second one. A value: what came onto the glass, the temperature and
/// the time go in.
///
/// Half of the frames at exactly twice their distance looks better than most of them now and then. So the rate is halved when
/// a board keeps losing frames, when it is hot, and when the source has far more frames than the screen has refreshes; and
/// is whole again when that has been over for a while. A medium that then loses frames again is tried ever more seldom.
///
/// What is lost says something of the medium that loses it. Of those that are over before it would, what was seen goes
/// on when they come again; and all of them together count as one more, which goes on from one to the next.
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
    /// How long it must be cool, or play without a frame lost, until all are shown again.
    public static let calm: Duration = .seconds(30)
    /// The longest that doubles to, when it was too early.
    public static let longestCalm: Duration = .seconds(960)
    /// Over this time frames are counted.
    public static let window: Duration = .seconds(3)
    /// The share of lost frames that is too much.
    public static let tooMuch = 0.1
    /// Of frames that stay longer none is left out.
    public static let longestToLeaveOut: Duration = .milliseconds(50)
    /// After a start or a change nothing is counted for so long, or for half of what is shorter than twice that.
    public static let settling: Duration = .seconds(1)
    /// A longer time without a picture is a pause.
    private static let longestStep: Duration = .seconds(1)

    /// Of whom something is known.
    private enum Subject: Hashable, Sendable {
        case medium(MediumID)
        /// All that are too short to tell in one turn.
        case short
    }

    /// What is known of it. All times are of its own playing.
    private struct Load: Sendable {
        var played: Duration = .zero
        /// When its rate was halved, or a frame was lost since.
        var halvedAt: Duration?
        var calm = RatePolicy.calm
        /// When its rate was made whole again.
        var triedAt: Duration?
        /// What was lost lately, at the whole rate.
        var losses = LossWindow(length: RatePolicy.window)
    }

    private var loads: [Subject: Load] = [:]
    /// What the medium that is on counts for.
    private var subjects: [Subject] = []
    /// Of the source's frames, and of the display's refreshes; zero: not known.
    private var (frame, refresh) = (Duration.zero, Duration.zero)
    private var settling = RatePolicy.settling
    /// The last that was heard of the medium.
    private var heardAt: MonotonicInstant?
    private var countsFrom: MonotonicInstant?
    private var isHot = false
    private var coolSince: MonotonicInstant?

    public init() {}

    /// Why every second frame is to be left out; nil: all are shown.
    public private(set) var cause: Cause?

    /// A medium that moves begins.
    ///
    /// - Parameters:
    ///   - lasts: how long it is on; nil: not known.
    ///   - frame: how long one of its frames stays; nil: not known.
    ///   - refresh: time from one refresh of the display to the next.
    public mutating func begin(
        _ id: MediumID, lasts: Duration?, frame: Duration?, refresh: Duration, at now: MonotonicInstant
    ) {
        let isShort = lasts.map { $0 < Self.settling + Self.window } ?? false
        subjects = isShort ? [.medium(id), .short] : [.medium(id)]
        for subject in subjects where loads[subject] == nil { loads[subject] = Load() }
        // Of a long one, a turn says nothing of the next, hours later.
        if !isShort { loads[.medium(id)]?.losses.forget() }
        (self.frame, self.refresh) = (frame ?? .zero, refresh)
        settling = min(Self.settling, lasts.map { $0 / 2 } ?? Self.settling)
        heardAt = now
        countsFrom = now.advanced(by: settling)
        judge(at: now, isNew: true)
    }

    /// A frame of it came onto the glass.
    ///
    /// - Parameter lost: how many before it did not that should have, and one more when it was late itself.
    public mutating func shown(lost: Int, at now: MonotonicInstant) {
        let step = min(heardAt?.duration(to: now) ?? .zero, Self.longestStep)
        heardAt = now
        for subject in subjects {
            loads[subject]?.played += step
            guard let countsFrom, now >= countsFrom, canCount else { continue }
            if cause == nil { loads[subject]?.losses.add(lost, after: min(step, countsFrom.duration(to: now))) }
            if lost > 0, let load = loads[subject], load.halvedAt != nil { loads[subject]?.halvedAt = load.played }
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
    public mutating func keepOnly(_ known: Set<MediumID>) {
        loads = loads.filter { subject, _ in
            if case .medium(let id) = subject { known.contains(id) } else { !known.isEmpty }
        }
    }

    /// What is lost for want of refreshes is no want of strength.
    private var canCount: Bool { frame > .zero && frame * (cause == nil ? 1 : 2) >= refresh * 0.95 }

    /// - Parameter isNew: a medium begins.
    private mutating func judge(at now: MonotonicInstant, isNew: Bool = false) {
        if let coolSince, coolSince.duration(to: now) >= Self.calm { isHot = false }
        for subject in subjects { judgeLoad(of: subject) }
        let before = cause
        if isHot {
            cause = .heat
        } else if subjects.contains(where: { loads[$0]?.halvedAt != nil }) {
            cause = .load
        } else {
            cause = frame > .zero && frame < refresh * 0.75 ? .display : nil
        }
        if (before == nil) != (cause == nil), !isNew {
            for subject in subjects { loads[subject]?.losses.forget() }
            countsFrom = now.advanced(by: settling)
        }
    }

    private mutating func judgeLoad(of subject: Subject) {
        guard var load = loads[subject] else { return }
        if let halvedAt = load.halvedAt {
            guard load.played - halvedAt >= load.calm else { return }
            (load.halvedAt, load.triedAt) = (nil, load.played)
        } else if cause == nil, load.losses.areTooMany(Self.tooMuch) {
            if let triedAt = load.triedAt {
                let wasTooEarly = load.played - triedAt < load.calm
                load.calm = wasTooEarly ? min(load.calm * 2, Self.longestCalm) : Self.calm
            }
            load.halvedAt = load.played
        } else {
            return
        }
        loads[subject] = load
    }
}
