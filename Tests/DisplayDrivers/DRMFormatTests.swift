import Frames
import KMS
import LinuxSystem
import Synchronization
import Testing

@testable import DisplayDrivers

/// Which formats, colours and sizes go onto planes as they are, and what the glass shows of the others.
@Suite struct DRMFormatTests {
    private static let codings = ColourCoding.Matrix.allCases.flatMap { matrix in
        [false, true].map { ColourCoding(matrix: matrix, isFullRange: $0) }
    }
    private static let standard = ColourCoding(matrix: .bt601, isFullRange: false)

    /// A picture without sharp edges, so that nearest pixels and interpolated ones are much the same.
    private func slope(_ format: PixelFormat, _ size: PixelSize, _ colour: ColourCoding) throws -> Frame {
        let layout = FrameLayout(packed: format, size: size, colour: colour)
        let buffer = try FrameBuffer(name: "test", byteCount: layout.byteCount)
        buffer.memory.withBytes { bytes in
            for (index, plane) in layout.planes.enumerated() {
                let unit = index == 0 ? format.bytesPerPixel : format == .nv12 ? 2 : 1
                for y in 0..<plane.size.height {
                    for x in 0..<plane.size.width * unit {
                        let value = 40 + 90 * (x / unit) / plane.size.width + 70 * y / plane.size.height
                        let isSecond = index == 2 || x % unit == 1
                        bytes[plane.offset + y * plane.stride + x] = UInt8(isSecond ? 220 - value : value)
                    }
                }
            }
        }
        return Frame(buffer: buffer, layout: layout)
    }

    private func difference(_ glass: [UInt32]?, _ expected: [UInt32]) -> Int {
        guard let glass, glass.count == expected.count else { return 255 }
        return zip(glass, expected).map { one, other in
            [UInt32(0), 8, 16].map { abs(Int(one >> $0 & 255) - Int(other >> $0 & 255)) }.max() ?? 0
        }.max() ?? 255
    }

    private struct Shown: Sendable {
        /// What planes show.
        var formats: [UInt32] = []
        /// How far the glass is from software composition, at most.
        var difference = 255
        var tests = 0
    }

    /// Shows one picture on the whole screen, twice.
    private func show(
        _ format: PixelFormat, _ colour: ColourCoding = standard, scale: Int = 1, alpha: UInt8 = 255,
        _ adjust: @escaping @Sendable (inout SimulatedCard) -> Void = { _ in }
    ) async throws -> Shown {
        let shown = Mutex(Shown())
        let stage = DRMStage(DRMConfiguration(), adjust)
        let frame = try slope(format, PixelSize(width: 64 / scale, height: 36 / scale), colour)
        try await stage.play { display in
            let scene = Scene(layers: [
                Layer(frame: frame, destination: PixelRectangle(display.capabilities.size), alpha: alpha)
            ])
            for _ in 0..<2 { _ = try await display.present(scene, notBefore: stage.clock.now) }
            let result = Shown(
                formats: stage.card.litFormats,
                difference: difference(stage.card.glass, composed(scene, display.capabilities.size)),
                tests: stage.card.commits.tests)
            shown.withLock { $0 = result }
        }
        return shown.withLock { $0 }
    }

    @Test(arguments: [PixelFormat.yuv420, .nv12], codings)
    func everyCodingIsTheSoftwares(_ format: PixelFormat, _ colour: ColourCoding) async throws {
        let shown = try await show(format, colour)
        #expect(shown.formats == [format.fourCC])
        #expect(shown.difference <= 2)
    }

    /// A plane that cannot be told shows BT.601 in limited range, and nothing else.
    @Test(arguments: codings) func coloursThatCannotBeToldAreComposed(_ colour: ColourCoding) async throws {
        let bare = try await show(.yuv420, colour) {
            $0.plane.encodings = []
            $0.plane.hasColourRange = false
        }
        #expect(bare.formats == [colour == Self.standard ? KMSFormat.yuv420 : KMSFormat.xrgb8888])
        #expect(bare.difference <= 2)
        let limited = try await show(.nv12, colour) { $0.plane.hasColourRange = false }
        #expect(limited.formats == [colour.isFullRange ? KMSFormat.xrgb8888 : KMSFormat.nv12])
        #expect(limited.difference <= 2)
        let old = try await show(.nv12, colour) { $0.plane.encodings.removeLast() }
        #expect(old.formats == [colour.matrix == .bt2020 ? KMSFormat.xrgb8888 : KMSFormat.nv12])
        #expect(old.difference <= 2)
    }

    @Test func formatsThatAPlaneLacksAreComposed() async throws {
        let absent = try await show(.nv12) { $0.plane.formats.removeAll { $0 == KMSFormat.nv12 } }
        #expect(absent.formats == [KMSFormat.xrgb8888])
        #expect(absent.difference <= 2)
        let tiled = try await show(.nv12) { $0.plane.tiledFormats = [KMSFormat.nv12] }
        #expect(tiled.formats == [KMSFormat.xrgb8888])
        #expect(tiled.difference <= 2)
    }

    @Test(arguments: [PixelFormat.yuv420, .nv12, .xrgb8888]) func planesScale(_ format: PixelFormat) async throws {
        let shown = try await show(format, .highDefinition, scale: 2)
        #expect(shown.formats == [format.fourCC])
        #expect(shown.difference <= 12)
        let fixed = try await show(format, .highDefinition, scale: 2) { $0.plane.largestEnlargement = 1 }
        #expect(fixed.formats == [KMSFormat.xrgb8888])
        #expect(fixed.difference <= 2)
        let little = try await show(format, .highDefinition, scale: 2) { $0.lineMemory = 128 }
        #expect(little.formats == [KMSFormat.xrgb8888])
        #expect(little.difference <= 2)
    }

    @Test func alphaNeedsItsProperty() async throws {
        let without = try await show(.yuv420, alpha: 128) { $0.plane.hasAlpha = false }
        #expect(without.formats == [KMSFormat.xrgb8888])
        #expect(without.difference <= 2)
        let with = try await show(.yuv420, alpha: 128)
        #expect(with.formats == [KMSFormat.yuv420])
        #expect(with.difference <= 2)
    }

    /// Two videos as large as the screen, one over the other.
    @Test(arguments: [true, false]) func crossfadesOfVideo(_ hasAlpha: Bool) async throws {
        let stage = DRMStage { $0.plane.hasAlpha = hasAlpha }
        let size = PixelSize(width: 64, height: 36)
        let old = try slope(.yuv420, size, Self.standard)
        let new = try slope(.nv12, PixelSize(width: 32, height: 18), .highDefinition)
        try await stage.play { display in
            for alpha in stride(from: 5, through: 255, by: 50) {
                let scene = Scene(layers: [
                    Layer(frame: old, destination: PixelRectangle(size)),
                    Layer(frame: new, destination: PixelRectangle(size), alpha: UInt8(alpha)),
                ])
                _ = try await display.present(scene, notBefore: stage.clock.now)
                let onPlanes = hasAlpha || alpha == 255
                #expect(
                    stage.card.litFormats == (onPlanes ? [KMSFormat.yuv420, KMSFormat.nv12] : [KMSFormat.xrgb8888]))
                #expect(difference(stage.card.glass, composed(scene, size)) <= (onPlanes ? 12 : 2))
            }
            // Two answers at most: whether the upper layer lets the lower one through.
            #expect(stage.card.commits.tests <= 8)
        }
    }

    // MARK: What is asked for

    private func formats(_ adjust: (inout SimulatedCard) -> Void = { _ in }) async throws -> [PixelFormat] {
        let stage = DRMStage(DRMConfiguration(), adjust)
        let display = try await stage.driver.open()
        let formats = display.capabilities.formats
        await display.close()
        #expect(stage.card.usage.buffers == 0)
        return formats
    }

    @Test func videoComesAsThePlanesTakeIt() async throws {
        #expect(try await formats() == [.yuv420, .nv12, .xrgb8888, .argb8888, .rgb565])
        #expect(try await formats { $0.plane.formats.removeAll { $0 == KMSFormat.yuv420 } }.first == .nv12)
        #expect(try await formats { $0.plane.tiledFormats = [KMSFormat.yuv420] }.first == .nv12)
        // What would have to be converted in software for every frame is not asked for.
        for adjust: (inout SimulatedCard) -> Void in [
            { $0.plane.encodings = [] }, { $0.plane.largestEnlargement = 1 }, { $0.lineMemory = 128 },
            { $0.overlays = 0 }, { $0.isAtomic = false },
            { $0.plane.formats = [KMSFormat.xrgb8888, KMSFormat.argb8888] },
        ] {
            #expect(try await formats(adjust).first == .xrgb8888)
        }
    }

    @Test func modifiersAreRead() {
        let known = KMSFormatModifiers(entries: [
            (KMSFormatModifiers.linear, [KMSFormat.xrgb8888, KMSFormat.yuv420]), (7 << 56 | 4, [KMSFormat.nv12]),
        ])
        let read = KMSFormatModifiers(known.bytes)
        #expect(read?.takesLinear(KMSFormat.xrgb8888) == true)
        #expect(read?.takesLinear(KMSFormat.yuv420) == true)
        #expect(read?.takesLinear(KMSFormat.nv12) == false)
        #expect(read?.entries.map(\.modifier) == [0, 7 << 56 | 4])
        #expect(read?.entries[1].formats == [KMSFormat.nv12])
        for count in 0..<known.bytes.count { #expect(KMSFormatModifiers(Array(known.bytes.prefix(count))) == nil) }
        var other = known.bytes
        other[0] = 2
        #expect(KMSFormatModifiers(other) == nil)
    }
}
