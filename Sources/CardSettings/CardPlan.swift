public import DeviceSettings

/// One step on the way from what stands on the card to what should.
public enum CardAction: Sendable, Equatable {
    /// Whole or not at all, and on the device when it is done.
    case replace(CardFile, [UInt8], isSecret: Bool)
    /// Writes asterisks in place. `content` is what stands there afterwards; a file that would become another is left alone.
    case blank(CardFile, [Range<Int>], content: [UInt8])
    /// The FAT partition can be written to from here on.
    case openCard
    /// And no longer.
    case closeCard
    case link(CardFile, target: String)
    case remove(CardFile)
    case setHostName(String)
}

/// What is to be done with a card at its start: a pure function of what is there.
///
/// The order makes every power cut harmless. First the settings are safe in `/data`; then it is written down where a blank
/// will go; then the password on the FAT partition is blanked; then the file is said to be taken. Stopped after any step,
/// the next start goes through the same again and ends at the same.
public struct CardPlan: Sendable, Equatable {
    /// Changes that last. The first that fails ends them: what comes later relies on it.
    public var lasting: [CardAction] = []
    /// What the system's programs read in this run; each stands for itself.
    public var passing: [CardAction] = []
    /// What is wrong with what people wrote, in their order.
    public var faults: [SettingFault] = []
    /// The firmware reads its part only when the board starts.
    public var needsRestart = false

    /// - Parameter panelDevice: the bus that a product of this name is wired to, such as `/dev/spidev0.1`; nil for none.
    public init(_ card: CardState, panelDevice: (String) -> String?) {
        var planning = CardPlanning(card)
        planning.readSources()
        planning.takeFresh()
        let firmware = FirmwareLines(settings: planning.settings, panelDevice: panelDevice)
        faults = planning.faults + firmware.faults
        lasting = planning.lasting(firmware: firmware)
        needsRestart = planning.changes(firmware)
        passing = SystemFiles.actions(system: planning.system, name: planning.settings.text("device.name"))
    }
}
