import DecoderProtocol
import Frames
import LinuxSystem

/// Which reader a file gets.
enum MediumOpening {
    /// - Parameter hardware: the board's own decoders, where they may be tried.
    static func open(
        _ file: Descriptor, _ request: OpenRequest, hardware: HardwareUse?
    ) throws(DecodeFailure) -> any MediumReader {
        guard request.screen.width > 0, request.screen.height > 0 else {
            throw DecodeFailure(
                code: .misuse, reason: "A screen without pixels was asked for.",
                suggestion: "This is a fault of Vitrine.")
        }
        if let photo = try PhotoReaders.open(file: file, request: request) { return photo }
        return try LibavReader(file: file, request: request, hardware: hardware)
    }
}
