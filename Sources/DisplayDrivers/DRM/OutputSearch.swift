import Frames
import KMS
import SystemPackage

/// A connector with a screen, the CRTC that is to drive it, and the mode.
struct FoundOutput: Sendable {
    var connector: KMSConnector
    var crtc: UInt32
    /// Its bit in masks.
    var crtcBit: UInt32
    var choice: ModeChoice
    var edid: EDID?
    /// Framebuffers that were there before: an earlier owner's.
    var oldFramebuffers: [UInt32]
}

/// Looks for an output on one card.
enum OutputSearch {
    enum Answer: Sendable {
        case found(FoundOutput)
        case nothing(reason: String)
    }

    static func find(on device: any KMSDevice, _ configuration: DRMConfiguration) throws(Errno) -> Answer {
        let resources = try device.resources()
        guard !resources.crtcs.isEmpty else { return .nothing(reason: "is no display card") }
        var reasons: [String] = []
        var connectors: [KMSConnector] = []
        for id in resources.connectors { connectors.append(try device.connector(id, detects: true)) }
        // One that says that it has a screen goes before one that is only said to have one.
        let plugged = connectors.filter { $0.status == .connected }
        for var connector in plugged + connectors.filter({ $0.status != .connected }) {
            let isForced = configuration.forceHotplug && connector.status != .connected
            guard connector.status == .connected || isForced else {
                reasons.append("\(connector.name): nothing is plugged")
                continue
            }
            if isForced, connector.modes.isEmpty { connector.modes = standardModes }
            let edid = try edid(of: connector.id, on: device)
            guard
                let choice = ModeChoice.choose(
                    from: connector.modes, wanted: configuration.mode, hasEDID: edid != nil || isForced)
            else {
                reasons.append("\(connector.name): plugged, but the list of modes is empty")
                continue
            }
            guard let index = crtcIndex(for: connector, in: resources.crtcs) else {
                reasons.append("\(connector.name): no CRTC is free for it")
                continue
            }
            return .found(
                FoundOutput(
                    connector: connector, crtc: resources.crtcs[index], crtcBit: 1 << UInt32(index), choice: choice,
                    edid: edid, oldFramebuffers: resources.framebuffers))
        }
        return .nothing(reason: reasons.isEmpty ? "has no connector" : reasons.joined(separator: ", "))
    }

    static func edid(of connector: UInt32, on device: any KMSDevice) throws(Errno) -> EDID? {
        let properties = try device.properties(of: connector, .connector)
        guard let blob = properties.first(where: { $0.name == "EDID" })?.value, blob != 0,
            let bytes = try? device.blob(UInt32(truncatingIfNeeded: blob))
        else { return nil }
        return EDID(bytes)
    }

    private static func crtcIndex(for connector: KMSConnector, in crtcs: [UInt32]) -> Int? {
        if connector.crtc != 0, let index = crtcs.firstIndex(of: connector.crtc) { return index }
        return crtcs.indices.first { connector.possibleCRTCs & 1 << UInt32($0) != 0 }
    }

    /// CEA-861: VIC 16, 31 and 4, for a screen that tells nothing and is said to be there.
    static let standardModes = [
        KMSMode(
            clock: 148_500, horizontal: [1_920, 2_008, 2_052, 2_200, 0], vertical: [1_080, 1_084, 1_089, 1_125, 0],
            refresh: 60, flags: 5, name: "1920x1080"),
        KMSMode(
            clock: 148_500, horizontal: [1_920, 2_448, 2_492, 2_640, 0], vertical: [1_080, 1_084, 1_089, 1_125, 0],
            refresh: 50, flags: 5, name: "1920x1080"),
        KMSMode(
            clock: 74_250, horizontal: [1_280, 1_390, 1_430, 1_650, 0], vertical: [720, 725, 730, 750, 0], refresh: 60,
            flags: 5, name: "1280x720"),
    ]
}

/// Why a card cannot be used, in words.
func words(for code: Errno) -> String {
    switch code {
    case .permissionDenied: "another program has the screen, or access to the card is not permitted"
    case .notPermitted: "access to the card is not permitted"
    case .deviceGone, .noSuchAddressOrDevice: "the card has gone"
    case .notSupported: "is no display card"
    case .noMemory, .noSpace: "no contiguous memory (CMA) is left for the picture"
    case .resourceBusy: "another program has the screen"
    default: "\(code)"
    }
}
