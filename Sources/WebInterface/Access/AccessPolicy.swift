/// Who needs no PIN.
public enum AccessMode: Sendable, Equatable {
    /// A device claims its session with the PIN that the screen shows.
    case pin
    /// This machine itself needs no session; others neither if `onNetwork`.
    case open(onNetwork: Bool)
}

/// Decides of every request whether it may go on, before anything else looks at it. A pure value.
struct AccessPolicy: Sendable {
    /// Who a route is for.
    enum Audience: Sendable {
        /// Anybody who can reach the server: what it takes to claim a session.
        case anyone
        case members
    }

    /// Where the request came in.
    enum Door: Sendable, Equatable {
        /// Guarded by the mode of its file.
        case unixSocket
        /// nil: the peer's address is not known.
        case network(peer: String?)
    }

    /// All that the decision depends on.
    struct Facts: Sendable {
        var door: Door
        /// The method changes something.
        var isChanging: Bool
        var audience: Audience
        /// `Host`.
        var host: String?
        /// `Origin`, `Sec-Fetch-Site`, `Sec-Fetch-Mode`.
        var origin: String?
        var fetchSite: String?
        var fetchMode: String?
        /// The request came with the token of a session that there is.
        var hasSession: Bool
    }

    enum Standing: Sendable, Equatable {
        case stranger
        case member
    }

    var mode: AccessMode
    var hosts: HostNames

    func standing(of facts: Facts) throws(ProblemError) -> Standing {
        if facts.door == .unixSocket { return .member }
        try checkHost(facts)
        try checkSender(facts)
        let standing: Standing = facts.hasSession || isOpen(to: facts.door) ? .member : .stranger
        if facts.audience == .members, standing == .stranger { throw .sessionNeeded }
        return standing
    }

    private func checkHost(_ facts: Facts) throws(ProblemError) {
        guard let host = facts.host else {
            throw .badRequest("The request names no host.", suggestion: "Send the header Host.")
        }
        guard hosts.contain(host) else {
            throw ProblemError(
                status: 403, category: .validation, title: "Unknown host name",
                detail: "This server is not known by the name that the request used.",
                suggestion: "Open the page by the address that the screen shows, or add the name to the configuration.")
        }
    }

    /// A page of another origin must not act in a visitor's name, nor draw what our answers contain.
    private func checkSender(_ facts: Facts) throws(ProblemError) {
        if facts.isChanging, let origin = facts.origin, !Self.isSame(origin: origin, host: facts.host) {
            throw .foreignOrigin
        }
        guard let site = facts.fetchSite, site != "same-origin", site != "none" else { return }
        // Following a link to our page is no act of the other page: it sees nothing of the answer.
        if facts.fetchMode == "navigate", !facts.isChanging { return }
        throw .foreignOrigin
    }

    /// Whether an origin is the one that a host's pages have. TLS may end in a proxy, so both schemes will do.
    static func isSame(origin: String, host: String?) -> Bool {
        guard let host else { return false }
        for scheme in ["http://", "https://"] where origin.hasPrefix(scheme) {
            return origin.dropFirst(scheme.count).lowercased() == host.lowercased()
        }
        return false
    }

    private func isOpen(to door: Door) -> Bool {
        switch (mode, door) {
        case (.pin, _): false
        case (.open(onNetwork: true), _), (_, .unixSocket): true
        case (.open(onNetwork: false), .network(let peer)): peer.map(HostNames.isLoopback) ?? false
        }
    }
}

extension ProblemError {
    static let sessionNeeded = ProblemError(
        status: 401, category: .validation, title: "Not claimed",
        detail: "This device has no access to the display yet.",
        suggestion: "Enter the PIN that the screen shows.",
        headers: [Header("WWW-Authenticate", "Bearer realm=\"vitrine\"")])

    static let foreignOrigin = ProblemError(
        status: 403, category: .validation, title: "Foreign origin",
        detail: "The request comes from a page of another site.",
        suggestion: "Open the page by the address that the screen shows.")
}
