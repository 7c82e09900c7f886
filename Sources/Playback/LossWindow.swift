import LinuxSystem

/// The frames that were lost over the last seconds in which they were counted, whatever lay between those seconds. A
/// value.
struct LossWindow: Sendable {
    private struct Count: Sendable {
        var time: Duration
        var lost: Int
        /// Those that were shown among them.
        var all: Int
    }

    private let length: Duration
    /// Time that was counted.
    private var time: Duration = .zero
    private var counts: [Count] = []

    init(length: Duration) { self.length = length }

    /// A frame came onto the glass.
    ///
    /// - Parameters:
    ///   - lost: how many before it did not.
    ///   - step: time that was counted since the one before.
    mutating func add(_ lost: Int, after step: Duration) {
        time += step
        // So many numbers, whatever the rate: they are kept for each medium that is short.
        if let last = counts.last, time - last.time < length / 30 {
            counts[counts.count - 1].lost += lost
            counts[counts.count - 1].all += lost + 1
        } else {
            counts.append(Count(time: time, lost: lost, all: lost + 1))
            counts.removeAll { $0.time < time - length }
        }
    }

    mutating func forget() { counts = [] }

    /// Whether this share of all frames was lost in the whole window, and in each third of it a good half of that: a
    /// single hiccup is none.
    func areTooMany(_ share: Double) -> Bool {
        guard let first = counts.first, time - first.time >= length * 0.9 else { return false }
        let part = length / 3
        var parts = [(lost: 0, all: 0), (lost: 0, all: 0), (lost: 0, all: 0)]
        for count in counts {
            let index = min(2, Int((time - count.time) / part))
            parts[index].lost += count.lost
            parts[index].all += count.all
        }
        func isMuch(_ count: (lost: Int, all: Int), _ share: Double) -> Bool {
            count.all > 0 && Double(count.lost) >= share * Double(count.all)
        }
        let whole = parts.reduce((lost: 0, all: 0)) { ($0.lost + $1.lost, $0.all + $1.all) }
        return isMuch(whole, share) && parts.allSatisfy { isMuch($0, share / 2) }
    }
}
