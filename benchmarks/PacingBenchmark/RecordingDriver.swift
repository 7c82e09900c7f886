import DisplayDrivers
import Frames
import LinuxSystem
import Synchronization

/// A frame that came onto the glass.
struct ShownFrame: Sendable {
    var number: Int
    var time: MonotonicInstant
    /// Of the refresh that took it.
    var sequence: UInt64
}

/// What came onto the glass, and when whoever presented it heard of that.
final class PacingRecord: Sendable {
    private let frames = Mutex<[ShownFrame]>([])
    private let wakeup = Wakeup()
    private let clock: any BoardClock

    init(clock: any BoardClock) { self.clock = clock }

    var shown: [ShownFrame] { frames.withLock { $0 } }

    func add(_ scene: Scene, _ presentation: Presentation) {
        let now = clock.now
        guard let frame = scene.layers.first?.frame, let number = FrameNumber.read(frame) else { return }
        frames.withLock { $0.append(ShownFrame(number: number, time: now, sequence: presentation.sequence)) }
        wakeup.wake()
    }

    /// Returns when so many frames came, or when there is no hope that they will.
    func wait(for count: Int, within patience: Duration) async {
        let end = clock.now.advanced(by: patience)
        while clock.now < end {
            let seen = wakeup.generation
            if frames.withLock({ $0.count }) >= count { return }
            await wakeup.wait(after: seen, until: end, clock: clock)
        }
    }
}

/// The number that a frame of the clip carries: 16 squares of 32 pixels in its first rows, white for a one, from the least
/// significant bit.
enum FrameNumber {
    static let bits = 16
    static let side = 32

    /// nil when it is no frame of the clip.
    static func read(_ frame: Frame) -> Int? {
        let layout = frame.layout
        guard layout.format == .xrgb8888 || layout.format.isYUV, layout.size.width >= bits * side,
            layout.size.height >= side
        else { return nil }
        // Brightness, or green.
        let channel = layout.format.isYUV ? 0 : 1
        return frame.buffer.memory.withBytes { bytes in
            (0..<bits).reduce(0) { number, bit in
                let column = (bit * side + side / 2) * layout.format.bytesPerPixel
                let pixel = layout.offset + side / 2 * layout.stride + column
                return number | (bytes[pixel + channel] > 127 ? 1 << bit : 0)
            }
        }
    }
}

/// A display that tells what was presented on it.
struct RecordingDriver: DisplayDriver {
    let inner: HeadlessDriver
    let record: PacingRecord

    var name: String { inner.name }
    func probe() async -> DisplayProbe { await inner.probe() }

    func open() async throws(DisplayError) -> any Display {
        RecordingDisplay(inner: try await inner.open(), record: record)
    }
}

struct RecordingDisplay: Display {
    let inner: any Display
    let record: PacingRecord

    var capabilities: DisplayCapabilities { inner.capabilities }
    var ended: AsyncStream<DisplayError> { inner.ended }

    func present(_ scene: Scene, notBefore: MonotonicInstant) async throws(DisplayError) -> Presentation {
        let presentation = try await inner.present(scene, notBefore: notBefore)
        record.add(scene, presentation)
        return presentation
    }

    func setPower(_ isOn: Bool) async throws(DisplayError) { try await inner.setPower(isOn) }
    func setBrightness(_ level: Double) async throws(DisplayError) { try await inner.setBrightness(level) }
    func close() async { await inner.close() }
}
