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
