package import Crypto
import LinuxSystem
package import SystemPackage

/// SHA-256 of files, read by pieces so that other work gets its turn.
package enum FileDigest {
    private static let queue = BlockingQueue(label: "vitrine.digest")
    private static let pieceByteCount = 1 << 20

    /// Lowercase hexadecimal.
    package static func sha256(of path: FilePath) async throws(MediaFault) -> String {
        let state = try await state(of: path)
        return hex(state.finalize())
    }

    /// The sum so far, of the whole file.
    package static func state(of path: FilePath) async throws(MediaFault) -> SHA256 {
        let file = try await queue.run { () throws(MediaFault) in
            try attempt("opening", path) { () throws(Errno) in
                try Descriptor.open(path, .readOnly, options: [.noFollow])
            }
        }
        var sum = SHA256()
        var offset = 0
        while true {
            if Task.isCancelled { throw .cancelled }
            let (next, count) = try await queue.run { [sum, offset] () throws(MediaFault) in
                try piece(of: file, at: offset, path, sum)
            }
            sum = next
            offset += count
            if count == 0 { return sum }
        }
    }

    private static func piece(
        of file: Descriptor, at offset: Int, _ path: FilePath, _ sum: SHA256
    ) throws(MediaFault) -> (SHA256, Int) {
        try attempt("reading", path) { () throws(Errno) in
            let bytes = try DurableFile.read(from: file, at: offset, atMost: pieceByteCount)
            var sum = sum
            sum.update(data: bytes)
            return (sum, bytes.count)
        }
    }

    package static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = [UInt8]("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
