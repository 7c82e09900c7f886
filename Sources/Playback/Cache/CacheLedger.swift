/// What a cache of pictures keeps, lends and gives up, counted in bytes. A value: it decides, and whoever owns it carries
/// the contents away.
///
/// An entry is a photo, a loop that is whole, or the head of what does not fit; while it is collected nobody can read it.
/// What is lent is never given up: when its entry goes, its bytes count until it comes back. A newcomer displaces those
/// that were used longest ago, if they were used less than it, all together; so what comes round once does not flush what
/// comes round as often, however large it is.
struct CacheLedger<Key: Hashable & Sendable, Content: Sendable>: Sendable {
    enum Extent: Sendable, Equatable {
        case collecting
        /// The first frames.
        case head
        case whole
    }

    /// An entry that is being collected. Whoever has an old one collects nothing any more.
    struct Collection: Sendable, Equatable {
        let key: Key
        fileprivate let number: Int
    }

    /// A frame that is in use.
    struct Loan: Sendable, Hashable { fileprivate let frame: Int }

    private struct Kept: Sendable {
        let number: Int
        let content: Content
        let bytes: Int
    }

    private struct Entry: Sendable {
        let number: Int
        let isMoving: Bool
        var extent = Extent.collecting
        var frames: [Kept] = []
        var bytes = 0
        /// For frames that have not come yet.
        var reserved: Int
        var lastUse: Int
    }

    private struct Lent: Sendable {
        let bytes: Int
        var count = 1
        /// Its entry still has it.
        var isKept = true
    }

    /// Of moving media together at most so many quarters: photos cost less memory for the work that they save.
    static var movingQuarters: Int { 3 }
    /// Uses are halved when so many have been counted: what was once popular makes room.
    static var memory: Int { 256 }

    private(set) var budget: Int
    /// Of all frames that are kept, or lent.
    private(set) var bytes = 0
    private(set) var reserved = 0
    private(set) var evictions = 0
    private var movingBytes = 0
    private var entries: [Key: Entry] = [:]
    private var lent: [Int: Lent] = [:]
    private var uses: [Key: Int] = [:]
    private var usesCounted = 0
    private var lastNumber = 0

    init(budget: Int) { self.budget = budget }

    var frameCount: Int { entries.values.reduce(0) { $0 + $1.frames.count } }
    var lentBytes: Int { lent.values.reduce(0) { $0 + $1.bytes } }

    func extent(of key: Key) -> Extent? { entries[key]?.extent }

    /// Frames of an entry that can be read.
    func count(of key: Key) -> Int {
        guard let entry = entries[key], entry.extent != .collecting else { return 0 }
        return entry.frames.count
    }

    /// To look at: the first frame of an entry that is as wanted. To show, `lend`.
    func number(of key: Key, where isWanted: (Content) -> Bool) -> Int? {
        guard let entry = entries[key], entry.extent != .collecting else { return nil }
        return entry.frames.firstIndex { isWanted($0.content) }
    }

    /// The same, the last frame.
    func last(of key: Key) -> Content? {
        guard let entry = entries[key], entry.extent != .collecting else { return nil }
        return entry.frames.last?.content
    }

    // MARK: Using

    /// A photo is shown, or a loop begins.
    mutating func used(_ key: Key) {
        let moment = next()
        entries[key]?.lastUse = moment
        uses[key, default: 0] += 1
        usesCounted += 1
        guard usesCounted >= Self.memory else { return }
        usesCounted = 0
        uses = uses.compactMapValues { $0 > 1 ? $0 / 2 : nil }
    }

    /// A frame for somebody who shows it, until `giveBack`.
    mutating func lend(_ key: Key, frame number: Int) -> (content: Content, loan: Loan)? {
        guard let entry = entries[key], entry.extent != .collecting, entry.frames.indices.contains(number) else {
            return nil
        }
        let frame = entry.frames[number]
        lend(frame)
        return (frame.content, Loan(frame: frame.number))
    }

    mutating func giveBack(_ loan: Loan) {
        guard var one = lent[loan.frame] else { return }
        one.count -= 1
        lent[loan.frame] = one.count > 0 ? one : nil
        if one.count == 0, !one.isKept { bytes -= one.bytes }
    }

    // MARK: Collecting

    /// Begins an entry, if it may have so many bytes, and makes room for them.
    ///
    /// - Parameters:
    ///   - wanted: what it will have; nil when that is not known: it gets what is free, and nobody makes room for it.
    ///   - isMoving: it is no photo.
    mutating func begin(
        _ key: Key, bytes wanted: Int?, isMoving: Bool, dropping dropped: inout [Content]
    ) -> Collection? {
        let own = entries[key]
        guard own.map({ $0.extent == .head }) ?? true else { return nil }
        let wanted = max(1, wanted ?? 1), mayDisplace = wanted > 1
        let limit = isMoving ? budget / 4 * Self.movingQuarters : budget
        guard wanted <= limit else { return nil }
        // What is lent of its own head is not to be had yet.
        var lacking = wanted - (budget - bytes - reserved) - (own.map { freeBytes($0) } ?? 0)
        var lackingOfMoving = isMoving ? wanted - (limit - movingBytes) - (own?.bytes ?? 0) : 0
        var victims: [Key] = []
        var victimUses = 0
        if lacking > 0 || lackingOfMoving > 0 {
            guard mayDisplace else { return nil }
            for (victim, entry) in entries.sorted(by: { $0.value.lastUse < $1.value.lastUse })
            where victim != key && entry.extent != .collecting && !isLent(entry) {
                guard lacking > 0 || (lackingOfMoving > 0 && entry.isMoving) else { continue }
                victims.append(victim)
                victimUses += uses[victim] ?? 0
                lacking -= entry.bytes
                if entry.isMoving { lackingOfMoving -= entry.bytes }
                if lacking <= 0, lackingOfMoving <= 0 { break }
            }
            // One use more is no proof: its turn may just come first in the round.
            guard lacking <= 0, lackingOfMoving <= 0, victimUses + 1 < uses[key] ?? 0 else { return nil }
        }
        for victim in victims { evict(victim, into: &dropped) }
        if own != nil { evict(key, into: &dropped) }
        let entry = Entry(number: next(), isMoving: isMoving, reserved: wanted, lastUse: next())
        entries[key] = entry
        reserved += wanted
        if isMoving { movingBytes += wanted }
        return Collection(key: key, number: entry.number)
    }

    /// Takes a frame into an entry, and lends it to whoever brought it.
    ///
    /// - Returns: nil when there is no room for it: then the entry is given up, since half a loop saves no decoding.
    mutating func add(
        _ content: Content, bytes count: Int, to collection: Collection, dropping dropped: inout [Content]
    ) -> Loan? {
        guard let entry = entries[collection.key], entry.number == collection.number else { return nil }
        let beyond = max(0, count - entry.reserved)
        let limit = budget / 4 * Self.movingQuarters
        guard beyond <= budget - bytes - reserved, !entry.isMoving || beyond <= limit - movingBytes else {
            evict(collection.key, into: &dropped)
            return nil
        }
        let frame = Kept(number: next(), content: content, bytes: count)
        let covered = count - beyond
        entries[collection.key]?.frames.append(frame)
        entries[collection.key]?.bytes += count
        entries[collection.key]?.reserved -= covered
        reserved -= covered
        bytes += count
        if entry.isMoving { movingBytes += beyond }
        lend(frame)
        return Loan(frame: frame.number)
    }

    /// The entry has all that it should have, and can be read. False when it was given up meanwhile.
    mutating func complete(_ collection: Collection, as extent: Extent) -> Bool {
        guard let entry = entries[collection.key], entry.number == collection.number, !entry.frames.isEmpty else {
            return false
        }
        reserved -= entry.reserved
        if entry.isMoving { movingBytes -= entry.reserved }
        entries[collection.key]?.reserved = 0
        entries[collection.key]?.extent = extent
        return true
    }

    /// The entry will not be completed.
    mutating func abandon(_ collection: Collection, dropping dropped: inout [Content]) {
        guard let entry = entries[collection.key], entry.number == collection.number, entry.extent == .collecting
        else { return }
        evict(collection.key, into: &dropped)
    }

    // MARK: Giving up

    /// Gives up what is beyond a new budget, at once: those used longest ago first, and of those with frames that are lent
    /// the others.
    mutating func setBudget(_ new: Int, dropping dropped: inout [Content]) {
        budget = new
        guard bytes + reserved > budget else { return }
        let order = entries.sorted { left, right in
            (isLent(left.value) ? 1 : 0, left.value.lastUse) < (isLent(right.value) ? 1 : 0, right.value.lastUse)
        }
        for (key, _) in order where bytes + reserved > budget { evict(key, into: &dropped) }
    }

    /// Gives up all entries of which nobody wants to know any more.
    mutating func forget(where isUnwanted: (Key) -> Bool, dropping dropped: inout [Content]) {
        for key in entries.keys where isUnwanted(key) { evict(key, into: &dropped) }
        uses = uses.filter { !isUnwanted($0.key) }
    }

    private mutating func evict(_ key: Key, into dropped: inout [Content]) {
        guard let entry = entries.removeValue(forKey: key) else { return }
        reserved -= entry.reserved
        if entry.isMoving { movingBytes -= entry.bytes + entry.reserved }
        for frame in entry.frames {
            evictions += 1
            if lent[frame.number] != nil {
                lent[frame.number]?.isKept = false
            } else {
                bytes -= frame.bytes
                dropped.append(frame.content)
            }
        }
    }

    // MARK: -

    private mutating func lend(_ frame: Kept) {
        if lent[frame.number] == nil {
            lent[frame.number] = Lent(bytes: frame.bytes)
        } else {
            lent[frame.number]?.count += 1
        }
    }

    private func freeBytes(_ entry: Entry) -> Int {
        entry.frames.reduce(0) { lent[$1.number] == nil ? $0 + $1.bytes : $0 }
    }

    private func isLent(_ entry: Entry) -> Bool { entry.frames.contains { lent[$0.number] != nil } }

    private mutating func next() -> Int {
        lastNumber += 1
        return lastNumber
    }
}
