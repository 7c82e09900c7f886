import LinuxSystem
import SystemPackage
import Testing

@testable import CardSettings

#if canImport(Glibc)
    import Glibc
#endif

/// The overlays that generated lines name are there, and merge with a board's device tree.
///
/// The tree is a small one with the nodes that the boards have; VITRINE_DEVICE_TREES names a folder of real ones.
@Suite(.enabled(if: Tool.isThere("dtc") && Tool.isThere("fdtoverlay") && Tool.isThere("fdtget"))) struct OverlayTests {
    private static let names = [
        "vitrine-pins", "vitrine-spi0-0", "vitrine-spi0-1", "vitrine-i2c1", "vitrine-i2c1-off", "vitrine-pwm-13",
        "vitrine-pwm-18",
    ]

    private static let board = """
        /dts-v1/;
        / {
            #address-cells = <1>;
            #size-cells = <1>;
            soc {
                #address-cells = <1>;
                #size-cells = <1>;
                gpio: gpio@7e200000 { reg = <0x7e200000 0xb4>; gpio-controller; #gpio-cells = <2>;
                    pinctrl-names = "default"; pinctrl-0 = <&alt0>;
                    alt0: alt0 { brcm,pins = <4 5 7 8 9 10 11>; brcm,function = <4>; }; };
                spi: spi@7e204000 { reg = <0x7e204000 0x200>; #address-cells = <1>; #size-cells = <0>;
                    status = "disabled"; };
                pwm: pwm@7e20c000 { reg = <0x7e20c000 0x28>; status = "disabled"; };
                i2c1: i2c@7e804000 { reg = <0x7e804000 0x1000>; #address-cells = <1>; #size-cells = <0>; };
            };
        };
        """

    @Test func theyMergeAndSwitchOn() throws {
        let card = try CardFixture()
        let base = card.folder.appending("board.dts")
        try DurableFile.replace(base, with: Array(Self.board.utf8))
        let tree = card.folder.appending("board.dtb")
        #expect(Tool.run("dtc", "-@", "-q", "-I", "dts", "-O", "dtb", "-o", tree.string, base.string).status == 0)
        try mergeAll(with: tree, in: card)
    }

    @Test(.enabled(if: !realTrees.isEmpty), arguments: realTrees) func theyMergeWithTheBoards(_ tree: String) throws {
        try mergeAll(with: FilePath(tree), in: try CardFixture())
    }

    /// Every line that settings can lead to names an overlay of the image.
    @Test func everyNameIsThere() throws {
        for text in [
            "", "spi.panel = \"x\"", "spi.panel = \"x\"\nspi.device = \"/dev/spidev0.1\"",
            "spi.panel = \"x\"\nspi.backlight_pin = \"pwmchip0:0\"\nspi.dc_pin = \"GPIO2\"",
            "spi.panel = \"x\"\nspi.backlight_pin = \"pwmchip0:1\"",
        ] {
            let card = try CardFixture(with: text)
            card.start()
            let overlays = card.text(.generatedConfig).split(separator: "\n").filter { $0.hasPrefix("dtoverlay=") }
            #expect(!overlays.isEmpty)
            for line in overlays { #expect(Self.names.contains(String(line.dropFirst("dtoverlay=".count)))) }
        }
    }

    private func mergeAll(with tree: FilePath, in card: CardFixture) throws {
        for name in Self.names { try compile(name, in: card) }
        for bus in ["0", "1"] {
            let merged = try merge(
                ["vitrine-pins", "vitrine-spi0-\(bus)", "vitrine-i2c1", "vitrine-pwm-13"], with: tree, in: card)
            // What the GPIO controller takes for itself, the bus would not get.
            #expect(value(merged, "/soc/gpio@7e200000", "pinctrl-names") == "unused")
            let spi = "/soc/spi@7e204000"
            #expect(value(merged, spi, "status") == "okay")
            #expect(value(merged, "\(spi)/spidev@\(bus)", "compatible") == "rohm,dh2228fv")
            #expect(value(merged, "\(spi)/spidev@\(bus)", "status") == "okay")
            #expect(value(merged, "\(spi)/spidev@\(bus == "0" ? "1" : "0")", "status") == "disabled")
            // The pins are those that the bus points to, and the line that selects the chip is active low.
            #expect(
                value(merged, spi, "pinctrl-0") == value(merged, "/soc/gpio@7e200000/vitrine-spi0", "phandle"))
            #expect(value(merged, "/soc/gpio@7e200000/vitrine-spi0", "brcm,pins") == "10 11")
            let gpio = value(merged, "/soc/gpio@7e200000", "phandle")
            #expect(value(merged, spi, "cs-gpios") == (bus == "0" ? "\(gpio) 8 1" : "0 \(gpio) 7 1"))
            #expect(value(merged, "/soc/i2c@7e804000", "status") == "okay")
            #expect(value(merged, "/soc/pwm@7e20c000", "status") == "okay")
        }
        let off = try merge(["vitrine-pins", "vitrine-i2c1-off", "vitrine-pwm-18"], with: tree, in: card)
        #expect(value(off, "/soc/i2c@7e804000", "status") == "disabled")
        #expect(value(off, "/soc/gpio@7e200000/vitrine-pwm", "brcm,pins") == "18")
    }

    private func compile(_ name: String, in card: CardFixture) throws {
        let source = repository.appending("image/overlays/\(name).dts").string
        let result = Tool.run(
            "dtc", "-@", "-I", "dts", "-O", "dtb", "-o", card.folder.appending("\(name).dtbo").string, source)
        #expect(result.status == 0, "\(name)")
    }

    private func merge(_ names: [String], with tree: FilePath, in card: CardFixture) throws -> String {
        let merged = card.folder.appending("merged.dtb").string
        let overlays = names.map { card.folder.appending("\($0).dtbo").string }
        let result = Tool.run("fdtoverlay", arguments: ["-i", tree.string, "-o", merged] + overlays)
        try #require(result.status == 0, "\(names)")
        return merged
    }

    private func value(_ tree: String, _ node: String, _ property: String) -> String {
        Tool.run("fdtget", tree, node, property).output
    }

    private static let realTrees: [String] = {
        guard let folder = getenv("VITRINE_DEVICE_TREES").map({ String(cString: $0) }) else { return [] }
        return [
            "bcm2837-rpi-zero-2-w", "bcm2837-rpi-3-b-plus", "bcm2837-rpi-3-a-plus", "bcm2837-rpi-3-b",
            "bcm2711-rpi-4-b",
        ]
        .map { "\(folder)/\($0).dtb" }.filter { access($0, R_OK) == 0 }
    }()
}

/// Programs of the system.
enum Tool {
    static func isThere(_ name: String) -> Bool {
        ["/usr/bin/", "/bin/", "/usr/local/bin/"].contains { access($0 + name, X_OK) == 0 }
    }

    static func run(_ name: String, _ arguments: String...) -> (status: Int32, output: String) {
        run(name, arguments: arguments)
    }

    static func run(_ name: String, arguments: [String]) -> (status: Int32, output: String) {
        let quoted = ([name] + arguments).map { "'\($0.replacing("'", with: "'\\''"))'" }.joined(separator: " ")
        guard let pipe = popen(quoted, "r") else { return (-1, "") }
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = fread(&chunk, 1, chunk.count, pipe)
            if count == 0 { break }
            output += chunk[..<count]
        }
        var text = String(decoding: output, as: UTF8.self)
        while text.last == "\n" { text.removeLast() }
        return (pclose(pipe), text)
    }
}
