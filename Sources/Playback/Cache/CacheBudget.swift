import MemoryMonitor

/// How many bytes the cache may have. The machine's size sets the base; the level takes from it.
enum CacheBudget {
    /// Of the machine's memory one in so many. On a board of 512 MB that leaves what plays under 150 MB in all.
    static let share = 10
    /// Beyond this nothing is gained: many loops fit.
    static let largest = 512 << 20
    /// The cache grows only while so much more is available than would be low: what it took must not be what is wanted back.
    static let distance = 32 << 20

    /// - Parameter used: what the cache has now.
    static func bytes(for state: MemoryState, used: Int) -> Int {
        let base = min(state.reading.size / share, largest)
        switch state.level {
        case .normal:
            return min(base, used + max(0, state.reading.spare - MemoryLevel.lowBytes - distance))
        // It gives back, and takes nothing.
        case .low: return min(base / 2, used)
        // What is in use stays.
        case .critical: return 0
        }
    }
}
