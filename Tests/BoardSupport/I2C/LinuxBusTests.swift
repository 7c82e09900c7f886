import Dispatch
import Foundation
import LinuxSystem
import SystemPackage
import Testing

@testable import BoardSupport

#if canImport(Glibc)
    import Glibc
#endif

@Suite("Linux' I2C buses")
struct LinuxBusTests {
    @Test("Of a board's buses only those of its header are used")
    func header() async throws {
        let root = FilePath(NSTemporaryDirectory()).appending("vitrine-i2c-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(atPath: root.string) }
        // A Pi 4: the header's, the one that an overlay adds, cameras', screens', and a bus of two GPIO lines.
        let nodes: [(number: Int, node: String, compatible: String)] = [
            (0, "soc/i2c@7e205000", "brcm,bcm2711-i2c\0brcm,bcm2835-i2c\0"),
            (1, "soc/i2c@7e804000", "brcm,bcm2711-i2c\0brcm,bcm2835-i2c\0"),
            (2, "soc/i2c@7e805000", "brcm,bcm2835-i2c\0"),
            (5, "soc/i2c@7e205a00", "brcm,bcm2711-i2c\0brcm,bcm2835-i2c\0"),
            (11, "i2c@0", "i2c-gpio\0"), (20, "soc/i2c@7ef04500", "brcm,bcm2711-hdmi-i2c\0"),
        ]
        try makeFolders(root.appending("dev"))
        for entry in nodes {
            let node = root.appending("firmware").appending(entry.node)
            try makeFolders(node)
            try DurableFile.replace(node.appending("compatible"), with: Array(entry.compatible.utf8))
            let device = root.appending("sys/bus/i2c/devices/i2c-\(entry.number)")
            try makeFolders(device)
            try FileManager.default.createSymbolicLink(
                atPath: device.appending("of_node").string, withDestinationPath: node.string)
            try DurableFile.replace(root.appending("dev/i2c-\(entry.number)"), with: [])
        }
        // A PC's, of which no device tree speaks.
        try DurableFile.replace(root.appending("dev/i2c-7"), with: [])
        let found = await LinuxI2CHost(root: root).buses()
        #expect(found == ["/dev/i2c-1", "/dev/i2c-5", "/dev/i2c-11"])
        #expect(await LinuxI2CHost(path: "/dev/i2c-3", root: root).buses() == ["/dev/i2c-3"])
        #expect(await LinuxI2CHost(root: root.appending("nowhere")).buses().isEmpty)
    }

    @Test("What is no bus is said, with its name")
    func noBus() async {
        let host = LinuxI2CHost(path: "/dev/null")
        let missing = await #expect(throws: I2CError.self) { try await host.open("/dev/i2c-nowhere") }
        #expect(missing?.description.contains("/dev/i2c-nowhere") == true)
        // Opens, and knows nothing of I2C.
        let null = await #expect(throws: I2CError.self) { try await host.open("/dev/null") }
        #expect(null?.errno == .init(rawValue: ENOTTY))
    }

    @Test("A call that does not come back is given up at its limit; those behind it fail at once until it does")
    func overdue() async {
        let clock = ManualClock()
        let queue = CallQueue(label: "test", clock: clock)
        let gate = DispatchSemaphore(value: 0)
        let stuck = Task {
            await queue.run(within: .seconds(1)) { () -> Result<Int, Errno> in
                gate.wait()
                return .success(1)
            }
        }
        while clock.nextDeadline == nil { await Task.yield() }
        clock.advance(by: .seconds(1))
        #expect(await stuck.value == .failure(.timedOut))
        #expect(await queue.run(within: .seconds(1)) { () -> Result<Int, Errno> in .success(2) } == .failure(.timedOut))
        gate.signal()
        var answer: Result<Int, Errno> = .failure(.timedOut)
        while answer != .success(3) { answer = await queue.run(within: .seconds(1)) { .success(3) } }
        #expect(answer == .success(3))
    }

    @Test("Addresses and errors read as people write them")
    func words() {
        #expect("\(I2CAddress(0x3C)) \(I2CAddress(0x05))" == "0x3C 0x05")
        let absent = I2CError(bus: "/dev/i2c-1", address: 0x3C, "reading 1 bytes", .remoteIO)
        #expect(absent.isNoAnswer)
        #expect(absent.description == "/dev/i2c-1, address 0x3C: reading 1 bytes: nothing answers")
        #expect(!I2CError(bus: "/dev/i2c-1", "opening it", .timedOut).isNoAnswer)
    }

    private func makeFolders(_ path: FilePath) throws {
        try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
    }
}
