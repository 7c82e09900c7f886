/// Tells from looks at what is plugged whether a chain should look again.
struct PlugWatch {
    private var generation: Int
    private var plugged: [String]?

    /// - Parameter generation: of the kernel's words so far.
    init(generation: Int) { self.generation = generation }

    /// - Parameters:
    ///   - plugged: connectors with a screen, as far as the kernel knows.
    ///   - generation: of the kernel's words.
    ///   - screenWasLost: a display found its screen unplugged since the last look.
    /// - Returns: whether something may have come or gone. The first look always says so.
    mutating func saw(_ plugged: [String], generation: Int, screenWasLost: Bool) -> Bool {
        // A screen that was away for less than the time between two looks seems never to have been; its display knows.
        let isBack = screenWasLost && !plugged.isEmpty
        defer { (self.plugged, self.generation) = (plugged, generation) }
        return plugged != self.plugged || generation != self.generation || isBack
    }
}
