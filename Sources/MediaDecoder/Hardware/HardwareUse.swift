import CFFmpeg
import DecoderProtocol

/// What this process does with the board's own decoders, and what has become of that. Used from one thread.
final class HardwareUse {
    /// From opening a device to its first picture. A device that works takes some tens of milliseconds.
    static let firstPicture: Int64 = 2_000_000_000

    /// For the status.
    private(set) var report: HardwareReport
    private let lookUp: (AVCodecID) -> String?
    /// Nanoseconds.
    let deadline: Int64
    /// Called by the thread that decodes a first picture, before it does.
    let willDecode: @Sendable () -> Void
    private let atRest: HardwareReport

    /// - Parameters:
    ///   - report: what there is, while nothing is decoded.
    ///   - lookUp: libavcodec's name of what decodes this in the board.
    init(
        report: HardwareReport, deadline: Int64 = HardwareUse.firstPicture,
        willDecode: @escaping @Sendable () -> Void = {}, lookUp: @escaping (AVCodecID) -> String?
    ) {
        self.report = report
        atRest = report
        self.deadline = deadline
        self.willDecode = willDecode
        self.lookUp = lookUp
    }

    /// - Parameter sandbox: only where Landlock is in force may a device be opened.
    convenience init(_ board: BoardDecoders, sandbox: SandboxReport) {
        let names = board.devices.map(\.path).joined(separator: ", ")
        if board.nodes == 0 {
            self.init(report: HardwareReport(.absent, "there is no device /dev/video*")) { _ in nil }
        } else if board.devices.isEmpty {
            self.init(report: HardwareReport(.absent, "no device /dev/video* decodes video")) { _ in nil }
        } else if let reason = sandbox.landlock {
            self.init(report: HardwareReport(.absent, "\(names) cannot be let into the sandbox: \(reason)")) { _ in nil
            }
        } else {
            self.init(report: HardwareReport(.ready, names), lookUp: board.decoder)
        }
    }

    /// libavcodec's name of what decodes this in the board, if it may be tried.
    func decoder(for codec: AVCodecID) -> String? { report.state == .stuck ? nil : lookUp(codec) }

    func began(_ name: String) { note(HardwareReport(.inUse, name)) }

    func refused(_ name: String, _ reason: String) { note(HardwareReport(.refused, "\(name): \(reason)")) }

    /// Nothing came of it in time, and its thread may stay for ever: no other is begun in this process.
    func stoodStill(_ name: String) {
        note(HardwareReport(.stuck, "\(name): no picture within \(deadline / 1_000_000) ms"))
    }

    /// The medium is closed.
    func ended() { note(atRest) }

    private func note(_ new: HardwareReport) {
        if report.state != .stuck { report = new }
    }
}
