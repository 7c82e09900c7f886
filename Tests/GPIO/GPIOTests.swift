import LinuxSystem
import Testing

@testable import GPIO

@Suite struct LineNameTests {
    @Test(arguments: [
        ("GPIO25", LineName.named("GPIO25")), ("25", .named("GPIO25")),
        ("gpiochip0:25", .offset(chip: "gpiochip0", 25)),
    ])
    func reads(_ text: String, _ line: LineName) {
        #expect(LineName(text) == line)
        #expect(LineName(line.description) == line)
    }

    @Test(arguments: ["", "GPIO", "GPIO-1", "chip0:25", "gpiochip0:", "gpiochip0:1:2", "GPIO 5", "none"])
    func refusesAnythingElse(_ text: String) { #expect(LineName(text) == nil) }
}

@Suite struct SimulatedGPIOTests {
    @Test func aLineIsDrivenByOneOwnerUntilItIsLetGo() throws {
        let board = SimulatedGPIO(lines: [LineName(bcm: 25)])
        var output: (any GPIOOutput)? = try board.output(LineName(bcm: 25), initially: true, consumer: "test")
        try output?.set(false)
        #expect(board.levels(of: LineName(bcm: 25)) == [true, false])
        #expect(board.problem(with: LineName(bcm: 25))?.contains("in use by test") == true)
        #expect(throws: GPIOError.self) {
            try board.output(LineName(bcm: 25), initially: true, consumer: "another")
        }
        output = nil
        #expect(board.problem(with: LineName(bcm: 25)) == nil)
        #expect(board.problem(with: LineName(bcm: 3))?.contains("no line") == true)
    }
}

@Suite struct SimulatedInputTests {
    private let board = SimulatedGPIO()
    private let button = LineName(bcm: 5)

    private func at(_ milliseconds: Int64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: milliseconds * 1_000_000)
    }

    /// Takes the button, plays a script of levels, lets go, and gives what was reported.
    private func edges(
        _ settings: GPIOInputSettings, _ script: [(Int64, Bool?)], until end: Int64
    ) async throws -> [GPIOEdge] {
        var input: (any GPIOInput)? = try board.input(button, settings, consumer: "test")
        let stream = try #require(input).edges
        #expect(try input?.isActive() == false)
        for (moment, level) in script { board.setLevel(of: button, isHigh: level, at: at(moment)) }
        board.settle(at: at(end))
        input = nil
        #expect(board.problem(with: button) == nil)
        return await stream.reduce(into: []) { $0.append($1) }
    }

    @Test func aPressThatBouncesIsOnePress() async throws {
        let script: [(Int64, Bool?)] = [
            (100, false), (102, nil), (103, false), (180, nil), (182, false), (184, nil),
        ]
        #expect(
            try await edges(GPIOInputSettings(), script, until: 300) == [
                GPIOEdge(isActive: true, moment: at(113)), GPIOEdge(isActive: false, moment: at(194)),
            ])
    }

    @Test func aSpikeIsNoPress() async throws {
        #expect(try await edges(GPIOInputSettings(), [(100, false), (109, nil)], until: 300).isEmpty)
    }

    @Test func withoutDebouncingEveryEdgeCounts() async throws {
        let settings = GPIOInputSettings(pull: .down, activeLow: false, debounce: .zero)
        #expect(
            try await edges(settings, [(100, true), (101, nil)], until: 101) == [
                GPIOEdge(isActive: true, moment: at(100)), GPIOEdge(isActive: false, moment: at(101)),
            ])
    }

    @Test func aHeldButtonReadsAsActive() throws {
        board.setLevel(of: button, isHigh: false, at: at(0))
        let input = try board.input(button, GPIOInputSettings(), consumer: "test")
        #expect(try input.isActive())
        #expect(throws: GPIOError.self) { try board.output(button, initially: false, consumer: "panel") }
        withExtendedLifetime(input) {}
    }
}

@Suite struct HeaderChipTests {
    @Test(arguments: ["pinctrl-bcm2835", "pinctrl-bcm2711", "pinctrl-rp1"])
    func aNumberIsAnOffsetOnTheHeadersChip(_ label: String) {
        #expect(HeaderChip.offset(of: "GPIO9", label: label, lineCount: 54) == 9)
        #expect(HeaderChip.offset(of: "GPIO54", label: label, lineCount: 54) == nil)
        #expect(HeaderChip.offset(of: "SPI_MISO", label: label, lineCount: 54) == nil)
        #expect(HeaderChip.offset(of: "GPIO", label: label, lineCount: 54) == nil)
    }

    @Test(arguments: ["raspberrypi-exp-gpio", "9030000.pl061", ""]) func otherChipsKnowNoNumbers(_ label: String) {
        #expect(HeaderChip.offset(of: "GPIO3", label: label, lineCount: 8) == nil)
    }
}

@Suite struct BoardGPIOTests {
    /// On a machine without GPIO chips, and in a build without libgpiod, the answer is a reason and not a crash.
    @Test func aLineThatNoBoardHasIsAReason() {
        let line = LineName.named("VITRINE-NO-SUCH-LINE")
        #expect(BoardGPIO.host.problem(with: line) != nil)
        #expect(throws: GPIOError.self) { try BoardGPIO.host.output(line, initially: false, consumer: "test") }
        #expect(throws: GPIOError.self) { try BoardGPIO.host.input(line, GPIOInputSettings(), consumer: "test") }
        let chip = LineName.offset(chip: "gpiochip4095", 0)
        #expect(BoardGPIO.host.problem(with: chip) != nil)
    }
}
