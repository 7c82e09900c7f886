import DecoderClient
import DecoderProtocol
import Frames
import LinuxSystem
import MediaIndex
import Testing

@testable import Playback

@Suite struct BlurredSidesTests {
    let screen = PixelSize(width: 640, height: 360)

    /// A photo whose upper half is red and whose lower half is blue.
    func photo(_ size: PixelSize) throws -> Frame {
        let layout = FrameLayout(packed: .xrgb8888, size: size)
        let buffer = try FrameBuffer(name: "photo", byteCount: layout.byteCount)
        buffer.memory.withBytes { bytes in
            for y in 0..<size.height {
                for x in 0..<size.width {
                    bytes.storeBytes(
                        of: y < size.height / 2 ? 0xFF_0000 : 0x00_00FF, toByteOffset: y * layout.stride + 4 * x,
                        as: UInt32.self)
                }
            }
        }
        return Frame(buffer: buffer, layout: layout)
    }

    func pixel(_ frame: Frame, _ x: Int, _ y: Int) -> (red: Int, blue: Int) {
        frame.withPixels { bytes in
            let word = bytes.load(fromByteOffset: y * frame.layout.stride + 4 * x, as: UInt32.self)
            return (Int(word >> 16 & 0xFF), Int(word & 0xFF))
        }
    }

    @Test func leftAndRightOfAPortrait() async throws {
        let photo = try photo(PixelSize(width: 180, height: 360))
        let place = Fit.contain.destination(of: photo.size, on: screen)
        let sides = try await BlurredSides().layers(beside: photo, at: place, on: screen)
        #expect(
            sides.map(\.destination) == [
                PixelRectangle(x: 0, y: 0, width: 230, height: 360),
                PixelRectangle(x: 410, y: 0, width: 230, height: 360),
            ])
        for side in sides {
            let size = side.frame.size
            // Small is what makes it cheap.
            #expect(size.pixelCount <= 30 * 46)
            let top = pixel(side.frame, size.width / 2, 0)
            let bottom = pixel(side.frame, size.width / 2, size.height - 1)
            // The photo, darker; and between the halves neither red nor blue alone.
            #expect(top.red > 100 && top.red < 200 && top.blue == 0)
            #expect(bottom.blue > 100 && bottom.blue < 200 && bottom.red == 0)
            let mixed = (0..<size.height).filter { y in
                let middle = pixel(side.frame, 0, y)
                return middle.red > 10 && middle.blue > 10
            }
            #expect((2...8).contains(mixed.count))
        }
    }

    @Test func aboveAndBelowAPanorama() async throws {
        let photo = try photo(PixelSize(width: 640, height: 100))
        let place = Fit.contain.destination(of: photo.size, on: screen)
        let sides = try await BlurredSides().layers(beside: photo, at: place, on: screen)
        #expect(sides.map(\.destination.y) == [0, place.maxY])
        #expect(sides.map(\.destination.width) == [640, 640])
        #expect(sides.reduce(place.height) { $0 + $1.destination.height } == 360)
    }

    @Test func nothingBesideWhatFills() async throws {
        let photo = try photo(screen)
        let sides = try await BlurredSides().layers(beside: photo, at: PixelRectangle(screen), on: screen)
        #expect(sides.isEmpty)
    }

    @Test func thePlayerPutsThemBelowPhotosOnly() async throws {
        let stage = Stage(settings: PlaybackSettings(fit: .blur))
        stage.add(1, .photo(width: 32, height: 36), kind: .image, photoSeconds: 5)
        stage.add(2, .moving(.video, width: 32, height: 36, frames: 50, framesPerSecond: 10), kind: .video)
        await stage.begin()
        // The sides are painted elsewhere, and that is not waited for.
        #expect(await stage.reaches { stage.screenDriver.lastPlaces.count == 3 })
        let places = stage.screenDriver.lastPlaces.map(\.destination)
        #expect(places.last == PixelRectangle(x: 16, y: 0, width: 32, height: 36))
        #expect(places.first == PixelRectangle(x: 0, y: 0, width: 16, height: 36))
        #expect(await stage.reaches { stage.screenDriver.lastPlaces.count == 1 })
        try await stage.end()
    }
}
