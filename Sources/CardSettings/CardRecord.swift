/// What was taken of a file of the FAT partition, kept in `/data/system/inbox`: one line of state, then the file's content
/// without the password.
///
/// Blanking writes over several bytes in place, and the power can go between two of them. What stands there then is
/// neither the password nor a blank, and must not be taken for a new one; so where the blank goes is written down before.
/// The same record says that the settings are safe, however long the card refuses the blank.
struct CardRecord: Equatable {
    /// Bytes that are still to be blanked; empty when that is done.
    var blanking: [Range<Int>] = []
    /// Of the content as a person wrote it: `fingerprint`. Nil where nothing is to be blanked.
    var original: UInt64?
    /// The system's settings that the file says something of. One that it no longer does is taken back.
    var systemKeys: Set<String> = []
    var content: [UInt8]

    /// What is to be blanked in `bytes`, or was.
    init(of bytes: [UInt8], blanking: [Range<Int>], systemKeys: Set<String>) {
        self.blanking = blanking
        original = blanking.isEmpty ? nil : Self.fingerprint(of: bytes)
        self.systemKeys = systemKeys
        content = CardSource.blanking(blanking, in: bytes)
    }

    init?(_ bytes: [UInt8]) {
        guard let end = bytes.firstIndex(of: 0x0A) else { return nil }
        let words = String(decoding: bytes[..<end], as: UTF8.self).split(separator: " ")
        guard let state = words.first, ["taken", "blanking"].contains(state) else { return nil }
        for word in words.dropFirst() {
            if let first = word.first, !first.isNumber {
                guard word.hasPrefix("was:") else {
                    systemKeys.insert(String(word))
                    continue
                }
                original = UInt64(word.dropFirst(4), radix: 16)
                continue
            }
            let ends = word.split(separator: "-").compactMap { Int($0) }
            guard ends.count == 2, 0 <= ends[0], ends[0] < ends[1] else { return nil }
            blanking.append(ends[0]..<ends[1])
        }
        guard (state == "blanking") == !blanking.isEmpty else { return nil }
        content = Array(bytes[(end + 1)...])
    }

    var bytes: [UInt8] {
        var words = [blanking.isEmpty ? "taken" : "blanking"]
        words += blanking.map { "\($0.lowerBound)-\($0.upperBound)" }
        if let original { words.append("was:" + String(original, radix: 16)) }
        words += systemKeys.sorted()
        return Array((words.joined(separator: " ") + "\n").utf8) + content
    }

    /// The blank is made.
    var blanked: CardRecord {
        var record = self
        (record.blanking, record.original) = ([], nil)
        return record
    }

    /// What this record says of the file as it stands now.
    enum Standing: Equatable {
        /// Nothing new.
        case taken
        /// The settings are safe, and the password still stands there: the card could not be written to.
        case unblanked
        /// The power went while the password was blanked. The settings were safe before that began.
        case halfBlanked
        /// A person wrote something, or it was never taken.
        case new
    }

    func standing(of bytes: [UInt8]) -> Standing {
        if blanking.isEmpty { return bytes == content ? .taken : .new }
        guard CardSource.blanking(blanking, in: bytes) == content else { return .new }
        if original == Self.fingerprint(of: bytes) { return .unblanked }
        // A password of the same length that somebody wrote meanwhile is not lost.
        let isTouched = blanking.contains { range in
            bytes[range.lowerBound] == CardSource.blank || bytes[range.upperBound - 1] == CardSource.blank
        }
        return isTouched ? .halfBlanked : .new
    }

    /// FNV-1a of 64 bits (http://www.isthe.com/chongo/tech/comp/fnv): tells one content from another, and is no secret's
    /// keeper. The password itself lies beside it, for root alone.
    static func fingerprint(of bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
