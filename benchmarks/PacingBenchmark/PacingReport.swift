import LinuxSystem

/// What a run came to. Times are in milliseconds.
struct PacingReport: Encodable, Equatable {
    struct Lateness: Encodable, Equatable {
        var median = 0.0
        var permille999 = 0.0
        var most = 0.0

        init(_ seconds: [Double]) {
            let sorted = seconds.sorted()
            guard !sorted.isEmpty else { return }
            func at(_ share: Double) -> Double {
                sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))] * 1e3
            }
            (median, permille999, most) = (at(0.5), at(0.999), at(1))
        }
    }

    var frames = 0
    /// Shown again although the next was due.
    var twice = 0
    /// Never shown.
    var lost = 0
    /// Share of frames that came within half a refresh of their ideal time.
    var onTime = 0.0
    /// Share of the bare thread's moments at which it woke within half a refresh of that.
    var onTimeOfControl = 0.0
    /// The distance from the ideal time, without its sign.
    var error = Lateness([])
    /// How late the bare thread woke.
    var control = Lateness([])
    /// The mean error of the last tenth, less that of the first.
    var drift = 0.0

    /// - Parameters:
    ///   - shown: in the order in which they came; the first sets the beat.
    ///   - rate: the clip's frames a second.
    ///   - refresh: of the display, a second.
    ///   - control: seconds.
    init(_ shown: [ShownFrame], rate: Double, framesInClip: Int, refresh: Double, control: [Double]) {
        frames = shown.count
        let half = 0.5 / refresh
        self.control = Lateness(control)
        onTimeOfControl = Self.share(control) { $0 <= half }
        guard let first = shown.first else { return }
        // By its number each frame has one place in all iterations; the first one's refresh is the origin.
        var place = 0
        var errors: [Double] = []
        var last = first.number
        for frame in shown {
            let step = (frame.number - last + framesInClip) % framesInClip
            if errors.isEmpty {
                errors.append(0)
                continue
            }
            if step == 0 { twice += 1 }
            if step > 1 { lost += step - 1 }
            place += step
            last = frame.number
            let ideal = Double(place) / rate
            errors.append(Double(first.time.duration(to: frame.time).wholeNanoseconds) / 1e9 - ideal)
        }
        // The first woke late by chance, too: the middle of all errors is nought.
        let middle = errors.sorted()[errors.count / 2]
        errors = errors.map { $0 - middle }
        onTime = Self.share(errors) { abs($0) <= half }
        error = Lateness(errors.map(abs))
        let tenth = max(1, errors.count / 10)
        func mean(_ part: ArraySlice<Double>) -> Double { part.reduce(0, +) / Double(part.count) }
        drift = (mean(errors.suffix(tenth)) - mean(errors.prefix(tenth))) * 1e3
    }

    private static func share(_ values: [Double], where isGood: (Double) -> Bool) -> Double {
        values.isEmpty ? 0 : Double(values.count { isGood($0) }) / Double(values.count)
    }
}
