import Testing

@testable import LinuxSystem

@Suite struct UeventTests {
    @Test func onlyItsOwnSubsystemConcerns() {
        let message = Array("change@/devices/pci0/drm/card0\0ACTION=change\0SUBSYSTEM=drm\0HOTPLUG=1\0".utf8)
        #expect(UeventWatch.concerns(message, subsystem: "drm"))
        #expect(!UeventWatch.concerns(message, subsystem: "gpio"))
        #expect(!UeventWatch.concerns(Array("XSUBSYSTEM=drm\0".utf8), subsystem: "drm"))
        #expect(!UeventWatch.concerns([], subsystem: "drm"))
    }

    @Test func udevPutsAHeaderBeforeIt() {
        let lines = Array("SUBSYSTEM=drm\0ACTION=add\0DEVNAME=/dev/dri/card0\0".utf8)
        func message(linesAt start: UInt32) -> [UInt8] {
            var bytes = Array("libudev\0".utf8)
            for number in [0xfeed_cafe, 40, start, UInt32(lines.count), 1, 2, 3, 0xffff_ffff] as [UInt32] {
                withUnsafeBytes(of: number) { bytes.append(contentsOf: $0) }
            }
            return bytes + lines
        }
        #expect(UeventWatch.concerns(message(linesAt: 40), subsystem: "drm"))
        #expect(!UeventWatch.concerns(message(linesAt: 40), subsystem: "gpio"))
        #expect(!UeventWatch.concerns(message(linesAt: .max), subsystem: "drm"))
        #expect(!UeventWatch.concerns(message(linesAt: 40)[..<18], subsystem: "drm"))
    }
}
