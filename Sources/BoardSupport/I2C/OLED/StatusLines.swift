/// What a small status display says: where the page is, what is going on, what is wrong.
public struct StatusLines: Sendable, Equatable {
    public enum State: Sendable, Equatable {
        case starting
        case playing(String)
        case paused(String)
        /// There is nothing to play.
        case waiting
    }

    /// What the device is called.
    public var name: String
    /// Where the page is: URLs, best first. None: no network.
    public var addresses: [String]
    public var state: State
    /// The first fault, in words; nil: all is well.
    public var fault: String?

    public init(name: String, addresses: [String], state: State, fault: String? = nil) {
        (self.name, self.addresses, self.state, self.fault) = (name, addresses, state, fault)
    }

    /// A text, and in how many rows it may stand.
    public struct Line: Sendable, Equatable {
        public var text: String
        public var rows: Int
        /// Set smaller rather than cut off.
        public var shrinks: Bool

        public init(_ text: String, rows: Int = 1, shrinks: Bool = false) {
            (self.text, self.rows, self.shrinks) = (text, rows, shrinks)
        }
    }

    /// The lines for a display with so many rows, first what matters most when there are few.
    public func lines(rows: Int) -> [Line] {
        let first = Line(address, shrinks: true)
        if rows <= 2 { return [first, Line(fault ?? stateText)] }
        if let fault { return [first, Line(stateText), Line(fault, rows: rows - 2)] }
        return [first, Line(stateText), Line(name)]
    }

    /// What a person types: without the scheme.
    private var address: String {
        guard var text = addresses.first?[...] else { return "No network" }
        if text.hasPrefix("http://") { text = text.dropFirst(7) }
        if text.hasSuffix("/") { text = text.dropLast() }
        return String(text)
    }

    private var stateText: String {
        switch state {
        case .starting: "Starting"
        case .playing(let name): "\u{25B6} \(name)"
        case .paused(let name): name.isEmpty ? "Paused" : "Paused: \(name)"
        case .waiting: "Waiting for pictures"
        }
    }
}
