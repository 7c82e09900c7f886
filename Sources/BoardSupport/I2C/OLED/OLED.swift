import SystemPackage

/// An OLED that is being driven: knows what its glass shows, and sends what differs.
///
/// What goes wrong on the wires is thrown; the glass is then unknown, and the next picture is sent whole.
struct OLED: Sendable {
    static let addresses: [I2CAddress] = [0x3C, 0x3D]

    let model: OLEDModel
    let bus: any I2CBus
    let address: I2CAddress
    /// What the glass shows, as far as it is known.
    private(set) var shown: OneBitPicture?
    private var contrast: UInt8?
    /// Has been set up, and is on.
    private var isReady = false
    /// Was set up anew because its status said that it was off, and has not said otherwise since.
    private var wasRestored = false
    /// Whether its status means something: not all modules can be read from.
    private var hasStatus = true

    init(_ model: OLEDModel, on bus: any I2CBus, at address: I2CAddress) {
        (self.model, self.bus, self.address) = (model, bus, address)
    }

    /// What a look at an address brought.
    enum Finding: Sendable, Equatable {
        case nothing
        case found(OLEDModel)
        /// Something is there that is none of ours, as far as can be told.
        case unknown(status: UInt8)
    }

    /// Asks what is at an address, without writing to it: it may be something else, whose outputs a byte would switch.
    static func look(at address: I2CAddress, on bus: any I2CBus) async throws(I2CError) -> Finding {
        guard try await bus.answers(at: address) else { return .nothing }
        let status = try await bus.read(1, from: address).first ?? 0xFF
        return OLEDModel.answering(status).map { .found($0) } ?? .unknown(status: status)
    }

    /// Shows a picture, and sets the contrast where that changed. The first time, and after an error, it is set up, and
    /// what its memory holds is not seen.
    mutating func show(_ picture: OneBitPicture, contrast wanted: UInt8) async throws(I2CError) {
        let (before, lit, ready) = (shown, contrast, isReady)
        // Unknown while something is under way.
        (shown, contrast, isReady) = (nil, nil, false)
        if !ready { try await send(model.initialisation) }
        for span in OLEDUpdate.spans(from: ready ? before : nil, to: picture) {
            try await bus.write(OLEDUpdate.bytes(span, of: picture, on: model), to: address)
        }
        if !ready || lit != wanted { try await send([0x81, wanted]) }
        if !ready { try await send([0xAF]) }
        (shown, contrast, isReady) = (picture, wanted, true)
    }

    /// The next picture is sent whole: what the wires garbled goes away with it.
    mutating func distrustGlass() { shown = nil }

    /// Looks whether it is still there. One whose power was away for a moment answers, and is dark: its status says that it
    /// is off, and it is set up anew with the next picture.
    mutating func check() async throws(I2CError) {
        guard isReady else { return }
        guard hasStatus else {
            guard try await bus.answers(at: address) else {
                throw I2CError(bus: bus.name, address: address, "looking after the OLED", .remoteIO)
            }
            return
        }
        let isOff = (try await bus.read(1, from: address).first ?? 0) & 0x40 != 0
        // Setting it up did not help: its status is no status.
        if isOff && wasRestored { hasStatus = false } else if isOff { isReady = false }
        wasRestored = isOff
    }

    /// Dark, for when nobody looks after it any more.
    func turnOff() async throws(I2CError) { try await send([0xAE]) }

    private func send(_ commands: [UInt8]) async throws(I2CError) {
        try await bus.write([0x00] + commands, to: address)
    }
}
