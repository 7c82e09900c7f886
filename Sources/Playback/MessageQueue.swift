public import LinuxSystem

/// Which messages are on the screen. A value: what is to be said and the time go in, what is shown comes out.
///
/// Critical before informational, and who came first before who came later. A message's time begins when it is first
/// seen, so that one which found no room is not lost; an informational one that waits too long is.
public struct MessageQueue: Sendable {
    /// More are not on the screen at once: they would hide the picture.
    public static let room = 3
    /// An informational message that was not seen by then is no news any more.
    public static let longestWait: Duration = .seconds(60)
    /// More are not kept: the last of the least severe go.
    static let capacity = 32

    private struct Entry: Sendable {
        var message: ScreenMessage
        var number: Int
        /// From when on it wants to be seen.
        var due: MonotonicInstant
        var shownSince: MonotonicInstant?

        /// When its showing ends; nil: not by itself, or it is not shown.
        var end: MonotonicInstant? {
            guard let shownSince, let stays = message.stays else { return nil }
            return shownSince.advanced(by: stays)
        }
    }

    /// What is let on to the screen.
    public var filter = MessageFilter.all
    private var entries: [Entry] = []
    private var lastNumber = 0

    public init() {}

    public var isEmpty: Bool { entries.isEmpty }

    /// Says something, in place of what was said under the same key. The very same again changes nothing.
    public mutating func post(_ message: ScreenMessage, at now: MonotonicInstant) {
        if let index = entries.firstIndex(where: { $0.message.key == message.key }) {
            guard entries[index].message != message else { return }
            let before = entries[index]
            entries[index].message = message
            if before.shownSince != nil { entries[index].shownSince = now }
            // What has changed is news, though its time to return had not come.
            entries[index].due = min(before.due, now)
            return
        }
        lastNumber += 1
        entries.append(Entry(message: message, number: lastNumber, due: now))
        if entries.count > Self.capacity, let last = entries.indices.max(by: { precedes(entries[$0], entries[$1]) }) {
            entries.remove(at: last)
        }
    }

    public mutating func withdraw(_ key: String) { entries.removeAll { $0.message.key == key } }

    /// What is on the screen at this time, from above to below.
    public mutating func visible(at now: MonotonicInstant) -> [ScreenMessage] {
        guard !entries.isEmpty else { return [] }
        endShowings(at: now)
        let shown = entries.indices.filter { entries[$0].due <= now && filter.lets(entries[$0].message.severity) }
            .sorted { precedes(entries[$0], entries[$1]) }.prefix(Self.room)
        for index in shown where entries[index].shownSince == nil { entries[index].shownSince = now }
        return shown.map { entries[$0].message }
    }

    /// When time alone changes what `visible` answers; call that first.
    public func nextChange(after now: MonotonicInstant) -> MonotonicInstant? {
        entries.lazy.filter { self.filter.lets($0.message.severity) }.compactMap { $0.end ?? $0.due }
            .filter { $0 > now }.min()
    }

    private mutating func endShowings(at now: MonotonicInstant) {
        for index in entries.indices {
            guard let shownSince = entries[index].shownSince, let end = entries[index].end, end <= now,
                let returns = entries[index].message.returns
            else { continue }
            entries[index].shownSince = nil
            entries[index].due = max(end, shownSince.advanced(by: returns))
        }
        entries.removeAll { entry in
            if let end = entry.end { return end <= now }
            return entry.shownSince == nil && entry.message.severity == .informational
                && entry.due.duration(to: now) > Self.longestWait
        }
    }

    private func precedes(_ left: Entry, _ right: Entry) -> Bool {
        (left.message.severity.rawValue, left.due.nanoseconds, left.number)
            < (right.message.severity.rawValue, right.due.nanoseconds, right.number)
    }
}
