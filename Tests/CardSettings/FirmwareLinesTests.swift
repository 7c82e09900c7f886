import LinuxSystem
import SystemPackage
import Testing

@testable import CardSettings

#if canImport(Glibc)
    import Glibc
#endif

/// The lines that the firmware reads: what is in them, and how they come onto the card.
@Suite struct FirmwareLinesTests {
    @Test func theImagesOwnLinesAreThoseOfItsDefaults() throws {
        let card = try CardFixture()
        #expect(card.plan().lasting == [])
        #expect(!card.plan().needsRestart)
    }

    @Test(arguments: [
        ("spi.panel = \"st7789-240x240\"", ["vitrine-spi0-0", "vitrine-i2c1"]),
        ("spi.panel = \"st7789-240x240\"\nspi.device = \"/dev/spidev0.1\"", ["vitrine-spi0-1", "vitrine-i2c1"]),
        ("spi.panel = \"st7789-240x240\"\ndisplay.order = [\"drm\"]", ["vitrine-i2c1"]),
        ("spi.panel = \"st7789-240x240\"\nspi.device = \"simulated\"", ["vitrine-i2c1"]),
        (
            "spi.panel = \"x\"\nspi.backlight_pin = \"pwmchip0:0\"",
            ["vitrine-spi0-0", "vitrine-pwm-18", "vitrine-i2c1"]
        ),
        ("spi.panel = \"x\"\nspi.reset_pin = \"GPIO3\"", ["vitrine-spi0-0", "vitrine-i2c1-off"]),
        // However a person says which line it is.
        ("buttons.next = \"gpiochip0:3\"", ["vitrine-i2c1-off"]),
        ("buttons.next = \"gpiochip0:2\"", ["vitrine-i2c1-off"]),
        ("buttons.next = 3", ["vitrine-i2c1-off"]),
        ("buttons.setup = { line = \"gpiochip0:2\", hold_ms = 3000 }", ["vitrine-i2c1-off"]),
        ("buttons.next = \"gpiochip1:3\"", ["vitrine-i2c1"]),
        // What looks like a line and is none.
        ("device.name = \"3\"\nspi.mode = \"3\"", ["vitrine-i2c1"]),
    ])
    func overlays(_ text: String, _ overlays: [String]) throws {
        let card = try CardFixture(with: text)
        card.start()
        let lines = card.text(.generatedConfig).split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(lines.map { String($0.dropFirst("dtoverlay=".count)) } == overlays)
    }

    /// A FAT file system does not rename whole or not at all: what is cut then can leave one file's content to two, and to
    /// be given away with either. Written over in place, one sector changes and nothing of the file system.
    @Test func theFirmwaresLinesAreWrittenInPlace() throws {
        let card = try CardFixture()
        let path = card.roots.path(of: .generatedConfig)
        func number() throws -> ino_t {
            var status = stat()
            try #require(stat(path.string, &status) == 0)
            return status.st_ino
        }
        let first = try number()
        for text in ["spi.panel = \"x\"\nspi.backlight_pin = \"pwmchip0:0\"", "spi.panel = \"\"", "spi.panel = \"y\""] {
            card.write(.inbox, text)
            card.start()
            let bytes = try #require(card.bytes(.generatedConfig))
            #expect(bytes.count == FirmwareLines.size)
            // The firmware reads no more of a line.
            #expect(bytes.split(separator: 0x0A).allSatisfy { $0.count <= 98 })
            #expect(try number() == first)
        }
        // Of whatever size it was, it ends whole.
        for former in ["", String(repeating: "x", count: 2_000)] {
            try former.write(to: path)
            card.start()
            #expect(card.bytes(.generatedConfig)?.count == FirmwareLines.size)
            #expect(try number() == first)
            #expect(!card.plan().needsRestart)
        }
        #expect(card.text(.faults) == "")
    }

    @Test func aBusThatTheCardCannotSwitchOnIsSaid() throws {
        let card = try CardFixture(with: "spi.panel = \"x\"\nspi.device = \"/dev/spidev1.0\"")
        card.start()
        #expect(card.text(.faults).contains("spi.device = \"/dev/spidev1.0\""))
    }
}

extension String {
    /// In place, as an editor may.
    fileprivate func write(to path: FilePath) throws {
        let file = try Descriptor.open(path, .writeOnly, options: [.truncate])
        try DurableFile.write(Array(utf8), to: file)
    }
}
