import Frames
import Testing

@testable import Lettering

@Suite struct BannerTests {
    static let screens = [
        PixelSize(width: 160, height: 80), PixelSize(width: 128, height: 160), PixelSize(width: 240, height: 240),
        PixelSize(width: 320, height: 240), PixelSize(width: 1280, height: 720), PixelSize(width: 1080, height: 1920),
        PixelSize(width: 3840, height: 2160),
    ]

    let fault = Banner.Entry(
        title: "The data partition could not be repaired",
        detail: "What can be read is shown, nothing new is kept. Replace the card.", isFault: true)

    func words(_ frame: Frame) -> [UInt32] {
        frame.withPixels { bytes in
            (0..<frame.size.height).flatMap { y in
                (0..<frame.size.width).map { x in
                    bytes.load(fromByteOffset: y * frame.layout.stride + 4 * x, as: UInt32.self)
                }
            }
        }
    }

    /// Pixels of exactly this colour.
    func count(_ colour: Colour, in frame: Frame) -> Int {
        let word = UInt32(colour.red) << 16 | UInt32(colour.green) << 8 | UInt32(colour.blue)
        return words(frame).filter { $0 & 0xFF_FFFF == word }.count
    }

    @Test(arguments: screens)
    func itLeavesThePictureRoom(screen: PixelSize) throws {
        let many = Array(repeating: fault, count: 3)
        let banner = try BannerPainter().paint(Banner(many), screen: screen)
        #expect(banner.size.width <= screen.width)
        #expect(banner.size.height <= screen.height / 2)
        // The first message is there, and marked.
        #expect(count(CardPalette.fault, in: banner) > 0)
        #expect(count(CardPalette.heading, in: banner) > 0)
    }

    @Test func cornersAreTransparentAndTheRestIsNot() throws {
        let banner = try BannerPainter().paint(Banner([fault]), screen: PixelSize(width: 1280, height: 720))
        let alphas = words(banner).map { $0 >> 24 }
        #expect(alphas.first == 0 && alphas.last == 0)
        #expect(alphas.filter { $0 == 255 }.count > alphas.count * 98 / 100)
    }

    @Test func aBarGrowsWithProgress() throws {
        func filled(_ progress: Double) throws -> Int {
            let entry = Banner.Entry(title: "Checking", progress: progress, isFault: false)
            let banner = try BannerPainter().paint(Banner([entry]), screen: PixelSize(width: 1280, height: 720))
            return count(CardPalette.address, in: banner)
        }
        let (none, half, all) = (try filled(0), try filled(0.5), try filled(1))
        #expect(none < half && half < all)
        #expect(abs((all - half) - (half - none)) < all / 10)
    }

    @Test func aNewsIsNotMarkedAsAFault() throws {
        let entry = Banner.Entry(title: "Checking", isFault: false)
        let banner = try BannerPainter().paint(Banner([entry]), screen: PixelSize(width: 640, height: 480))
        #expect(count(CardPalette.fault, in: banner) == 0)
        #expect(count(CardPalette.address, in: banner) > 0)
    }

    @Test func anEndlessTextIsCut() throws {
        let entry = Banner.Entry(
            title: String(repeating: "word ", count: 500), detail: String(repeating: "x", count: 5000), isFault: true)
        let screen = PixelSize(width: 320, height: 240)
        let banner = try BannerPainter().paint(Banner([entry]), screen: screen)
        #expect(banner.size.height <= screen.height / 2)
    }
}
