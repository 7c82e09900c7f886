public import LinuxSystem

/// How the DRM driver is to work.
public struct DRMConfiguration: Sendable {
    /// `display.mode`; nil: what the screen prefers. A rate of 0: any.
    public var mode: DisplayMode?
    /// `display.force_hotplug`: use a connector that says that nothing is plugged.
    public var forceHotplug: Bool
    /// Clockwise, 0, 90, 180 or 270.
    public var rotation: Int
    /// Whether closing puts back what was on screen before (a desktop), or leaves the picture (the appliance).
    public var restoresOnExit: Bool
    /// A card that systemd's store kept open over a restart, with the picture on it.
    public var adopted: Descriptor?
    /// How long a connector may be unplugged before that is believed: links bounce.
    public var linkSettling: Duration

    public init(
        mode: DisplayMode? = nil, forceHotplug: Bool = false, rotation: Int = 0, restoresOnExit: Bool = false,
        adopted: Descriptor? = nil, linkSettling: Duration = .seconds(1)
    ) {
        self.mode = mode
        self.forceHotplug = forceHotplug
        self.rotation = [90, 180, 270].contains(rotation) ? rotation : 0
        self.restoresOnExit = restoresOnExit
        self.adopted = adopted
        self.linkSettling = linkSettling
    }
}
