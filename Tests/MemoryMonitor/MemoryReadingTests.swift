import SystemPackage
import Testing

@testable import MemoryMonitor

@Suite struct MemoryReadingTests {
    static let meminfo = """
        MemTotal:         436220 kB
        MemFree:           52104 kB
        MemAvailable:     201536 kB
        Buffers:            8104 kB
        """

    @Test func readsBytes() throws {
        let reading = try #require(MemoryReading(meminfo: Self.meminfo, pressure: nil))
        #expect(reading == MemoryReading(available: 201_536 * 1_024, total: 436_220 * 1_024))
    }

    @Test func readsPressure() throws {
        let text = """
            some avg10=12.34 avg60=3.00 avg300=0.50 total=123456
            full avg10=4.50 avg60=1.00 avg300=0.10 total=23456
            """
        let reading = try #require(MemoryReading(meminfo: Self.meminfo, pressure: text))
        #expect(reading.pressure == MemoryReading.Pressure(some: 12.34, full: 4.5))
    }

    @Test(arguments: ["", "some avg10=1.0", "full avg10=1.0\nsome avg60=1.0", "some avg10=x\nfull avg10=y"])
    func takesUnusablePressureForNone(text: String) throws {
        #expect(try #require(MemoryReading(meminfo: Self.meminfo, pressure: text)).pressure == nil)
    }

    @Test(arguments: ["", "MemTotal: 5 kB", "MemAvailable: 5 kB\nMemTotal: many kB", "MemAvailable: 5\nMemTotal: 6"])
    func refusesWhatLacksANumber(text: String) {
        #expect(MemoryReading(meminfo: text, pressure: nil) == nil)
    }

    @Test func readsThisMachine() throws {
        let reading = try MemoryReader().read()
        #expect(reading.available > 0)
        #expect(reading.available <= reading.total)
    }

    @Test func saysWhatIsMissing() {
        let path = FilePath("/nowhere/meminfo")
        #expect(throws: MemoryReaderError.unreadable(path, .noSuchFileOrDirectory)) {
            try MemoryReader(proc: "/nowhere").read()
        }
        #expect("\(MemoryReaderError.incomplete(path))".contains("MemAvailable"))
    }
}

@Suite struct MemoryLevelTests {
    static let megabyte = 1 << 20

    @Test(arguments: [
        (426, MemoryLevel.normal), (150, .normal), (149, .low), (64, .low), (63, .critical), (0, .critical),
    ])
    func followsBytes(available: Int, level: MemoryLevel) {
        let reading = MemoryReading(available: available * Self.megabyte, total: 426 * Self.megabyte)
        #expect(MemoryLevel(of: reading) == level)
    }

    @Test(arguments: [
        (0.0, 0.0, MemoryLevel.normal), (10, 0, .normal), (10.1, 0, .low), (100, 5, .low), (100, 5.1, .critical),
    ])
    func followsPressure(some: Double, full: Double, level: MemoryLevel) {
        let reading = MemoryReading(
            available: 300 * Self.megabyte, total: 426 * Self.megabyte,
            pressure: MemoryReading.Pressure(some: some, full: full))
        #expect(MemoryLevel(of: reading) == level)
    }

    @Test func calmDoesNotHideWantOfBytes() {
        let reading = MemoryReading(
            available: 10 * Self.megabyte, total: 426 * Self.megabyte,
            pressure: MemoryReading.Pressure(some: 0, full: 0))
        #expect(MemoryLevel(of: reading) == .critical)
    }

    @Test func levelsAreOrdered() {
        #expect(MemoryLevel.allCases.sorted(by: >) == [.critical, .low, .normal])
    }
}
