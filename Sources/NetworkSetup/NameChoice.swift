/// Which name a machine takes when its own is another's already: the board's serial number tells two of a kind apart, which
/// the numbers that mDNS gives by itself (`vitrine-2`) do not.
public struct NameChoice: Sendable, Equatable {
    /// The names to try, best first.
    public let names: [String]
    /// - Parameter serial: the board's; without one there is only the first name.
    public init(wanted: String, serial: String?) {
        var names = [wanted]
        let digits = (serial ?? "").lowercased().filter { $0.isHexDigit }
        for count in [4, 8] where digits.count >= count {
            names.append("\(wanted.prefix(63 - count - 1))-\(digits.suffix(count))")
        }
        self.names = names
    }

    /// What comes after a name that is taken; nil when there is none left.
    public func next(after name: String) -> String? {
        guard let index = names.firstIndex(of: name) else { return names.first }
        return index + 1 < names.count ? names[index + 1] : nil
    }
}

/// Notices that a name is another's.
struct NameWatch: Sendable, Equatable {
    enum Standing: Sendable, Equatable {
        /// Others find us by it.
        case ours
        /// Somebody else answers to it.
        case theirs
        /// Nobody does yet: it is being announced, or there is no mDNS here.
        case unknown

        /// By the addresses that a name leads to.
        init(answers: [String], own: [String]) {
            self = answers.isEmpty ? .unknown : answers.contains { own.contains($0) } ? .ours : .theirs
        }
    }

    /// How often in a row somebody else answered. One look may be an answer that is no more true.
    private var strikes = 0

    /// - Returns: whether it is time for another name: the second time in a row that it is theirs.
    mutating func look(_ standing: Standing) -> Bool {
        strikes = standing == .theirs ? strikes + 1 : 0
        guard strikes >= 2 else { return false }
        strikes = 0
        return true
    }
}
