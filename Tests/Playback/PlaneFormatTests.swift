import DecoderClient
import DecoderProtocol
import DisplayDrivers
import Frames
import LinuxSystem
import enum MediaIndex.MediumKind
import Playback
import Synchronization
import Testing

/// What is asked of decoders for a display whose planes take YUV, and where its pictures go.
@Suite struct PlaneFormatTests {
    @Test func videoComesAsPlanesAndAllElseDoesNot() async throws {
        let clock = ManualClock()
        let screen = PlanarDriver(clock: clock)
        let stage = Stage(better: screen, clock: clock, cache: FrameCache(budget: 1 << 20))
        // Stored at 4:3 and shown at 16:9.
        var video = ScriptedMedium.moving(.video, width: 64, height: 36, frames: 25, framesPerSecond: 25)
        video.stored = PixelSize(width: 48, height: 36)
        stage.add(1, video, kind: .video)
        let photo = ScriptedMedium.photo(width: 36, height: 36)
        stage.add(2, photo, kind: .image, photoSeconds: 1)
        stage.addAnimation(3, seconds: 1)
        await stage.begin()
        // The second time round, the video comes out of the cache.
        await stage.pass(.seconds(23))
        try await stage.end()
        let whole = PixelRectangle(Stage.screen)
        let square = PixelRectangle(x: 14, y: 0, width: 36, height: 36)
        #expect(
            screen.shown.withLock { $0 } == [
                .init(format: .yuv420, size: PixelSize(width: 48, height: 36), place: whole),
                .init(format: .xrgb8888, size: square.size, place: square),
                .init(format: .xrgb8888, size: whole.size, place: whole),
                .init(format: .yuv420, size: PixelSize(width: 48, height: 36), place: whole),
                .init(format: .xrgb8888, size: square.size, place: square),
                .init(format: .xrgb8888, size: whole.size, place: whole),
            ])
        let opened = stage.decoder.events.count { event in
            if case .opened("1", _) = event { true } else { false }
        }
        #expect(opened == 1)
    }

    /// What fits into the cache is collected from memory that can be read; what does not may go straight to the glass.
    @Test(arguments: [true, false]) func onlyWhatIsNotCollectedIsLent(_ fits: Bool) async throws {
        let stage = Stage(cache: FrameCache(budget: fits ? 1 << 20 : 1 << 14))
        stage.addVideo(1, seconds: 1)
        await stage.begin()
        await stage.pass(.milliseconds(500))
        #expect(stage.decoder.lentTo == (fits ? [] : ["1"]))
        try await stage.end()
        let photos = Stage()
        photos.addAnimation(1, seconds: 1)
        await photos.begin()
        await photos.pass(.milliseconds(500))
        #expect(photos.decoder.lentTo.isEmpty)
        try await photos.end()
    }

    /// What `cover` cuts off was cut off by the decoder.
    @Test func placesOfFrames() throws {
        let layout = FrameLayout(packed: .nv12, size: PixelSize(width: 40, height: 36))
        let frame = Frame(buffer: try FrameBuffer(name: "test", byteCount: layout.byteCount), layout: layout)
        func place(_ shown: PixelSize?, _ fit: Fit) -> PixelRectangle {
            DecodedFrame(
                frame: frame, presentationTime: .zero, duration: nil, iteration: 0, discontinuity: false,
                cacheable: true, shown: shown
            ).place(fit, on: Stage.screen)
        }
        #expect(place(nil, .contain) == PixelRectangle(x: 12, y: 0, width: 40, height: 36))
        #expect(place(PixelSize(width: 160, height: 90), .contain) == PixelRectangle(Stage.screen))
        #expect(place(PixelSize(width: 90, height: 90), .cover) == PixelRectangle(Stage.screen))
        #expect(place(PixelSize(width: 128, height: 36), .contain) == PixelRectangle(x: 0, y: 9, width: 64, height: 18))
    }
}

/// A headless display that claims planes, and writes down each picture that differs from the one before in how it is shown.
private final class PlanarDriver: DisplayDriver {
    struct Shown: Sendable, Equatable {
        var format: PixelFormat
        var size: PixelSize
        var place: PixelRectangle
    }

    private struct Planar: Display {
        let inner: any Display
        let note: @Sendable (Scene) -> Void

        var capabilities: DisplayCapabilities {
            var capabilities = inner.capabilities
            capabilities.formats = [.yuv420, .nv12, .xrgb8888, .argb8888]
            return capabilities
        }
        var ended: AsyncStream<DisplayError> { inner.ended }

        func present(_ scene: Scene, notBefore: MonotonicInstant) async throws(DisplayError) -> Presentation {
            let presentation = try await inner.present(scene, notBefore: notBefore)
            note(scene)
            return presentation
        }

        func setPower(_ isOn: Bool) async throws(DisplayError) { try await inner.setPower(isOn) }
        func setBrightness(_ level: Double) async throws(DisplayError) { try await inner.setBrightness(level) }
        func close() async { await inner.close() }
    }

    let shown = Mutex<[Shown]>([])
    private let inner: HeadlessDriver

    init(clock: any BoardClock) { inner = HeadlessDriver(size: Stage.screen, refreshRate: 50, clock: clock) }

    var name: String { "planar" }
    func probe() async -> DisplayProbe { .usable }

    func open() async throws(DisplayError) -> any Display {
        Planar(inner: try await inner.open()) { [self] scene in
            guard scene.layers.count == 1, let layer = scene.layers.first else { return }
            let now = Shown(format: layer.frame.layout.format, size: layer.frame.size, place: layer.destination)
            shown.withLock { if $0.last != now { $0.append(now) } }
        }
    }
}
