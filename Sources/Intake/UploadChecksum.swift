import Crypto

/// The sum that a sender made of one piece (checksum extension of tus 1.0.0).
public struct UploadChecksum: Sendable, Equatable {
    public enum Algorithm: String, Sendable, CaseIterable {
        case sha1
        case sha256
    }

    public var algorithm: Algorithm
    public var digest: [UInt8]

    public init(algorithm: Algorithm, digest: [UInt8]) {
        self.algorithm = algorithm
        self.digest = digest
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
