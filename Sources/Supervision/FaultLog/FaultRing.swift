/// The records of the fault log, and where the next one goes: 512 lines of 512 bytes, of which the oldest is
/// overwritten. The file never changes its size, so that a record is one write of one block, and no metadata.
public struct FaultRing: Sendable, Equatable {
    static let lines = 512
    static let byteCount = lines * FaultRecord.lineLength

    /// Oldest first.
    public private(set) var records: [FaultRecord] = []

    public init() {}

    /// From the file's content, spoiled or not.
    init(_ bytes: [UInt8]) {
        for start in stride(from: 0, to: bytes.count - FaultRecord.lineLength + 1, by: FaultRecord.lineLength) {
            guard let record = FaultRecord(line: bytes[start..<start + FaultRecord.lineLength]) else { continue }
            records.append(record)
        }
        records.sort { $0.number < $1.number }
    }

    /// An empty file: lines of spaces, which read as nothing.
    static let empty: [UInt8] = {
        let line = [UInt8](repeating: UInt8(ascii: " "), count: FaultRecord.lineLength - 1) + [UInt8(ascii: "\n")]
        return (0..<lines).flatMap { _ in line }
    }()

    /// The number of the next record.
    var next: Int { (records.last?.number ?? 0) + 1 }

    /// The offset in the file of a record.
    static func offset(of number: Int) -> Int { (number - 1) % lines * FaultRecord.lineLength }

    mutating func add(_ record: FaultRecord) {
        records.append(record)
        if records.count > Self.lines { records.removeFirst() }
    }

    /// What the daemon's start is, and what is said of it.
    ///
    /// - Parameter boot: what the kernel calls this time that it runs (`/proc/sys/kernel/random/boot_id`).
    func start(version: String, boot: String) -> (kind: FaultRecord.Kind, text: String) {
        let mark = "boot \(boot.prefix(8))"
        let last = records.last { $0.kind == .boot || $0.kind == .start }
        let isSameBoot = last?.text.contains(mark) ?? false
        var text = "vitrine \(version), \(mark)"
        if last != nil, records.last?.kind != .stop {
            text += isSameBoot ? ", after the daemon died" : ", after a power cut"
        }
        return (isSameBoot ? .start : .boot, text)
    }

    /// Uptimes of what was written since the board was switched on, without the latest start if it is another boot's.
    func uptimes(ofBoot boot: String) -> [Int] {
        let mark = "boot \(boot.prefix(8))"
        guard let last = records.last(where: { $0.kind == .boot || $0.kind == .start }), last.text.contains(mark)
        else { return [] }
        let since = records.lastIndex { $0.kind == .boot } ?? 0
        return records[since...].map(\.uptime)
    }
}

/// How much may be written, so that a fault that comes and goes does not wear the card: at most so many records in an
/// hour, and so many of them of one fault.
struct FaultBudget: Sendable, Equatable {
    static let hour = 3_600
    static let records = 40
    static let recordsOfOne = 6

    /// Uptimes in seconds of what was written within the last hour, for all and for each fault.
    private var written: [Int]
    private var writtenOf: [String: [Int]] = [:]
    /// Records that were left out since one was written last.
    private(set) var leftOut = 0

    /// - Parameter written: what a daemon before this one wrote since the board was switched on.
    init(written: [Int] = []) { self.written = written }

    /// Whether a record may be written now.
    mutating func admit(_ key: String, at uptime: Int) -> Bool {
        written.removeAll { $0 <= uptime - Self.hour }
        for (other, times) in writtenOf {
            let recent = times.filter { $0 > uptime - Self.hour }
            writtenOf[other] = recent.isEmpty ? nil : recent
        }
        guard written.count < Self.records, writtenOf[key, default: []].count < Self.recordsOfOne else {
            leftOut += 1
            return false
        }
        written.append(uptime)
        writtenOf[key, default: []].append(uptime)
        return true
    }

    mutating func takeLeftOut() -> Int {
        defer { leftOut = 0 }
        return leftOut
    }
}
