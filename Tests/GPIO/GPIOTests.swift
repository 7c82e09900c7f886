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
        let chip = LineName.offset(chip: "gpiochip4095", 0)
        #expect(BoardGPIO.host.problem(with: chip) != nil)
    }
}
