import Foundation
import LinuxSystem
import SystemPackage
import Testing

@testable import BoardSupport

@Suite struct BoardIdentityTests {
    @Test(arguments: [
        ("zero-2-w", "Raspberry Pi Zero 2 W Rev 1.0", "902120", "Zero 2 W"),
        ("zero-2-w-debian", "Raspberry Pi Zero 2 W Rev 1.0", "902120", "Zero 2 W"),
        ("3a-plus", "Raspberry Pi 3 Model A Plus Rev 1.0", "9020e0", "3A+"),
        ("3b", "Raspberry Pi 3 Model B Rev 1.2", "a02082", "3B"),
        ("3b-plus", "Raspberry Pi 3 Model B Plus Rev 1.3", "a020d3", "3B+"),
        ("4b", "Raspberry Pi 4 Model B Rev 1.5", "b03115", "4B"),
        ("5-tomorrow", "Raspberry Pi 5 Model B Rev 1.7", "e04177", "5"),
        // No device tree: named by its code alone.
        ("b-2012", "Raspberry Pi B Rev 2.0", "000e", "B"),
    ])
    func aRaspberryPiIsKnown(_ name: String, _ model: String, _ code: String, _ type: String) {
        let board = BoardIdentity.read(root: fixture(name))
        #expect(board.model == model)
        #expect(board.revision?.description == code)
        #expect(board.revision?.board?.type == type)
        #expect(board.serial?.hasSuffix("0000000765fc593") == true)
    }

    @Test func memoryIsWhatTheKernelHas() {
        #expect(BoardIdentity.read(root: fixture("zero-2-w")).memoryBytes == 436_224 << 10)
        #expect(BoardIdentity.read(root: fixture("4b")).memoryBytes == 1_892_548 << 10)
    }

    @Test func otherMachinesAreFine() {
        let virtual = BoardIdentity.read(root: fixture("virt"))
        #expect(virtual.model == "linux,dummy-virt")
        #expect(virtual.revision == nil)
        #expect(virtual.serial == nil)
        let pc = BoardIdentity.read(root: fixture("pc"))
        #expect(pc.model == "OptiPlex 3040")
        #expect(pc.memoryBytes == 8_030_332 << 10)
        let nameless = BoardIdentity.read(root: fixture("pc-nameless"))
        #expect(nameless.model == "\(nameless.architecture) machine")
    }

    @Test func nothingAtAllIsStillAMachine() {
        let nothing = BoardIdentity.read(root: "/nonexistent/board")
        #expect(nothing == BoardIdentity(model: "\(nothing.architecture) machine", architecture: nothing.architecture))
        #expect(!nothing.architecture.isEmpty)
    }

    /// Whatever this runs on.
    @Test func thisMachineIsRead() throws {
        let here = BoardIdentity.read()
        #expect(!here.model.isEmpty)
        #expect(try #require(here.memoryBytes) > 64 << 20)
    }

    @Test func aCodeOfTheDeviceTreeThatIsDamagedLeavesTheOther() throws {
        try withTemporaryFolder { folder in
            func write(_ path: String, _ bytes: [UInt8]) throws {
                let file = folder.appending(path)
                try DurableFile.createFolder(file.removingLastComponent())
                try DurableFile.replace(file, with: bytes)
            }
            try write("proc/device-tree/system/linux,revision", [0, 0x90])
            try write("proc/cpuinfo", Array("Revision\t: a02082\nSerial\t\t: 1\n".utf8))
            let board = BoardIdentity.read(root: folder)
            #expect(board.revision?.board?.type == "3B")
            #expect(board.model == "Raspberry Pi 3B Rev 1.2")
            #expect(board.serial == "1")
        }
    }
}

@Suite struct BoardSensorTests {
    @Test(arguments: [
        ("zero-2-w", BoardReading(temperatureCelsius: 48.312, undervoltage: false, throttled: false)),
        (
            "zero-2-w-weak-supply",
            BoardReading(
                temperatureCelsius: 61.224, undervoltage: true, undervoltageOccurred: true, throttled: true)
        ),
        // Hot, and slowed down for it: the bits of heat alone.
        ("3b-plus", BoardReading(temperatureCelsius: 60.148, undervoltage: false, throttled: true)),
        // It was slowed down once, and is not now.
        ("4b", BoardReading(temperatureCelsius: 48.312, undervoltage: false, throttled: false)),
        // Debian's kernel tells of heat alone.
        ("zero-2-w-debian", BoardReading(temperatureCelsius: 48.312)),
        // Not the first zone, but the processor's.
        ("pc", BoardReading(temperatureCelsius: 41)),
        ("b-2012", BoardReading(temperatureCelsius: 48.312, undervoltage: false)),
        ("virt", BoardReading()),
    ])
    func areRead(_ board: String, _ reading: BoardReading) {
        #expect(BoardSensors(root: fixture(board)).read() == reading)
    }

    /// Drivers are modules, which come when this program runs already.
    @Test func whatComesLaterIsFound() throws {
        try withTemporaryFolder { root in
            func write(_ path: String, _ text: String) throws {
                let file = root.appending(path)
                try DurableFile.createFolder(file.removingLastComponent())
                try DurableFile.replace(file, with: Array(text.utf8))
            }
            let sensors = BoardSensors(root: root)
            #expect(sensors.read() == BoardReading())
            #expect(!sensors.knowsVoltage)
            try write("sys/class/thermal/thermal_zone0/type", "iwlwifi_1\n")
            try write("sys/class/thermal/thermal_zone0/temp", "20000\n")
            #expect(sensors.read().temperatureCelsius == 20)
            try write("sys/class/thermal/thermal_zone1/type", "cpu-thermal\n")
            try write("sys/class/thermal/thermal_zone1/temp", "48312\n")
            try write("sys/class/hwmon/hwmon0/name", "rpi_volt\n")
            try write("sys/class/hwmon/hwmon0/in0_lcrit_alarm", "1\n")
            #expect(sensors.read() == BoardReading(temperatureCelsius: 48.312, undervoltage: true))
            #expect(sensors.knowsVoltage)
        }
    }

    @Test(arguments: [("zero-2-w", true), ("b-2012", true), ("zero-2-w-debian", false), ("pc", false)])
    func itIsKnownWhetherTheVoltageIs(_ board: String, _ isKnown: Bool) {
        #expect(BoardSensors(root: fixture(board)).knowsVoltage == isKnown)
    }

    @Test func allFoldersAreTried() throws {
        let folder = fixture("x").removingLastComponent()
        let boards = try FileManager.default.contentsOfDirectory(atPath: folder.string).filter { !$0.contains(".") }
        #expect(boards.count > 10)
        for board in boards where board != "record" {
            #expect(BoardIdentity.read(root: folder.appending(board)).memoryBytes != nil, "\(board)")
        }
    }
}
