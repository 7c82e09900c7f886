import Foundation
import GPIO
import Synchronization
import SystemPackage
import Testing

@testable import PanelBus

/// Keeps what was sent, and refuses as spidev does.
private final class RecordingPort: TransferPort {
    struct State {
        var transfers: [[UInt8]] = []
        /// D/C at each transfer.
        var isData: [Bool] = []
    }

    let name = "test port"
    let clockRate = 1_000_000
    let largestTransfer: Int
    let board: SimulatedGPIO
    let state = Mutex(State())

    init(largestTransfer: Int, board: SimulatedGPIO) {
        (self.largestTransfer, self.board) = (largestTransfer, board)
    }

    func transfer(_ bytes: UnsafeRawBufferPointer) throws(Errno) {
        if bytes.count > largestTransfer { throw .messageTooLong }
        let level = board.levels(of: 25).last ?? true
        state.withLock {
            $0.transfers.append(Array(bytes))
            $0.isData.append(level)
        }
    }

    var transfers: [[UInt8]] { state.withLock { $0.transfers } }
    var isData: [Bool] { state.withLock { $0.isData } }
}

@Suite struct SpidevBusTests {
    private let board = SimulatedGPIO()

    private func bus(_ port: RecordingPort, reset: LineName? = nil) throws -> SpidevBus {
        SpidevBus(
            port: port, lines: try PanelLines(dataCommand: 25, reset: reset, gpio: board),
            light: try BacklightControl(.none, gpio: board, root: "/"))
    }

    @Test func commandsGoWithTheLineLowAndTheirParametersWithItHigh() throws {
        let port = RecordingPort(largestTransfer: 4_096, board: board)
        let bus = try bus(port)
        try [UInt8](arrayLiteral: 0, 1, 0, 9).withUnsafeBytes { try bus.send(0x2A, $0) }
        try bus.send(0x29, UnsafeRawBufferPointer(start: nil, count: 0))
        try [UInt8](repeating: 7, count: 3).withUnsafeBytes { try bus.send(pixels: $0) }
        #expect(port.transfers == [[0x2A], [0, 1, 0, 9], [0x29], [7, 7, 7]])
        #expect(port.isData == [false, true, false, true])
        // The line is driven when it changes, and not otherwise.
        #expect(board.levels(of: 25) == [true, false, true, false, true])
    }

    @Test(arguments: [1, 7, 4_095, 4_096, 4_097, 10_000]) func pixelsAreCutIntoWhatATransferTakes(_ count: Int) throws {
        let port = RecordingPort(largestTransfer: 4_096, board: board)
        let bus = try bus(port)
        let pixels = (0..<count).map { UInt8(truncatingIfNeeded: $0 / 3) }
        try pixels.withUnsafeBytes { try bus.send(pixels: $0) }
        #expect(port.transfers.flatMap { $0 } == pixels)
        #expect(port.transfers.count == (count + 4_095) / 4_096)
    }

    @Test func whatTheKernelRefusesIsSaidAndHarmsNothingLater() throws {
        let port = RecordingPort(largestTransfer: 64, board: board)
        let bus = try bus(port)
        let error = #expect(throws: PanelBusError.self) {
            try [UInt8](repeating: 0, count: 65).withUnsafeBytes { try bus.send(0xE0, $0) }
        }
        #expect(error == PanelBusError(device: "test port", doing: "a transfer of 65 bytes", errno: .messageTooLong))
        try bus.send(0x29, UnsafeRawBufferPointer(start: nil, count: 0))
        #expect(port.transfers == [[0xE0], [0x29]])
        #expect(port.isData == [false, false])
    }

    @Test func aResetIsActiveLow() throws {
        let bus = try bus(RecordingPort(largestTransfer: 4_096, board: board), reset: 27)
        try bus.setReset(asserted: true)
        try bus.setReset(asserted: false)
        #expect(board.levels(of: 27) == [true, false, true])
        #expect(bus.hasReset)
    }

    @Test func whatIsClosedGivesItsLinesBackAndSaysSo() throws {
        let bus = try bus(RecordingPort(largestTransfer: 4_096, board: board), reset: 27)
        bus.close()
        #expect(board.problem(with: 25) == nil)
        #expect(board.problem(with: 27) == nil)
        #expect(throws: PanelBusError.self) { try bus.send(0, UnsafeRawBufferPointer(start: nil, count: 0)) }
    }

    @Test func aLineInUseNamesItsKeyAndTakesNothing() throws {
        let other = try board.output(25, initially: true, consumer: "fan")
        let error = #expect(throws: PanelBusError.self) { try PanelLines(dataCommand: 25, reset: 27, gpio: board) }
        #expect(error?.description.contains("spi.dc_pin") == true)
        #expect(error?.description.contains("fan") == true)
        #expect(board.problem(with: 27) == nil)
        withExtendedLifetime(other) {}
    }
}

/// The kernel's files in a folder of the test's own.
@Suite final class SpidevHostTests {
    private let root = FilePath(NSTemporaryDirectory()).appending("vitrine-sys-\(UUID().uuidString)")
    private let board = SimulatedGPIO()

    deinit { try? FileManager.default.removeItem(atPath: root.string) }

    private func write(_ text: String, _ path: String) throws {
        let file = root.appending(path)
        try FileManager.default.createDirectory(
            atPath: file.removingLastComponent().string, withIntermediateDirectories: true)
        try text.write(toFile: file.string, atomically: false, encoding: .utf8)
    }

    private func read(_ path: String) throws -> String {
        try String(contentsOfFile: root.appending(path).string, encoding: .utf8)
    }

    private func problem(_ wiring: PanelWiring) -> String? { SpidevHost(gpio: board, root: root).problem(with: wiring) }

    @Test func badWiringIsAReasonThatNamesItsKey() throws {
        #expect(problem(PanelWiring(device: "/dev/spidev0.0", dataCommandLine: 25))?.contains("no SPI device") == true)
        try write("", "dev/spidev0.1")
        let absent = problem(PanelWiring(device: "/dev/spidev0.0", dataCommandLine: 25))
        #expect(absent?.hasPrefix("spi.device: /dev/spidev0.0 does not exist (there are /dev/spidev0.1)") == true)
        let device = "/dev/spidev0.1"
        #expect(problem(PanelWiring(device: device, dataCommandLine: nil))?.hasPrefix("spi.dc_pin is missing") == true)
        #expect(problem(PanelWiring(device: device, dataCommandLine: 99))?.hasPrefix("spi.dc_pin: ") == true)
        #expect(
            problem(PanelWiring(device: device, dataCommandLine: 25, resetLine: 99))?.hasPrefix("spi.reset_pin: ")
                == true)
        #expect(
            problem(PanelWiring(device: device, dataCommandLine: 25, backlight: .pwm(chip: "pwmchip0", channel: 0)))?
                .hasPrefix("spi.backlight_pin: there is no pwmchip0") == true)
        #expect(
            problem(PanelWiring(device: device, dataCommandLine: 25, backlight: .kernel("panel")))?
                .hasPrefix("spi.backlight_pin: there is no panel") == true)
        #expect(problem(PanelWiring(device: device, dataCommandLine: 25, resetLine: 27, backlight: .line(13))) == nil)
    }

    @Test func whatIsNoSPIDeviceIsAnErrorThatTakesNoLine() throws {
        try write("", "dev/spidev0.0")
        let wiring = PanelWiring(
            device: root.appending("dev/spidev0.0").string, dataCommandLine: 25, clockRate: 10_000_000)
        let error = #expect(throws: PanelBusError.self) { try SpidevHost(gpio: board, root: root).open(wiring) }
        #expect(error?.doing.contains("10000000 Hz") == true)
        #expect(board.problem(with: 25) == nil)
    }

    @Test(arguments: [
        // At 400 MHz 62.5 MHz is not to be had, and 66.67 MHz is; a half is the most.
        (62_500_000, 400_000_000, 50_000_000), (66_670_000, 400_000_000, 66_666_666),
        (100_000_000, 400_000_000, 100_000_000), (125_000_000, 400_000_000, 100_000_000),
        (62_500_000, 500_000_000, 62_500_000), (500_000_000, 400_000_000, 200_000_000), (1, 400_000_000, 6_103),
    ])
    func theClockIsDividedByAnEvenNumber(_ wanted: Int, _ core: Int, _ rate: Int) {
        #expect(BusClock.bcm2835(wanted, core: core) == rate)
    }

    @Test(arguments: [
        ("raspberrypi,model-zero-2-w\0brcm,bcm2837\0", 100_000_000),
        ("raspberrypi,4-model-b\0brcm,bcm2711\0", 83_333_333),
        ("raspberrypi,2-model-b\0brcm,bcm2836\0", 62_500_000),
    ])
    func theClockFollowsFromTheBoard(_ board: String, _ rate: Int) throws {
        func measured() -> Int { BusClock.rate(100_000_000, device: "/dev/spidev0.1", root: root) }
        try write(board, "sys/firmware/devicetree/base/compatible")
        // Another controller, or none that is known.
        #expect(measured() == 100_000_000)
        try write("snps,dw-apb-ssi\0", "sys/class/spi_master/spi0/of_node/compatible")
        #expect(measured() == 100_000_000)
        try write("brcm,bcm2835-spi\0", "sys/class/spi_master/spi0/of_node/compatible")
        #expect(measured() == rate)
    }

    @Test func aBacklightIsDimmedByPWM() throws {
        for file in ["period", "duty_cycle", "enable"] { try write("0", "sys/class/pwm/pwmchip0/pwm1/\(file)") }
        let light = try BacklightControl(.pwm(chip: "pwmchip0", channel: 1), gpio: board, root: root)
        #expect(try read("sys/class/pwm/pwmchip0/pwm1/period") == "1000000")
        #expect(try read("sys/class/pwm/pwmchip0/pwm1/enable") == "1")
        try light.set(0.25)
        #expect(try read("sys/class/pwm/pwmchip0/pwm1/duty_cycle").hasPrefix("250000"))
    }

    @Test func aBacklightOfTheKernelNeverGoesOutByRounding() throws {
        try write("31\n", "sys/class/backlight/panel/max_brightness")
        try write("00", "sys/class/backlight/panel/brightness")
        let light = try BacklightControl(.kernel("panel"), gpio: board, root: root)
        try light.set(0.001)
        #expect(try read("sys/class/backlight/panel/brightness").hasPrefix("1"))
        try light.set(1)
        #expect(try read("sys/class/backlight/panel/brightness").hasPrefix("31"))
    }

    @Test func aLineIsLightOrNone() throws {
        let light = try BacklightControl(.line(13), gpio: board, root: root)
        try light.set(0.5)
        try light.set(0)
        #expect(board.levels(of: 13) == [false, true, false])
    }
}
