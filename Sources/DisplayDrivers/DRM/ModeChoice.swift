import Frames
import KMS

/// Which of a connector's modes to use.
struct ModeChoice: Sendable, Equatable {
    var mode: KMSMode
    /// What is not as it was asked for; nil: all is well.
    var note: String?

    /// What the kernel lists when it could not read an EDID has nothing larger than this (drm_add_modes_noedid, called
    /// with 1024×768 by drm_probe_helper.c).
    static let fallbackSize = PixelSize(width: 1_024, height: 768)

    /// - Parameters:
    ///   - wanted: of `display.mode`.
    ///   - hasEDID: whether the screen told its modes itself.
    /// - Returns: nil when there is no mode at all.
    static func choose(from modes: [KMSMode], wanted: DisplayMode?, hasEDID: Bool) -> ModeChoice? {
        let usable = modes.filter { $0.width > 0 && $0.height > 0 }
        guard !usable.isEmpty else { return nil }
        if let wanted {
            let matching = usable.filter { $0.width == wanted.size.width && $0.height == wanted.size.height }
            // 59.94 and 60 are told apart; what was asked for as 60 may be 60.00 or 60.02.
            let nearest = matching.min { distance($0, wanted) < distance($1, wanted) }
            if let nearest, distance(nearest, wanted) <= (wanted.millihertz == 0 ? .max : 500) {
                return ModeChoice(mode: nearest)
            }
            let found = best(of: usable)
            return ModeChoice(mode: found, note: "the screen has no mode \(wanted); \(found.displayMode) is used")
        }
        let found = best(of: usable)
        if !hasEDID, found.width <= fallbackSize.width, found.height <= fallbackSize.height {
            return ModeChoice(
                mode: found, note: "the screen does not tell what it can show (no readable EDID): \(found.displayMode)")
        }
        return ModeChoice(mode: found)
    }

    /// The preferred one; else the best fit to 16:9, then the largest up to 1080p, then the one nearest to 60 Hz.
    static func best(of modes: [KMSMode]) -> KMSMode {
        if let preferred = modes.first(where: { $0.isPreferred }) { return preferred }
        return modes.sorted { rank($0) > rank($1) }.first ?? modes[0]
    }

    /// Best first, each named once.
    static func list(_ modes: [KMSMode]) -> [DisplayMode] {
        let sorted = modes.sorted { ($0.isPreferred ? 1 : 0, rank($0)) > ($1.isPreferred ? 1 : 0, rank($1)) }
        var seen: Set<DisplayMode> = []
        return sorted.map(\.displayMode).filter { seen.insert($0).inserted }
    }

    private struct Rank: Comparable {
        var progressive: Int
        var fit: Int
        var affordable: Int
        var pixels: Int
        var rate: Int

        static func < (left: Rank, right: Rank) -> Bool {
            (left.progressive, left.fit, left.affordable, left.pixels, left.rate)
                < (right.progressive, right.fit, right.affordable, right.pixels, right.rate)
        }
    }

    private static func rank(_ mode: KMSMode) -> Rank {
        // How far from 16:9, in hundredths: 1366×768 is as good as 1920×1080.
        let ratio = 100 * mode.width * 9 / (mode.height * 16)
        let affordable = mode.width <= 1_920 && mode.height <= 1_200
        return Rank(
            progressive: mode.isInterlaced ? 0 : 1, fit: -abs(ratio - 100) / 2, affordable: affordable ? 1 : 0,
            pixels: affordable ? mode.width * mode.height : -mode.width * mode.height,
            rate: -abs(mode.millihertz - 60_000))
    }

    private static func distance(_ mode: KMSMode, _ wanted: DisplayMode) -> Int {
        wanted.millihertz == 0
            ? abs(mode.millihertz - 60_000)
            : abs(mode.millihertz - wanted.millihertz) + (mode.isInterlaced ? 400 : 0)
    }
}

extension KMSMode {
    var displayMode: DisplayMode { DisplayMode(size: PixelSize(width: width, height: height), millihertz: millihertz) }
}

extension DisplayMode {
    /// `1920x1080@50`, `1280x720@59.94`, or `1280x720` for any rate (0 millihertz).
    public init?(_ text: String) {
        let halves = text.split(separator: "@", omittingEmptySubsequences: false)
        let sides = halves[0].split(separator: "x", omittingEmptySubsequences: false)
        guard halves.count <= 2, sides.count == 2, let width = Int(sides[0]), let height = Int(sides[1]),
            (1...16_384).contains(width), (1...16_384).contains(height)
        else { return nil }
        var millihertz = 0
        if halves.count == 2 {
            guard let hertz = Double(halves[1]), hertz.isFinite, (1...1_000).contains(hertz) else { return nil }
            millihertz = Int((hertz * 1_000).rounded())
        }
        self.init(size: PixelSize(width: width, height: height), millihertz: millihertz)
    }
}
