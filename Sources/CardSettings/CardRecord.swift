/// What was taken of a file of the FAT partition, kept in `/data/system/inbox`: one line of state, then the file's content
/// without the password.
///
/// Blanking writes over several bytes in place, and the power can go between two of them. What stands there then is
/// neither the password nor a blank, and must not be taken for a new one; so where the blank goes is written down before.
struct CardRecord: Equatable {
    /// Bytes that are about to be blanked; empty when that is done.
    var blanking: [Range<Int>]
    var content: [UInt8]

    init(blanking: [Range<Int>], content: [UInt8]) {
        self.blanking = blanking
        self.content = content
    }

    init?(_ bytes: [UInt8]) {
        guard let end = bytes.firstIndex(of: 0x0A) else { return nil }
        let words = String(decoding: bytes[..<end], as: UTF8.self).split(separator: " ")
        switch words.first {
        case "taken":
            blanking = []
        case "blanking":
            blanking = []
            for word in words.dropFirst() {
                let ends = word.split(separator: "-").compactMap { Int($0) }
                guard ends.count == 2, 0 <= ends[0], ends[0] < ends[1] else { return nil }
                blanking.append(ends[0]..<ends[1])
            }
        default:
            return nil
        }
        content = Array(bytes[(end + 1)...])
    }

    var bytes: [UInt8] {
        let ranges = blanking.map { " \($0.lowerBound)-\($0.upperBound)" }.joined()
        return Array((blanking.isEmpty ? "taken\n" : "blanking\(ranges)\n").utf8) + content
    }

    /// What this record says of the file as it stands now.
    enum Standing: Equatable {
        /// Nothing new.
        case taken
        /// The power went while the password was blanked. The settings were safe before that began.
        case halfBlanked
        /// A person wrote something, or it was never taken.
        case new
    }

    func standing(of bytes: [UInt8]) -> Standing {
        if blanking.isEmpty { return bytes == content ? .taken : .new }
        guard CardSource.blanking(blanking, in: bytes) == content else { return .new }
        // Untouched, the file is as new: taking it once more changes nothing, and a password of the same length that
        // somebody wrote meanwhile is not lost.
        let isTouched = blanking.contains { range in
            bytes[range.lowerBound] == CardSource.blank || bytes[range.upperBound - 1] == CardSource.blank
        }
        return isTouched ? .halfBlanked : .new
    }
}
