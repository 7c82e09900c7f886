import Frames
import MediaIndex
import Playback
import Testing

@Suite struct LetteredCardsTests {
    let size = PixelSize(width: 640, height: 360)

    /// How many colours a picture has.
    func colours(of frame: Frame) -> Int {
        frame.withPixels { Set($0.bindMemory(to: UInt32.self).map { $0 & 0xFFFFFF }).count }
    }

    @Test func welcomeHasTheScreensSizeAndSomethingOnIt() async throws {
        let content = WelcomeContent(name: "vitrine", addresses: ["http://vitrine.local"], pin: "123456")
        let frame = try await LetteredCards().welcome(content, size: size)
        #expect(frame.size == size)
        #expect(frame.layout.format == .xrgb8888)
        #expect(colours(of: frame) > 2)
    }

    /// Where messages lie over it: nothing is hidden, and the code can still be read by a phone.
    @Test(arguments: [(640, 360), (320, 240), (240, 240), (1280, 720)])
    func welcomeMakesRoomBelow(width: Int, height: Int) async throws {
        let content = WelcomeContent(name: "vitrine", addresses: ["http://192.168.100.117/"], pin: "123456")
        let size = PixelSize(width: width, height: height)
        let below = height / 2
        let frame = try await LetteredCards().welcome(content, size: size, below: below)
        #expect(frame.size == size)
        let rows = frame.withPixels { bytes in
            let pixels = bytes.bindMemory(to: UInt32.self).map { $0 & 0xFFFFFF }
            return (0..<height).map { Set(pixels[$0 * width..<($0 + 1) * width]) }
        }
        #expect(rows[(height - below)...].allSatisfy { $0 == rows[height - 1] } && rows[height - 1].count == 1)
        #expect(rows[..<(height - below)].contains { $0.contains(0) && $0.contains(0xFFFFFF) })
    }

    @Test func aBannerSaysEachMessage() async throws {
        let first = ScreenMessage(
            key: "data", severity: .critical, title: "The card is read-only", detail: "Replace it soon.")
        let second = ScreenMessage(key: "job", severity: .informational, title: "Checking cat.mp4", progress: 0.5)
        let one = try await LetteredCards().banner([first], screen: size)
        let two = try await LetteredCards().banner([first, second], screen: size)
        #expect(one.layout.format == .argb8888)
        #expect(one.size.width == two.size.width && one.size.height < two.size.height)
        #expect(two.size.width <= size.width && two.size.height <= size.height / 2)
    }

    @Test func aFaultIsNamed() async throws {
        let named = FaultNotice(
            medium: testID(1), title: "This file cannot be shown", fileName: "holiday.mp4", reason: "It is cut off.",
            suggestion: "Upload it again.")
        var unnamed = named
        unnamed.fileName = nil
        let (first, second) = (
            try await LetteredCards().fault(named, size: size), try await LetteredCards().fault(unnamed, size: size)
        )
        #expect(first.size == size)
        #expect(first.withPixels { Array($0) } != second.withPixels { Array($0) })
    }
}
