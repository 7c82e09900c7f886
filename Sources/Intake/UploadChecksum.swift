import Crypto
import FoundationEssentials
public import MediaIndex

/// The sum that a sender made of one piece (checksum extension of tus 1.0.0).
public struct UploadChecksum: Sendable, Equatable {
    public enum Algorithm: String, Sendable, CaseIterable {
        case sha1
        case sha256

        var byteCount: Int {
            switch self {
            case .sha1: Insecure.SHA1.byteCount
            case .sha256: SHA256.byteCount
            }
        }
    }

    public var algorithm: Algorithm
    public var digest: [UInt8]

    public init(algorithm: Algorithm, digest: [UInt8]) {
        self.algorithm = algorithm
        self.digest = digest
    }

    /// The value of `Upload-Checksum`: an algorithm, a space, and the sum in base 64.
    ///
    /// - Throws: `.unknownChecksum` for another algorithm; `.invalid` for what is no sum.
    public init(header: String) throws(MediaFault) {
        let words = header.split(separator: " ", omittingEmptySubsequences: true)
        guard let algorithm = words.first.flatMap({ Algorithm(rawValue: String($0)) }) else {
            throw MediaFault(
                .unknownChecksum, .validation,
                reason: "the checksum algorithm of \"\(header.prefix(40))\" is not known here",
                suggestion: "Use \(Algorithm.allCases.map(\.rawValue).joined(separator: " or "))")
        }
        guard words.count == 2, let digest = Data(base64Encoded: String(words[1])), digest.count == algorithm.byteCount
        else {
            throw MediaFault(
                .invalid, .validation, reason: "Upload-Checksum holds no \(algorithm.rawValue) sum in base 64",
                suggestion: "Send the algorithm, a space, and the sum in base 64")
        }
        self.init(algorithm: algorithm, digest: [UInt8](digest))
    }
}

/// A sum in the making.
enum RunningChecksum: Sendable {
    case sha1(Insecure.SHA1)
    case sha256(SHA256)

    init(_ algorithm: UploadChecksum.Algorithm) {
        switch algorithm {
        case .sha1: self = .sha1(Insecure.SHA1())
        case .sha256: self = .sha256(SHA256())
        }
    }

    mutating func update(_ bytes: [UInt8]) {
        switch self {
        case .sha1(var sum):
            sum.update(data: bytes)
            self = .sha1(sum)
        case .sha256(var sum):
            sum.update(data: bytes)
            self = .sha256(sum)
        }
    }

    var digest: [UInt8] {
        switch self {
        case .sha1(let sum): [UInt8](sum.finalize())
        case .sha256(let sum): [UInt8](sum.finalize())
        }
    }
}
