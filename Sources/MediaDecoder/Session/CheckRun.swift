import CFFmpeg
import DecoderProtocol
import Frames
import LinuxSystem

/// Decodes a medium as fast as this board can, converted as for the screen, and measures.
final class CheckRun {
    enum Outcome {
        case nothing
        case progress(Double)
        case finished(CheckReport)
    }

    /// At most five times a second.
    private static let progressInterval: Int64 = 200_000_000

    private let clock = MonotonicClock()
    private let started: MonotonicInstant
    private let bound: Int64
    private let duration: Int64?
    private let pixels: UnsafeMutableRawBufferPointer
    private var frames = 0
    private var nextProgress: Int64 = 0

    /// - Parameters:
    ///   - seconds: of work, after which the check ends early.
    ///   - duration: of the medium in nanoseconds, where known.
    init(layout: FrameLayout, seconds: Double, duration: Int64?) throws(DecodeFailure) {
        guard let memory = av_malloc(layout.byteCount) else { throw .outOfMemory(doing: "checking") }
        pixels = UnsafeMutableRawBufferPointer(start: memory, count: layout.byteCount)
        bound = Int64(max(0.1, min(seconds, 86_400)) * 1_000_000_000)
        self.duration = duration
        started = clock.now
    }

    deinit { av_free(pixels.baseAddress) }

    func step(_ reader: any MediumReader) throws(DecodeFailure) -> Outcome {
        let read = try reader.nextFrame(into: pixels, late: 0)
        let elapsed = max(1, clock.now.nanoseconds - started.nanoseconds)
        guard let read else { return .finished(report(reader, elapsed: elapsed, partial: false)) }
        frames += 1
        if elapsed >= bound { return .finished(report(reader, elapsed: elapsed, partial: true)) }
        guard elapsed >= nextProgress else { return .nothing }
        nextProgress = elapsed + Self.progressInterval
        let ofMedium = duration.map { Double(read.presentationTime) / Double(max(1, $0)) } ?? 0
        return .progress(min(1, max(0, ofMedium, Double(elapsed) / Double(bound))))
    }

    private func report(_ reader: any MediumReader, elapsed: Int64, partial: Bool) -> CheckReport {
        let isMoving = reader.description.kind != .image
        let rate = min(Double(frames) * 1_000_000_000 / Double(elapsed), CheckReport.decodeRates.upperBound)
        return CheckReport(frames: frames, decodeRate: isMoving ? rate : nil, partial: partial)
    }
}
