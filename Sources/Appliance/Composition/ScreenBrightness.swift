import DisplayDrivers

/// How bright the screen's own light is: what a person chose with buttons, times what the light around asks for.
///
/// What a person chose is forgotten with a restart, so that nobody is left with a dark screen and no button.
actor ScreenBrightness {
    /// From one press to the next: eyes see ratios.
    static let step = 1.25
    /// Darker is off, which a person would take for broken.
    static let least = 0.05

    private let chain: DisplayChain
    private var chosen = 1.0
    private var ambient = 1.0

    init(_ chain: DisplayChain) { self.chain = chain }

    /// One step brighter or darker.
    ///
    /// - Returns: what a person chose now, from 0 to 1; nil: this screen has no light that could be set.
    func change(brighter: Bool) async -> Double? {
        guard chain.capabilities?.hasBrightness == true else { return nil }
        chosen = Self.changed(chosen, brighter: brighter)
        await chain.setBrightness(level)
        return chosen
    }

    /// What a light sensor says, from 0 to 1; 1 without one.
    func setAmbient(_ level: Double) async {
        ambient = min(max(level, 0), 1)
        await chain.setBrightness(self.level)
    }

    static func changed(_ level: Double, brighter: Bool) -> Double {
        min(max(brighter ? level * step : level / step, least), 1)
    }

    private var level: Double { max(Self.least, chosen * ambient) }
}
