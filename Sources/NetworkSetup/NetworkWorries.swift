public import LinuxSystem

/// What a person should know of the network: a pure function of its states over time.
public struct NetworkWorries: Sendable {
    public enum Worry: Sendable, Hashable {
        case wrongPassword(network: String)
        /// Refused for another reason, in wpa_supplicant's word.
        case refused(network: String, reason: String)
        case notFound(network: String)
        /// WiFi is wanted, and the machine has no radio: none at all, or one whose driver lacks its firmware.
        case noRadio
    }

    /// A network is not found at once after a start, and is refused now and then by one that is busy.
    public static let patience: Duration = .seconds(30)
    /// The radio's driver comes after the first picture, on a slow board and a worn card.
    public static let radioPatience: Duration = .seconds(120)

    private var since: (worry: Worry, start: MonotonicInstant)?

    public init() {}

    /// - Returns: what is wrong; nil for nothing, or nothing that has lasted.
    public mutating func worry(_ state: NetworkState, at now: MonotonicInstant) -> Worry? {
        guard let worry = Self.candidate(state) else {
            // Another try is no success: what was wrong is, until the network lets us in.
            let isThere = since?.worry == .noRadio
            if state.radio?.phase == .connected || state.radio == nil || isThere { since = nil }
            return since.flatMap { Self.isDue($0, now) ? $0.worry : nil }
        }
        if since?.worry != worry { since = (worry, now) }
        return since.flatMap { Self.isDue($0, now) ? $0.worry : nil }
    }

    private static func isDue(_ since: (worry: Worry, start: MonotonicInstant), _ now: MonotonicInstant) -> Bool {
        if case .wrongPassword = since.worry { return true }
        return since.start.duration(to: now) >= (since.worry == .noRadio ? radioPatience : patience)
    }

    private static func candidate(_ state: NetworkState) -> Worry? {
        let network = state.radio?.network ?? ""
        switch state.radio?.phase {
        case .wrongPassword: return .wrongPassword(network: network)
        case .refused(let reason): return .refused(network: network, reason: reason)
        case .notFound: return .notFound(network: network)
        case nil where state.wantsRadio && !state.interfaces.contains { $0.kind == .radio }: return .noRadio
        default: return nil
        }
    }
}
