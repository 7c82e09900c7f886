public import SystemPackage

/// Why text or a code could not be made into pixels.
public enum LetteringError: Error, Sendable, Equatable, CustomStringConvertible {
    /// No memory for the picture.
    case noMemory(Errno)
    /// A library failed, mostly for want of memory. FreeType's error number, or `errno` of libqrencode.
    case library(String, code: Int)
    /// More bytes than a QR code can hold.
    case codeTooLong(byteCount: Int)

    public var description: String {
        switch self {
        case .noMemory(let error): "no memory for a picture: \(error)"
        case .library(let name, let code): "\(name) failed with \(code)"
        case .codeTooLong(let count): "\(count) bytes are too many for a QR code"
        }
    }
}
